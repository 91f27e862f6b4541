//! Conjunctions over a lead's fields: what one alternative of a condition asks for.

use smallvec::SmallVec;

use crate::plan::{Condition, Dimension, Plan, Test, Value};

use super::super::normal::Literal;
use super::super::sphere;
use super::inside;
use super::span::Span;

/// A field with one value, which sets of values divide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    Country,
    Admin,
    Postal,
    Street,
    House,
    Account,
    Domain,
    Industry,
    Employees,
    Revenue,
    Potential,
    Score,
    Orders,
    LifetimeValue,
    Source,
    Campaign,
    Language,
}

impl Axis {
    /// The field that a dimension asks about; `None` where leads may have several values, or
    /// a position.
    pub const fn of(dimension: &Dimension) -> Option<Self> {
        Some(match dimension {
            Dimension::Country => Self::Country,
            Dimension::Admin => Self::Admin,
            Dimension::Postal => Self::Postal,
            Dimension::Street => Self::Street,
            Dimension::Account => Self::Account,
            Dimension::Domain => Self::Domain,
            Dimension::Industry => Self::Industry,
            Dimension::Employees => Self::Employees,
            Dimension::Revenue => Self::Revenue,
            Dimension::Potential => Self::Potential,
            Dimension::Score => Self::Score,
            Dimension::Orders => Self::Orders,
            Dimension::LifetimeValue => Self::LifetimeValue,
            Dimension::Source => Self::Source,
            Dimension::Campaign => Self::Campaign,
            Dimension::Language => Self::Language,
            Dimension::Area | Dimension::Within | Dimension::Product | Dimension::Attribute(_) => {
                return None;
            }
        })
    }

    /// Whether its values are numbers.
    pub const fn is_number(self) -> bool {
        matches!(
            self,
            Self::Employees
                | Self::Revenue
                | Self::Potential
                | Self::Score
                | Self::Orders
                | Self::LifetimeValue
        )
    }
}

/// Leads for which each field lies in its span and each further test comes out as wanted.
#[derive(Clone, Debug, Default)]
pub struct Cell<'p> {
    /// Sorted by axis; a field without a span may have any value or none.
    spans: SmallVec<[(Axis, Span); 3]>,
    /// Tests of fields that have no axis.
    pub literals: SmallVec<[Literal<'p>; 1]>,
}

impl<'p> Cell<'p> {
    /// A cell that asks about one field.
    pub fn on(axis: Axis, span: Span) -> Self {
        let mut cell = Self::default();
        cell.spans.push((axis, span));
        cell
    }

    /// A cell of one further test.
    pub fn testing(literal: Literal<'p>) -> Self {
        let mut cell = Self::default();
        cell.literals.push(literal);
        cell
    }

    /// The spans, by field.
    pub fn spans(&self) -> &[(Axis, Span)] {
        &self.spans
    }

    /// The span of a field, if it has one.
    pub fn span(&self, axis: Axis) -> Option<&Span> {
        let at = self.spans.binary_search_by_key(&axis, |one| one.0).ok()?;
        Some(&self.spans[at].1)
    }

    /// Puts another span in a field's place.
    fn set(&mut self, axis: Axis, span: Span) {
        match self.spans.binary_search_by_key(&axis, |one| one.0) {
            Ok(at) => self.spans[at].1 = span,
            Err(at) => self.spans.insert(at, (axis, span)),
        }
    }

    /// Narrows one field; `None` if no value is left.
    pub fn narrow(&mut self, axis: Axis, span: &Span) -> Option<()> {
        let narrowed = self
            .span(axis)
            .map_or_else(|| span.clone(), |held| held.and(span));
        let some = !narrowed.is_empty();
        self.set(axis, narrowed);
        some.then_some(())
    }

