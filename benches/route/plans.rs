//! Seeded plans: counties cut by industry and size, and five layers that use every dimension.

use std::collections::BTreeMap;

use bailiwick::plan::condition::{
    Circle, PostalCodes, PostalPattern, Side, StreetPlace, StreetRange,
};
use bailiwick::plan::gazetteer::{Gazetteer, Node};
use bailiwick::plan::{
    Account, AccountIx, AdminIx, Area, AreaIx, Clause, Condition, Dimension, Plan, Point, Policy,
    Precedence, Range, Territory, Test, Value,
};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::leads::{PRODUCTS, SOURCES, STREETS, TIERS, domain, industry};

/// A plan without territories, over the counties' codes.
pub fn empty(counties: &[Area]) -> Plan {
    over("us", counties)
}

/// The same in another country, whose codes begin with two digits of the region.
pub fn over(country: &str, counties: &[Area]) -> Plan {
    let mut codes: Vec<String> = vec![country.into()];
    let region = |one: &Area| format!("{country}-{}", &one.id[..2]);
    codes.extend(counties.iter().map(region));
    codes.sort_unstable();
    codes.dedup();
    let states = codes.len();
    codes.extend(counties.iter().map(|one| format!("{country}-{}", one.id)));
    let position = |code: &str, all: &[String]| all.iter().position(|one| one == code);
    let nodes = codes.iter().enumerate().map(|(at, code)| Node {
        code: code.as_str().into(),
        name: None,
        parent: match at {
            0 => None,
            at if at < states => Some(AdminIx(0)),
            _ => position(&code[..5], &codes[..states]).map(|at| AdminIx(at as u32)),
        },
        level: if at == 0 {
            0
        } else if at < states {
            1
        } else {
            2
        },
        position: None,
    });
    Plan {
        tenant: "bench".into(),
        version: "0000000000000000".into(),
        timezone: jiff::tz::TimeZone::UTC,
        precedence: Precedence::Specific,
        fallback: None,
        gazetteer: Gazetteer::from_nodes(nodes.collect()),
        areas: counties.to_vec(),
        reps: Vec::new(),
        accounts: Vec::new(),
        calendars: Vec::new(),
        teams: Vec::new(),
        pools: Vec::new(),
        policy: Policy::default(),
        territories: Vec::new(),
    }
}

pub fn push(plan: &mut Plan, id: String, parts: Vec<Condition>) {
    plan.territories.push(Territory {
        id: id.into(),
        name: None,
        parent: None,
        depth: 0,
        overlay: false,
        priority: 0,
        condition: Condition::All(parts).into(),
        team: None,
        serving_team: None,
        effective_from: None,
        target: None,
        resources: BTreeMap::new(),
    });
}

pub fn one_of(dimension: Dimension, values: Vec<Value>) -> Condition {
    Condition::Clause(Clause {
        dimension,
        test: Test::OneOf(values),
    })
}

pub fn text(dimension: Dimension, value: &str) -> Condition {
    one_of(dimension, vec![Value::Text(value.into())])
}

pub fn between(dimension: Dimension, min: Option<f64>, max: Option<f64>) -> Condition {
    Condition::Clause(Clause {
        dimension,
        test: Test::Range(Range { min, max }),
    })
}

fn area(at: usize) -> Condition {
    one_of(Dimension::Area, vec![Value::Area(AreaIx(at as u32))])
}

/// Size bands that follow each other without a gap.
fn size(at: usize, of: usize) -> Condition {
    let ends = [0.0, 10.0, 50.0, 250.0, 1000.0];
    let max = (at + 1 < of).then(|| ends[at + 1]);
    between(Dimension::Employees, Some(ends[at]), max)
}

/// Each county by industries and sizes, and one territory for the rest of it.
pub fn counties(counties: &[Area], rules: usize) -> Plan {
    divide(empty(counties), rules)
}

/// Each area of the plan by industries and sizes, and one territory for the rest of it.
pub fn divide(mut plan: Plan, rules: usize) -> Plan {
    let areas: Vec<_> = plan.areas.iter().map(|one| one.id.clone()).collect();
    for (at, id) in areas.iter().enumerate() {
        cut(&mut plan, id, area(at), rules);
    }
    plan
}

/// One place by industries and sizes, and one territory for the rest of it.
pub fn cut(plan: &mut Plan, id: &str, place: Condition, rules: usize) {
    let (industries, sizes) = match rules {
        0..=3 => (0, rules - 1),
        4..=31 => (10, 3),
        _ => (62, 5),
    };
    push(plan, id.to_owned(), vec![place.clone()]);
    for sector in 0..industries {
        for band in 0..sizes {
            let parts = vec![
                place.clone(),
                text(Dimension::Industry, &industry(sector)),
                size(band, sizes),
            ];
            push(plan, format!("{id}-{sector}-{band}"), parts);
        }
    }
    for band in 0..if industries == 0 { sizes } else { 0 } {
        push(
            plan,
            format!("{id}-{band}"),
            vec![place.clone(), size(band, sizes)],
        );
    }
}

