//! What words of bits cannot say of a rule: the day it begins, and conditions read as they stand.

use crate::event::Timestamp;
use crate::plan::{Clause, Condition, Dimension, Facts, Plan, Test, Value};

use super::shapes::Shapes;
use super::truth::{self, Truth};

/// Conditions of one rule beyond its words.
#[derive(Debug)]
pub struct Guard {
    /// Before this moment the rule matches nothing.
    pub from: Timestamp,
    pub checks: Vec<Check>,
}

/// One condition.
#[derive(Debug)]
pub enum Check {
    /// A test that has to be true, or false if not `wanted`.
    Test { clause: Clause, wanted: bool },
    /// A condition with too many alternatives, which has to be true.
    Whole(Condition),
}

impl Guard {
    pub fn passes(&self, plan: &Plan, shapes: &Shapes, facts: &Facts<'_>, now: Timestamp) -> bool {
        self.from <= now
            && self
                .checks
                .iter()
                .all(|check| check.passes(plan, shapes, facts))
    }
}

impl Check {
    fn passes(&self, plan: &Plan, shapes: &Shapes, facts: &Facts<'_>) -> bool {
        match self {
            Self::Whole(condition) => truth::condition(plan, facts, condition) == Truth::True,
            Self::Test { clause, wanted } => {
                let truth = in_areas(shapes, facts, clause)
                    .unwrap_or_else(|| truth::clause(plan, facts, clause));
                truth == Truth::of(*wanted)
            }
        }
    }
}

/// The truth of a clause that lists areas, by their stripes: a coast of many thousand
/// vertices must not be walked for it.
fn in_areas(shapes: &Shapes, facts: &Facts<'_>, clause: &Clause) -> Option<Truth> {
    let (Dimension::Area, Test::OneOf(values)) = (&clause.dimension, &clause.test) else {
        return None;
    };
    let Some((point, _)) = facts.position else {
        return Some(Truth::Unknown);
    };
    let inside = |value: &Value| match value {
        Value::Area(ix) => Truth::of(shapes.area_contains(*ix, point)),
        _ => Truth::False,
    };
    Some(Truth::any(values.iter().map(inside)))
}