    /// The leads in both, or `None` if there can be none.
    pub fn and(&self, other: &Self) -> Option<Self> {
        let mut both = self.clone();
        for (axis, span) in &other.spans {
            both.narrow(*axis, span)?;
        }
        for literal in &other.literals {
            if both.literals.iter().any(|held| excludes(held, literal)) {
                return None;
            }
            let same = |held: &Literal<'_>| {
                (held.dimension, held.test, held.wanted)
                    == (literal.dimension, literal.test, literal.wanted)
            };
            if !both.literals.iter().any(same) {
                both.literals.push(*literal);
            }
        }
        Some(both)
    }

    /// Whether there may be leads in both, without building the cell that they share.
    pub fn meets(&self, other: &Self) -> bool {
        let apart = |(axis, span): &(Axis, Span)| {
            let held = other.span(*axis);
            held.is_some_and(|held| held.and(span).is_empty())
        };
        let clash = |literal| other.literals.iter().any(|held| excludes(held, literal));
        !self.spans.iter().any(apart) && !self.literals.iter().any(clash)
    }

    /// The leads of this cell that are not in the other, as disjoint cells; `None` if that
    /// cannot be said, because a test of the other has no axis and this cell does not imply it.
    pub fn minus(&self, other: &Self, plan: &Plan) -> Option<Vec<Self>> {
        let implied = |asked: &Literal<'_>| {
            let mut held = self.literals.iter();
            held.any(|held| implies(held, asked, plan))
        };
        if !other.literals.iter().all(implied) {
            return None;
        }
        let (mut inside, mut pieces) = (self.clone(), Vec::new());
        for (axis, span) in &other.spans {
            let held = inside.span(*axis).cloned().unwrap_or_else(Span::all);
            let outside = held.minus(span);
            if !outside.is_empty() {
                let mut piece = inside.clone();
                piece.set(*axis, outside);
                pieces.push(piece);
            }
            let within = held.and(span);
            if within.is_empty() {
                return Some(vec![self.clone()]);
            }
            inside.set(*axis, within);
        }
        Some(pieces)
    }
}

/// Whether one of the two tests fails wherever the other comes out as wanted.
fn excludes(one: &Literal<'_>, other: &Literal<'_>) -> bool {
    one.dimension == other.dimension
        && (asks_for_nothing(one) && needs_value(other)
            || needs_value(one) && asks_for_nothing(other)
            || one.wanted != other.wanted && one.test == other.test)
}

/// Whether only a lead with a value there can do.
fn needs_value(literal: &Literal<'_>) -> bool {
    match literal.test {
        Test::Exists(there) => *there == literal.wanted,
        _ => true,
    }
}

fn asks_for_nothing(literal: &Literal<'_>) -> bool {
    matches!(literal.test, Test::Exists(there) if *there != literal.wanted)
}

/// Whether the other test comes out as wanted wherever the first one does. It may miss some
/// cases where it does, and never names one where it does not.
fn implies(held: &Literal<'_>, asked: &Literal<'_>, plan: &Plan) -> bool {
    if held.dimension != asked.dimension {
        return false;
    }
    if let Test::Exists(_) = asked.test {
        return needs_value(held) == needs_value(asked);
    }
    if held.wanted != asked.wanted {
        return false;
    }
    // Wanted tests may only widen, unwanted ones only narrow.
    let (narrow, wide) = match held.wanted {
        true => (held.test, asked.test),
        false => (asked.test, held.test),
    };
    narrow == wide || lies_in(held.dimension, narrow, wide, plan)
}

fn lies_in(dimension: &Dimension, narrow: &Test, wide: &Test, plan: &Plan) -> bool {
    match (narrow, wide) {
        (Test::OneOf(some), Test::OneOf(more)) => some
            .iter()
            .all(|one| more.iter().any(|other| value_lies_in(one, other, plan))),
        (Test::Prefix(some), Test::Prefix(more)) => some
            .iter()
            .all(|one| more.iter().any(|other| one.starts_with(&**other))),
        (Test::OneOf(some), Test::Prefix(more)) if *dimension == Dimension::Product => {
            some.iter().all(|one| match one {
                Value::Text(text) => more.iter().any(|prefix| text.starts_with(&**prefix)),
                _ => false,
            })
        }
        _ => false,
    }
}

fn value_lies_in(one: &Value, other: &Value, plan: &Plan) -> bool {
    match (one, other) {
        (Value::Area(small), Value::Area(large)) => {
            small == large || inside::lies_in(&plan.areas[small.at()], &plan.areas[large.at()])
        }
        (Value::Circle(small), Value::Circle(large)) => {
            small == large || sphere::circle_lies_in(small, large)
        }
        _ => one == other,
    }
}

/// The cells of a condition joined with those it inherits; `None` if there are too many.
pub fn joined<'p>(above: &[Cell<'p>], own: &[Cell<'p>], most: usize) -> Option<Vec<Cell<'p>>> {
    if above.len().saturating_mul(own.len()) > most {
        return None;
    }
    let pairs = above
        .iter()
        .flat_map(|one| own.iter().map(move |two| (one, two)));
    Some(pairs.filter_map(|(one, two)| one.and(two)).collect())
}

/// Whether a condition asks nothing, as that of a territory that only adds a team.
pub fn asks_nothing(condition: &Condition) -> bool {
    matches!(condition, Condition::All(parts) if parts.iter().all(asks_nothing))
}
