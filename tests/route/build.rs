//! Plans put together by hand, without files: only what routing reads.

use std::collections::BTreeMap;

use bailiwick::event::{Text, Timestamp};
use bailiwick::plan::condition::{
    Circle, PostalCodes, PostalPattern, Side, StreetPlace, StreetRange,
};
use bailiwick::plan::gazetteer::{Gazetteer, Node};
use bailiwick::plan::{
    Account, AccountIx, AdminIx, Area, AreaIx, Clause, Condition, Dimension, Plan, Point, Policy,
    Precedence, Range, Territory, TerritoryIx, Test, Value,
};

/// A plan without territories over this small world: two countries, three levels.
pub fn empty_plan() -> Plan {
    let nodes = [
        ("cn", None, 0),
        ("cn-31", Some(0), 1),
        ("cn-3101", Some(1), 2),
        ("cn-310104", Some(2), 3),
        ("cn-310105", Some(2), 3),
        ("us", None, 0),
        ("us-06", Some(5), 1),
        ("us-06037", Some(6), 2),
        ("us-06059", Some(6), 2),
        ("us-32", Some(5), 1),
    ];
    let nodes = nodes
        .into_iter()
        .map(|(code, parent, level)| node(code, parent, level))
        .collect();
    Plan {
        tenant: "acme".into(),
        version: "0123456789abcdef".into(),
        timezone: jiff::tz::TimeZone::UTC,
        precedence: Precedence::Specific,
        fallback: None,
        gazetteer: Gazetteer::from_nodes(nodes),
        areas: Vec::new(),
        reps: Vec::new(),
        accounts: Vec::new(),
        calendars: Vec::new(),
        teams: Vec::new(),
        pools: Vec::new(),
        policy: Policy::default(),
        territories: Vec::new(),
    }
}

/// A gazetteer's row.
pub fn node(code: &str, parent: Option<u32>, level: u8) -> Node {
    Node {
        code: code.into(),
        name: None,
        parent: parent.map(AdminIx),
        level,
        position: None,
    }
}

/// Adds a territory under `parent` (empty for a root) and gives it for changes.
pub fn add<'p>(
    plan: &'p mut Plan,
    parent: &str,
    id: &str,
    condition: Condition,
) -> &'p mut Territory {
    let parent = plan.territory_by_id(parent);
    let above = parent.map(|ix| plan.territory(ix).clone());
    plan.territories.push(Territory {
        id: id.into(),
        name: None,
        parent,
        depth: above.as_ref().map_or(0, |one| one.depth + 1),
        overlay: above.as_ref().is_some_and(|one| one.overlay),
        priority: above.as_ref().map_or(0, |one| one.priority),
        condition: condition.into(),
        team: None,
        serving_team: None,
        effective_from: None,
        target: None,
        resources: BTreeMap::new(),
    });
    let last = plan.territories.len() - 1;
    &mut plan.territories[last]
}

/// Adds an area and gives its number.
pub fn add_area(plan: &mut Plan, id: &str, polygons: Vec<Vec<Vec<Point>>>) -> AreaIx {
    plan.areas.push(Area {
        id: id.into(),
        polygons,
    });
    AreaIx(plan.areas.len() as u32 - 1)
}

/// Adds an account; ids must come sorted.
pub fn add_account(plan: &mut Plan, id: &str, territory: Option<TerritoryIx>) -> AccountIx {
    plan.accounts.push(Account {
        id: id.into(),
        name: None,
        domains: Vec::new(),
        owner: None,
        territory,
    });
    AccountIx(plan.accounts.len() as u32 - 1)
}

pub fn all(parts: Vec<Condition>) -> Condition {
    Condition::All(parts)
}

pub fn any(parts: Vec<Condition>) -> Condition {
    Condition::Any(parts)
}

pub fn not(part: Condition) -> Condition {
    Condition::Not(Box::new(part))
}

pub fn clause(dimension: Dimension, test: Test) -> Condition {
    Condition::Clause(Clause { dimension, test })
}

pub fn one_of(dimension: Dimension, values: Vec<Value>) -> Condition {
    clause(dimension, Test::OneOf(values))
}

pub fn texts(dimension: Dimension, values: &[&str]) -> Condition {
    let values = values
        .iter()
        .map(|one| Value::Text((*one).into()))
        .collect();
    one_of(dimension, values)
}

pub fn prefix(dimension: Dimension, values: &[&str]) -> Condition {
    let values = values.iter().map(|one| (*one).into()).collect();
    clause(dimension, Test::Prefix(values))
}

pub fn admin(plan: &Plan, codes: &[&str]) -> Condition {
    let values = codes
        .iter()
        .map(|code| Value::Admin(admin_ix(plan, code)))
        .collect();
    one_of(Dimension::Admin, values)
}

pub fn admin_ix(plan: &Plan, code: &str) -> AdminIx {
    plan.gazetteer.by_code(code).unwrap()
}

pub fn between(dimension: Dimension, min: Option<f64>, max: Option<f64>) -> Condition {
    clause(dimension, Test::Range(Range { min, max }))
}

pub fn exists(dimension: Dimension, wanted: bool) -> Condition {
    clause(dimension, Test::Exists(wanted))
}

pub fn within(lat: f64, lon: f64, km: f64) -> Condition {
    let circle = Circle {
        center: point(lat, lon),
        radius_m: km * 1000.0,
    };
    one_of(Dimension::Within, vec![Value::Circle(circle)])
}

/// `200030`, `2000*` or `90001..90099`, with `us:` before it or not.
pub fn postal_pattern(text: &str) -> PostalPattern {
    let (country, codes) = match text.split_once(':') {
        Some((country, codes)) => (Some(country.into()), codes),
        None => (None, text),
    };
    let codes = if let Some(prefix) = codes.strip_suffix('*') {
        PostalCodes::Prefix(prefix.into())
    } else if let Some((from, to)) = codes.split_once("..") {
        PostalCodes::Range(from.into(), to.into())
    } else {
        PostalCodes::Exact(codes.into())
    };
    PostalPattern { country, codes }
}

pub fn postal(patterns: &[&str]) -> Condition {
    let values = patterns
        .iter()
        .map(|one| Value::Postal(postal_pattern(one)))
        .collect();
    one_of(Dimension::Postal, values)
}

pub fn street(
    place: StreetPlace,
    name: &str,
    from: Option<u32>,
    to: Option<u32>,
    side: Side,
) -> Condition {
    let range = StreetRange {
        place,
        name: name.into(),
        from,
        to,
        side,
    };
    one_of(Dimension::Street, vec![Value::Street(range.into())])
}

pub fn point(lat: f64, lon: f64) -> Point {
    Point {
        lon_e7: (lon * 1e7).round() as i32,
        lat_e7: (lat * 1e7).round() as i32,
    }
}

pub fn text(one: &str) -> Option<Text<'static>> {
    Some(Text::Owned(one.to_owned()))
}

/// A moment at which everything without a date is in effect.
pub const NOW: Timestamp = Timestamp(1_795_421_730_000);

/// The rectangle from the south-west to the north-east corner, as a ring.
pub fn rectangle(south: f64, west: f64, north: f64, east: f64) -> Vec<Point> {
    vec![
        point(south, west),
        point(south, east),
        point(north, east),
        point(north, west),
    ]
}
