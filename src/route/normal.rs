//! Conditions in disjunctive normal form: alternatives, each a list of tests that must pass or fail.
//!
//! Only whether a condition is true matters at the end, and Kleene's logic keeps that simple:
//! a conjunction is true when all parts are, false when one is, and `not` swaps the two. A
//! test is left with what is wanted of it: true, or false with its value there.

use smallvec::SmallVec;

use crate::plan::{Clause, Condition, Dimension, Test};

/// A test that has to be true, or false if not `wanted`.
#[derive(Clone, Copy, Debug)]
pub struct Literal<'p> {
    pub dimension: &'p Dimension,
    /// `OneOf`, `Prefix`, `Range` or `Exists`.
    pub test: &'p Test,
    pub wanted: bool,
}

/// Tests that together suffice.
pub type Alternative<'p> = SmallVec<[Literal<'p>; 4]>;

/// Alternatives of one territory's own condition at most. More would make a rule each; such
/// a condition is evaluated as it stands instead.
pub const MAX_ALTERNATIVES: usize = 256;

/// The alternatives of a condition, or `None` if there are too many.
pub fn alternatives(condition: &Condition) -> Option<Vec<Alternative<'_>>> {
    expand(condition, true)
}

fn expand(condition: &Condition, wanted: bool) -> Option<Vec<Alternative<'_>>> {
    match condition {
        Condition::Not(inner) => expand(inner, !wanted),
        Condition::Clause(Clause { dimension, test }) => expand_test(dimension, test, wanted),
        Condition::All(parts) => join(parts.iter().map(|part| expand(part, wanted)), wanted),
        Condition::Any(parts) => join(parts.iter().map(|part| expand(part, wanted)), !wanted),
    }
}

fn expand_test<'p>(
    dimension: &'p Dimension,
    test: &'p Test,
    wanted: bool,
) -> Option<Vec<Alternative<'p>>> {
    match test {
        Test::Not(inner) => expand_test(dimension, inner, !wanted),
        Test::All(parts) => join(
            parts
                .iter()
                .map(|part| expand_test(dimension, part, wanted)),
            wanted,
        ),
        leaf => {
            let literal = Literal {
                dimension,
                test: leaf,
                wanted,
            };
            Some(vec![SmallVec::from_slice(&[literal])])
        }
    }
}

/// All of the parts, or any of them.
fn join<'p>(
    parts: impl Iterator<Item = Option<Vec<Alternative<'p>>>>,
    all: bool,
) -> Option<Vec<Alternative<'p>>> {
    let mut joined: Vec<Alternative<'p>> = if all {
        vec![SmallVec::new()]
    } else {
        Vec::new()
    };
    for part in parts {
        let part = part?;
        joined = match (all, part.as_slice()) {
            (false, _) => {
                joined.extend(part);
                joined
            }
            // The usual conjunction adds one test to the alternatives there are.
            (true, [only]) => {
                joined
                    .iter_mut()
                    .for_each(|one| one.extend_from_slice(only));
                joined
            }
            (true, _) => product(&joined, &part)?,
        };
        if joined.len() > MAX_ALTERNATIVES {
            return None;
        }
    }
    Some(joined)
}

fn product<'p>(one: &[Alternative<'p>], two: &[Alternative<'p>]) -> Option<Vec<Alternative<'p>>> {
    if one.len() * two.len() > MAX_ALTERNATIVES {
        return None;
    }
    let pairs = one.iter().flat_map(|a| two.iter().map(move |b| (a, b)));
    Some(
        pairs
            .map(|(a, b)| a.iter().chain(b).copied().collect())
            .collect(),
    )
}
