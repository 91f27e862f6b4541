//! Three-valued evaluation of a condition over a lead: the reference that everything faster must equal.
//!
//! Logic is Kleene's, as in SQL: `False < Unknown < True`, so that *and* is the minimum and
//! *or* the maximum. A test of something the lead does not have is unknown, and only true
//! matches.

use crate::event::Attribute;
use crate::plan::condition::{Circle, Side, StreetPlace, StreetRange};
use crate::plan::{AdminIx, Clause, Condition, Dimension, Facts, Plan, Range, Test, Value};

use super::{geo, postal, sphere};

/// A truth value. The order is that of certainty of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// The lead fails the condition.
    False,
    /// The lead lacks what the condition asks about.
    Unknown,
    /// The lead meets the condition.
    True,
}

impl Truth {
    /// A truth value that is known.
    pub const fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    /// The conjunction, read no further than the first false part.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut least = Self::True;
        for part in parts {
            least = least.min(part);
            if least == Self::False {
                break;
            }
        }
        least
    }

    /// The disjunction, read no further than the first true part.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut most = Self::False;
        for part in parts {
            most = most.max(part);
            if most == Self::True {
                break;
            }
        }
        most
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

/// Whether the lead meets the condition.
pub fn condition(plan: &Plan, facts: &Facts<'_>, asked: &Condition) -> Truth {
    match asked {
        Condition::All(parts) => Truth::all(parts.iter().map(|one| condition(plan, facts, one))),
        Condition::Any(parts) => Truth::any(parts.iter().map(|one| condition(plan, facts, one))),
        Condition::Not(part) => !condition(plan, facts, part),
        Condition::Clause(one) => clause(plan, facts, one),
    }
}

/// Whether the lead passes one test of one dimension.
pub fn clause(plan: &Plan, facts: &Facts<'_>, asked: &Clause) -> Truth {
    test(plan, facts, &asked.dimension, &asked.test)
}

fn test(plan: &Plan, facts: &Facts<'_>, dimension: &Dimension, asked: &Test) -> Truth {
    match asked {
        Test::Exists(wanted) => return Truth::of(has(facts, dimension) == *wanted),
        Test::Not(inner) => return !test(plan, facts, dimension, inner),
        Test::All(parts) => {
            return Truth::all(parts.iter().map(|one| test(plan, facts, dimension, one)));
        }
        _ if !has(facts, dimension) => return Truth::Unknown,
        _ => {}
    }
    match asked {
        Test::OneOf(values) => Truth::any(
            values
                .iter()
                .map(|value| equals(plan, facts, dimension, value)),
        ),
        Test::Prefix(prefixes) => begins(plan, facts, dimension, prefixes),
        Test::Range(range) => within_range(facts, dimension, range),
        Test::Exists(_) | Test::Not(_) | Test::All(_) => Truth::Unknown,
    }
}

/// Whether the lead has a value in this dimension. An empty list is no value.
pub fn has(facts: &Facts<'_>, dimension: &Dimension) -> bool {
    match dimension {
        Dimension::Account => facts.account.is_some() || facts.account_id.is_some(),
        Dimension::Domain => facts.domain.is_some(),
        Dimension::Street => facts.street.is_some(),
        Dimension::Area | Dimension::Within => facts.position.is_some(),
        Dimension::Postal => facts.postal.is_some(),
        Dimension::Admin => facts.admin.is_some(),
        Dimension::Country => facts.country.is_some(),
        Dimension::Industry => facts.industry.is_some(),
        Dimension::Product => !facts.products.is_empty(),
        Dimension::Source => facts.source.is_some(),
        Dimension::Campaign => facts.campaign.is_some(),
        Dimension::Language => facts.language.is_some(),
        Dimension::Attribute(name) => match attribute(facts, name) {
            Some(Attribute::List(texts)) => !texts.is_empty(),
            other => other.is_some(),
        },
        Dimension::Employees
        | Dimension::Revenue
        | Dimension::Potential
        | Dimension::Score
        | Dimension::Orders
        | Dimension::LifetimeValue => number(facts, dimension).is_some(),
    }
}

/// The lead's attribute of this name.
pub fn attribute<'f>(facts: &'f Facts<'_>, name: &str) -> Option<&'f Attribute<'f>> {
    let found = facts
        .attributes
        .binary_search_by(|(known, _)| (**known).cmp(name))
        .ok()?;
    Some(&facts.attributes[found].1)
}

