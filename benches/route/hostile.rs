//! Plans that aim at a weak spot: everything in one place, a coast, equal ranks, no match, no condition.

use bailiwick::plan::{Area, AreaIx, Condition, Dimension, Plan, Point, Value};

use super::leads::{INDUSTRIES, domain, industry};
use super::plans::{between, empty, one_of, push, text};

/// A plan's maker.
type Maker = fn() -> Plan;

pub fn all() -> [(&'static str, Maker); 7] {
    [
        ("10,000 rules in one place", one_place),
        ("100,000 rules, each of its own range", many_ranges),
        ("a coast of 50,000 vertices in one hundred areas", coast),
        ("10,000 equal ranks", equal_ranks),
        ("10,000 rules, none matches", no_match),
        ("5,000 named domains everywhere", domains),
        ("100,000 rules that take any lead", anything),
    ]
}

fn one_place() -> Plan {
    let mut plan = empty(&[]);
    for at in 0..10_000 {
        let low = f64::from(at / 62);
        let parts = vec![
            text(Dimension::Industry, &industry(at as usize % INDUSTRIES)),
            between(Dimension::Score, Some(low % 100.0), Some(low % 100.0 + 1.0)),
        ];
        push(&mut plan, format!("t{at:05}"), parts);
    }
    plan
}

fn many_ranges() -> Plan {
    let mut plan = empty(&[]);
    for at in 0..100_000 {
        let low = f64::from(at) * 10.0;
        push(
            &mut plan,
            format!("t{at:06}"),
            vec![between(Dimension::Potential, Some(low), Some(low + 10.0))],
        );
    }
    plan
}

/// A comb over the whole country, shifted a little each time.
fn coast() -> Plan {
    let areas: Vec<Area> = (0..100)
        .map(|shift| {
            let tooth = |at: i32| Point {
                lon_e7: -1_250_000_000 + at * 11_600,
                lat_e7: 330_000_000 + shift * 1000 + (at * 7919 % 1000) * 100_000,
            };
            let mut ring: Vec<Point> = (0..50_000).map(tooth).collect();
            ring.push(Point {
                lon_e7: -960_000_000,
                lat_e7: 240_000_000,
            });
            Area {
                id: format!("{shift:05}").into(),
                polygons: vec![vec![ring]],
            }
        })
        .collect();
    let mut plan = empty(&areas);
    for at in 0..100 {
        push(
            &mut plan,
            format!("t{at}"),
            vec![one_of(Dimension::Area, vec![Value::Area(AreaIx(at))])],
        );
    }
    plan
}

fn equal_ranks() -> Plan {
    let mut plan = empty(&[]);
    for at in 0..10_000 {
        push(
            &mut plan,
            format!("t{at:05}"),
            vec![text(Dimension::Industry, &industry(at % INDUSTRIES))],
        );
    }
    plan
}

fn no_match() -> Plan {
    let mut plan = empty(&[]);
    for at in 0..10_000 {
        let never = Condition::Not(Box::new(text(Dimension::Country, "us")));
        push(
            &mut plan,
            format!("t{at:05}"),
            vec![text(Dimension::Industry, &industry(at % INDUSTRIES)), never],
        );
    }
    plan
}

fn domains() -> Plan {
    let mut plan = empty(&[]);
    for at in 0..5_000 {
        push(
            &mut plan,
            format!("t{at:05}"),
            vec![text(Dimension::Domain, &domain(at * 10))],
        );
    }
    plan
}

fn anything() -> Plan {
    let mut plan = empty(&[]);
    for at in 0..100_000 {
        push(&mut plan, format!("t{at:06}"), Vec::new());
    }
    plan
}
