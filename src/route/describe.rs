//! Conditions and a lead's values in words, written as a plan would write them.

use std::fmt::Write as _;

use crate::event::Attribute;
use crate::plan::condition::{
    Circle, PostalCodes, PostalPattern, Side, StreetPlace, StreetRange, number_text,
};
use crate::plan::{Clause, Condition, Dimension, Facts, Plan, Point, Range, Test, Value};

use super::truth;

/// Values of a list that are spelled out; the rest is counted.
const LISTED_VALUES: usize = 6;

/// The condition in the plan's notation, such as `industry: [C, D]`.
pub fn condition(plan: &Plan, asked: &Condition) -> String {
    match asked {
        Condition::All(parts) if parts.is_empty() => "every lead".to_owned(),
        Condition::All(parts) => group(plan, parts, " and "),
        Condition::Any(parts) => format!("any of ({})", group(plan, parts, "; ")),
        Condition::Not(part) => format!("not ({})", condition(plan, part)),
        Condition::Clause(one) => clause(plan, one),
    }
}

fn group(plan: &Plan, parts: &[Condition], between: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|one| condition(plan, one)).collect();
    parts.join(between)
}

/// One clause in the plan's notation.
pub fn clause(plan: &Plan, asked: &Clause) -> String {
    format!(
        "{}: {}",
        dimension(&asked.dimension),
        test(plan, &asked.test)
    )
}

/// The key a plan writes for a dimension.
pub fn dimension(dimension: &Dimension) -> String {
    let key = match dimension {
        Dimension::Account => "account",
        Dimension::Domain => "domain",
        Dimension::Street => "street",
        Dimension::Area => "area",
        Dimension::Within => "within",
        Dimension::Postal => "postal",
        Dimension::Admin => "admin",
        Dimension::Country => "country",
        Dimension::Industry => "industry",
        Dimension::Employees => "employees",
        Dimension::Revenue => "revenue",
        Dimension::Potential => "potential",
        Dimension::Score => "score",
        Dimension::Orders => "orders",
        Dimension::LifetimeValue => "lifetime_value",
        Dimension::Product => "product",
        Dimension::Source => "source",
        Dimension::Campaign => "campaign",
        Dimension::Language => "language",
        Dimension::Attribute(name) => return format!("attr.{name}"),
    };
    key.to_owned()
}

fn test(plan: &Plan, asked: &Test) -> String {
    match asked {
        Test::OneOf(values) => list(values.iter().map(|one| value(plan, one))),
        Test::Prefix(prefixes) => {
            format!(
                "{{prefix: {}}}",
                list(prefixes.iter().map(ToString::to_string))
            )
        }
        Test::Range(one) => range(one),
        Test::Exists(wanted) => format!("{{exists: {wanted}}}"),
        Test::Not(inner) => format!("{{not: {}}}", test(plan, inner)),
        Test::All(parts) => {
            let parts: Vec<String> = parts.iter().map(|one| test(plan, one)).collect();
            parts.join(" and ")
        }
    }
}

fn range(range: &Range) -> String {
    match (range.min.map(number_text), range.max.map(number_text)) {
        (Some(min), Some(max)) => format!("{{min: {min}, max: {max}}}"),
        (Some(min), None) => format!("{{min: {min}}}"),
        (None, Some(max)) => format!("{{max: {max}}}"),
        (None, None) => "{}".to_owned(),
    }
}

fn list(values: impl ExactSizeIterator<Item = String>) -> String {
    let count = values.len();
    let mut text = String::from("[");
    for (at, value) in values.take(LISTED_VALUES).enumerate() {
        text.push_str(if at == 0 { "" } else { ", " });
        text.push_str(&value);
    }
    if count > LISTED_VALUES {
        // Writing to a String cannot fail.
        let _ = write!(text, ", … {} in all", count);
    }
    text.push(']');
    text
}

fn value(plan: &Plan, value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => number_text(*number),
        Value::Bool(flag) => flag.to_string(),
        Value::Admin(ix) => plan.gazetteer.nodes()[ix.at()].code.to_string(),
        Value::Account(ix) => plan.accounts[ix.at()].id.to_string(),
        Value::Area(ix) => plan.areas[ix.at()].id.to_string(),
        Value::Circle(circle) => circle_text(circle),
        Value::Postal(pattern) => postal(pattern),
        Value::Street(one) => street(plan, one),
    }
}

fn circle_text(circle: &Circle) -> String {
    let Point { lon_e7, lat_e7 } = circle.center;
    let (lat, lon) = (degrees(lat_e7), degrees(lon_e7));
    format!(
        "{{lat: {lat}, lon: {lon}, km: {}}}",
        circle.radius_m / 1000.0
    )
}

/// Degrees with all seven digits that are kept and no more.
pub fn degrees(e7: i32) -> String {
    let text = format!("{:.7}", f64::from(e7) / 1e7);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn postal(pattern: &PostalPattern) -> String {
    let codes = match &pattern.codes {
        PostalCodes::Exact(code) => code.to_string(),
        PostalCodes::Prefix(prefix) => format!("{prefix}*"),
        PostalCodes::Range(from, to) => format!("{from}..{to}"),
    };
    match &pattern.country {
        Some(country) => format!("{country}:{codes}"),
        None => codes,
    }
}

fn street(plan: &Plan, range: &StreetRange) -> String {
    let place = match &range.place {
        StreetPlace::Admin(ix) => format!("admin: {}", plan.gazetteer.nodes()[ix.at()].code),
        StreetPlace::Postal(pattern) => format!("postal: {}", postal(pattern)),
    };
    let mut text = format!("{{{place}, name: {}", range.name);
    for (key, end) in [("from", range.from), ("to", range.to)] {
        if let Some(number) = end {
            let _ = write!(text, ", {key}: {number}");
        }
    }
    text.push_str(match range.side {
        Side::Both => "}",
        Side::Even => ", side: even}",
        Side::Odd => ", side: odd}",
    });
    text
}

/// What the lead has in a dimension, or `None` if it has nothing.
pub fn held(plan: &Plan, facts: &Facts<'_>, dimension: &Dimension) -> Option<String> {
    if !truth::has(facts, dimension) {
        return None;
    }
    Some(match dimension {
        Dimension::Area | Dimension::Within => {
            let (point, _) = facts.position?;
            format!(
                "lat {}, lon {}",
                degrees(point.lat_e7),
                degrees(point.lon_e7)
            )
        }
        Dimension::Street => match (facts.street.as_deref()?, facts.house_number) {
            (street, Some(number)) => format!("{street} {number}"),
            (street, None) => format!("{street}, no house number"),
        },
        Dimension::Postal => match (facts.postal.as_deref()?, facts.country.as_deref()) {
            (code, Some(country)) => format!("{country}:{code}"),
            (code, None) => format!("{code}, no country"),
        },
        Dimension::Attribute(name) => attribute(truth::attribute(facts, name)?),
        other => match truth::number(facts, other) {
            Some(number) => number_text(number),
            None => texts(plan, facts, other),
        },
    })
}

fn texts(plan: &Plan, facts: &Facts<'_>, dimension: &Dimension) -> String {
    let mut all: Vec<String> = Vec::new();
    truth::any_text(plan, facts, dimension, &mut |text| {
        all.push(text.to_owned());
        false
    });
    all.dedup();
    all.join(", ")
}

fn attribute(held: &Attribute<'_>) -> String {
    match held {
        Attribute::Text(text) => text.to_string(),
        Attribute::Number(number) => number_text(*number),
        Attribute::Bool(flag) => flag.to_string(),
        Attribute::List(texts) => texts.join(", "),
    }
}
