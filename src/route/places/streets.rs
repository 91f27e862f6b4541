//! Units of stretches of street, by name and by the place that holds the street.

use rustc_hash::FxHashMap;

use crate::plan::condition::{PostalCodes, StreetPlace, StreetRange};
use crate::plan::{AdminIx, Facts};
use crate::route::dictionary::Dictionary;
use crate::route::postal::{self, zip_of};
use crate::route::search::Search;
use crate::route::truth::{Truth, house_in};
use crate::route::units::UnitRef;

/// Units by street.
#[derive(Debug, Default)]
pub struct StreetUnits {
    names: Dictionary,
    codes: Dictionary,
    stretches: FxHashMap<(u32, Within), Vec<(StreetRange, UnitRef)>>,
}

/// What a stretch is found by besides its street's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Within {
    Admin(AdminIx),
    Code(u32),
    /// Prefixes and ranges of codes, which are tried one by one.
    OtherCodes,
}

impl StreetUnits {
    pub fn add(&mut self, range: &StreetRange, unit: UnitRef) {
        let name = number(&mut self.names, &range.name);
        let within = match &range.place {
            StreetPlace::Admin(ix) => Within::Admin(*ix),
            StreetPlace::Postal(pattern) => match &pattern.codes {
                PostalCodes::Exact(code) => Within::Code(number(&mut self.codes, code)),
                PostalCodes::Prefix(_) | PostalCodes::Range(..) => Within::OtherCodes,
            },
        };
        self.stretches
            .entry((name, within))
            .or_default()
            .push((range.clone(), unit));
    }

    pub fn offer(&self, facts: &Facts<'_>, search: &mut Search<'_>) {
        if self.stretches.is_empty() {
            return;
        }
        let Some(name) = facts
            .street
            .as_deref()
            .and_then(|name| self.names.get(name))
        else {
            return;
        };
        if let Some(ix) = facts.admin {
            for one in search.plan.gazetteer.chain(ix) {
                self.offer_within((name, Within::Admin(one)), facts, search);
            }
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

    fn offer_within(&self, key: (u32, Within), facts: &Facts<'_>, search: &mut Search<'_>) {
        let Some(stretches) = self.stretches.get(&key) else {
            return;
        };
        for (range, unit) in stretches {
            let there = match &range.place {
                StreetPlace::Admin(_) => Truth::True,
                StreetPlace::Postal(pattern) => postal::lies_in(facts, pattern),
            };
            if there == Truth::True && house_in(facts, range) == Truth::True {
                search.offer(*unit, None);
            }
        }
    }
}

fn number(dictionary: &mut Dictionary, text: &str) -> u32 {
    let next = dictionary.len() as u32;
    dictionary.get(text).unwrap_or_else(|| {
        dictionary.insert(text, next);
        next
    })
}
