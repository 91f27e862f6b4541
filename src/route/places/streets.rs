//! Units of stretches of street, by name and by the place that holds the street.

use rustc_hash::FxHashMap;

use crate::plan::condition::{PostalCodes, PostalPattern, Side, StreetPlace, StreetRange};
use crate::plan::{AdminIx, Facts, Plan};
use crate::route::dictionary::Dictionary;
use crate::route::postal::{self, zip_of};
use crate::route::search::Search;
use crate::route::truth::Truth;
use crate::route::units::Unit;

use super::Place;

/// The mark of an area that lies in no other, and of a stretch without a pattern.
const NONE: u32 = u32::MAX;

/// Units by street.
#[derive(Debug, Default)]
pub struct StreetUnits {
    names: Dictionary,
    codes: Dictionary,
    /// Where the stretches of a name and a place begin and end.
    spans: FxHashMap<(u32, Within), (u32, u32)>,
    stretches: Vec<Stretch>,
    units: Vec<Unit>,
    patterns: Vec<PostalPattern>,
    /// The area above each area.
    above: Vec<u32>,
}

/// What a stretch is found by besides its street's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Within {
    Admin(AdminIx),
    Code(u32),
    /// Prefixes and ranges of codes, which are tried one by one.
    OtherCodes,
}

/// The houses of one stretch.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: u32,
    to: u32,
    side: Side,
    /// The whole street, whether or not the lead has a house number.
    whole: bool,
    pattern: u32,
    unit: u32,
}

impl StreetUnits {
    pub fn build(plan: &Plan, filed: &[(Place<'_>, Unit)]) -> Self {
        let mut streets = Self::default();
        let mut sorted: Vec<((u32, Within), Stretch)> = Vec::new();
        for &(place, unit) in filed {
            if let Place::Street(range) = place {
                sorted.push(streets.stretch(range));
                streets.units.push(unit);
            }
        }
        if sorted.is_empty() {
            return streets;
        }
        sorted.sort_by_key(|&(key, _)| key);
        for same in sorted.chunk_by(|one, two| one.0 == two.0) {
            let first = streets.stretches.len() as u32;
            streets.stretches.extend(same.iter().map(|one| one.1));
            let span = (first, streets.stretches.len() as u32);
            streets.spans.insert(same[0].0, span);
        }
        let nodes = plan.gazetteer.nodes().iter();
        streets.above = nodes
            .map(|node| node.parent.map_or(NONE, |parent| parent.0))
            .collect();
        streets
    }

    fn stretch(&mut self, range: &StreetRange) -> ((u32, Within), Stretch) {
        let name = number(&mut self.names, &range.name);
        let mut pattern_at = NONE;
        let within = match &range.place {
            StreetPlace::Admin(ix) => Within::Admin(*ix),
            StreetPlace::Postal(pattern) => {
                pattern_at = self.patterns.len() as u32;
                self.patterns.push(pattern.clone());
                match &pattern.codes {
                    PostalCodes::Exact(code) => Within::Code(number(&mut self.codes, code)),
                    PostalCodes::Prefix(_) | PostalCodes::Range(..) => Within::OtherCodes,
                }
            }
        };
        let stretch = Stretch {
            from: range.from.unwrap_or(0),
            to: range.to.unwrap_or(u32::MAX),
            side: range.side,
            whole: range.from.is_none() && range.to.is_none() && range.side == Side::Both,
            pattern: pattern_at,
            unit: self.units.len() as u32,
        };
        ((name, within), stretch)
    }

    pub fn offer<'s>(&'s self, facts: &Facts<'_>, search: &mut Search<'s>) {
        if self.stretches.is_empty() {
            return;
        }
        let named = facts.street.as_deref();
        let Some(name) = named.and_then(|name| self.names.get(name)) else {
            return;
        };
        let mut area = facts.admin.map_or(NONE, |ix| ix.0);
        while area != NONE {
            self.offer_within((name, Within::Admin(AdminIx(area))), facts, search);
            area = self.above.get(area as usize).copied().unwrap_or(NONE);
        }
        if self.patterns.is_empty() {
            return;
        }
        let Some(code) = facts.postal.as_deref() else {
            return;
        };
        for code in [Some(code), zip_of(code)].into_iter().flatten() {
            if let Some(code) = self.codes.get(code) {
                self.offer_within((name, Within::Code(code)), facts, search);
            }
        }
        self.offer_within((name, Within::OtherCodes), facts, search);
    }

    fn offer_within<'s>(&'s self, key: (u32, Within), facts: &Facts<'_>, search: &mut Search<'s>) {
        let Some(&(from, to)) = self.spans.get(&key) else {
            return;
        };
        for stretch in &self.stretches[from as usize..to as usize] {
            let there = stretch.pattern == NONE
                || postal::lies_in(facts, &self.patterns[stretch.pattern as usize]) == Truth::True;
            if stretch.holds(facts.house_number) && there {
                search.offer_unit(&self.units[stretch.unit as usize]);
            }
        }
    }

    /// Memory held, in bytes, tables of texts apart.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.stretches[..]) + size_of_val(&self.units[..])
    }
}

impl Stretch {
    fn holds(&self, house: Option<u32>) -> bool {
        self.whole
            || house.is_some_and(|number| {
                let side = match self.side {
                    Side::Both => true,
                    Side::Even => number % 2 == 0,
                    Side::Odd => number % 2 == 1,
                };
                side && self.from <= number && number <= self.to
            })
    }
}

fn number(dictionary: &mut Dictionary, text: &str) -> u32 {
    let next = dictionary.len() as u32;
    dictionary.get(text).unwrap_or_else(|| {
        dictionary.insert(text, next);
        next
    })
}
