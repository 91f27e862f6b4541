//! Calendars: weekly hours, holidays and make-up workdays.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::plan::calendar::{Calendar, DayKind};
use crate::plan::parse::{Node, Record, Row, Table, Value};
use crate::plan::problem::{Code, Draft, Place};

use super::keys::CALENDAR;
use super::reader::Fields;
use super::{Checker, Imports};

/// Days as `hours` names them, Monday first.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Minutes of a day.
const DAY: u16 = 1440;

/// Working time within the week, in minutes from Monday's midnight.
struct Shift<'a> {
    day: usize,
    start: u16,
    end: u16,
    written: Value<'a>,
}

impl Shift<'_> {
    const fn begins(&self) -> u32 {
        self.day as u32 * DAY as u32 + self.start as u32
    }

    const fn ends(&self) -> u32 {
        self.day as u32 * DAY as u32 + self.end as u32
    }
}

impl<'a> Checker<'a> {
    /// The calendar at a position of the plan's list.
    pub(super) fn calendar(&mut self, at: usize, node: Node<'a>, imports: &'a Imports) -> Calendar {
        let fields = self.reader.fields(node, &CALENDAR).unwrap_or_default();
        let zone = self.reader.zone_of(&fields, "timezone");
        let hours = fields.get("hours");
        let week = hours.map_or_else(Default::default, |hours| self.week(hours));
        let exceptions = self.exceptions(&fields, imports);
        let zone = zone.unwrap_or_else(|| self.zone.clone());
        Calendar::new(self.calendars.id(at).into(), zone, week, exceptions)
    }

    fn week(&mut self, node: Node<'a>) -> [Vec<(u16, u16)>; 7] {
        let mut shifts = Vec::new();
        for (days, hours) in self.reader.named(node, "`hours`") {
            let days = self.days(days);
            for written in self.reader.values(hours, "hours") {
                let Some((start, end)) = self.interval(written) else {
                    continue;
                };
                shifts.extend(days.iter().map(|&day| Shift {
                    day,
                    start,
                    end,
                    written,
                }));
            }
        }
        shifts.sort_by_key(|shift| (shift.begins(), shift.ends()));
        self.check_overlaps(&shifts);
        let mut week: [Vec<(u16, u16)>; 7] = Default::default();
        for shift in &shifts {
            week[shift.day].push((shift.start, shift.end));
        }
        week
    }

    /// `mon`, `mon-fri`, `sat-mon` or several of these with commas.
    fn days(&mut self, value: Value<'a>) -> Vec<usize> {
        let mut days = Vec::new();
        for part in value.text.split(',').map(str::trim) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let position = |name: &str| DAYS.iter().position(|day| *day == name.trim());
            match (position(first), position(last)) {
                (Some(first), Some(last)) => {
                    let length = (last + 7 - first) % 7;
                    days.extend((0..=length).map(|step| (first + step) % 7));
                }
                _ => {
                    let message = format!("`{part}` is not a day or a range of days");
                    let help = "write mon, tue, wed, thu, fri, sat, sun or a range as in mon-fri";
                    self.reader.bad(value.place(), message, help);
                }
            }
        }
        days
    }

    /// Minutes from midnight; an end at or before the start lies in the next day.
    fn interval(&mut self, value: Value<'a>) -> Option<(u16, u16)> {
        let parsed = value.text.split_once('-').and_then(|(start, end)| {
            let (start, end) = (clock(start.trim())?, clock(end.trim())?);
            let end = if end > start { end } else { end + DAY };
            (start < DAY && end - start <= DAY).then_some((start, end))
        });
        if parsed.is_none() {
            let message = format!("`{}` is not a time of day to another", value.text);
            let help = "write it as in 09:00-12:00, or 22:00-06:00 through the night";
            self.reader.bad(value.place(), message, help);
        }
        parsed
    }

    /// Reports shifts that begin before an earlier one ends, round the week's end too.
    fn check_overlaps(&mut self, shifts: &[Shift<'a>]) {
        const WEEK: u32 = 7 * DAY as u32;
        let mut furthest: Option<&Shift<'a>> = shifts.iter().max_by_key(|shift| shift.ends());
        let mut end = furthest.map_or(0, |shift| shift.ends().saturating_sub(WEEK));
        let mut told = BTreeSet::new();
        for shift in shifts {
            // Hours of several days overlap on each of them; once is enough to know.
            if shift.begins() < end && told.insert(shift.written.place()) {
                let other = furthest.map_or(shift.written, |other| other.written);
                self.report_overlap(shift, other);
            }
            if shift.ends() > end {
                end = shift.ends();
                furthest = Some(shift);
            }
        }
    }

    fn report_overlap(&mut self, shift: &Shift<'a>, other: Value<'a>) {
        let message = format!(
            "`{}` on {} overlaps `{}`",
            shift.written.text, DAYS[shift.day], other.text
        );
        let draft = Draft::new(Code::HoursOverlap, shift.written.place(), message);
        let draft = draft.related(other.place(), "the other hours");
        self.reader.out.push(draft);
    }

    fn exceptions(&mut self, fields: &Fields<'a>, imports: &'a Imports) -> BTreeMap<Date, DayKind> {
        let mut days = BTreeMap::new();
        let Some(node) = fields.get("holidays") else {
            return days;
        };
        let mut first = BTreeMap::new();
        for name in self.reader.values(node, "`holidays`") {
            let table = imports.holidays.get(&name.place());
            for row in table.into_iter().flat_map(Table::rows) {
                if let Some((date, kind)) = self.exception(row, &mut first) {
                    days.insert(date, kind);
                }
            }
        }
        days
    }

    fn exception(
        &mut self,
        row: Row<'a>,
        first: &mut BTreeMap<Date, Place>,
    ) -> Option<(Date, DayKind)> {
        let record = Record::Row(row);
        let words = [("holiday", DayKind::Holiday), ("workday", DayKind::Workday)];
        let kind = record
            .value("kind")
            .map(|kind| self.reader.choice(kind, &words));
        let date = record.value("date").map(|date| self.date(date));
        let (Some(kind), Some(date)) = (kind, date) else {
            let message = "each row needs a `date` and a `kind`";
            self.reader.report(Code::BadTable, record.place(), message);
            return None;
        };
        let (kind, date) = (kind?, date?);
        if let Some(&first) = first.get(&date) {
            let message = format!("{date} is given twice");
            let draft = Draft::new(Code::DuplicateId, record.place(), message);
            self.reader
                .out
                .push(draft.related(first, "first given here"));
            return None;
        }
        first.insert(date, record.place());
        Some((date, kind))
    }

    fn date(&mut self, value: Value<'a>) -> Option<Date> {
        let date = value.text.parse().ok();
        if date.is_none() {
            let message = format!("`{}` is not a date", value.text);
            self.reader
                .bad(value.place(), message, "write it as in 2026-10-01");
        }
        date
    }
}

/// `9:00`, `09:00` or `24:00` in minutes from midnight.
fn clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |part: &str, most: usize| {
        let sound = (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        sound.then(|| part.parse::<u16>().ok())?
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn times_of_day_are_minutes_from_midnight() {
        for (text, minutes) in [
            ("00:00", Some(0)),
            ("9:05", Some(545)),
            ("24:00", Some(1440)),
            ("24:01", None),
            ("12:60", None),
            ("12", None),
            ("+9:00", None),
            ("009:00", None),
        ] {
            assert_eq!(clock(text), minutes, "{text}");
        }
    }
}
