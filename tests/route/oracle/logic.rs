//! Conditions in three-valued logic, over values spelled out.

use bailiwick::event::Attribute;
use bailiwick::plan::condition::{PostalCodes, PostalPattern, Side, StreetPlace, StreetRange};
use bailiwick::plan::{AdminIx, Condition, Dimension, Facts, Plan, Point, Test, Value};

use super::plane::{in_area, in_circle};

/// True, false, or unknown.
pub type Kleene = Option<bool>;

fn and(parts: impl Iterator<Item = Kleene>) -> Kleene {
    let parts: Vec<Kleene> = parts.collect();
    if parts.contains(&Some(false)) {
        Some(false)
    } else if parts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

fn or(parts: impl Iterator<Item = Kleene>) -> Kleene {
    and(parts.map(|part| part.map(|one| !one))).map(|one| !one)
}

/// What a lead has in a dimension, spelled out.
#[derive(Clone, Debug, PartialEq)]
enum Has {
    Text(String),
    Number(f64),
    Bool(bool),
    Account(u32),
    Node(u32),
    Point(Point),
}

fn texts<'f>(found: impl Iterator<Item = &'f str>) -> Vec<Has> {
    found.map(|one| Has::Text(one.to_owned())).collect()
}

fn values(plan: &Plan, facts: &Facts<'_>, dimension: &Dimension) -> Vec<Has> {
    let number = |one: Option<f64>| one.map(Has::Number).into_iter().collect();
    match dimension {
        Dimension::Country => texts(facts.country.as_deref().into_iter()),
        Dimension::Domain => texts(facts.domain.as_deref().into_iter()),
        Dimension::Industry => texts(facts.industry.as_deref().into_iter()),
        Dimension::Source => texts(facts.source.as_deref().into_iter()),
        Dimension::Campaign => texts(facts.campaign.as_deref().into_iter()),
        Dimension::Language => texts(facts.language.as_deref().into_iter()),
        Dimension::Postal => texts(facts.postal.as_deref().into_iter()),
        Dimension::Street => texts(facts.street.as_deref().into_iter()),
        Dimension::Product => texts(facts.products.iter().map(|one| &**one)),
        Dimension::Employees => number(facts.employees),
        Dimension::Revenue => number(facts.revenue),
        Dimension::Potential => number(facts.potential),
        Dimension::Score => number(facts.score),
        Dimension::Orders => number(facts.orders),
        Dimension::LifetimeValue => number(facts.lifetime_value),
        Dimension::Area | Dimension::Within => facts
            .position
            .map(|(point, _)| Has::Point(point))
            .into_iter()
            .collect(),
        Dimension::Admin => {
            let mut chain = Vec::new();
            let mut next = facts.admin;
            while let Some(AdminIx(at)) = next {
                chain.push(Has::Node(at));
                next = plan.gazetteer.nodes()[at as usize].parent;
            }
            chain
        }
        Dimension::Account => {
            let listed = facts.account.map(|(ix, _)| Has::Account(ix.0));
            let named = facts
                .account_id
                .as_deref()
                .map(|id| Has::Text(id.to_owned()));
            listed.into_iter().chain(named).collect()
        }
        Dimension::Attribute(name) => {
            let held = facts.attributes.iter().find(|(known, _)| **known == **name);
            match held.map(|(_, value)| value) {
                None => vec![],
                Some(Attribute::Text(one)) => texts(std::iter::once(&**one)),
                Some(Attribute::Number(one)) => vec![Has::Number(*one)],
                Some(Attribute::Bool(one)) => vec![Has::Bool(*one)],
                Some(Attribute::List(all)) => texts(all.iter().map(|one| &**one)),
            }
        }
    }
}

pub fn condition(plan: &Plan, facts: &Facts<'_>, asked: &Condition) -> Kleene {
    match asked {
        Condition::All(parts) => and(parts.iter().map(|one| condition(plan, facts, one))),
        Condition::Any(parts) => or(parts.iter().map(|one| condition(plan, facts, one))),
        Condition::Not(part) => condition(plan, facts, part).map(|one| !one),
        Condition::Clause(one) => test(plan, facts, &one.dimension, &one.test),
    }
}

fn test(plan: &Plan, facts: &Facts<'_>, dimension: &Dimension, asked: &Test) -> Kleene {
    let held = values(plan, facts, dimension);
    match asked {
        Test::Exists(wanted) => Some(held.is_empty() != *wanted),
        Test::Not(inner) => test(plan, facts, dimension, inner).map(|one| !one),
        Test::All(parts) => and(parts.iter().map(|one| test(plan, facts, dimension, one))),
        _ if held.is_empty() => None,
        Test::OneOf(wanted) => or(wanted
            .iter()
            .flat_map(|value| held.iter().map(move |one| (one, value)))
            .map(|(one, value)| equal(plan, facts, dimension, one, value))),
        Test::Prefix(prefixes) => {
            let texts: Vec<String> = held.iter().filter_map(|one| as_text(plan, one)).collect();
            if texts.is_empty() {
                return None;
            }
            Some(
                texts
                    .iter()
                    .any(|text| prefixes.iter().any(|one| text.starts_with(&**one))),
            )
        }
        Test::Range(range) => {
            let numbers: Vec<f64> = held.iter().filter_map(as_number).collect();
            if numbers.is_empty() {
                return None;
            }
            let inside = |number: &f64| {
                !range.min.is_some_and(|min| *number < min)
                    && !range.max.is_some_and(|max| *number >= max)
            };
            Some(numbers.iter().any(inside))
        }
    }
}

