//! Calendars and days as seen from one moment, remembered while that moment lasts.
//!
//! All leads of a batch share one `now`, so each calendar is asked once a batch instead of
//! once for every member of every team.

use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;

use crate::event::{Span, Timestamp};
use crate::plan::{CalendarIx, Plan};

use super::roster::Roster;

/// A day in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// Days since 1970-01-01.
    pub number: i32,
    /// The first moment of the next day.
    pub ends: Timestamp,
}

/// One tenant's calendars at one moment.
#[derive(Debug, Default)]
pub(super) struct Hours {
    moment: Timestamp,
    /// By calendar: the next working moment, if there is ever one.
    opens: Vec<Option<Option<Timestamp>>>,
    /// By zone.
    days: Vec<Option<Day>>,
    /// Deadlines told before, by calendar and working time.
    deadlines: FxHashMap<(usize, i64), Option<Timestamp>>,
}

impl Hours {
    /// Forgets everything when the moment is another.
    fn at(&mut self, now: Timestamp) {
        if self.moment != now {
            self.moment = now;
            self.opens.clear();
            self.days.clear();
            self.deadlines.clear();
        }
    }

    /// Forgets everything, because calendars changed.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The next working moment, `now` itself inside the hours; round the clock without a
    /// calendar, `None` if the calendar never opens.
    pub fn next_open(
        &mut self,
        plan: &Plan,
        calendar: Option<CalendarIx>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let Some(ix) = calendar else {
            return Some(now);
        };
        self.at(now);
        if self.opens.len() <= ix.at() {
            self.opens.resize(plan.calendars.len(), None);
        }
        *self.opens[ix.at()].get_or_insert_with(|| opens(plan, calendar, now))
    }

    /// The deadline `span` from `now` on a calendar's working clock, or on the wall clock;
    /// none if the calendar never has so much working time any more.
    pub fn deadline(
        &mut self,
        plan: &Plan,
        calendar: Option<CalendarIx>,
        now: Timestamp,
        span: Span,
    ) -> Option<Timestamp> {
        let Some(ix) = calendar else {
            return Some(now.plus(span));
        };
        self.at(now);
        let due = self.deadlines.entry((ix.at(), span.0));
        *due.or_insert_with(|| plan.calendars[ix.at()].add_working(now, span))
    }

    /// Today in one of the roster's zones.
    pub fn day(&mut self, roster: &Roster, zone: u32, now: Timestamp) -> Day {
        self.at(now);
        let zone = zone as usize;
        if self.days.len() <= zone {
            self.days.resize(roster.zones.len(), None);
        }
        *self.days[zone].get_or_insert_with(|| day(&roster.zones[zone], now))
    }
}

/// The first working moment from `from` on.
pub(super) fn opens(
    plan: &Plan,
    calendar: Option<CalendarIx>,
    from: Timestamp,
) -> Option<Timestamp> {
    match calendar {
        Some(calendar) => plan.calendars[calendar.at()].next_open(from),
        None => Some(from),
    }
}

const DAY_MS: i64 = 86_400_000;

fn day(zone: &TimeZone, now: Timestamp) -> Day {
    // Beyond the calendar's years there are no civil days; days of UTC do for them.
    civil_day(zone, now).unwrap_or_else(|| {
        let number = now.0.div_euclid(DAY_MS);
        Day {
            number: i32::try_from(number).unwrap_or(i32::MAX),
            ends: Timestamp((number + 1).saturating_mul(DAY_MS)),
        }
    })
}

fn civil_day(zone: &TimeZone, now: Timestamp) -> Option<Day> {
    let moment = jiff::Timestamp::from_millisecond(now.0).ok()?;
    let date = zone.to_datetime(moment).date();
    let epoch = jiff::civil::date(1970, 1, 1);
    let days = date.duration_since(epoch).as_hours() / 24;
    let midnight = date.tomorrow().ok()?.at(0, 0, 0, 0);
    let tomorrow = zone.to_timestamp(midnight).ok()?;
    Some(Day {
        number: i32::try_from(days).ok()?,
        ends: Timestamp(tomorrow.as_millisecond()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_the_zone_also_when_clocks_change() {
        for (zone, now, ends) in [
            (
                "Asia/Shanghai",
                "2026-11-23T15:59:59Z",
                "2026-11-23T16:00:00Z",
            ),
            (
                "Asia/Shanghai",
                "2026-11-23T16:00:00Z",
                "2026-11-24T16:00:00Z",
            ),
            (
                "America/New_York",
                "2026-11-01T12:00:00Z",
                "2026-11-02T05:00:00Z",
            ),
            ("UTC", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"),
        ] {
            let zone = TimeZone::get(zone).expect("the zone is in every tz database");
            let today = day(&zone, Timestamp::parse(now).unwrap_or_default());
            assert_eq!(Some(today.ends), Timestamp::parse(ends));
            let next = day(&zone, today.ends);
            assert_eq!(next.number, today.number + 1);
        }
    }
}
