//! A lead for a cell: the least that a lead must have to lie in it.

use smallvec::SmallVec;

use crate::event::{Attribute, Text};
use crate::plan::{
    AccountRule, AdminIx, Clause, Condition, Dimension, Facts, Plan, Point, PositionSource, Range,
    TerritoryIx, Test, Value,
};

use super::super::normal::Literal;
use super::super::truth::{self, Truth};
use super::cell::{Axis, Cell};
use super::codes;
use super::keys;
use super::span::{Run, Span};

/// Values that readers know, tried before whatever a span begins with.
const COUNTRIES: [&str; 8] = ["cn", "us", "de", "fr", "gb", "jp", "in", "br"];
const LANGUAGES: [&str; 6] = ["en", "zh", "de", "fr", "es", "ja"];
const INDUSTRIES: [&str; 6] = ["C", "I", "F", "M", "J", "A"];
const DOMAINS: [&str; 2] = ["firm.example", "other.example"];
const WORDS: [&str; 2] = ["other", "else"];
const CODES: [&str; 4] = ["10001", "200030", "90210", "K1A0B1"];

/// Places tried where a condition only says where a lead must not be, in degrees.
const ELSEWHERE: [(f64, f64); 6] = [
    (31.2, 121.4),
    (40.7, -74.0),
    (52.5, 13.4),
    (-33.9, 151.2),
    (-23.5, -46.6),
    (0.1, 0.1),
];

/// Corners of an area that are tried; a neighbour may own some of them.
const CORNERS: usize = 4;

/// A lead that lies in the cell, as far as can be seen; whoever needs to be sure asks
/// [`meets`]. `areas` has the gazetteer's areas in depth-first order.
pub fn lead<'p>(plan: &'p Plan, areas: &[AdminIx], cell: &Cell<'p>) -> Option<Facts<'p>> {
    let mut facts = Facts::default();
    for (axis, span) in cell.spans().iter().filter(|(_, span)| !span.missing) {
        if *axis == Axis::Admin {
            facts.admin = Some(area(areas, span)?);
        } else {
            give(plan, &mut facts, *axis, span)?;
        }
    }
    give_products(&mut facts, &cell.literals);
    give_attributes(plan, &mut facts, &cell.literals);
    give_position(plan, &mut facts, &cell.literals);
    give_account(&mut facts, &cell.literals);
    Some(facts)
}

/// Whether a lead meets a territory's effective condition.
pub fn meets(plan: &Plan, facts: &Facts<'_>, ix: TerritoryIx) -> bool {
    let mut next = Some(ix);
    while let Some(ix) = next {
        let territory = plan.territory(ix);
        if !holds(plan, facts, &territory.condition) {
            return false;
        }
        next = territory.parent;
    }
    true
}

fn holds(plan: &Plan, facts: &Facts<'_>, condition: &Condition) -> bool {
    truth::condition(plan, facts, condition) == Truth::True
}

fn give<'p>(plan: &'p Plan, facts: &mut Facts<'p>, axis: Axis, span: &Span) -> Option<()> {
    let first = &span.runs().first()?.from;
    match axis {
        Axis::Country => facts.country = Some(sample(span, &COUNTRIES)?),
        Axis::Admin => {}
        Axis::Postal => facts.postal = Some(postal_code(span)?),
        Axis::Street => facts.street = Some(sample(span, &WORDS)?),
        Axis::House => facts.house_number = Some(keys::house_of(first)?),
        Axis::Account => {
            let account = keys::account_of(plan, first);
            facts.account = account.map(|ix| (ix, AccountRule::Id));
            facts.account_id = Some(match account {
                Some(ix) => Text::Borrowed(&plan.accounts[ix.at()].id),
                None => Text::Borrowed("an unlisted account"),
            });
        }
        Axis::Domain => facts.domain = Some(sample(span, &DOMAINS)?),
        Axis::Industry => facts.industry = Some(sample(span, &INDUSTRIES)?),
        Axis::Source => facts.source = Some(sample(span, &WORDS)?),
        Axis::Campaign => facts.campaign = Some(sample(span, &WORDS)?),
        Axis::Language => facts.language = Some(sample(span, &LANGUAGES)?),
        Axis::Employees => facts.employees = Some(number(span)?),
        Axis::Revenue => facts.revenue = Some(number(span)?),
        Axis::Potential => facts.potential = Some(number(span)?),
        Axis::Score => facts.score = Some(number(span)?),
        Axis::Orders => facts.orders = Some(number(span)?),
        Axis::LifetimeValue => facts.lifetime_value = Some(number(span)?),
    }
    Some(())
}

