//! The answers of the plan's own conditions, narrowed by place so that 100,000 leads take seconds.
//!
//! Nothing of the router is used: of a lead's areas, codes, streets and names each, the rules
//! that name it are tried in order of rank with the plain evaluation of their conditions and
//! of those above them. The areas are those whose border, walked edge by edge, holds the lead.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bailiwick::plan::condition::{PostalCodes, StreetPlace};
use bailiwick::plan::{
    Area, AreaIx, Candidates, Condition, Dimension, Facts, Plan, Point, TerritoryIx, Test, Value,
};
use bailiwick::route::{Truth, geo, rank, truth};

use super::leads::{LEADS, Leads, NOW, Places};

/// No plan's comparison takes longer; where that ends it, fewer leads were compared.
const PATIENCE: Duration = Duration::from_secs(40);

/// Leads that one thread takes at a time.
const CHUNK: usize = 50;

/// Evaluations that the check of the oracle itself may take.
const EVALUATIONS: usize = 20_000_000;

/// Something that answers, on several threads at once.
pub type Engine<'e> = &'e (dyn Fn(&Facts<'_>) -> Candidates + Sync);

/// What a rule asks of a lead before anything else, and what a lead offers.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Area(u32),
    Admin(u32),
    /// Whole degrees of latitude that a circle touches.
    Latitude(i32),
    /// Three characters of a postal code.
    Postal(String),
    Street(String, u32),
    Account(u32),
    Domain(String),
    /// A code or the beginning of one.
    Industry(String),
}

/// A plan's rules by what they ask first.
pub struct Oracle<'p> {
    plan: &'p Plan,
    /// Territories from the best rank to the worst.
    order: Vec<TerritoryIx>,
    owners: Rules,
    overlays: Rules,
    boxes: Vec<Boxed>,
}

/// Places in [`Oracle::order`], ascending, by what is asked first.
#[derive(Default)]
struct Rules {
    by_key: HashMap<Key, Vec<usize>>,
    everywhere: Vec<usize>,
}

/// The least and the greatest coordinates of an area; the whole earth where it crosses the
/// antimeridian.
struct Boxed {
    area: AreaIx,
    low: Point,
    high: Point,
}

impl<'p> Oracle<'p> {
    pub fn of(plan: &'p Plan) -> Self {
        let mut oracle = Self {
            plan,
            order: rank::order(&rank::ranks(plan)),
            owners: Rules::default(),
            overlays: Rules::default(),
            boxes: plan.areas.iter().zip(0..).map(boxed).collect(),
        };
        for (place, &ix) in oracle.order.iter().enumerate() {
            let rules = match plan.territory(ix).overlay {
                true => &mut oracle.overlays,
                false => &mut oracle.owners,
            };
            rules.add(
                chain(plan, ix).find_map(|one| asked(&plan.territory(one).condition)),
                place,
            );
        }
        oracle
    }

    /// The territory that takes the lead, and those that add second owners.
    pub fn answer(&self, facts: &Facts<'_>) -> Candidates {
        let offered = self.offered(facts);
        let mut best = usize::MAX;
        for list in self.owners.of(&offered) {
            let better = list.iter().copied().take_while(|&place| place < best);
            let mut matching = better.filter(|&place| self.holds(place, facts));
            best = matching.next().unwrap_or(best);
        }
        let mut overlays: Vec<usize> = self.overlays.of(&offered).flatten().copied().collect();
        overlays.sort_unstable();
        overlays.dedup();
        overlays.retain(|&place| self.holds(place, facts));
        self.chosen(facts, (best < usize::MAX).then_some(best), &overlays)
    }

    /// The same by trying every rule of the plan.
    pub fn scanned(&self, facts: &Facts<'_>) -> Candidates {
        let holding = (0..self.order.len()).filter(|&place| self.holds(place, facts));
        let (overlays, owners): (Vec<usize>, Vec<usize>) =
            holding.partition(|&place| self.plan.territory(self.order[place]).overlay);
        self.chosen(facts, owners.first().copied(), &overlays)
    }

    /// An account's own territory before the best, and of each branch of overlays the deepest.
    fn chosen(&self, facts: &Facts<'_>, best: Option<usize>, overlays: &[usize]) -> Candidates {
        let mut deepest: BTreeMap<TerritoryIx, (Reverse<usize>, usize)> = BTreeMap::new();
        for &place in overlays {
            let ix = self.order[place];
            let above = chain(self.plan, ix).take_while(|one| self.plan.territory(*one).overlay);
            let top = above.last().unwrap_or(ix);
            let depth = (Reverse(chain(self.plan, ix).count()), place);
            let held = deepest.entry(top).or_insert(depth);
            *held = depth.min(*held);
        }
        let mut places: Vec<usize> = deepest.into_values().map(|(_, place)| place).collect();
        places.sort_unstable();
        Candidates {
            territory: self
                .of_account(facts)
                .or(best.map(|place| self.order[place])),
            overlays: places.into_iter().map(|place| self.order[place]).collect(),
        }
    }

