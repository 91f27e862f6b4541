//! Values as bytes that no two different contents share: every length is written.

use std::ops::Range;

use jiff::tz::TimeZone;
use smallvec::SmallVec;

use crate::event::{RepStatus, Span};
use crate::plan::model::{Plan, Target};

/// Bytes written so far.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    out: Vec<u8>,
}

impl Encoder {
    /// Everything written since it was last cleared.
    pub fn bytes(&self) -> &[u8] {
        &self.out
    }

    /// Forgets what was written, once that is in the hash.
    pub fn clear(&mut self) {
        self.out.clear();
    }

    /// Bytes whose number the reader of the encoding would know.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub fn number(&mut self, number: u64) {
        self.raw(&number.to_le_bytes());
    }

    pub fn flag(&mut self, flag: bool) {
        self.out.push(u8::from(flag));
    }

    /// A finite number; both zeros are one.
    pub fn float(&mut self, number: f64) {
        self.raw(&(number + 0.0).to_bits().to_le_bytes());
    }

    pub fn span(&mut self, span: Span) {
        self.raw(&span.0.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.raw(text.as_bytes());
    }

    pub fn label(&mut self, text: Option<&str>) {
        self.option(text, Self::text);
    }

    /// A time zone by its name, which is in the database that the program carries.
    pub fn zone(&mut self, zone: &TimeZone) {
        self.text(zone.iana_name().unwrap_or("UTC"));
    }

    pub fn target(&mut self, plan: &Plan, target: Target) {
        match target {
            Target::Team(ix) => {
                self.number(0);
                self.text(&plan.teams[ix.at()].id);
            }
            Target::Pool(ix) => {
                self.number(1);
                self.text(&plan.pools[ix.at()].id);
            }
        }
    }

    pub fn status(&mut self, status: RepStatus) {
        match status {
            RepStatus::Active => self.number(0),
            RepStatus::Left => self.number(1),
            RepStatus::Away { until } => {
                self.number(2);
                self.option(until, |out, until| out.raw(&until.0.to_le_bytes()));
            }
        }
    }

    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// Things whose order means something.
    pub fn list<T>(
        &mut self,
        things: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        let things = things.into_iter();
        self.number(things.len() as u64);
        for thing in things {
            write(self, thing);
        }
    }

    /// Things whose order means nothing: they are written in the order of their bytes. No
    /// encoding begins another of its kind, so that nothing need separate them.
    pub fn set<T>(
        &mut self,
        things: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        let things = things.into_iter();
        self.number(things.len() as u64);
        let begin = self.out.len();
        let mut ranges = SmallVec::<[Range<usize>; 8]>::new();
        for thing in things {
            let start = self.out.len();
            write(self, thing);
            ranges.push(start..self.out.len());
        }
        let order =
            |a: &Range<usize>, b: &Range<usize>| self.out[a.clone()].cmp(&self.out[b.clone()]);
        if !ranges.is_sorted_by(|a, b| order(a, b).is_le()) {
            ranges.sort_unstable_by(order);
            let sorted: Vec<u8> = ranges
                .iter()
                .flat_map(|range| &self.out[range.clone()])
                .copied()
                .collect();
            self.out.truncate(begin);
            self.raw(&sorted);
        }
    }
}