/// A text of the span: a known word, else what a run begins with or something behind it.
fn sample(span: &Span, known: &[&'static str]) -> Option<Text<'static>> {
    let known = known.iter().find(|word| span.holds(&keys::text(word)));
    if let Some(word) = known {
        return Some(Text::Borrowed(word));
    }
    span.runs().iter().find_map(|run| {
        let stem = run.from.strip_suffix(&[0]).unwrap_or(&run.from);
        let stem = std::str::from_utf8(stem).ok()?;
        let endings = ["", "1", "a", "z", "A"].map(|end| format!("{stem}{end}"));
        let found = endings
            .into_iter()
            .find(|text| !text.is_empty() && span.holds(&keys::text(text)));
        found.map(Text::Owned)
    })
}

/// Zero or a whole number near an end of a run, if there is one.
fn number(span: &Span) -> Option<f64> {
    let in_span = |number: &f64| keys::number(*number).is_some_and(|key| span.holds(&key));
    if in_span(&0.0) {
        return Some(0.0);
    }
    span.runs().iter().find_map(|run| {
        let bounded = (!run.from.is_empty()).then(|| keys::number_of(&run.from));
        let first = bounded.flatten();
        let end = run.to.as_ref().and_then(keys::number_of);
        let whole = [first.map(f64::ceil), end.map(|end| end.ceil() - 1.0)];
        let any = [first, end.map(f64::next_down)];
        let mut tries = whole.into_iter().chain(any).flatten();
        tries.find(|one| one.is_finite() && in_span(one))
    })
}

fn postal_code(span: &Span) -> Option<Text<'static>> {
    let code = |run: &Run| codes::code_of(&run.from);
    let of_runs = span.runs().iter().find_map(code).map(Text::Owned);
    of_runs.or_else(|| {
        let known = CODES.iter().find(|code| span.holds(&codes::key_of(code)));
        known.map(|code| Text::Borrowed(*code))
    })
}

/// The area at which the span begins.
fn area(areas: &[AdminIx], span: &Span) -> Option<AdminIx> {
    let number = keys::admin_number(&span.runs().first()?.from)?;
    areas.get(number as usize).copied()
}

fn give_products<'p>(facts: &mut Facts<'p>, literals: &[Literal<'p>]) {
    let mut needed = false;
    for literal in literals
        .iter()
        .filter(|one| *one.dimension == Dimension::Product)
    {
        needed |= needs_value(literal);
        if !literal.wanted {
            continue;
        }
        match literal.test {
            Test::OneOf(values) => {
                if let Some(Value::Text(text)) = values.first() {
                    facts.products.push(Text::Borrowed(text));
                }
            }
            Test::Prefix(prefixes) => {
                facts
                    .products
                    .extend(prefixes.first().map(|text| Text::Borrowed(&**text)));
            }
            _ => {}
        }
    }
    if needed && facts.products.is_empty() {
        facts.products.push(Text::Borrowed(WORDS[0]));
    }
}

/// Whether a literal can only hold of a lead that has a value there.
fn needs_value(literal: &Literal<'_>) -> bool {
    match literal.test {
        Test::Exists(there) => *there == literal.wanted,
        _ => true,
    }
}

fn give_attributes<'p>(plan: &'p Plan, facts: &mut Facts<'p>, literals: &[Literal<'p>]) {
    let mut names: SmallVec<[&'p Dimension; 2]> = SmallVec::new();
    for literal in literals.iter().filter(|one| needs_value(one)) {
        if matches!(literal.dimension, Dimension::Attribute(_))
            && !names.contains(&literal.dimension)
        {
            names.push(literal.dimension);
        }
    }
    for dimension in names {
        let Dimension::Attribute(name) = dimension else {
            continue;
        };
        let of_name = |one: &&Literal<'_>| one.dimension == dimension;
        let tests: SmallVec<[&Literal<'p>; 4]> = literals.iter().filter(of_name).collect();
        let values = tests
            .iter()
            .filter(|one| one.wanted)
            .flat_map(|one| candidates(one.test));
        let values = values.chain([
            Attribute::Text(Text::Borrowed(WORDS[0])),
            Attribute::Number(0.0),
        ]);
        let at = facts
            .attributes
            .partition_point(|(held, _)| **held < **name);
        facts
            .attributes
            .insert(at, (Text::Borrowed(name), Attribute::Bool(true)));
        for value in values {
            facts.attributes[at].1 = value;
            if tests.iter().all(|one| passes(plan, facts, one)) {
                break;
            }
        }
    }
}

/// Values that might pass a test.
fn candidates(test: &Test) -> Vec<Attribute<'_>> {
    match test {
        Test::OneOf(values) => values.iter().filter_map(attribute).collect(),
        Test::Prefix(prefixes) => prefixes
            .iter()
            .map(|text| Attribute::Text(Text::Borrowed(text)))
            .collect(),
        Test::Range(Range { min, max }) => {
            let ends = [*min, max.map(|max| max - 1.0), max.map(f64::next_down)];
            ends.into_iter().flatten().map(Attribute::Number).collect()
        }
        _ => Vec::new(),
    }
}

fn attribute(value: &Value) -> Option<Attribute<'_>> {
    Some(match value {
        Value::Text(text) => Attribute::Text(Text::Borrowed(text)),
        Value::Number(number) => Attribute::Number(*number),
        Value::Bool(flag) => Attribute::Bool(*flag),
        _ => return None,
    })
}

