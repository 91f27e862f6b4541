//! Rules in the making: each alternative of a territory's effective condition as classes, a place and a rest.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::plan::condition::{PostalCodes, PostalPattern};
use crate::plan::{Condition, Dimension, Plan, Test, Value};

use super::classes::{Class, Sets};
use super::normal::{self, Literal, MAX_ALTERNATIVES};
use super::places::Place;
use super::scale::{Joined, Passing, Scales};
use super::sources::OTHER;

/// Alternatives of a whole plan at most: with a few words each, some hundred megabytes.
/// Beyond it, conditions with several alternatives are read as they stand.
const MAX_DRAFTS: usize = 4_000_000;

/// A condition that is evaluated as it stands.
#[derive(Clone, Copy, Debug)]
pub enum Kept<'p> {
    Test(Literal<'p>),
    Whole(&'p Condition),
}

/// One way to meet an effective condition.
#[derive(Clone, Debug, Default)]
pub struct Draft<'p> {
    /// Sorted by source and joint, each pair once.
    pub constraints: SmallVec<[Constrained; 4]>,
    /// The places that one of the tests names.
    anchor: Option<Anchor<'p>>,
    /// Positions in [`Drafting::kept`], sorted.
    pub kept: SmallVec<[u32; 2]>,
}

/// A set of classes, and the test that it came from.
#[derive(Clone, Copy, Debug)]
pub struct Constrained {
    pub source: u16,
    pub joined: Joined,
    pub set: u32,
    test: u32,
}

/// Places to file a rule under. Of two in one condition the lower order is used.
#[derive(Clone, Debug)]
struct Anchor<'p> {
    order: AnchorOrder,
    test: u32,
    places: Arc<[Place<'p>]>,
}

/// How well places divide the leads, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AnchorOrder {
    Account,
    Street,
    Code,
    Shape,
    /// Prefixes and ranges of codes.
    Codes,
}

/// Turns conditions into drafts.
pub struct Drafting<'p, 's> {
    plan: &'p Plan,
    scales: &'s Scales<'p>,
    pub sets: Sets,
    pub kept: Vec<Kept<'p>>,
    made: usize,
}

impl<'p, 's> Drafting<'p, 's> {
    pub fn new(plan: &'p Plan, scales: &'s Scales<'p>) -> Self {
        Self {
            plan,
            scales,
            sets: Sets::default(),
            kept: Vec::new(),
            made: 0,
        }
    }

    /// The drafts of a condition joined with those it inherits.
    pub fn inherit(
        &mut self,
        parent: Option<&[Draft<'p>]>,
        condition: &'p Condition,
    ) -> Vec<Draft<'p>> {
        let whole = [Draft::default()];
        let parent = parent.unwrap_or(&whole);
        let mut own = self.own(condition);
        let several = own.len() > 1 && parent.len() * own.len() > MAX_ALTERNATIVES;
        if several || (own.len() > 1 && self.made > MAX_DRAFTS) {
            own = vec![self.unread(Kept::Whole(condition))];
        }
        let mut drafts = Vec::with_capacity(parent.len() * own.len());
        for inherited in parent {
            drafts.extend(own.iter().filter_map(|one| self.both(inherited, one, true)));
        }
        self.made += drafts.len();
        drafts
    }

