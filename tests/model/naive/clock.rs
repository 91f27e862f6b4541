//! Working hours and days, minute by minute. No world lives long enough to see a zone change
//! its offset; that belongs to the tests of calendars.

/// Minutes east of Greenwich of each zone, from November to March.
const OFFSETS: [i64; 3] = [480, -300, 0];

/// The day on a rep's calendar, counted from 1970.
pub fn date(zone: usize, minute: i64) -> i64 {
    (minute + OFFSETS[zone]).div_euclid(1_440)
}

/// Whether a calendar is open in the minute that begins here; always without one.
pub fn open(calendar: Option<usize>, minute: i64) -> bool {
    let Some(calendar) = calendar else {
        return true;
    };
    let of_day = (minute + OFFSETS[calendar]).rem_euclid(1_440);
    if calendar == 1 {
        return !(360..1_320).contains(&of_day);
    }
    // The first of January 1970 was a Thursday.
    let weekday = (date(calendar, minute) + 3).rem_euclid(7);
    weekday < 5 && ((540..720).contains(&of_day) || (780..1_080).contains(&of_day))
}

/// The first open minute from `from` on.
pub fn opens(calendar: Option<usize>, from: i64) -> i64 {
    (from..).find(|&minute| open(calendar, minute)).unwrap()
}

/// When so many open minutes have passed.
pub fn after(calendar: Option<usize>, from: i64, minutes: i64) -> i64 {
    let mut left = minutes;
    let mut at = from;
    while left > 0 {
        left -= i64::from(open(calendar, at));
        at += 1;
    }
    at
}
