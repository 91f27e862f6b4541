//! Reps, from tables and written inline.

use std::collections::BTreeMap;

use crate::event::RepStatus;
use crate::plan::model::{CalendarIx, LeadField, Limits, Rep, RepIx, Team, TeamIx};
use crate::plan::normalise;
use crate::plan::parse::{Record, Value};
use crate::plan::problem::{Code, Draft};

use super::Checker;
use super::keys::REPS;

/// A weight of 1, in thousandths.
pub(super) const FULL_WEIGHT: u32 = 1000;

/// Larger weights are mistakes, and passes of the rotation are divided by them.
const MAX_WEIGHT: f64 = 1_000_000.0;

/// Fields of a rep that may be lists when written inline; further fields may be too.
const LISTS: [&str; 3] = ["team", "languages", "skills"];

/// What a rep's own record says of its place in teams.
#[derive(Clone, Debug, Default)]
pub(super) struct Membership {
    pub teams: Vec<TeamIx>,
    /// In thousandths, unless a team's list says otherwise.
    pub weight_milli: u32,
}

impl<'a> Checker<'a> {
    /// The rep at a position of the plan's list, and its place in teams.
    pub(super) fn rep(&mut self, at: usize, record: Record<'a>) -> (Rep, Membership) {
        self.check_shape(record);
        let teams = record.values("team").into_iter();
        let teams = teams.filter_map(|name| self.teams.find(name, &mut self.reader));
        let teams = teams.map(TeamIx).collect();
        let weight = record.value("weight").and_then(|value| self.weight(value));
        let membership = Membership {
            teams,
            weight_milli: weight.unwrap_or(FULL_WEIGHT),
        };
        let zone = record.value("timezone");
        let calendar = record.value("calendar");
        let label = |field| record.value(field).map(|value| value.text.into());
        let rep = Rep {
            id: self.reps.id(at).into(),
            name: label("name"),
            email: label("email"),
            timezone: zone.and_then(|zone| self.reader.zone(zone)),
            calendar: calendar.and_then(|name| self.calendar_name(name)),
            limits: Limits {
                open: self.limit(record, "open_max"),
                per_day: self.limit(record, "per_day_max"),
            },
            status: self.status(record),
            attributes: attributes(record),
        };
        (rep, membership)
    }

    /// The calendar that a name stands for.
    pub(super) fn calendar_name(&mut self, name: Value<'a>) -> Option<CalendarIx> {
        let found = self.calendars.resolve(name, &mut self.reader);
        found.map(CalendarIx)
    }

    /// The rep that a name stands for.
    pub(super) fn rep_name(&mut self, name: Value<'a>) -> Option<RepIx> {
        self.reps.resolve(name, &mut self.reader).map(RepIx)
    }

    /// Keys of an inline rep: each once, with a single value or a list of such.
    fn check_shape(&mut self, record: Record<'a>) {
        let Record::Inline(node) = record else { return };
        for (key, value) in self.reader.named(node, REPS.what) {
            if REPS.known.contains(&key.text) {
                continue;
            }
            let known = REPS.known.iter().copied();
            if let Some(near) = self.reader.suggester.nearest(key.text, known) {
                let message = format!("the key `{}` is kept as an attribute", key.text);
                let draft = Draft::new(Code::OddColumn, key.place(), message);
                self.reader.out.push(draft.did_you_mean(Some(near)));
            }
            self.reader.values(value, key.text);
        }
        for (key, value) in record.misfits(&LISTS) {
            if LISTS.contains(&key) {
                self.reader.values(value, key);
            } else if REPS.known.contains(&key) {
                self.reader.value(value, key);
            }
        }
    }

    /// A share of a team's leads, in thousandths.
    pub(super) fn weight(&mut self, value: Value<'a>) -> Option<u32> {
        let weight = self.reader.number(value)?;
        let milli = weight * f64::from(FULL_WEIGHT);
        if !(1.0..=MAX_WEIGHT * 1000.0).contains(&milli) || milli.fract() != 0.0 {
            let message = format!("`{}` cannot be a weight", value.text);
            let help = "write a number from 0.001 to 1000000 with at most three decimals; \
                        who gets no leads has the status `away` or `left`";
            self.reader.bad(value.place(), message, help);
            return None;
        }
        Some(milli as u32)
    }

    fn limit(&mut self, record: Record<'a>, field: &str) -> Option<u32> {
        let value = record.value(field)?;
        self.reader.count(value)
    }

    fn status(&mut self, record: Record<'a>) -> RepStatus {
        let words = [
            ("active", RepStatus::Active),
            ("away", RepStatus::Away { until: None }),
            ("left", RepStatus::Left),
        ];
        let value = record.value("status");
        let status = value.and_then(|value| self.reader.choice(value, &words));
        status.unwrap_or(RepStatus::Active)
    }
}

/// `languages`, `skills` and whatever else the record has, folded like a lead's attributes.
fn attributes(record: Record<'_>) -> BTreeMap<Box<str>, Vec<Box<str>>> {
    let own = |name: &&str| matches!(*name, "languages" | "skills") || !REPS.known.contains(name);
    let names = record.names().into_iter().filter(own);
    let folded = names.map(|name| {
        let values = record.values(name).into_iter();
        let mut values: Vec<Box<str>> = values
            .filter_map(|value| match name {
                "languages" => normalise::language(value.text),
                _ => normalise::some_text(value.text),
            })
            .map(|text| text.into())
            .collect();
        values.sort_unstable();
        values.dedup();
        (name.into(), values)
    });
    folded.filter(|(_, values)| !values.is_empty()).collect()
}

/// Adds to reps' attributes the forms that leads have of the fields they are compared with:
/// codes of countries and industries.
pub(super) fn align_attributes(reps: &mut [Rep], teams: &[Team]) {
    // Teams mostly ask the same of their members, who can be tens of thousands.
    let mut pairs: Vec<_> = teams.iter().flat_map(|team| &team.eligible).collect();
    pairs.sort_unstable();
    pairs.dedup();
    for (field, attribute) in pairs {
        let form = |text: &str| -> Option<Box<str>> {
            match field {
                LeadField::Country => normalise::iso_country(text).map(Box::from),
                LeadField::Industry => normalise::industry(text, None).map(|code| code.into()),
                LeadField::Language => normalise::language(text).map(|tag| tag.into()),
                _ => None,
            }
        };
        for rep in &mut *reps {
            let Some(values) = rep.attributes.get_mut(attribute) else {
                continue;
            };
            let forms: Vec<_> = values.iter().filter_map(|text| form(text)).collect();
            values.extend(forms);
            values.sort_unstable();
            values.dedup();
        }
    }
}