fn as_text(plan: &Plan, held: &Has) -> Option<String> {
    match held {
        Has::Text(text) => Some(text.clone()),
        Has::Node(at) => Some(plan.gazetteer.nodes()[*at as usize].code.to_string()),
        Has::Account(at) => Some(plan.accounts[*at as usize].id.to_string()),
        _ => None,
    }
}

fn spelled(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    text.chars().all(plain).then(|| text.parse().ok()).flatten()
}

fn as_number(held: &Has) -> Option<f64> {
    match held {
        Has::Number(number) => Some(*number),
        Has::Text(text) => spelled(text),
        _ => None,
    }
}

fn equal(
    plan: &Plan,
    facts: &Facts<'_>,
    dimension: &Dimension,
    held: &Has,
    value: &Value,
) -> Kleene {
    match (held, value) {
        (Has::Text(code), Value::Postal(pattern)) => postal(facts, code, pattern),
        (Has::Text(name), Value::Street(range)) => street(plan, facts, name, range),
        (Has::Point(point), Value::Circle(circle)) => Some(in_circle(*point, circle)),
        (Has::Point(point), Value::Area(ix)) => Some(in_area(*point, &plan.areas[ix.at()])),
        (Has::Node(node), Value::Admin(ix)) => Some(*node == ix.0),
        (Has::Account(account), Value::Account(ix)) => Some(*account == ix.0),
        (Has::Account(account), Value::Text(id)) => {
            Some(plan.accounts[*account as usize].id == *id)
        }
        (Has::Text(text), Value::Text(code)) if *dimension == Dimension::Industry => {
            Some(text.starts_with(&**code))
        }
        (Has::Text(text), Value::Text(wanted)) => Some(**wanted == **text),
        (Has::Number(one), Value::Number(two)) => Some(one == two),
        (Has::Bool(one), Value::Bool(two)) => Some(one == two),
        // Kinds differ: what the text spells decides.
        (Has::Text(text), Value::Number(number)) => Some(spelled(text) == Some(*number)),
        (Has::Number(number), Value::Text(text)) => Some(spelled(text) == Some(*number)),
        (Has::Text(text), Value::Bool(flag)) => Some(*text == flag.to_string()),
        (Has::Bool(flag), Value::Text(text)) => Some(**text == flag.to_string()),
        _ => Some(false),
    }
}

fn postal(facts: &Facts<'_>, code: &str, pattern: &PostalPattern) -> Kleene {
    let country = match (&pattern.country, &facts.country) {
        (None, _) => Some(true),
        (Some(_), None) => None,
        (Some(one), Some(two)) => Some(**one == **two),
    };
    let mut forms = vec![code];
    if let Some((zip, four)) = code.split_once('-') {
        let digits =
            |text: &str, count| text.len() == count && text.chars().all(|c| c.is_ascii_digit());
        if digits(zip, 5) && digits(four, 4) {
            forms.push(zip);
        }
    }
    let fits = forms.into_iter().any(|code| match &pattern.codes {
        PostalCodes::Exact(one) => code == &**one,
        PostalCodes::Prefix(one) => code.strip_prefix(&**one).is_some(),
        PostalCodes::Range(from, to) => {
            let shape = |text: &str| -> Vec<char> {
                text.chars()
                    .map(|c| match c {
                        '0'..='9' => '9',
                        'A'..='Z' | 'a'..='z' => 'A',
                        other => other,
                    })
                    .collect()
            };
            shape(from) == shape(code) && &**from <= code && code <= &**to
        }
    });
    and([Some(fits), country].into_iter())
}

fn street(plan: &Plan, facts: &Facts<'_>, name: &str, range: &StreetRange) -> Kleene {
    let place = match &range.place {
        StreetPlace::Admin(ix) => {
            let chain = values(plan, facts, &Dimension::Admin);
            (!chain.is_empty()).then(|| chain.contains(&Has::Node(ix.0)))
        }
        StreetPlace::Postal(pattern) => match &facts.postal {
            Some(code) => postal(facts, code, pattern),
            None => None,
        },
    };
    let asks_number = range.from.is_some() || range.to.is_some() || range.side != Side::Both;
    let house = match facts.house_number {
        _ if !asks_number => Some(true),
        None => None,
        Some(number) => Some(
            range.from.unwrap_or(0) <= number
                && number <= range.to.unwrap_or(u32::MAX)
                && (range.side == Side::Both || (range.side == Side::Even) == (number % 2 == 0)),
        ),
    };
    and([Some(*name == *range.name), place, house].into_iter())
}