    fn own(&mut self, condition: &'p Condition) -> Vec<Draft<'p>> {
        match normal::alternatives(condition) {
            Some(alternatives) => alternatives
                .iter()
                .flat_map(|one| self.alternative(one))
                .collect(),
            None => vec![self.unread(Kept::Whole(condition))],
        }
    }

    fn alternative(&mut self, literals: &[Literal<'p>]) -> Vec<Draft<'p>> {
        let mut drafts = vec![Draft::default()];
        for &literal in literals {
            let pieces = self.pieces(literal);
            let mut joined = Vec::with_capacity(drafts.len() * pieces.len());
            for draft in &drafts {
                joined.extend(
                    pieces
                        .iter()
                        .filter_map(|piece| self.both(draft, piece, false)),
                );
            }
            drafts = joined;
        }
        drafts
    }

    /// A condition that is only kept.
    fn unread(&mut self, kept: Kept<'p>) -> Draft<'p> {
        self.kept.push(kept);
        Draft {
            kept: SmallVec::from_slice(&[self.kept.len() as u32 - 1]),
            ..Draft::default()
        }
    }

    /// One literal: usually one piece, none if nothing passes it.
    fn pieces(&mut self, literal: Literal<'p>) -> Vec<Draft<'p>> {
        let unread = self.unread(Kept::Test(literal));
        let test = unread.kept[0];
        if let Some(pieces) = self.anchored(literal, test) {
            return pieces;
        }
        match self
            .scales
            .passing(literal.dimension, literal.test, literal.wanted)
        {
            Some(passing) if passing.set.is_empty() => Vec::new(),
            Some(passing) => vec![self.classed(passing, test)],
            None => vec![unread],
        }
    }

    fn classed(&mut self, passing: Passing, test: u32) -> Draft<'p> {
        let constrained = Constrained {
            source: passing.source as u16,
            joined: passing.joined,
            set: self.sets.number(passing.set),
            test,
        };
        Draft {
            constraints: SmallVec::from_slice(&[constrained]),
            ..Draft::default()
        }
    }

    /// A literal that names places. Postal codes of several countries are a piece each.
    fn anchored(&mut self, literal: Literal<'p>, test: u32) -> Option<Vec<Draft<'p>>> {
        let Literal {
            dimension,
            test: Test::OneOf(values),
            wanted: true,
        } = literal
        else {
            return None;
        };
        if *dimension == Dimension::Postal {
            return self.postal(values, test);
        }
        let mut places = Vec::with_capacity(values.len());
        for value in values {
            self.place(dimension, value, &mut places)?;
        }
        let order = match dimension {
            Dimension::Account => AnchorOrder::Account,
            Dimension::Street => AnchorOrder::Street,
            _ => AnchorOrder::Shape,
        };
        Some(vec![Draft::at(order, test, places)])
    }

    fn place(
        &self,
        dimension: &Dimension,
        value: &'p Value,
        places: &mut Vec<Place<'p>>,
    ) -> Option<()> {
        match (dimension, value) {
            (Dimension::Account, Value::Account(ix)) => places.push(Place::Account(*ix)),
            (Dimension::Account, Value::Text(id)) => {
                places.push(Place::AccountId(id));
                places.extend(self.plan.account_by_id(id).map(Place::Account));
            }
            (Dimension::Street, Value::Street(range)) => places.push(Place::Street(range)),
            (Dimension::Area, Value::Area(ix)) => places.push(Place::Area(*ix)),
            (Dimension::Within, Value::Circle(circle)) => places.push(Place::circle(circle)),
            _ => return None,
        }
        Some(())
    }

    fn postal(&mut self, values: &'p [Value], test: u32) -> Option<Vec<Draft<'p>>> {
        let mut patterns: Vec<&'p PostalPattern> = Vec::with_capacity(values.len());
        for value in values {
            let Value::Postal(pattern) = value else {
                return None;
            };
            patterns.push(pattern);
        }
        patterns.sort_by(|a, b| a.country.cmp(&b.country));
        let mut pieces = Vec::new();
        for group in patterns.chunk_by(|a, b| a.country == b.country) {
            let places = group.iter().map(|one| Place::Postal(&one.codes)).collect();
            let exact = group
                .iter()
                .all(|one| matches!(one.codes, PostalCodes::Exact(_)));
            let order = if exact {
                AnchorOrder::Code
            } else {
                AnchorOrder::Codes
            };
            let mut piece = Draft::at(order, test, places);
            if let Some(country) = &group[0].country {
                let passing = self.scales.text(&Dimension::Country, country)?;
                piece.constraints = self.classed(passing, test).constraints;
            }
            pieces.push(piece);
        }
        Some(pieces)
    }

    /// Both drafts hold, or `None` if they cannot. Of two anchors the better one is used, or
    /// the later one of two territories, because a child divides its parent's leads.
    fn both(&mut self, one: &Draft<'p>, two: &Draft<'p>, later_anchor: bool) -> Option<Draft<'p>> {
        let mut joined = one.clone();
        for constrained in &two.constraints {
            joined.constrain(*constrained, &mut self.sets, self.scales)?;
        }
        joined.kept.extend_from_slice(&two.kept);
        joined.anchor = match (joined.anchor, &two.anchor) {
            (Some(first), Some(second)) => {
                let second_is_better = later_anchor || second.order < first.order;
                let (used, other) = if second_is_better {
                    (second.clone(), first)
                } else {
                    (first, second.clone())
                };
                joined.kept.push(other.test);
                Some(used)
            }
            (first, second) => first.or_else(|| second.clone()),
        };
        joined.kept.sort_unstable();
        joined.kept.dedup();
        Some(joined)
    }
}

impl<'p> Draft<'p> {
    fn at(order: AnchorOrder, test: u32, places: Vec<Place<'p>>) -> Self {
        let anchor = Anchor {
            order,
            test,
            places: places.into(),
        };
        Self {
            anchor: Some(anchor),
            ..Self::default()
        }
    }

    /// Adds a constraint, or gives `None` if nothing passes both. For a lead with several
    /// values `any of these` and `any of those` cannot become one set unless one set holds
    /// the other; the earlier test is then kept as it stands.
    fn constrain(
        &mut self,
        added: Constrained,
        sets: &mut Sets,
        scales: &Scales<'_>,
    ) -> Option<()> {
        let key = |one: &Constrained| (one.source, one.joined);
        match self.constraints.binary_search_by_key(&key(&added), key) {
            Err(at) => self.constraints.insert(at, added),
            Ok(at) => {
                let held = self.constraints[at];
                let both = sets.and(held.set, added.set);
                let loose =
                    added.joined == Joined::Any && scales.is_plural(usize::from(added.source));
                if loose && both != held.set && both != added.set {
                    self.constraints[at] = added;
                    self.kept.push(held.test);
                } else if sets.get(both).is_empty() {
                    return None;
                } else {
                    let from = if both == held.set { held } else { added };
                    self.constraints[at] = Constrained { set: both, ..from };
                }
            }
        }
        Some(())
    }

    /// The places to file the rule under. Constraints that these places say already are
    /// taken off.
    pub fn file(&mut self, sets: &Sets, scales: &Scales<'_>) -> Arc<[Place<'p>]> {
        if let Some(anchor) = self.anchor.take() {
            return anchor.places;
        }
        self.file_by_text(sets, scales, &Dimension::Domain, Place::Domain)
            .or_else(|| self.file_by_area(sets, scales))
            .or_else(|| self.file_by_text(sets, scales, &Dimension::Country, Place::Country))
            .unwrap_or_else(|| Arc::from([Place::Everywhere]))
    }

    fn position(&self, scales: &Scales<'_>, dimension: &Dimension) -> Option<usize> {
        let source = scales.number(dimension)?;
        self.constraints
            .iter()
            .position(|one| usize::from(one.source) == source)
    }

    fn file_by_text(
        &mut self,
        sets: &Sets,
        scales: &Scales<'_>,
        dimension: &Dimension,
        place: fn(Class) -> Place<'p>,
    ) -> Option<Arc<[Place<'p>]>> {
        let at = self.position(scales, dimension)?;
        let set = sets.get(self.constraints[at].set);
        if set.first()? <= OTHER {
            return None;
        }
        self.constraints.remove(at);
        Some(set.iter().map(place).collect())
    }

    /// Files under the topmost areas of the set. If the set leaves out some of what lies
    /// below them, the constraint stays.
    fn file_by_area(&mut self, sets: &Sets, scales: &Scales<'_>) -> Option<Arc<[Place<'p>]>> {
        let at = self.position(scales, &Dimension::Admin)?;
        let set = sets.get(self.constraints[at].set);
        if set.first()? <= OTHER {
            return None;
        }
        let mut places = Vec::new();
        let (mut covered, mut whole) = (0, true);
        for &(from, to) in set.intervals() {
            let mut class = from.max(covered);
            while class < to {
                places.push(Place::Admin(class));
                covered = scales.subtree_end(class)?;
                whole &= covered <= to;
                class = covered;
            }
        }
        if whole {
            self.constraints.remove(at);
        }
        Some(places.into())
    }
}
