//! Moments and lengths of time, in whole milliseconds.

use std::fmt;

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
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Some(Self(moment.as_millisecond()));
        }
        // The library reads a date off the front of a longer text and forgets the rest.
        if text.len() != "2026-11-23".len() {
            return None;
        }
        let date: jiff::civil::Date = text.parse().ok()?;
        let midnight = jiff::tz::TimeZone::UTC
            .to_timestamp(date.at(0, 0, 0, 0))
            .ok()?;
        Some(Self(midnight.as_millisecond()))
    }
}

/// RFC 3339 in UTC; milliseconds appear only where they are not zero.
impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(out, "{moment}"),
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
