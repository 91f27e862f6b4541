//! Units of postal codes: exact ones, prefixes, and ranges as elementary intervals.
//!
//! A code that the plan names finds everything at one look: its list has the units of the
//! prefixes and ranges that it lies in too.

use rustc_hash::FxHashMap;

use crate::plan::Facts;
use crate::plan::condition::PostalCodes;
use crate::route::dictionary::{Dictionary, Prefixes};
use crate::route::postal::{form_of, same_form, zip_of};
use crate::route::search::Search;
use crate::route::units::Unit;

use super::Place;
use super::lists::{Lists, Span};

/// Units in one list at most. A code in more ranges than this looks them up.
const LISTED: usize = 64;

/// Units by postal code.
#[derive(Debug, Default)]
pub struct PostalUnits {
    units: Vec<Unit>,
    prefixes: Prefixes,
    /// Ranges by the form of their codes.
    ranges: Vec<(Box<str>, CodeRanges)>,
    /// Positions in `spans` by code.
    exact: Dictionary,
    spans: Vec<Listed>,
    lists: Lists,
}

/// The list of a code that the plan names.
#[derive(Clone, Copy, Debug)]
struct Listed {
    span: Span,
    /// Prefixes and ranges are in the list.
    whole: bool,
}

/// Ranges of one form.
#[derive(Debug, Default)]
struct CodeRanges {
    /// Where intervals begin, as codes in their order: of each its head, in a row because a
    /// search reads hardly more, and the rest of it.
    heads: Vec<u128>,
    rests: Vec<Rest>,
    /// For each interval where the positions of its units begin, and one more.
    firsts: Vec<u32>,
    units: Vec<u32>,
}

/// The beginning of an interval: at a code, or right behind it. Codes of one form are of one
/// length, so that their first sixteen bytes as a number, and then the rest, order them.
type Start = (u128, Rest);

/// The whole code, and whether the interval begins right behind it.
type Rest = (Box<str>, bool);

/// Both ends of a range, and the position of its unit.
type Ends<'p> = (&'p str, &'p str, u32);

impl PostalUnits {
    pub fn build(filed: &[(Place<'_>, Unit)]) -> Self {
        let mut postal = Self::default();
        let mut ranges: FxHashMap<String, Vec<Ends<'_>>> = FxHashMap::default();
        let mut exact: Vec<(&str, u32)> = Vec::new();
        for &(place, unit) in filed {
            let Place::Postal(codes) = place else {
                continue;
            };
            let at = postal.units.len() as u32;
            postal.units.push(unit);
            match codes {
                PostalCodes::Exact(code) => exact.push((code, at)),
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
        for (code, at) in exact {
            postal.list(code, at);
        }
        postal
    }

    fn list(&mut self, code: &str, at: u32) {
        let others = self.prefixes.of(code).chain(self.in_ranges(code));
        let mut listed: Vec<u32> = others.take(LISTED).collect();
        let whole = listed.len() < LISTED;
        if !whole {
            listed.clear();
        }
        listed.push(at);
        let units = &self.units;
        let span = self.lists.add(listed.iter().map(|&at| units[at as usize]));
        self.exact.insert(code, self.spans.len() as u32);
        self.spans.push(Listed { span, whole });
    }

    /// Forms are few; comparing them in place spares making the code's form anew.
    fn in_ranges<'s>(&'s self, code: &'s str) -> impl Iterator<Item = u32> + 's {
        self.ranges
            .iter()
            .filter(|(form, _)| same_form(form, code))
            .flat_map(|(_, ranges)| ranges.at(code))
            .copied()
    }

    pub fn offer<'s>(&'s self, facts: &'s Facts<'_>, search: &mut Search<'s>) {
        if self.units.is_empty() {
            return;
        }
        let Some(code) = facts.postal.as_deref() else {
            return;
        };
        let whole = self.offer_exact(code, search);
        if let Some(zip) = zip_of(code) {
            // A prefix of the ZIP inside a ZIP+4 is a prefix of the whole code too.
            self.offer_exact(zip, search);
            self.offer_all(self.in_ranges(zip), search);
        }
        if !whole {
            self.offer_all(self.prefixes.of(code), search);
            self.offer_all(self.in_ranges(code), search);
        }
    }

    /// Offers the list of a code, and says whether this was everything.
    fn offer_exact<'s>(&'s self, code: &str, search: &mut Search<'s>) -> bool {
        let Some(at) = self.exact.get(code) else {
            return false;
        };
        let listed = self.spans[at as usize];
        self.lists.offer(listed.span, search);
        listed.whole
    }

    fn offer_all<'s>(&'s self, units: impl Iterator<Item = u32>, search: &mut Search<'s>) {
        for at in units {
            search.offer_unit(&self.units[at as usize]);
        }
    }

    /// Memory held, in bytes, tables of texts apart.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.units[..]) + size_of_val(&self.spans[..]) + self.lists.bytes()
    }
}

impl CodeRanges {
    fn of(ends: &[Ends<'_>]) -> Self {
        let mut starts: Vec<Start> = Vec::new();
        for &(from, to, _) in ends {
            starts.push((head(from), (from.into(), false)));
            starts.push((head(to), (to.into(), true)));
        }
        starts.sort_unstable();
        starts.dedup();
        let mut within = vec![Vec::new(); starts.len()];
        for &(from, to, at) in ends {
            let first = before(&starts, from, false);
            let end = before(&starts, to, true);
            within[first..end.max(first)]
                .iter_mut()
                .for_each(|one| one.push(at));
        }
        let mut ranges = Self::default();
        for units in within {
            ranges.firsts.push(ranges.units.len() as u32);
            ranges.units.extend(units);
        }
        ranges.firsts.push(ranges.units.len() as u32);
        (ranges.heads, ranges.rests) = starts.into_iter().unzip();
        ranges
    }

    /// The units of the ranges that hold a code of their form.
    fn at(&self, code: &str) -> &[u32] {
        let head = head(code);
        let mut at = self.heads.partition_point(|&start| start < head);
        let begun = |(text, behind): &Rest| (&**text, *behind) <= (code, false);
        while self.heads.get(at) == Some(&head) && begun(&self.rests[at]) {
            at += 1;
        }
        at.checked_sub(1).map_or(&[], |interval| {
            let (first, end) = (self.firsts[interval], self.firsts[interval + 1]);
            &self.units[first as usize..end as usize]
        })
    }
}

/// How many starts lie before one.
fn before(starts: &[Start], code: &str, behind: bool) -> usize {
    let head = head(code);
    starts.partition_point(|(start, (text, held))| (*start, &**text, *held) < (head, code, behind))
}

/// The first sixteen bytes of a code as a number that orders as they do.
fn head(code: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = code.len().min(bytes.len());
    bytes[..length].copy_from_slice(&code.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}
