//! Calendars against an oracle that looks at the wall clock minute by minute.

use proptest::prelude::*;

use super::*;

const MINUTE: i64 = MINUTE_MS;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn hours(count: i64) -> Span {
    Span(count * 60 * MINUTE)
}

/// Monday to Friday 9 to 12 and 13 to 18, in Shanghai, with the holidays of the table.
fn office(exceptions: &[(&str, DayKind)]) -> Calendar {
    let day = vec![(540, 720), (780, 1080)];
    let mut week: [Vec<(u16, u16)>; 7] = std::array::from_fn(|_| day.clone());
    week[5].clear();
    week[6].clear();
    let exceptions = exceptions
        .iter()
        .map(|(date, kind)| (date.parse().unwrap(), *kind));
    Calendar::new(
        "cn".into(),
        zone("Asia/Shanghai"),
        week,
        exceptions.collect(),
    )
}

/// Every day from 22:00 to 06:00.
fn nights(name: &str) -> Calendar {
    let week = std::array::from_fn(|_| vec![(1320, 1800)]);
    Calendar::new("night".into(), zone(name), week, BTreeMap::new())
}

#[test]
fn offices_open_at_nine_and_close_for_lunch() {
    let calendar = office(&[]);
    for (moment, next) in [
        (
            "2026-11-23T00:59:59+08:00",
            Some("2026-11-23T09:00:00+08:00"),
        ),
        (
            "2026-11-23T09:00:00+08:00",
            Some("2026-11-23T09:00:00+08:00"),
        ),
        (
            "2026-11-23T11:59:59.999+08:00",
            Some("2026-11-23T11:59:59.999+08:00"),
        ),
        (
            "2026-11-23T12:00:00+08:00",
            Some("2026-11-23T13:00:00+08:00"),
        ),
        (
            "2026-11-27T18:00:00+08:00",
            Some("2026-11-30T09:00:00+08:00"),
        ),
    ] {
        assert_eq!(calendar.next_open(at(moment)), next.map(at), "{moment}");
        assert_eq!(
            calendar.is_open(at(moment)),
            next == Some(moment),
            "{moment}"
        );
    }
    let friday = at("2026-11-27T17:30:00+08:00");
    let due = calendar.add_working(friday, hours(4));
    assert_eq!(due, Some(at("2026-11-30T13:30:00+08:00")));
    assert_eq!(calendar.working_between(friday, due.unwrap()), hours(4));
    assert_eq!(calendar.working_between(due.unwrap(), friday), Span(0));
    assert_eq!(calendar.add_working(friday, Span(0)), Some(friday));
}

#[test]
fn holidays_are_closed_and_make_up_workdays_open() {
    // Saturday 2026-10-10 is worked for the days after National Day.
    let calendar = office(&[
        ("2026-10-01", DayKind::Holiday),
        ("2026-10-02", DayKind::Holiday),
        ("2026-10-05", DayKind::Holiday),
        ("2026-10-06", DayKind::Holiday),
        ("2026-10-07", DayKind::Holiday),
        ("2026-10-10", DayKind::Workday),
    ]);
    for (from, opens) in [
        ("2026-09-30T18:00:00+08:00", "2026-10-08T09:00:00+08:00"),
        ("2026-10-09T18:00:00+08:00", "2026-10-10T09:00:00+08:00"),
        ("2026-10-10T18:00:00+08:00", "2026-10-12T09:00:00+08:00"),
    ] {
        assert_eq!(calendar.next_open(at(from)), Some(at(opens)), "{from}");
    }
}

#[test]
fn a_night_shift_is_shorter_or_longer_when_clocks_change() {
    let calendar = nights("America/New_York");
    for (from, to, length) in [
        ("2026-03-06T20:00:00-05:00", "2026-03-07T20:00:00-05:00", 8),
        ("2026-03-07T20:00:00-05:00", "2026-03-08T20:00:00-04:00", 7),
        ("2026-10-31T20:00:00-04:00", "2026-11-01T20:00:00-05:00", 9),
    ] {
        assert_eq!(
            calendar.working_between(at(from), at(to)),
            hours(length),
            "{from}"
        );
    }
    let due = calendar.add_working(at("2026-03-07T22:00:00-05:00"), hours(7));
    assert_eq!(due, Some(at("2026-03-08T06:00:00-04:00")));
}