/// The lead's number in a numeric dimension.
pub fn number(facts: &Facts<'_>, dimension: &Dimension) -> Option<f64> {
    match dimension {
        Dimension::Employees => facts.employees,
        Dimension::Revenue => facts.revenue,
        Dimension::Potential => facts.potential,
        Dimension::Score => facts.score,
        Dimension::Orders => facts.orders,
        Dimension::LifetimeValue => facts.lifetime_value,
        _ => None,
    }
}

/// Whether the lead's value, which is there, is this value of the plan.
fn equals(plan: &Plan, facts: &Facts<'_>, dimension: &Dimension, value: &Value) -> Truth {
    match (dimension, value) {
        (Dimension::Postal, Value::Postal(pattern)) => postal::lies_in(facts, pattern),
        (Dimension::Street, Value::Street(range)) => on_street(plan, facts, range),
        (Dimension::Within, Value::Circle(circle)) => Truth::of(in_circle(facts, circle)),
        (Dimension::Area, Value::Area(ix)) => Truth::of(
            facts
                .position
                .is_some_and(|(point, _)| geo::contains(&plan.areas[ix.at()], point)),
        ),
        (Dimension::Admin, Value::Admin(ix)) => Truth::of(lies_in_admin(plan, facts, *ix)),
        (Dimension::Account, Value::Account(ix)) => {
            Truth::of(facts.account.is_some_and(|(account, _)| account == *ix))
        }
        (Dimension::Attribute(name), value) => {
            Truth::of(attribute(facts, name).is_some_and(|held| attribute_equals(held, value)))
        }
        (dimension, Value::Number(wanted)) => Truth::of(number(facts, dimension) == Some(*wanted)),
        (Dimension::Industry, Value::Text(code)) => {
            Truth::of(any_text(plan, facts, dimension, &mut |text| {
                text.starts_with(&**code)
            }))
        }
        (dimension, Value::Text(wanted)) => {
            Truth::of(any_text(plan, facts, dimension, &mut |text| {
                text == &**wanted
            }))
        }
        _ => Truth::False,
    }
}

/// Whether any of the lead's texts in this dimension begins with one of the prefixes.
/// Where there are values but no texts, there is nothing to compare and the answer is unknown.
fn begins(plan: &Plan, facts: &Facts<'_>, dimension: &Dimension, prefixes: &[Box<str>]) -> Truth {
    let mut seen = dimension == &Dimension::Area;
    let found = any_text(plan, facts, dimension, &mut |text| {
        seen = true;
        prefixes.iter().any(|prefix| text.starts_with(&**prefix))
    });
    if seen {
        Truth::of(found)
    } else {
        Truth::Unknown
    }
}

/// Whether the lead's number lies in the range. Texts that are no numbers leave it unknown.
fn within_range(facts: &Facts<'_>, dimension: &Dimension, range: &Range) -> Truth {
    let Dimension::Attribute(name) = dimension else {
        return number(facts, dimension)
            .map_or(Truth::Unknown, |held| Truth::of(holds(range, held)));
    };
    match attribute(facts, name) {
        Some(Attribute::Number(held)) => Truth::of(holds(range, *held)),
        Some(Attribute::Text(text)) => numeric_text_in(range, std::slice::from_ref(text)),
        Some(Attribute::List(texts)) => numeric_text_in(range, texts),
        Some(Attribute::Bool(_)) | None => Truth::Unknown,
    }
}

/// Whether a number lies in the range: `min` belongs to it, `max` does not.
pub fn holds(range: &Range, number: f64) -> bool {
    range.min.is_none_or(|min| number >= min) && range.max.is_none_or(|max| number < max)
}