/// Five layers over each other: borders, codes, circles, streets and postal codes, customers.
pub fn everything(counties: &[Area], count: usize) -> Plan {
    let mut plan = with_accounts(counties);
    let mut random = SmallRng::seed_from_u64(7);
    let codes = plan.gazetteer.nodes().len();
    for at in 0..count {
        let mut parts = vec![layer(&mut random, counties, codes, at)];
        parts.extend((0..random.random_range(0..4)).map(|_| attribute(&mut random)));
        push(&mut plan, format!("t{at:07}"), parts);
    }
    plan
}

/// A plan without territories that lists two thousand accounts.
pub fn with_accounts(counties: &[Area]) -> Plan {
    let mut plan = empty(counties);
    for at in 0..2000 {
        plan.accounts.push(Account {
            id: format!("A-{at:05}").into(),
            name: None,
            domains: Vec::new(),
            owner: None,
            territory: None,
        });
    }
    plan
}

/// A place in one of the five layers, of ten in a row three borders, two codes and so on.
pub fn layer(random: &mut SmallRng, counties: &[Area], codes: usize, at: usize) -> Condition {
    match at % 10 {
        0..=2 => area(random.random_range(0..counties.len())),
        3 | 4 => one_of(
            Dimension::Admin,
            vec![Value::Admin(AdminIx(random.random_range(1..codes as u32)))],
        ),
        5 => circle(random, counties),
        6 => street(random, codes),
        7 | 8 => postal(random),
        _ => customer(random),
    }
}

fn circle(random: &mut SmallRng, counties: &[Area]) -> Condition {
    let county = &counties[random.random_range(0..counties.len())];
    let center: Point = county.polygons.first().map_or(
        Point {
            lon_e7: 0,
            lat_e7: 0,
        },
        |rings| rings[0][0],
    );
    let radius_m = f64::from(random.random_range(5..60)) * 1000.0;
    one_of(
        Dimension::Within,
        vec![Value::Circle(Circle { center, radius_m })],
    )
}

fn street(random: &mut SmallRng, codes: usize) -> Condition {
    let from = random.random_range(0..1000);
    let range = StreetRange {
        place: StreetPlace::Admin(AdminIx(random.random_range(1..codes as u32))),
        name: STREETS[random.random_range(0..STREETS.len())].into(),
        from: Some(from),
        to: Some(from + 200),
        side: if random.random() {
            Side::Both
        } else {
            Side::Even
        },
    };
    one_of(Dimension::Street, vec![Value::Street(range.into())])
}

fn postal(random: &mut SmallRng) -> Condition {
    let code = random.random_range(501..99_950);
    let codes = match random.random_range(0..10) {
        0 => PostalCodes::Prefix(format!("{:03}", code / 100).into()),
        1 => PostalCodes::Range(
            format!("{code:05}").into(),
            format!("{:05}", code + 40).into(),
        ),
        _ => PostalCodes::Exact(format!("{code:05}").into()),
    };
    one_of(
        Dimension::Postal,
        vec![Value::Postal(PostalPattern {
            country: Some("us".into()),
            codes,
        })],
    )
}

fn customer(random: &mut SmallRng) -> Condition {
    if random.random() {
        one_of(
            Dimension::Account,
            vec![Value::Account(AccountIx(random.random_range(0..2000)))],
        )
    } else {
        text(Dimension::Domain, &domain(random.random_range(0..50_000)))
    }
}

/// A test of one attribute.
pub fn attribute(random: &mut SmallRng) -> Condition {
    let mut pick = |all: &[&'static str]| all[random.random_range(0..all.len())];
    match pick(&["i", "e", "r", "p", "s", "c", "o", "a", "n"]) {
        "i" => text(Dimension::Industry, &industry(random.random_range(0..62))),
        "e" => size(random.random_range(0..5), 5),
        "r" => between(Dimension::Revenue, Some(1e6), None),
        "p" => between(
            Dimension::Potential,
            Some(f64::from(random.random_range(0..10)) * 1e5),
            None,
        ),
        "s" => between(
            Dimension::Score,
            Some(f64::from(random.random_range(0..10)) * 10.0),
            None,
        ),
        "c" => text(Dimension::Product, pick(&PRODUCTS)),
        "o" => text(Dimension::Source, pick(&SOURCES)),
        "a" => text(Dimension::Attribute("tier".into()), pick(&TIERS)),
        _ => Condition::Not(Box::new(text(Dimension::Source, pick(&SOURCES)))),
    }
}