#[test]
fn a_night_shift_ends_on_a_holiday_but_does_not_begin_there() {
    let mut calendar = nights("UTC");
    let exceptions = BTreeMap::from([("2026-12-25".parse().unwrap(), DayKind::Holiday)]);
    calendar = Calendar::new(calendar.id, calendar.timezone, calendar.week, exceptions);
    assert!(calendar.is_open(at("2026-12-25T05:59:00Z")));
    assert!(!calendar.is_open(at("2026-12-25T22:00:00Z")));
    let opens = calendar.next_open(at("2026-12-25T06:00:00Z"));
    assert_eq!(opens, Some(at("2026-12-26T22:00:00Z")));
}

#[test]
fn an_empty_calendar_never_opens_and_a_full_one_never_closes() {
    let utc = || zone("UTC");
    let closed = [("2026-10-10".parse().unwrap(), DayKind::Workday)];
    let empty = Calendar::new("e".into(), utc(), Default::default(), closed.into());
    let now = at("2026-10-09T00:00:00Z");
    assert_eq!(empty.next_open(now), None);
    assert_eq!(empty.add_working(now, hours(1)), None);
    assert_eq!(empty.working_between(now, now.plus(hours(1_000))), Span(0));
    let day = || vec![(0, 1440)];
    let full = Calendar::new(
        "f".into(),
        utc(),
        std::array::from_fn(|_| day()),
        BTreeMap::new(),
    );
    assert_eq!(
        full.add_working(now, hours(5_000)),
        Some(now.plus(hours(5_000)))
    );
    assert_eq!(
        full.working_between(now, now.plus(hours(5_000))),
        hours(5_000)
    );
}

#[test]
fn the_ends_of_time_are_no_trap() {
    let calendar = office(&[]);
    for moment in [
        i64::MIN,
        i64::MIN + 1,
        -377_705_023_201_000,
        253_402_207_200_999,
        i64::MAX,
    ] {
        let moment = Timestamp(moment);
        calendar.is_open(moment);
        calendar.next_open(moment);
        calendar.add_working(moment, Span(i64::MAX / 4_000_000));
        day_start(&calendar.timezone, moment);
    }
    assert_eq!(calendar.next_open(Timestamp(i64::MAX)), None);
}

#[test]
fn overlapping_hours_are_joined() {
    assert_eq!(
        joined(vec![(600, 700), (60, 120), (650, 900), (5, 5)]),
        [(60, 120), (600, 900)]
    );
    assert_eq!(joined(vec![(1320, 4000)]), [(1320, 2880)]);
}

#[test]
fn a_day_starts_at_its_first_moment() {
    for (name, moment, start) in [
        (
            "Asia/Shanghai",
            "2026-11-23T00:00:00+08:00",
            "2026-11-23T00:00:00+08:00",
        ),
        (
            "Asia/Shanghai",
            "2026-11-23T23:59:59+08:00",
            "2026-11-23T00:00:00+08:00",
        ),
        (
            "America/New_York",
            "2026-11-01T12:00:00-05:00",
            "2026-11-01T00:00:00-04:00",
        ),
        // Clocks went from 00:00 to 01:00.
        (
            "America/Sao_Paulo",
            "2018-11-04T12:00:00-02:00",
            "2018-11-04T01:00:00-02:00",
        ),
    ] {
        assert_eq!(day_start(&zone(name), at(moment)), at(start), "{moment}");
    }
}

/// Whether a minute is working time, from its civil date and time alone.
fn plain_open(calendar: &Calendar, minute: i64) -> bool {
    let moment = jiff::Timestamp::from_millisecond(minute).unwrap();
    let civil = calendar.timezone.to_datetime(moment);
    let clock = u16::try_from(i32::from(civil.hour()) * 60 + i32::from(civil.minute())).unwrap();
    let during = |date: Date, clock: u16| {
        let hours = plain_hours(calendar, date);
        hours.iter().any(|&(from, to)| from <= clock && clock < to)
    };
    during(civil.date(), clock) || during(civil.date().yesterday().unwrap(), clock + 1440)
}

