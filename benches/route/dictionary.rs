//! One dictionary of place, industry and size: what a careful person writes for plans that have no more.

use bailiwick::plan::{Condition, Dimension, Facts, Plan, Test, Value};
use rustc_hash::FxHashMap;

/// Area, industry and size band; 0 stands for any industry and any size.
type Key = (u32, u16, u16);

/// The territory of each key; fewer parts are wider.
pub struct Dictionary {
    rules: FxHashMap<Key, u32>,
    industries: FxHashMap<Box<str>, u16>,
    bands: Vec<f64>,
}

/// What a rule of these plans says.
#[derive(Default)]
pub struct Parts<'p> {
    pub area: u32,
    pub industry: Option<&'p str>,
    /// The least number of people, and the number that is too many.
    pub sizes: Option<(f64, Option<f64>)>,
}

/// Plans name three letters of an industry.
pub const LETTERS: usize = 3;

impl Dictionary {
    pub fn of(plan: &Plan) -> Self {
        let parts: Vec<Parts<'_>> = plan
            .territories
            .iter()
            .map(|one| Parts::of(&one.condition))
            .collect();
        let mut bands: Vec<f64> = parts.iter().filter_map(Parts::min).collect();
        bands.sort_unstable_by(f64::total_cmp);
        bands.dedup();
        let mut industries: Vec<&str> = parts.iter().filter_map(|one| one.industry).collect();
        industries.sort_unstable();
        industries.dedup();
        let mut dictionary = Self {
            rules: FxHashMap::default(),
            industries: industries.into_iter().map(Box::from).zip(1..).collect(),
            bands,
        };
        for (one, at) in parts.iter().zip(0..) {
            let key = (
                one.area,
                dictionary.industry(one.industry),
                dictionary.band(one.min()),
            );
            dictionary.rules.insert(key, at);
        }
        dictionary
    }

    /// The most specific territory of an area that takes the lead.
    pub fn find(&self, area: u32, facts: &Facts<'_>) -> Option<u32> {
        let band = self.band(facts.employees);
        let code = facts.industry.as_deref();
        let industry = self.industry(code.and_then(|code| code.get(..LETTERS)));
        let keys = [(area, industry, band), (area, 0, band), (area, 0, 0)];
        keys.iter().find_map(|key| self.rules.get(key)).copied()
    }

    fn band(&self, number: Option<f64>) -> u16 {
        number.map_or(0, |number| {
            self.bands.partition_point(|&min| min <= number) as u16
        })
    }

    fn industry(&self, code: Option<&str>) -> u16 {
        code.and_then(|code| self.industries.get(code))
            .copied()
            .unwrap_or(0)
    }
}

impl<'p> Parts<'p> {
    fn min(&self) -> Option<f64> {
        self.sizes.map(|(min, _)| min)
    }

    pub fn of(condition: &'p Condition) -> Self {
        let mut parts = Self::default();
        let Condition::All(all) = condition else {
            return parts;
        };
        for part in all {
            let Condition::Clause(clause) = part else {
                continue;
            };
            match (&clause.dimension, &clause.test) {
                (Dimension::Area, Test::OneOf(values)) => {
                    if let Value::Area(ix) = values[0] {
                        parts.area = ix.0;
                    }
                }
                (Dimension::Industry, Test::OneOf(values)) => {
                    if let Value::Text(code) = &values[0] {
                        parts.industry = Some(code);
                    }
                }
                (_, Test::Range(range)) => {
                    parts.sizes = range.min.map(|min| (min, range.max));
                }
                _ => {}
            }
        }
        parts
    }
}