fn passes(plan: &Plan, facts: &Facts<'_>, literal: &Literal<'_>) -> bool {
    let clause = Clause {
        dimension: literal.dimension.clone(),
        test: literal.test.clone(),
    };
    truth::clause(plan, facts, &clause) == Truth::of(literal.wanted)
}

fn give_position<'p>(plan: &'p Plan, facts: &mut Facts<'p>, literals: &[Literal<'p>]) {
    let placed = |one: &&Literal<'_>| matches!(one.dimension, Dimension::Area | Dimension::Within);
    let tests: SmallVec<[&Literal<'p>; 4]> = literals.iter().filter(placed).collect();
    if !tests.iter().any(|one| needs_value(one)) {
        return;
    }
    let mut points: Vec<Point> = Vec::new();
    for test in tests.iter().filter(|one| one.wanted) {
        if let Test::OneOf(values) = test.test {
            values
                .iter()
                .for_each(|value| add_points(plan, value, &mut points));
        }
    }
    let between: Vec<Point> = points
        .windows(2)
        .map(|pair| middle(pair[0], pair[1]))
        .collect();
    let elsewhere = ELSEWHERE
        .iter()
        .filter_map(|&(lat, lon)| Point::from_degrees(lat, lon));
    for point in between.into_iter().chain(points).chain(elsewhere) {
        facts.position = Some((point, PositionSource::Coordinates));
        if tests.iter().all(|one| passes(plan, facts, one)) {
            return;
        }
    }
}

/// The middle of a circle, some corners of an area.
fn add_points(plan: &Plan, value: &Value, points: &mut Vec<Point>) {
    match value {
        Value::Circle(circle) => points.push(circle.center),
        Value::Area(ix) => {
            let ring = plan.areas[ix.at()]
                .polygons
                .first()
                .and_then(|rings| rings.first());
            let Some(ring) = ring else { return };
            let step = (ring.len() / CORNERS).max(1);
            points.extend(ring.iter().step_by(step).take(CORNERS));
        }
        _ => {}
    }
}

fn middle(one: Point, other: Point) -> Point {
    let mean = |a: i32, b: i32| ((i64::from(a) + i64::from(b)) / 2) as i32;
    Point {
        lon_e7: mean(one.lon_e7, other.lon_e7),
        lat_e7: mean(one.lat_e7, other.lat_e7),
    }
}

/// An account named by text or by how its id begins.
fn give_account<'p>(facts: &mut Facts<'p>, literals: &[Literal<'p>]) {
    for literal in literals
        .iter()
        .filter(|one| one.wanted && *one.dimension == Dimension::Account)
    {
        let text = match literal.test {
            Test::Prefix(prefixes) => prefixes.first().map(|text| &**text),
            Test::OneOf(values) => values.iter().find_map(|value| match value {
                Value::Text(text) => Some(&**text),
                _ => None,
            }),
            _ => None,
        };
        facts.account_id = text.map(Text::Borrowed).or(facts.account_id.take());
    }
}
