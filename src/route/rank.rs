//! The rank of a territory: a value fixed by the plan alone, by which the better of two matches wins.
//!
//! A [`Shape`] says what an effective condition constrains. It is built from the root down:
//! a child's shape is its parent's, joined with its own. Joining can only add: names stay
//! named, dimensions are united and the finest place is kept. As priority is inherited or
//! raised and a child is deeper, a descendant beats its ancestor by construction.

use std::cmp::Ordering;
use std::fmt;

use smallvec::SmallVec;

use crate::plan::condition::{PostalCodes, PostalPattern, Side, StreetRange};
use crate::plan::{
    AdminIx, Clause, Condition, Dimension, Plan, Precedence, TerritoryIx, Test, Value,
};

use super::{geo, sphere};

/// A territory's rank. The lower one wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Place in file order, children before their parents.
    Listed(u32),
    /// How specific the effective condition is.
    Specific(Specificity),
}

/// Spec section 4.3, field by field in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specificity {
    pub priority: i32,
    /// The condition names the account or its domain.
    pub names_customer: bool,
    /// How many dimensions are constrained. All places together are one dimension, and so
    /// are account and domain.
    pub dimensions: u16,
    /// The finest place, if the condition names any.
    pub place: Option<Place>,
    pub depth: u16,
    pub id: Box<str>,
}

/// How fine a place is: its tier first, then what is comparable within the tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub tier: Tier,
    /// What decides between the kinds of one tier, so that the order stays total: a postal
    /// code or range before a polygon or circle before a postal prefix.
    pub kind: u8,
    /// Higher is narrower: a longer code, a smaller surface, fewer houses.
    pub narrowness: u64,
}

/// Kinds of places, from wide to fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// A test such as `exists` that holds all over the world.
    Anywhere,
    Country,
    Region,
    City,
    District,
    /// Polygon, circle or postal code.
    Zone,
    Street,
}

/// What a dimension counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counted<'p> {
    Customer,
    Place,
    Other(&'p Dimension),
}

/// What a condition constrains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape<'p> {
    names_customer: bool,
    /// Sorted, each once.
    dimensions: SmallVec<[Counted<'p>; 8]>,
    place: Option<Place>,
}

impl Ord for Specificity {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |one: &Self| {
            (
                one.priority,
                one.names_customer,
                one.dimensions,
                one.place,
                one.depth,
            )
        };
        key(other)
            .cmp(&key(self))
            .then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for Specificity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The rank of every territory, in the plan's order.
pub fn ranks(plan: &Plan) -> Vec<Rank> {
    match plan.precedence {
        Precedence::Listed => listed(plan).into_iter().map(Rank::Listed).collect(),
        Precedence::Specific => specific(plan).into_iter().map(Rank::Specific).collect(),
    }
}

/// Places in file order, children before their parents. Territories come parents first, so
/// a node's place is that of the end of its subtree, less those ancestors still open there.
fn listed(plan: &Plan) -> Vec<u32> {
    let count = plan.territories.len();
    let mut size = vec![1_u32; count];
    for (at, one) in plan.territories.iter().enumerate().rev() {
        if let Some(parent) = one.parent {
            size[parent.at()] += size[at];
        }
    }
    (0..count)
        .map(|at| at as u32 + size[at] - 1 - u32::from(plan.territories[at].depth))
        .collect()
}

fn specific(plan: &Plan) -> Vec<Specificity> {
    let surfaces: Vec<u64> = plan
        .areas
        .iter()
        .map(|area| whole_m2(geo::surface_m2(area)))
        .collect();
    let measure = Measure {
        plan,
        surfaces: &surfaces,
    };
    let mut shapes: Vec<Shape<'_>> = Vec::with_capacity(plan.territories.len());
    for territory in &plan.territories {
        let own = measure.condition(&territory.condition);
        shapes.push(match territory.parent {
            Some(parent) => own.and(&shapes[parent.at()]),
            None => own,
        });
    }
    plan.territories
        .iter()
        .zip(shapes)
        .map(|(territory, shape)| Specificity {
            priority: territory.priority,
            names_customer: shape.names_customer,
            dimensions: shape.dimensions.len() as u16,
            place: shape.place,
            depth: territory.depth,
            id: territory.id.clone(),
        })
        .collect()
}

/// Territories from the best rank to the worst.
pub fn order(ranks: &[Rank]) -> Vec<TerritoryIx> {
    let mut order: Vec<TerritoryIx> = (0..ranks.len() as u32).map(TerritoryIx).collect();
    order.sort_unstable_by(|a, b| ranks[a.at()].cmp(&ranks[b.at()]));
    order
}

impl<'p> Shape<'p> {
    /// Both conditions hold: nothing that one constrains is lost.
    fn and(mut self, other: &Self) -> Self {
        self.names_customer |= other.names_customer;
        self.dimensions.extend_from_slice(&other.dimensions);
        self.dimensions.sort_unstable();
        self.dimensions.dedup();
        self.place = self.place.max(other.place);
        self
    }

    /// Either condition holds: only what both constrain counts, and the wider of it.
    fn or(mut self, other: &Self) -> Self {
        self.names_customer &= other.names_customer;
        self.dimensions
            .retain(|one| other.dimensions.binary_search(one).is_ok());
        self.place = match (self.place, other.place) {
            (Some(one), Some(two)) => Some(one.min(two)),
            _ => None,
        };
        self
    }
}

/// What the shapes of conditions are measured by.
struct Measure<'p> {
    plan: &'p Plan,
    /// Of each area, in square metres.
    surfaces: &'p [u64],
}

