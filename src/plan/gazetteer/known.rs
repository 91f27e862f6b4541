//! Postal codes that a gazetteer's tables list, in order.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::condition::PostalCodes;
use crate::plan::normalise;

/// By country that has a table of its postal codes, all its codes.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownPostal {
    countries: BTreeMap<String, BTreeSet<Box<str>>>,
}

impl KnownPostal {
    /// Rows by country, whether they only place postal codes, and the codes. The codes of
    /// districts, of which a gazetteer may name one of many, make no table.
    pub fn of<'r>(rows: impl Iterator<Item = (String, bool, &'r [Box<str>])> + Clone) -> Self {
        let own = rows.clone().filter(|(_, own_row, _)| *own_row);
        let own = own.map(|(country, ..)| (country, BTreeSet::new()));
        let mut countries: BTreeMap<String, BTreeSet<Box<str>>> = own.collect();
        for (country, _, codes) in rows {
            if let Some(known) = countries.get_mut(&country) {
                known.extend(codes.iter().cloned());
            }
        }
        Self { countries }
    }

    /// Whether some of the codes are known, or nothing is known of the country.
    pub fn has(&self, country: &str, codes: &PostalCodes) -> bool {
        let Some(known) = self.countries.get(country) else {
            return true;
        };
        let listed = |code: &str| {
            known.contains(code) || known.contains(normalise::postal_area(country, code))
        };
        match codes {
            PostalCodes::Exact(code) => listed(code),
            PostalCodes::Prefix(begin) => {
                let mut behind = known.range(begin.clone()..);
                listed(begin) || behind.next().is_some_and(|next| next.starts_with(&**begin))
            }
            PostalCodes::Range(low, high) if low <= high => {
                listed(low) || known.range(low.clone()..=high.clone()).next().is_some()
            }
            // An empty range is told as that.
            PostalCodes::Range(..) => true,
        }
    }

    /// Known codes before and behind one, so many of each.
    pub fn near(&self, country: &str, code: &str, many: usize) -> Vec<Box<str>> {
        let Some(known) = self.countries.get(country) else {
            return Vec::new();
        };
        let at: Box<str> = code.into();
        let before = known.range(..at.clone()).rev().take(many);
        before
            .chain(known.range(at..).take(many))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> KnownPostal {
        let codes = |codes: &[&str]| codes.iter().map(|code| Box::from(*code)).collect();
        let us: Vec<Box<str>> = codes(&["02134", "90001", "90210"]);
        let cn: Vec<Box<str>> = codes(&["200030"]);
        let rows = [
            ("us".to_owned(), true, &us[..]),
            ("cn".to_owned(), false, &cn[..]),
        ];
        KnownPostal::of(rows.into_iter())
    }

    #[test]
    fn only_what_a_table_lacks_is_unknown() {
        use PostalCodes::{Exact, Prefix, Range};
        for (country, codes, has) in [
            ("us", Exact("02134".into()), true),
            ("us", Exact("02134-1234".into()), true),
            ("us", Exact("00000".into()), false),
            ("us", Exact("00000-1234".into()), false),
            ("us", Prefix("021".into()), true),
            ("us", Prefix("90210-1".into()), true),
            ("us", Prefix("022".into()), false),
            ("us", Range("02130".into(), "02139".into()), true),
            ("us", Range("02135".into(), "02139".into()), false),
            ("us", Range("90210-0001".into(), "90210-0009".into()), true),
            ("us", Range("9".into(), "0".into()), true),
            ("cn", Exact("999999".into()), true),
            ("de", Exact("10115".into()), true),
        ] {
            assert_eq!(known().has(country, &codes), has, "{country} {codes:?}");
        }
        let near: Vec<Box<str>> = vec!["90001".into(), "90210".into()];
        assert_eq!(known().near("us", "90200", 1), near);
    }
}
