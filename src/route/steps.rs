//! Steps: what a sieve leaves open of a rule, one run of classes after the other.

use super::classes::Class;
use super::sources::Notes;

/// What a sieve leaves open of a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    pub first_step: u32,
    pub steps: u32,
    pub guard: u32,
}

/// One run of classes that a rule takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub from: Class,
    pub to: Class,
    pub source: u8,
    pub values: Values,
    /// The rule takes another run of the same source as well.
    pub or: bool,
}

/// How many values a lead has in a dimension, and how their words are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    One,
    AnyOf,
    AllOf,
}

impl Step {
    /// Whether the lead's values are in the run.
    #[inline]
    pub fn takes(&self, notes: &mut Notes<'_>) -> bool {
        let source = usize::from(self.source);
        let within = |class: Class| self.from <= class && class < self.to;
        match self.values {
            Values::One => within(notes.class(source)),
            Values::AnyOf => {
                let mut any = false;
                notes.each_class(source, |class| any |= within(class));
                any
            }
            Values::AllOf => {
                let mut all = true;
                notes.each_class(source, |class| all &= within(class));
                all
            }
        }
    }
}