impl<'p> Measure<'p> {
    fn condition(&self, asked: &'p Condition) -> Shape<'p> {
        match asked {
            Condition::All(parts) => parts.iter().fold(Shape::default(), |shape, part| {
                self.condition(part).and(&shape)
            }),
            Condition::Any(parts) => parts
                .iter()
                .map(|part| self.condition(part))
                .reduce(|shape, part| shape.or(&part))
                .unwrap_or_default(),
            Condition::Not(_) => Shape::default(),
            Condition::Clause(Clause { dimension, test }) => self.test(dimension, test),
        }
    }

    fn test(&self, dimension: &'p Dimension, test: &'p Test) -> Shape<'p> {
        let place = match test {
            // `not: C` beside a dimension says what the group `not: {…}` says.
            Test::Not(_) => return Shape::default(),
            Test::All(parts) => {
                return parts.iter().fold(Shape::default(), |shape, part| {
                    self.test(dimension, part).and(&shape)
                });
            }
            Test::OneOf(values) => values.iter().map(|value| self.value(value)).min(),
            Test::Prefix(prefixes) if *dimension == Dimension::Postal => {
                prefixes.iter().map(|prefix| by_prefix(prefix)).min()
            }
            Test::Prefix(_) | Test::Range(_) | Test::Exists(_) => None,
        };
        let counted = count_as(dimension);
        let names = counted == Counted::Customer && matches!(test, Test::OneOf(_));
        Shape {
            names_customer: names,
            dimensions: SmallVec::from_slice(&[counted]),
            place: (counted == Counted::Place).then(|| place.unwrap_or(Place::ANYWHERE)),
        }
    }

    fn value(&self, value: &Value) -> Place {
        match value {
            // The only place named by a text is a country.
            Value::Text(_) => Place::new(Tier::Country, 0, 0),
            Value::Admin(ix) => self.admin(*ix),
            Value::Area(ix) => shape_of(self.surfaces[ix.at()]),
            Value::Circle(circle) => shape_of(whole_m2(sphere::circle_surface_m2(circle))),
            Value::Postal(pattern) => postal(pattern),
            Value::Street(range) => street(range),
            Value::Number(_) | Value::Bool(_) | Value::Account(_) => Place::ANYWHERE,
        }
    }

    fn admin(&self, ix: AdminIx) -> Place {
        let node = &self.plan.gazetteer.nodes()[ix.at()];
        let tier = match node.level {
            0 => Tier::Country,
            1 => Tier::Region,
            2 => Tier::City,
            _ => Tier::District,
        };
        Place::new(tier, node.level, node.code.len() as u64)
    }
}

/// Order between the kinds of [`Tier::Zone`].
const BY_PREFIX: u8 = 0;
const BY_SHAPE: u8 = 1;
const BY_CODE: u8 = 2;

impl Place {
    const ANYWHERE: Self = Self::new(Tier::Anywhere, 0, 0);

    const fn new(tier: Tier, kind: u8, narrowness: u64) -> Self {
        Self {
            tier,
            kind,
            narrowness,
        }
    }
}

fn shape_of(surface_m2: u64) -> Place {
    Place::new(Tier::Zone, BY_SHAPE, u64::MAX - surface_m2)
}

/// Whole square metres; the sphere has 5.1e14 of them.
fn whole_m2(surface: f64) -> u64 {
    surface as u64
}

fn postal(pattern: &PostalPattern) -> Place {
    let (kind, length) = match &pattern.codes {
        PostalCodes::Exact(code) => (BY_CODE, code.len() * 2),
        PostalCodes::Range(from, to) if from == to => (BY_CODE, from.len() * 2),
        // Narrower than all codes with the common beginning, wider than any longer beginning.
        PostalCodes::Range(from, to) => (BY_CODE, common_len(from, to) * 2 + 1),
        PostalCodes::Prefix(prefix) => return by_prefix(prefix),
    };
    Place::new(Tier::Zone, kind, length as u64)
}

fn by_prefix(prefix: &str) -> Place {
    Place::new(Tier::Zone, BY_PREFIX, prefix.len() as u64)
}

fn common_len(one: &str, other: &str) -> usize {
    one.bytes()
        .zip(other.bytes())
        .take_while(|(a, b)| a == b)
        .count()
}

fn street(range: &StreetRange) -> Place {
    let from = u64::from(range.from.unwrap_or(0));
    let to = range.to.map_or(u64::MAX / 4, u64::from);
    let sides = if range.side == Side::Both { 2 } else { 1 };
    Place::new(Tier::Street, 0, u64::MAX - to.saturating_sub(from) * sides)
}

fn count_as(dimension: &Dimension) -> Counted<'_> {
    match dimension {
        Dimension::Account | Dimension::Domain => Counted::Customer,
        Dimension::Street
        | Dimension::Area
        | Dimension::Within
        | Dimension::Postal
        | Dimension::Admin
        | Dimension::Country => Counted::Place,
        other => Counted::Other(other),
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed(place) => write!(out, "number {} in file order", place + 1),
            Self::Specific(specific) => specific.fmt(out),
        }
    }
}

impl fmt::Display for Specificity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "priority {}, ", self.priority)?;
        if self.names_customer {
            out.write_str("names the customer, ")?;
        }
        let plural = if self.dimensions == 1 { "" } else { "s" };
        write!(out, "{} dimension{plural}, ", self.dimensions)?;
        match &self.place {
            Some(place) => write!(out, "place by {}, ", place.tier)?,
            None => out.write_str("no place, ")?,
        }
        write!(out, "depth {}", self.depth)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Anywhere => "presence only",
            Self::Country => "country",
            Self::Region => "region",
            Self::City => "city",
            Self::District => "district",
            Self::Zone => "polygon, circle or postal code",
            Self::Street => "street",
        })
    }
}