    fn of_account(&self, facts: &Facts<'_>) -> Option<TerritoryIx> {
        let (account, _) = facts.account?;
        let territory = self.plan.accounts[account.at()].territory?;
        self.is_in_effect(territory).then_some(territory)
    }

    fn is_in_effect(&self, territory: TerritoryIx) -> bool {
        let from = self.plan.territory(territory).effective_from;
        from.is_none_or(|from| from <= NOW)
    }

    fn holds(&self, place: usize, facts: &Facts<'_>) -> bool {
        chain(self.plan, self.order[place]).all(|ix| {
            let asked = &self.plan.territory(ix).condition;
            self.is_in_effect(ix) && truth::condition(self.plan, facts, asked) == Truth::True
        })
    }

    /// All that a rule could ask first and this lead has.
    fn offered(&self, facts: &Facts<'_>) -> Vec<Key> {
        let mut keys = Vec::new();
        if let Some((point, _)) = facts.position {
            let within = self.boxes.iter().filter(|one| one.holds(point));
            let inside = within.filter(|one| geo::contains(&self.plan.areas[one.area.at()], point));
            keys.extend(inside.map(|one| Key::Area(one.area.0)));
            keys.push(Key::Latitude(point.lat_e7.div_euclid(10_000_000)));
        }
        let admins = facts.admin.into_iter();
        for ix in admins.flat_map(|ix| self.plan.gazetteer.chain(ix)) {
            keys.push(Key::Admin(ix.0));
            let street = facts.street.as_deref();
            keys.extend(street.map(|name| Key::Street(name.to_owned(), ix.0)));
        }
        let postal = facts.postal.as_deref().and_then(|code| code.get(..3));
        keys.extend(postal.map(|code| Key::Postal(code.to_owned())));
        keys.extend(facts.account.map(|(ix, _)| Key::Account(ix.0)));
        let domain = facts.domain.as_deref();
        keys.extend(domain.map(|name| Key::Domain(name.to_owned())));
        let industry = facts.industry.as_deref().unwrap_or_default();
        let beginnings = (1..=industry.len()).filter_map(|end| industry.get(..end));
        keys.extend(beginnings.map(|code| Key::Industry(code.to_owned())));
        keys
    }
}

impl Rules {
    fn add(&mut self, keys: Option<Vec<Key>>, place: usize) {
        match keys {
            Some(keys) => keys
                .into_iter()
                .for_each(|key| self.by_key.entry(key).or_default().push(place)),
            None => self.everywhere.push(place),
        }
    }

    /// The lists that a lead with these keys has to try.
    fn of<'r>(&'r self, offered: &'r [Key]) -> impl Iterator<Item = &'r Vec<usize>> {
        let lists = offered.iter().filter_map(|key| self.by_key.get(key));
        lists.chain([&self.everywhere])
    }
}

/// A territory and those above it.
fn chain(plan: &Plan, ix: TerritoryIx) -> impl Iterator<Item = TerritoryIx> {
    std::iter::successors(Some(ix), |one| plan.territory(*one).parent)
}

impl Boxed {
    fn holds(&self, point: Point) -> bool {
        (self.low.lon_e7..=self.high.lon_e7).contains(&point.lon_e7)
            && (self.low.lat_e7..=self.high.lat_e7).contains(&point.lat_e7)
    }
}

fn boxed((area, at): (&Area, u32)) -> Boxed {
    let rings = || area.polygons.iter().flatten();
    let crosses = rings().any(|ring| {
        let next = ring.iter().cycle().skip(1);
        let mut steps = ring.iter().zip(next);
        steps.any(|(a, b)| a.lon_e7.abs_diff(b.lon_e7) > 1_800_000_000)
    });
    let ends = |of: fn(&Point) -> i32| {
        let all = || rings().flatten().map(of);
        (all().min().unwrap_or(0), all().max().unwrap_or(0))
    };
    let ((west, east), (south, north)) = match crosses {
        true => ((i32::MIN, i32::MAX), (i32::MIN, i32::MAX)),
        false => (ends(|one| one.lon_e7), ends(|one| one.lat_e7)),
    };
    let point = |lon_e7, lat_e7| Point { lon_e7, lat_e7 };
    Boxed {
        area: AreaIx(at),
        low: point(west, south),
        high: point(east, north),
    }
}