fn plain_hours(calendar: &Calendar, date: Date) -> Vec<(u16, u16)> {
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap();
    let own = calendar.week[weekday].clone();
    match calendar.exceptions.get(&date) {
        None => own,
        Some(DayKind::Holiday) => Vec::new(),
        Some(DayKind::Workday) if weekday < 5 && !own.is_empty() => own,
        Some(DayKind::Workday) => {
            let filled = calendar.week.iter().find(|hours| !hours.is_empty());
            filled.cloned().unwrap_or_default()
        }
    }
}

const ZONES: [&str; 10] = [
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Apia",
    "UTC",
];

/// A zone and a moment some days before one of its changes of clocks, if it has any.
fn near_a_change() -> impl Strategy<Value = (&'static str, i64)> {
    let moments = 1_100_000_000..1_900_000_000i64;
    let lead = -4 * 1440..1440i64;
    (prop::sample::select(ZONES.to_vec()), moments, lead).prop_map(|(name, second, lead)| {
        let moment = jiff::Timestamp::from_second(second).unwrap();
        let zone = zone(name);
        let change = zone
            .following(moment)
            .next()
            .map_or(moment, |change| change.timestamp());
        (name, change.as_second() / 60 * MINUTE + lead * MINUTE)
    })
}

fn any_week() -> impl Strategy<Value = [Vec<(u16, u16)>; 7]> {
    let interval =
        (0u16..48, 1u16..40).prop_map(|(from, length)| (from * 30, (from + length) * 30));
    let day = prop::collection::vec(interval, 0..3);
    prop::array::uniform7(prop_oneof![1 => Just(Vec::new()), 2 => day])
}

fn any_calendar(
    name: &str,
    week: [Vec<(u16, u16)>; 7],
    start: i64,
    odd: &[(i64, bool)],
) -> Calendar {
    let zone = zone(name);
    let first = jiff::Timestamp::from_millisecond(start).unwrap();
    let first = zone.to_datetime(first).date();
    let exceptions = odd.iter().map(|&(days, holiday)| {
        let date = first.checked_add(jiff::Span::new().days(days)).unwrap();
        (
            date,
            if holiday {
                DayKind::Holiday
            } else {
                DayKind::Workday
            },
        )
    });
    let exceptions = exceptions.collect();
    Calendar::new("any".into(), zone, week, exceptions)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_minute_is_as_the_wall_clock_says(
        (name, start) in near_a_change(),
        week in any_week(),
        odd in prop::collection::vec((-2i64..10, any::<bool>()), 0..4),
        wanted in 1i64..3_000,
    ) {
        const MINUTES: i64 = 8 * 1440;
        let calendar = any_calendar(name, week, start, &odd);
        let from = Timestamp(start);
        let open: Vec<bool> =
            (0..MINUTES).map(|minute| plain_open(&calendar, start + minute * MINUTE)).collect();
        let moment = |minute: usize| Timestamp(start + minute as i64 * MINUTE);
        for minute in (0..open.len()).step_by(7) {
            prop_assert_eq!(calendar.is_open(moment(minute)), open[minute], "{}", moment(minute));
        }
        let worked = open.iter().filter(|&&open| open).count() as i64;
        let all = calendar.working_between(from, moment(open.len()));
        prop_assert_eq!(all, Span(worked * MINUTE));
        if let Some(first) = open.iter().position(|&open| open) {
            prop_assert_eq!(calendar.next_open(from), Some(moment(first)));
        }
        let nth = open.iter().enumerate().filter(|(_, open)| **open).nth(wanted as usize - 1);
        if let Some((last, _)) = nth {
            let due = calendar.add_working(from, Span(wanted * MINUTE));
            prop_assert_eq!(due, Some(moment(last + 1)));
        }
    }

    #[test]
    fn clocks_outside_the_table_are_the_zones(
        name in prop::sample::select(ZONES.to_vec()),
        second in -2_000_000_000i64..6_000_000_000,
    ) {
        let zone = zone(name);
        let moment = jiff::Timestamp::from_second(second).unwrap();
        let (offset, end) = WallClock::new(&zone).offset(second * 1_000);
        prop_assert_eq!(offset, i64::from(zone.to_offset(moment).seconds()) * 1_000);
        let inside = jiff::Timestamp::from_millisecond(end - 1).unwrap();
        prop_assert_eq!(offset, i64::from(zone.to_offset(inside).seconds()) * 1_000);
    }
}
