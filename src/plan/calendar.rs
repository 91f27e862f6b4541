//! Working hours, exact across daylight saving, holidays, make-up workdays and night shifts.
//!
//! A calendar is open whenever the wall clock of its zone shows working hours. So an hour
//! that a change of clocks leaves out is no working time, and one that it repeats counts
//! twice: a shift from 22:00 to 06:00 lasts seven hours in one night of the year and nine in
//! another.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::event::{Span, Timestamp};

use super::wall_clock::{DAY_MS, WallClock};

const MINUTE_MS: i64 = 60_000;
/// A shift ends on the day after it began at the latest, in minutes from that day's midnight.
const LAST_MINUTE: u16 = 2 * 1440;
/// Days after the last exception by which a week with any hours has opened.
const WEEK_AND_A_DAY: i64 = 8;
/// 1970-01-01 was a Thursday; weekdays count from Monday.
const EPOCH_WEEKDAY: i64 = 3;
/// Saturday; from here on a weekday is no usual workday.
const SATURDAY: usize = 5;

/// Working hours.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub id: Box<str>,
    pub timezone: TimeZone,
    /// For each weekday, Monday first: intervals in minutes from midnight, sorted, disjoint;
    /// an end beyond 1440 reaches into the next day.
    pub week: [Vec<(u16, u16)>; 7],
    /// Days off and make-up workdays. A shift belongs to the day it begins on.
    pub exceptions: BTreeMap<Date, DayKind>,
    clock: WallClock,
    /// `exceptions` by days since 1970-01-01, sorted.
    special: Vec<(i64, DayKind)>,
}

/// What a calendar's table says of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// No hours.
    Holiday,
    /// Monday to Friday the day's own hours, else those of the week's first workday.
    Workday,
}

impl Calendar {
    /// A calendar with these hours. Intervals are sorted and joined where they overlap; what
    /// reaches beyond the next midnight but one is cut.
    pub fn new(
        id: Box<str>,
        timezone: TimeZone,
        week: [Vec<(u16, u16)>; 7],
        exceptions: BTreeMap<Date, DayKind>,
    ) -> Self {
        let epoch = jiff::civil::date(1970, 1, 1);
        let day = |date: Date| date.duration_since(epoch).as_hours() / 24;
        let special = exceptions
            .iter()
            .map(|(date, kind)| (day(*date), *kind))
            .collect();
        let clock = WallClock::new(&timezone);
        let week = week.map(joined);
        Self {
            id,
            timezone,
            week,
            exceptions,
            clock,
            special,
        }
    }

    /// Whether `at` is working time.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let at = WallClock::clamp(at.0);
        self.closes(at + self.clock.offset(at).0).is_some()
    }

    /// The first working moment from `at` on; `None` if there is none any more.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        self.opens(WallClock::clamp(at.0)).map(Timestamp)
    }

    /// The first moment by which `span` of working time has passed since `at`; `None` if the
    /// calendar has no more so much.
    pub fn add_working(&self, at: Timestamp, span: Span) -> Option<Timestamp> {
        let (mut now, mut left) = (WallClock::clamp(at.0), span.0);
        if left <= 0 {
            return Some(at);
        }
        loop {
            let open = self.opens(now)?;
            now = self.open_until(open, open.saturating_add(left));
            left -= now - open;
            if left <= 0 {
                return Some(Timestamp(now));
            }
        }
    }

    /// Working time from one moment to another; none if `to` is not after `from`.
    pub fn working_between(&self, from: Timestamp, to: Timestamp) -> Span {
        let (mut now, end) = (WallClock::clamp(from.0), WallClock::clamp(to.0));
        let mut total = 0;
        while let Some(open) = self.opens(now).filter(|&open| open < end) {
            now = self.open_until(open, end);
            total += now - open;
        }
        Span(total)
    }

    /// The first open moment from `at` on. Offsets change at the ends of pieces, so each
    /// piece is searched by its own wall clock.
    fn opens(&self, mut at: i64) -> Option<i64> {
        loop {
            let (offset, end) = self.clock.offset(at);
            let wall = at + offset;
            let open = match self.closes(wall) {
                Some(_) => wall,
                None => self.next_start(wall)?,
            };
            if open - offset < end {
                return Some(open - offset);
            }
            if end >= WallClock::END {
                return None;
            }
            at = end;
        }
    }

    /// The end of the working time that `at` lies in, or `limit` if that comes first.
    fn open_until(&self, mut at: i64, limit: i64) -> i64 {
        while at < limit {
            let (offset, end) = self.clock.offset(at);
            match self.closes(at + offset) {
                Some(close) => at = (close - offset).min(end),
                None => return at,
            }
        }
        limit
    }

    /// When the shift that `wall` lies in ends, by the same wall clock; `None` outside shifts.
    fn closes(&self, wall: i64) -> Option<i64> {
        let day = wall.div_euclid(DAY_MS);
        let shifts = [day - 1, day].into_iter().flat_map(|day| {
            let midnight = day * DAY_MS;
            let hours = self.hours(day).iter();
            hours.map(move |&(from, to)| (midnight + minutes(from), midnight + minutes(to)))
        });
        let around = shifts.filter(|&(from, to)| (from..to).contains(&wall));
        around.map(|(_, to)| to).max()
    }

    /// The first beginning of a shift after `wall`, by the same wall clock.
    fn next_start(&self, wall: i64) -> Option<i64> {
        let today = wall.div_euclid(DAY_MS);
        let last_special = self
            .special
            .last()
            .map_or(today, |&(day, _)| day.max(today));
        (today..=last_special + WEEK_AND_A_DAY).find_map(|day| {
            let starts = self.hours(day).iter();
            let mut starts = starts.map(|&(from, _)| day * DAY_MS + minutes(from));
            starts.find(|&start| start > wall)
        })
    }

    /// The hours of a day, given in days since 1970-01-01.
    fn hours(&self, day: i64) -> &[(u16, u16)] {
        let weekday = (day + EPOCH_WEEKDAY).rem_euclid(7) as usize;
        let own = &self.week[weekday];
        let special = self.special.binary_search_by_key(&day, |&(day, _)| day);
        match special.map(|at| self.special[at].1) {
            Err(_) => own,
            Ok(DayKind::Holiday) => &[],
            Ok(DayKind::Workday) if weekday < SATURDAY && !own.is_empty() => own,
            Ok(DayKind::Workday) => {
                let usual = self.week.iter().find(|hours| !hours.is_empty());
                usual.unwrap_or(own)
            }
        }
    }
}

/// The first moment of the day that `at` falls on in `zone`.
pub fn day_start(zone: &TimeZone, at: Timestamp) -> Timestamp {
    let moment = jiff::Timestamp::from_millisecond(WallClock::clamp(at.0));
    let midnight = moment.and_then(|moment| {
        let date = zone.to_datetime(moment).date();
        date.to_zoned_datetime(zone.clone())
    });
    match midnight {
        Ok(midnight) => Timestamp(midnight.timestamp().as_millisecond().min(at.0)),
        // At the very ends of jiff's years there is no midnight; days of UTC do for them.
        Err(_) => Timestamp(at.0.div_euclid(DAY_MS).saturating_mul(DAY_MS)),
    }
}

fn minutes(count: u16) -> i64 {
    i64::from(count) * MINUTE_MS
}

/// Sorted intervals without overlaps and without empty ones.
fn joined(mut intervals: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    intervals.sort_unstable();
    let mut out: Vec<(u16, u16)> = Vec::with_capacity(intervals.len());
    for (from, to) in intervals {
        let to = to.min(LAST_MINUTE);
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ if from < to => out.push((from, to)),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests;
