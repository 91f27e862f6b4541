//! A plan compiled: territories become rules by rank, rules are filed under places and packed into units.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::event::Timestamp;
use crate::plan::{Clause, Condition, Plan, TerritoryIx};

use super::blocks::{Packer, Rule, Width};
use super::choose;
use super::drafts::{Draft, Drafting, Kept};
use super::gathering::Gathering;
use super::guards::{Check, Guard};
use super::places::{Place, Places};
use super::rank::{self, Rank};
use super::scale::Scales;
use super::shapes::Shapes;
use super::sieve::Sifter;
use super::units::{NO_GUARD, Unit};
use super::{Overlay, Router};

/// Rules under their places, in the order in which the places came up.
#[derive(Default)]
struct Filing<'p> {
    numbers: FxHashMap<Place<'p>, usize>,
    places: Vec<Filed<'p>>,
}

/// One place's rules by position, sorted by number.
struct Filed<'p> {
    place: Place<'p>,
    owners: Vec<u32>,
    overlays: Vec<u32>,
}

/// Rules and their guards as they are made.
struct Rulebook<'p, 's> {
    plan: &'p Plan,
    drafting: Drafting<'p, 's>,
    scales: &'s Scales<'p>,
    drafts: Vec<Vec<Draft<'p>>>,
    rules: Vec<Rule>,
    guards: Vec<Guard>,
    guard_numbers: FxHashMap<(Timestamp, SmallVec<[u32; 2]>), u32>,
    /// For each territory the moment from which it and its ancestors are in effect.
    begins: Vec<Timestamp>,
    filing: Filing<'p>,
}

/// Compiles a plan, its borders beside its rules.
pub fn compile(plan: &Plan) -> Router {
    let ranks = rank::ranks(plan);
    let order = rank::order(&ranks);
    let overlays = overlays(plan, &ranks, &order);
    let scales = gather(plan).scales(plan);
    let (book, mut shapes) = rayon::join(
        || Rulebook::of(plan, &scales, &order, &overlays),
        || Shapes::of_areas(&plan.areas),
    );
    let Rulebook {
        mut drafting,
        rules,
        guards,
        filing,
        ..
    } = book;
    let widths = scales.widths();
    let sifter = Sifter::of(&scales, &uses(&rules, scales.len()));
    let mut packer = Packer::new(&rules, &mut drafting.sets, &widths, &sifter);
    let filed: Vec<(Place<'_>, Unit)> = filing
        .places
        .iter()
        .map(|one| (one.place, packer.unit(&one.owners, &one.overlays)))
        .collect();
    let units = packer.units;
    let places = Places::build(plan, &mut shapes, &scales, &filed);
    Router {
        accounts: account_territories(plan),
        order,
        overlays,
        sources: scales.into_sources(),
        sifter,
        units,
        places,
        shapes,
        guards,
    }
}

/// How many rules ask about each source.
fn uses(rules: &[Rule], sources: usize) -> Vec<usize> {
    let mut uses = vec![0; sources];
    for (source, _, _) in rules.iter().flat_map(|rule| &rule.constraints) {
        uses[usize::from(*source)] += 1;
    }
    uses
}

/// Overlay territories, deepest first, then by rank: of a branch the first match counts.
fn overlays(plan: &Plan, ranks: &[Rank], order: &[TerritoryIx]) -> Vec<Overlay> {
    let mut overlays: Vec<Overlay> = order
        .iter()
        .enumerate()
        .filter(|(_, ix)| plan.territory(**ix).overlay)
        .map(|(rank, &territory)| Overlay {
            territory,
            branch: choose::branch_of(plan, territory).0,
            rank: rank as u32,
        })
        .collect();
    debug_assert_eq!(ranks.len(), plan.territories.len());
    overlays.sort_by_key(|one| (Reverse(plan.territory(one.territory).depth), one.rank));
    overlays
}

/// Of each account the territory that takes its leads, and from when. Empty if no account
/// names one.
fn account_territories(plan: &Plan) -> Vec<Option<(TerritoryIx, Timestamp)>> {
    if plan.accounts.iter().all(|one| one.territory.is_none()) {
        return Vec::new();
    }
    let usable = |ix: &TerritoryIx| !plan.territory(*ix).overlay;
    plan.accounts
        .iter()
        .map(|one| one.territory.filter(usable))
        .map(|territory| territory.map(|ix| (ix, choose::in_effect_from(plan, ix))))
        .collect()
}

fn gather(plan: &Plan) -> Gathering<'_> {
    let mut gathering = Gathering::default();
    for territory in &plan.territories {
        gather_condition(&mut gathering, &territory.condition);
    }
    gathering
}

