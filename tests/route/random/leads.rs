//! Random leads, of which each value may be missing.

use rand::Rng;

use bailiwick::event::{Attribute, Text};
use bailiwick::plan::{AccountIx, AccountRule, Facts, Plan, PositionSource};

use super::{
    ATTRIBUTE_TEXTS, ATTRIBUTES, CODES, COUNTRIES, DOMAINS, NUMBERS, STREETS, WORDS, World, pick,
};

impl World {
    /// A lead's facts; each may be missing.
    pub fn facts(&mut self, plan: &Plan) -> Facts<'static> {
        let position = (!self.one_in(4)).then(|| (self.lead_point(), PositionSource::Coordinates));
        let house_number = (!self.one_in(3)).then(|| self.random.random_range(0..32));
        let account = self
            .one_in(3)
            .then(|| (AccountIx(self.random.random_range(0..3)), AccountRule::Name));
        Facts {
            country: self.some(&COUNTRIES),
            admin: (!self.one_in(4)).then(|| self.node(plan)),
            postal: self.some(&CODES),
            position,
            street: self.some(&STREETS),
            house_number,
            industry: self.some(&["C", "C36", "C3612", "C4", "D2", "511", "B"]),
            employees: self.number(),
            revenue: self.number(),
            potential: self.number(),
            score: self.number(),
            orders: self.number(),
            lifetime_value: self.number(),
            products: self.products(),
            source: self.some(&WORDS),
            campaign: self.some(&WORDS),
            language: self.some(&["zh", "en", "fr"]),
            account,
            account_id: self
                .one_in(3)
                .then(|| Text::Owned(self.word(&["A-0", "A-2", "X-9", "X-8"]).into())),
            domain: self.some(&DOMAINS),
            attributes: self.attributes(),
            ..Facts::default()
        }
    }

    fn number(&mut self) -> Option<f64> {
        let jitter = *pick(&mut self.random, &[0.0, 0.0, 0.5, -0.5]);
        (!self.one_in(3)).then(|| *pick(&mut self.random, &NUMBERS) + jitter)
    }

    fn products(&mut self) -> Vec<Text<'static>> {
        let count = if self.one_in(50) {
            30
        } else {
            self.random.random_range(0..4)
        };
        (0..count)
            .map(|_| Text::Owned(self.word(&WORDS).into()))
            .collect()
    }

    fn attributes(&mut self) -> Vec<(Text<'static>, Attribute<'static>)> {
        let mut held = Vec::new();
        for name in ATTRIBUTES {
            let mut one = || Text::Owned(self.word(&ATTRIBUTE_TEXTS).into());
            let texts = vec![one(), one()];
            let value = match self.random.random_range(0..7) {
                0 => continue,
                1 => Attribute::Bool(self.random.random()),
                2 => Attribute::Number(*pick(&mut self.random, &NUMBERS)),
                3 => Attribute::List(texts),
                4 if self.one_in(3) => Attribute::List(vec![]),
                _ => Attribute::Text(texts[0].clone()),
            };
            held.push((Text::Borrowed(name), value));
        }
        held
    }
}