/// Of which keys a lead must have one to meet the condition, where the first part of it that
/// names values tells.
fn asked(condition: &Condition) -> Option<Vec<Key>> {
    let Condition::All(parts) = condition else {
        return None;
    };
    parts.iter().find_map(|part| {
        let Condition::Clause(clause) = part else {
            return None;
        };
        let Test::OneOf(values) = &clause.test else {
            return None;
        };
        let keys: Option<Vec<Vec<Key>>> = values
            .iter()
            .map(|value| keys_of(&clause.dimension, value))
            .collect();
        keys.map(|keys| keys.into_iter().flatten().collect())
            .map(each_once)
    })
}

fn each_once(keys: Vec<Key>) -> Vec<Key> {
    let mut once: Vec<Key> = Vec::with_capacity(keys.len());
    for key in keys {
        if !once.contains(&key) {
            once.push(key);
        }
    }
    once
}

fn keys_of(dimension: &Dimension, value: &Value) -> Option<Vec<Key>> {
    let key = match (dimension, value) {
        (Dimension::Area, Value::Area(ix)) => Key::Area(ix.0),
        (Dimension::Admin, Value::Admin(ix)) => Key::Admin(ix.0),
        (Dimension::Account, Value::Account(ix)) => Key::Account(ix.0),
        (Dimension::Domain, Value::Text(name)) => Key::Domain(name.to_string()),
        (Dimension::Industry, Value::Text(code)) => Key::Industry(code.to_string()),
        (Dimension::Street, Value::Street(range)) => match &range.place {
            StreetPlace::Admin(ix) => Key::Street(range.name.to_string(), ix.0),
            StreetPlace::Postal(_) => return None,
        },
        (Dimension::Within, Value::Circle(circle)) => {
            // A degree of latitude is 111 km; the margin is for rounding.
            let reach = circle.radius_m / 110_000.0 + 0.01;
            let middle = f64::from(circle.center.lat_e7) / 1e7;
            let (south, north) = ((middle - reach).floor(), (middle + reach).floor());
            return Some((south as i32..=north as i32).map(Key::Latitude).collect());
        }
        (Dimension::Postal, Value::Postal(pattern)) => return beginnings(&pattern.codes),
        _ => return None,
    };
    Some(vec![key])
}

fn beginnings(codes: &PostalCodes) -> Option<Vec<Key>> {
    match codes {
        PostalCodes::Exact(code) | PostalCodes::Prefix(code) => {
            Some(vec![Key::Postal(code.get(..3)?.to_owned())])
        }
        PostalCodes::Range(from, to) => {
            let number = |code: &str| code.get(..3)?.parse::<u32>().ok();
            let all = number(from)?..=number(to)?;
            Some(all.map(|one| Key::Postal(format!("{one:03}"))).collect())
        }
    }
}

/// Compares an engine's answers with the oracle's, and some of the oracle's with those of
/// every rule tried, on both cores; returns the answers and prints how many there are.
///
/// # Panics
/// An engine that answers otherwise is not worth timing.
pub fn agree(plan: &Plan, leads: &Leads, places: &Places, engine: Engine<'_>) -> Vec<Option<u32>> {
    let began = Instant::now();
    let oracle = Oracle::of(plan);
    let scanned = (EVALUATIONS / plan.territories.len().max(1)).clamp(2, 2_000);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while began.elapsed() < PATIENCE {
            let from = next.fetch_add(CHUNK, Ordering::Relaxed);
            if from >= LEADS {
                break;
            }
            let answer = |at: usize| {
                let facts = leads.facts(at, places);
                let answer = oracle.answer(&facts);
                if at < scanned {
                    assert_eq!(answer, oracle.scanned(&facts), "the oracle on lead {at}");
                }
                assert_eq!(engine(&facts), answer, "lead {at}");
                answer.territory.map(|ix| ix.0)
            };
            done.push((from, (from..from + CHUNK).map(answer).collect::<Vec<_>>()));
        }
        done
    };
    let mut chunks = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut chunks = work();
        chunks.extend(other.join().expect("a wrong answer ends the bench"));
        chunks
    });
    chunks.sort_unstable_by_key(|(from, _)| *from);
    let answers: Vec<Option<u32>> = chunks.into_iter().flat_map(|(_, part)| part).collect();
    println!(
        "  {} answers agree with the plan's conditions, {} of them with every rule tried, in \
         {:.0?}; {} have an owner",
        answers.len(),
        scanned.min(answers.len()),
        began.elapsed(),
        answers.iter().flatten().count()
    );
    answers
}
