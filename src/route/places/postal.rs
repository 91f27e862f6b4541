//! Units of postal codes: exact ones, prefixes, and ranges as elementary intervals.

use rustc_hash::FxHashMap;

use crate::plan::Facts;
use crate::plan::condition::PostalCodes;
use crate::route::dictionary::{Dictionary, Prefixes};
use crate::route::postal::{form_of, zip_of};
use crate::route::search::Search;
use crate::route::units::UnitRef;

use super::Place;

/// Units by postal code.
#[derive(Debug, Default)]
pub struct PostalUnits {
    units: Vec<UnitRef>,
    exact: Dictionary,
    prefixes: Prefixes,
    /// Ranges by the form of their codes.
    ranges: FxHashMap<Box<str>, CodeRanges>,
}

/// Ranges of one form.
#[derive(Debug, Default)]
struct CodeRanges {
    /// Where intervals begin: at a code, or right behind it.
    starts: Vec<(Box<str>, bool)>,
    /// For each interval the positions of its units.
    within: Vec<Vec<u32>>,
}

/// Both ends of a range, and the position of its unit.
type Ends<'p> = (&'p str, &'p str, u32);

impl PostalUnits {
    pub fn build(filed: &[(Place<'_>, UnitRef)]) -> Self {
        let mut postal = Self::default();
        let mut ranges: FxHashMap<String, Vec<Ends<'_>>> = FxHashMap::default();
        for &(place, unit) in filed {
            let Place::Postal(codes) = place else {
                continue;
            };
            let at = postal.units.len() as u32;
            postal.units.push(unit);
            match codes {
                PostalCodes::Exact(code) => {
                    postal.exact.insert(code, at);
                }
                PostalCodes::Prefix(prefix) => postal.prefixes.insert(prefix, at),
                PostalCodes::Range(from, to) => {
                    ranges
                        .entry(form_of(from))
                        .or_default()
                        .push((from, to, at));
                }
            }
        }
        let ranges = ranges.into_iter();
        postal.ranges = ranges
            .map(|(form, ends)| (form.into(), CodeRanges::of(&ends)))
            .collect();
        postal
    }

    pub fn offer(&self, facts: &Facts<'_>, search: &mut Search<'_>) {
        if self.units.is_empty() {
            return;
        }
        let Some(code) = facts.postal.as_deref() else {
            return;
        };
        self.offer_code(code, search);
        for at in self.prefixes.of(code) {
            search.offer(self.units[at as usize], None);
        }
        // A prefix of the ZIP inside a ZIP+4 is a prefix of the whole code too.
        if let Some(zip) = zip_of(code) {
            self.offer_code(zip, search);
        }
    }

    fn offer_code(&self, code: &str, search: &mut Search<'_>) {
        if let Some(at) = self.exact.get(code) {
            search.offer(self.units[at as usize], None);
        }
        if self.ranges.is_empty() {
            return;
        }
        // Forms are few; comparing them in place spares making the code's form anew.
        for (form, ranges) in &self.ranges {
            if crate::route::postal::same_form(form, code) {
                for &at in ranges.at(code) {
                    search.offer(self.units[at as usize], None);
                }
            }
        }
    }
}

impl CodeRanges {
    fn of(ends: &[Ends<'_>]) -> Self {
        let mut starts: Vec<(Box<str>, bool)> = Vec::new();
        for &(from, to, _) in ends {
            starts.push((from.into(), false));
            starts.push((to.into(), true));
        }
        starts.sort_unstable();
        starts.dedup();
        let mut within = vec![Vec::new(); starts.len()];
        for &(from, to, at) in ends {
            let first = starts.partition_point(|(code, behind)| (&**code, *behind) < (from, false));
            let end = starts.partition_point(|(code, behind)| (&**code, *behind) < (to, true));
            within[first..end.max(first)]
                .iter_mut()
                .for_each(|one| one.push(at));
        }
        Self { starts, within }
    }

    /// The units of the ranges that hold a code of their form.
    fn at(&self, code: &str) -> &[u32] {
        let behind = self
            .starts
            .partition_point(|(start, behind)| (&**start, *behind) <= (code, false));
        behind.checked_sub(1).map_or(&[], |at| &self.within[at])
    }
}
