//! Which of two territories ranks before the other.

use std::collections::BTreeSet;

use bailiwick::plan::condition::{PostalCodes, Side};
use bailiwick::plan::{
    Condition, Dimension, Plan, Precedence, Territory, TerritoryIx, Test, Value,
};

use super::plane::surface;

/// How fine a place is: the tier, the kind within it, the narrowness. Higher is finer.
type Fine = (u8, u8, f64);

const ANYWHERE: Fine = (0, 0, 0.0);

fn finer(one: Fine, two: Fine) -> Fine {
    if one.partial_cmp(&two).unwrap().is_ge() {
        one
    } else {
        two
    }
}

fn wider(one: Fine, two: Fine) -> Fine {
    if one.partial_cmp(&two).unwrap().is_ge() {
        two
    } else {
        one
    }
}

/// What a condition constrains: names the customer, its dimensions, its finest place.
#[derive(Clone, Debug, Default)]
struct Weight {
    names: bool,
    dimensions: BTreeSet<String>,
    place: Option<Fine>,
}

fn weigh(plan: &Plan, asked: &Condition) -> Weight {
    match asked {
        Condition::All(parts) => parts
            .iter()
            .map(|one| weigh(plan, one))
            .fold(Weight::default(), both),
        Condition::Any(parts) => parts
            .iter()
            .map(|one| weigh(plan, one))
            .reduce(either)
            .unwrap_or_default(),
        Condition::Not(_) => Weight::default(),
        Condition::Clause(one) => weigh_test(plan, &one.dimension, &one.test),
    }
}

fn both(one: Weight, two: Weight) -> Weight {
    Weight {
        names: one.names || two.names,
        dimensions: one.dimensions.union(&two.dimensions).cloned().collect(),
        place: match (one.place, two.place) {
            (Some(a), Some(b)) => Some(finer(a, b)),
            (a, b) => a.or(b),
        },
    }
}

fn either(one: Weight, two: Weight) -> Weight {
    Weight {
        names: one.names && two.names,
        dimensions: one
            .dimensions
            .intersection(&two.dimensions)
            .cloned()
            .collect(),
        place: one.place.zip(two.place).map(|(a, b)| wider(a, b)),
    }
}

fn weigh_test(plan: &Plan, dimension: &Dimension, test: &Test) -> Weight {
    use Dimension::{Account, Admin, Area, Country, Domain, Postal, Street, Within};
    let group = match dimension {
        Account | Domain => "customer".to_owned(),
        Street | Area | Within | Postal | Admin | Country => "place".to_owned(),
        other => format!("{other:?}"),
    };
    let place = match test {
        Test::Not(_) => return Weight::default(),
        Test::All(parts) => {
            return parts
                .iter()
                .map(|one| weigh_test(plan, dimension, one))
                .fold(Weight::default(), both);
        }
        Test::OneOf(values) => values
            .iter()
            .map(|value| fineness(plan, value))
            .reduce(wider),
        Test::Prefix(prefixes) if *dimension == Postal => prefixes
            .iter()
            .map(|one| (5, 0, one.len() as f64))
            .reduce(wider),
        Test::Prefix(_) | Test::Range(_) | Test::Exists(_) => None,
    };
    Weight {
        names: group == "customer" && matches!(test, Test::OneOf(_)),
        place: (group == "place").then(|| place.unwrap_or(ANYWHERE)),
        dimensions: BTreeSet::from([group]),
    }
}

/// A surface without the last digits, in which equal shapes drawn from another corner differ.
fn coarse(surface: f64) -> f64 {
    (surface * 1e9).round()
}

fn fineness(plan: &Plan, value: &Value) -> Fine {
    match value {
        Value::Text(_) => (1, 0, 0.0),
        Value::Admin(ix) => {
            let node = &plan.gazetteer.nodes()[ix.at()];
            (1 + node.level.min(3), node.level, node.code.len() as f64)
        }
        Value::Area(ix) => (5, 1, -coarse(surface(&plan.areas[ix.at()]))),
        Value::Circle(circle) => {
            let angle = (circle.radius_m / 6_371_008.8).min(std::f64::consts::PI);
            (5, 1, -coarse(std::f64::consts::TAU * (1.0 - angle.cos())))
        }
        Value::Postal(pattern) => match &pattern.codes {
            PostalCodes::Prefix(one) => (5, 0, one.len() as f64),
            PostalCodes::Exact(one) => (5, 2, one.len() as f64),
            PostalCodes::Range(from, to) if from == to => (5, 2, from.len() as f64),
            PostalCodes::Range(from, to) => {
                let same = from
                    .chars()
                    .zip(to.chars())
                    .take_while(|(a, b)| a == b)
                    .count();
                (5, 2, same as f64 + 0.5)
            }
        },
        Value::Street(range) => {
            let open = range.to.map_or(1e15, f64::from);
            let sides = if range.side == Side::Both { 2.0 } else { 1.0 };
            (
                6,
                0,
                -((open - f64::from(range.from.unwrap_or(0))).max(0.0) * sides),
            )
        }
        _ => ANYWHERE,
    }
}

/// Territories from the root down.
pub fn path(plan: &Plan, ix: TerritoryIx) -> Vec<&Territory> {
    let one = plan.territory(ix);
    let mut above = one.parent.map_or(vec![], |parent| path(plan, parent));
    above.push(one);
    above
}

/// Whether the territory `one` ranks before `two`.
pub fn ranks_before(plan: &Plan, one: TerritoryIx, two: TerritoryIx) -> bool {
    if plan.precedence == Precedence::Listed {
        let (a, b) = (path(plan, one), path(plan, two));
        let a_below_b = a.iter().any(|t| t.id == plan.territory(two).id);
        let b_below_a = b.iter().any(|t| t.id == plan.territory(one).id);
        return a_below_b || (!b_below_a && one < two);
    }
    let key = |ix| {
        let path = path(plan, ix);
        let weight = path
            .iter()
            .map(|t| weigh(plan, &t.condition))
            .fold(Weight::default(), both);
        (
            path[path.len() - 1].priority,
            weight.names,
            weight.dimensions.len(),
            weight.place,
            path.len(),
        )
    };
    let (a, b) = (key(one), key(two));
    match a.partial_cmp(&b).unwrap() {
        std::cmp::Ordering::Equal => plan.territory(one).id < plan.territory(two).id,
        order => order.is_gt(),
    }
}