fn gather_condition<'p>(gathering: &mut Gathering<'p>, condition: &'p Condition) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts
                .iter()
                .for_each(|part| gather_condition(gathering, part));
        }
        Condition::Not(part) => gather_condition(gathering, part),
        Condition::Clause(Clause { dimension, test }) => gathering.test(dimension, test),
    }
}

impl<'p, 's> Rulebook<'p, 's> {
    fn new(plan: &'p Plan, scales: &'s Scales<'p>) -> Self {
        let mut drafting = Drafting::new(plan, scales);
        let mut drafts: Vec<Vec<Draft<'p>>> = Vec::with_capacity(plan.territories.len());
        let mut begins: Vec<Timestamp> = Vec::with_capacity(plan.territories.len());
        for territory in &plan.territories {
            let parent = territory
                .parent
                .map(|parent| drafts[parent.at()].as_slice());
            let own = drafting.inherit(parent, &territory.condition);
            let above = territory
                .parent
                .map_or(Timestamp(i64::MIN), |parent| begins[parent.at()]);
            begins.push(
                territory
                    .effective_from
                    .map_or(above, |from| from.max(above)),
            );
            drafts.push(own);
        }
        Self {
            plan,
            drafting,
            scales,
            drafts,
            rules: Vec::new(),
            guards: Vec::new(),
            guard_numbers: FxHashMap::default(),
            begins,
            filing: Filing::default(),
        }
    }

    /// All rules: of territories by rank, then of overlays.
    fn of(
        plan: &'p Plan,
        scales: &'s Scales<'p>,
        order: &[TerritoryIx],
        overlays: &[Overlay],
    ) -> Self {
        let mut book = Self::new(plan, scales);
        for (number, &ix) in order.iter().enumerate() {
            if !plan.territory(ix).overlay {
                book.enter(ix, number as u32);
            }
        }
        for (number, overlay) in overlays.iter().enumerate() {
            book.enter(overlay.territory, number as u32);
        }
        book
    }

    /// Makes the rules of one territory; they must come in order of their numbers.
    fn enter(&mut self, ix: TerritoryIx, number: u32) {
        let overlay = self.plan.territory(ix).overlay;
        for mut draft in std::mem::take(&mut self.drafts[ix.at()]) {
            let places = draft.file(&self.drafting.sets, self.scales);
            let guard = self.guard(self.begins[ix.at()], &draft.kept);
            let rule = self.rules.len() as u32;
            self.rules.push(Rule {
                number,
                constraints: draft
                    .constraints
                    .iter()
                    .map(|one| (one.source, one.joined, one.set))
                    .collect(),
                guard,
            });
            for &place in places.iter() {
                self.filing.add(place, rule, overlay);
            }
        }
    }

    fn guard(&mut self, from: Timestamp, kept: &SmallVec<[u32; 2]>) -> u32 {
        if from == Timestamp(i64::MIN) && kept.is_empty() {
            return NO_GUARD;
        }
        let key = (from, kept.clone());
        if let Some(&number) = self.guard_numbers.get(&key) {
            return number;
        }
        let number = self.guards.len() as u32;
        let checks = kept
            .iter()
            .map(|&at| check(self.drafting.kept[at as usize]))
            .collect();
        self.guards.push(Guard { from, checks });
        self.guard_numbers.insert(key, number);
        number
    }
}

fn check(kept: Kept<'_>) -> Check {
    match kept {
        Kept::Whole(condition) => Check::Whole(condition.clone()),
        Kept::Test(literal) => Check::Test {
            clause: Clause {
                dimension: literal.dimension.clone(),
                test: literal.test.clone(),
            },
            wanted: literal.wanted,
        },
    }
}

impl<'p> Filing<'p> {
    fn add(&mut self, place: Place<'p>, rule: u32, overlay: bool) {
        let next = self.places.len();
        let at = *self.numbers.entry(place).or_insert(next);
        if at == next {
            self.places.push(Filed {
                place,
                owners: Vec::new(),
                overlays: Vec::new(),
            });
        }
        let filed = &mut self.places[at];
        let rules = if overlay {
            &mut filed.overlays
        } else {
            &mut filed.owners
        };
        // A list may name one place twice.
        if rules.last() != Some(&rule) {
            rules.push(rule);
        }
    }
}

impl Scales<'_> {
    /// What packing needs to know of each source.
    fn widths(&self) -> Vec<Width> {
        (0..self.len())
            .map(|source| Width {
                end: self.end(source),
                plural: self.is_plural(source),
            })
            .collect()
    }
}