fn numeric_text_in(range: &Range, texts: &[crate::event::Text<'_>]) -> Truth {
    let mut answer = Truth::Unknown;
    for held in texts.iter().filter_map(|text| as_number(text)) {
        if holds(range, held) {
            return Truth::True;
        }
        answer = Truth::False;
    }
    answer
}

/// The number a text spells. Only plain decimal notation counts, so `nan` and `inf` stay texts.
pub fn as_number(text: &str) -> Option<f64> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whether an attribute is a value of the plan. Texts that spell a number or a truth value
/// equal it, because files and forms often cannot tell them apart.
pub fn attribute_equals(held: &Attribute<'_>, value: &Value) -> bool {
    match held {
        Attribute::Text(text) => text_equals(text, value),
        Attribute::List(texts) => texts.iter().any(|text| text_equals(text, value)),
        Attribute::Number(number) => match value {
            Value::Number(wanted) => number == wanted,
            Value::Text(wanted) => as_number(wanted) == Some(*number),
            _ => false,
        },
        Attribute::Bool(flag) => match value {
            Value::Bool(wanted) => flag == wanted,
            Value::Text(wanted) => **wanted == *if *flag { "true" } else { "false" },
            _ => false,
        },
    }
}

fn text_equals(text: &str, value: &Value) -> bool {
    match value {
        Value::Text(wanted) => text == &**wanted,
        Value::Number(wanted) => as_number(text) == Some(*wanted),
        Value::Bool(wanted) => text == if *wanted { "true" } else { "false" },
        _ => false,
    }
}

/// Whether `accepts` holds for any text the lead has in this dimension.
pub fn any_text(
    plan: &Plan,
    facts: &Facts<'_>,
    dimension: &Dimension,
    accepts: &mut dyn FnMut(&str) -> bool,
) -> bool {
    let one = match dimension {
        Dimension::Domain => &facts.domain,
        Dimension::Street => &facts.street,
        Dimension::Postal => &facts.postal,
        Dimension::Country => &facts.country,
        Dimension::Industry => &facts.industry,
        Dimension::Source => &facts.source,
        Dimension::Campaign => &facts.campaign,
        Dimension::Language => &facts.language,
        _ => return any_of_several(plan, facts, dimension, accepts),
    };
    one.as_deref().is_some_and(accepts)
}

fn any_of_several(
    plan: &Plan,
    facts: &Facts<'_>,
    dimension: &Dimension,
    accepts: &mut dyn FnMut(&str) -> bool,
) -> bool {
    match dimension {
        Dimension::Product => facts.products.iter().any(|text| accepts(text)),
        Dimension::Account => {
            let listed = facts.account.map(|(ix, _)| &*plan.accounts[ix.at()].id);
            facts
                .account_id
                .as_deref()
                .into_iter()
                .chain(listed)
                .any(accepts)
        }
        Dimension::Admin => facts.admin.is_some_and(|ix| {
            let nodes = plan.gazetteer.nodes();
            plan.gazetteer
                .chain(ix)
                .any(|one| accepts(&nodes[one.at()].code))
        }),
        Dimension::Area => facts.position.is_some_and(|(point, _)| {
            plan.areas
                .iter()
                .any(|area| accepts(&area.id) && geo::contains(area, point))
        }),
        Dimension::Attribute(name) => match attribute(facts, name) {
            Some(Attribute::Text(text)) => accepts(text),
            Some(Attribute::List(texts)) => texts.iter().any(|text| accepts(text)),
            _ => false,
        },
        _ => false,
    }
}

fn lies_in_admin(plan: &Plan, facts: &Facts<'_>, wanted: AdminIx) -> bool {
    facts
        .admin
        .is_some_and(|ix| plan.gazetteer.chain(ix).any(|one| one == wanted))
}

/// Whether the lead's position lies in the circle, its edge included.
pub fn in_circle(facts: &Facts<'_>, circle: &Circle) -> bool {
    facts
        .position
        .is_some_and(|(point, _)| sphere::Cap::of(circle).contains(point))
}

fn on_street(plan: &Plan, facts: &Facts<'_>, range: &StreetRange) -> Truth {
    let named = Truth::of(facts.street.as_deref() == Some(&*range.name));
    Truth::all([
        named,
        street_place(plan, facts, &range.place),
        house_in(facts, range),
    ])
}

fn street_place(plan: &Plan, facts: &Facts<'_>, place: &StreetPlace) -> Truth {
    match place {
        StreetPlace::Admin(_) if facts.admin.is_none() => Truth::Unknown,
        StreetPlace::Admin(ix) => Truth::of(lies_in_admin(plan, facts, *ix)),
        StreetPlace::Postal(_) if facts.postal.is_none() => Truth::Unknown,
        StreetPlace::Postal(pattern) => postal::lies_in(facts, pattern),
    }
}

/// Whether the house number is in range and on the right side. A whole street needs none.
pub fn house_in(facts: &Facts<'_>, range: &StreetRange) -> Truth {
    if range.from.is_none() && range.to.is_none() && range.side == Side::Both {
        return Truth::True;
    }
    facts.house_number.map_or(Truth::Unknown, |number| {
        let side = match range.side {
            Side::Both => true,
            Side::Even => number % 2 == 0,
            Side::Odd => number % 2 == 1,
        };
        let above = range.from.is_none_or(|from| number >= from);
        let below = range.to.is_none_or(|to| number <= to);
        Truth::of(side && above && below)
    })
}
