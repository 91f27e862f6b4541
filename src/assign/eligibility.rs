//! Who may have a lead at all: `eligible` as bit sets over a team's members.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::event::Attribute;
use crate::plan::{Facts, LeadField, Plan};

use super::roster::Seat;

/// A set of seats of one team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeatSet(SmallVec<[u64; 2]>);

impl SeatSet {
    fn empty(seats: usize) -> Self {
        Self(SmallVec::from_elem(0, seats.div_ceil(64)))
    }

    pub fn full(seats: usize) -> Self {
        Self(SmallVec::from_elem(u64::MAX, seats.div_ceil(64)))
    }

    pub fn contains(&self, seat: usize) -> bool {
        self.0[seat / 64] >> (seat % 64) & 1 == 1
    }

    fn insert(&mut self, seat: usize) {
        self.0[seat / 64] |= 1 << (seat % 64);
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }
}

/// One pair of `eligible`: which seats each value of the lead's field admits.
#[derive(Debug)]
pub(super) struct Demand {
    field: LeadField,
    admits: FxHashMap<Box<str>, SeatSet>,
    seats: usize,
}

impl Demand {
    pub fn build(plan: &Plan, seats: &[Seat], field: &LeadField, attribute: &str) -> Self {
        let mut admits = FxHashMap::<Box<str>, SeatSet>::default();
        for (at, seat) in seats.iter().enumerate() {
            let values = plan.reps[seat.ix.at()].attributes.get(attribute);
            for value in values.into_iter().flatten() {
                let set = admits.entry(value.clone());
                set.or_insert_with(|| SeatSet::empty(seats.len()))
                    .insert(at);
            }
        }
        Self {
            field: field.clone(),
            admits,
            seats: seats.len(),
        }
    }

    /// Narrows `set` to the seats that meet the demand. A lead that lacks the field demands
    /// nothing; one with several values is content with any of them.
    pub fn narrow(&self, facts: &Facts<'_>, set: &mut SeatSet) {
        let mut values = Vec::new();
        let mut admitted = SeatSet::empty(self.seats);
        let mut asked = false;
        let mut ask = |value: &str| {
            asked = true;
            if let Some(seats) = self.admits.get(value) {
                admitted.add(seats);
            }
        };
        match &self.field {
            LeadField::Language => facts.language.iter().for_each(|one| ask(one)),
            LeadField::Source => facts.source.iter().for_each(|one| ask(one)),
            LeadField::Campaign => facts.campaign.iter().for_each(|one| ask(one)),
            LeadField::Country => facts.country.iter().for_each(|one| ask(one)),
            LeadField::Industry => facts.industry.iter().for_each(|one| ask(one)),
            LeadField::Products => facts.products.iter().for_each(|one| ask(one)),
            LeadField::Attribute(name) => match attribute(facts, name) {
                None => {}
                Some(Attribute::Text(text)) => ask(text),
                Some(Attribute::List(texts)) => texts.iter().for_each(|one| ask(one)),
                Some(Attribute::Number(number)) => values.push(number.to_string()),
                Some(Attribute::Bool(flag)) => values.push(flag.to_string()),
            },
        }
        values.iter().for_each(|value| ask(value));
        if asked {
            set.keep(&admitted);
        }
    }
}

fn attribute<'f>(facts: &'f Facts<'_>, name: &str) -> Option<&'f Attribute<'f>> {
    let found = facts.attributes.iter().find(|(one, _)| one == name);
    found.map(|(_, value)| value)
}
