//! Moments and lengths of time, in whole milliseconds.

mod plain;

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;

use plain::Plain;

/// The midnight that moments are counted from.
const EPOCH: DateTime = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// The last millisecond of the year 9999, with which RFC 3339 ends.
const LAST_MS: i64 = 253_402_300_799_999;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A length of time in milliseconds, never negative in a valid plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

impl Span {
    /// The span of `seconds` whole seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds * 1_000)
    }

    /// The span of `days` days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self(days * 86_400_000)
    }
}

impl Timestamp {
    /// The moment `span` after this one; it saturates at the ends of the scale.
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The moment `span` before this one; it saturates at the ends of the scale.
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The time from `earlier` to this moment, negative if it lies ahead.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Reads an RFC 3339 date and time, or a bare date as its midnight in UTC. A time without
    /// its offset is none: which moment it means, only its sender knows.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(moment) = plain::parse(text.as_bytes()) {
            return Some(Self(moment));
        }
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Some(Self(moment.as_millisecond()));
        }
        // The library reads a date off the front of a longer text and forgets the rest.
        if text.len() == "2026-11-23".len() {
            let date: jiff::civil::Date = text.parse().ok()?;
            return Self::of_utc(date.at(0, 0, 0, 0));
        }
        Self::parse_last(text)
    }

    /// The library's moments end a day before the year 9999 does, and just its last second is
    /// what systems write for "never". What an offset puts beyond it is its last millisecond.
    fn parse_last(text: &str) -> Option<Self> {
        let pieces = Pieces::parse(text).ok()?;
        let offset = pieces.to_numeric_offset()?;
        let local = Self::of_utc(pieces.date().to_datetime(pieces.time()?))?;
        let moment = local.minus(Span::seconds(i64::from(offset.seconds())));
        Some(moment.min(Self(LAST_MS)))
    }

    fn of_utc(civil: DateTime) -> Option<Self> {
        let millis = civil.duration_since(EPOCH).as_millis();
        i64::try_from(millis).ok().map(Self)
    }

    /// Appends the moment as it is displayed.
    pub fn push(self, out: &mut Vec<u8>) {
        match Plain::of(self.0) {
            Some(text) => out.extend_from_slice(text.bytes()),
            None => out.extend_from_slice(self.to_string().as_bytes()),
        }
    }
}

/// RFC 3339 in UTC; milliseconds appear only where they are not zero.
impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = Plain::of(self.0) {
            return out.write_str(text.text());
        }
        if let Ok(moment) = jiff::Timestamp::from_millisecond(self.0) {
            return write!(out, "{moment}");
        }
        match EPOCH.checked_add(SignedDuration::from_millis(self.0)) {
            Ok(civil) => write!(out, "{civil}Z"),
            // Outside years -9999 to 9999 there is no RFC 3339 form; the number is still exact.
            Err(_) => write!(out, "{}ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_print_as_rfc3339_with_milliseconds_only_where_there_are_any() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_795_421_730_214, "2026-11-23T08:15:30.214Z"),
            (1_795_421_730_000, "2026-11-23T08:15:30Z"),
        ] {
            assert_eq!(Timestamp(millis).to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp(millis)));
        }
    }

    #[test]
    fn a_bare_date_is_its_midnight_in_utc_and_nonsense_is_nothing() {
        assert_eq!(Timestamp::parse("1970-01-02"), Some(Timestamp(86_400_000)));
        assert_eq!(Timestamp::parse("soon"), None);
    }

    #[test]
    fn the_last_second_of_9999_is_a_moment_like_others() {
        for (text, printed) in [
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
            ("9999-12-31T23:59:59+08:00", "9999-12-31T15:59:59Z"),
            ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59.999Z"),
            ("9999-12-31", "9999-12-31T00:00:00Z"),
        ] {
            let moment = Timestamp::parse(text);
            assert_eq!(moment.map(|one| one.to_string()).as_deref(), Some(printed));
            assert_eq!(Timestamp::parse(printed), moment);
        }
        for text in [
            "9999-12-31T23:59:59",
            "10000-01-01T00:00:00Z",
            "9999-12-32T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_without_its_offset_is_not_taken_for_midnight() {
        for text in [
            "2026-11-23T23:45:00",
            "2026-11-23 23:45:00",
            "2026-11-23T23:45",
            "2026-11-23T23:45:00[Asia/Shanghai]",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
