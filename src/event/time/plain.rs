//! The commonest form of moments, read and written at a tenth of the general price.
//!
//! Every lead brings one moment and every decision states two or more. The library's reader
//! and printer know all of RFC 3339 and every calendar; here are years 1970 to 9998 in UTC,
//! and a test holds them against the library.

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Days from March 1 of the year 0, where leap days come last in their year, to 1970.
const EPOCH: i64 = 719_468;
/// Days of 400 years.
const ERA: i64 = 146_097;
/// The first moment that is not written here: the year 9999, whose last hours the library
/// cannot tell in every time zone.
const END_MS: i64 = 253_370_764_800_000;
/// `2026-11-23T08:15:30` and as much again as a fraction and `Z` may take.
const SECONDS_LEN: usize = 19;
/// The longest text that is written here, `2026-11-23T08:15:30.214Z`.
const LONGEST: usize = 24;

/// A moment's text.
pub struct Plain {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Plain {
    /// The text of a moment in milliseconds since 1970; nothing for those before and far ahead.
    pub fn of(moment_ms: i64) -> Option<Self> {
        if !(0..END_MS).contains(&moment_ms) {
            return None;
        }
        let (year, month, day) = date_of(moment_ms / DAY_MS);
        let rest = moment_ms % DAY_MS;
        let (seconds, millis) = (rest / 1_000, rest % 1_000);
        let mut bytes = *b"0000-00-00T00:00:00.000Z";
        let mut put = |at: usize, number: i64| {
            bytes[at] = b'0' + (number / 10) as u8;
            bytes[at + 1] = b'0' + (number % 10) as u8;
        };
        put(0, year / 100);
        put(2, year % 100);
        put(5, month);
        put(8, day);
        put(11, seconds / 3_600);
        put(14, seconds / 60 % 60);
        put(17, seconds % 60);
        put(20, millis / 10);
        bytes[22] = b'0' + (millis % 10) as u8;
        // A fraction loses its zeros at the end, and its dot with the last digit.
        let digits = match millis {
            0 => 0,
            _ if millis % 100 == 0 => 2,
            _ if millis % 10 == 0 => 3,
            _ => 4,
        };
        let len = SECONDS_LEN + digits + 1;
        bytes[len - 1] = b'Z';
        Some(Self { bytes, len })
    }

    /// The text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// The text as bytes, all of them ASCII.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// The moment in a text of the form `2026-11-23T08:15:30Z`, with or without a fraction.
/// Nothing says that the text has another form, not that it is no moment.
pub fn parse(text: &[u8]) -> Option<i64> {
    let (head, tail) = text.split_at_checked(SECONDS_LEN)?;
    let fraction = match tail {
        [b'Z'] => &[][..],
        [b'.', digits @ .., b'Z'] if (1..=9).contains(&digits.len()) => digits,
        _ => return None,
    };
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators.iter().any(|&(at, wanted)| head[at] != wanted) {
        return None;
    }
    let two = |at: usize| Some(digit(head[at])? * 10 + digit(head[at + 1])?);
    let date = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    if !(1970..9999).contains(&date.0) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_to(date)?;
    let mut millis = 0;
    for at in 0..3 {
        millis = millis * 10 + fraction.get(at).map_or(Some(0), |&b| digit(b))?;
    }
    fraction
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + millis)
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

/// Year, month and day of a day since 1970.
fn date_of(day: i64) -> (i64, i64, i64) {
    let day = day + EPOCH;
    let (era, of_era) = (day / ERA, day % ERA);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * march + 2) / 5 + 1)
}

/// Days from 1970 to a date, if there is such a date.
fn days_to(date: (i64, i64, i64)) -> Option<i64> {
    let (year, month, day) = date;
    let from_march = if month > 2 { year } else { year - 1 };
    let (era, year) = (from_march / 400, from_march % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * ERA + year * 365 + year / 4 - year / 100 + of_year - EPOCH;
    // February 30 and month 13 come back as another date.
    (date_of(days) == date).then_some(days)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn library(text: &str) -> Option<i64> {
        let moment = text.parse::<jiff::Timestamp>().ok()?;
        Some(moment.as_millisecond())
    }

    fn written(moment_ms: i64) -> Option<String> {
        Some(Plain::of(moment_ms)?.text().to_owned())
    }

    #[test]
    fn every_day_is_the_librarys() {
        for day in 0..END_MS / DAY_MS {
            let moment_ms = day * DAY_MS;
            let moment = jiff::Timestamp::from_millisecond(moment_ms).expect("it is in range");
            let text = moment.to_string();
            assert_eq!(written(moment_ms).as_deref(), Some(&*text));
            assert_eq!(parse(text.as_bytes()), Some(moment_ms));
        }
        assert_eq!(written(END_MS), None);
        assert_eq!(written(-1), None);
    }

    proptest! {
        #[test]
        fn moments_are_written_as_the_library_writes_them(moment_ms in 0..END_MS) {
            let moment = jiff::Timestamp::from_millisecond(moment_ms).expect("it is in range");
            prop_assert_eq!(written(moment_ms), Some(moment.to_string()));
        }

        #[test]
        fn what_is_read_here_the_library_reads_alike(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?[Zz]?",
            odd in "\\PC{0,30}",
        ) {
            for text in [text, odd] {
                if let Some(read) = parse(text.as_bytes()) {
                    prop_assert_eq!(Some(read), library(&text), "{}", text);
                }
            }
        }

        #[test]
        fn the_usual_form_is_read_here(
            moment_ms in 0..END_MS,
            digits in "[0-9]{0,6}",
        ) {
            let text = written(moment_ms - moment_ms % 1_000).expect("it is in range");
            let fraction = if digits.is_empty() { "Z".to_owned() } else { format!(".{digits}Z") };
            let text = text.replace('Z', &fraction);
            prop_assert_eq!(parse(text.as_bytes()), library(&text), "{}", text);
            prop_assert!(parse(text.as_bytes()).is_some());
        }
    }
}
