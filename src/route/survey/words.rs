//! Leads and parts of conditions in words, for findings.

use crate::plan::{AdminIx, Dimension, Facts, Plan};

use super::super::describe;
use super::super::postal::zip_of;
use super::cell::{Axis, Cell};
use super::codes;
use super::keys;
use super::span::{Run, Span};

/// Values of a list that are spelled out; the rest is counted.
const LISTED: usize = 5;

/// What a lead says of itself, in the order of the plan's keys.
const TOLD: [Dimension; 18] = [
    Dimension::Account,
    Dimension::Domain,
    Dimension::Country,
    Dimension::Admin,
    Dimension::Postal,
    Dimension::Street,
    Dimension::Within,
    Dimension::Industry,
    Dimension::Employees,
    Dimension::Revenue,
    Dimension::Potential,
    Dimension::Score,
    Dimension::Orders,
    Dimension::LifetimeValue,
    Dimension::Product,
    Dimension::Source,
    Dimension::Campaign,
    Dimension::Language,
];

/// A lead by what it has, such as `industry C, employees 1000`.
pub fn lead(plan: &Plan, facts: &Facts<'_>) -> String {
    let mut told: Vec<String> = Vec::new();
    for dimension in &TOLD {
        let held = match dimension {
            // Its ancestors say nothing more.
            Dimension::Admin => facts.admin.map(|ix| place(plan, ix)),
            _ => describe::held(plan, facts, dimension),
        };
        let name = match dimension {
            Dimension::Within => "position".to_owned(),
            _ => describe::dimension(dimension),
        };
        told.extend(held.map(|held| format!("{name} {held}")));
    }
    for (name, _) in &facts.attributes {
        let dimension = Dimension::Attribute((**name).into());
        let held = describe::held(plan, facts, &dimension);
        told.extend(held.map(|held| format!("attr.{name} {held}")));
    }
    match told.is_empty() {
        true => "nothing but an id".to_owned(),
        false => told.join(", "),
    }
}

/// An area by code and, where it has one, by name.
fn place(plan: &Plan, ix: AdminIx) -> String {
    let node = plan.gazetteer.node(ix);
    match &node.name {
        Some(name) => format!("{} ({name})", node.code),
        None => node.code.to_string(),
    }
}

/// What tells a part from the whole; `None` if nothing does.
pub fn piece(
    plan: &Plan,
    areas: &[AdminIx],
    whole: &[Cell<'_>],
    piece: &Cell<'_>,
) -> Option<String> {
    let narrower = piece.spans().iter().filter(|(axis, span)| {
        let same = |cell: &Cell<'_>| cell.span(*axis) == Some(span);
        !whole.iter().any(same)
    });
    let told: Vec<String> = narrower
        .filter_map(|(axis, span)| field(plan, areas, whole, *axis, span))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn field(
    plan: &Plan,
    areas: &[AdminIx],
    whole: &[Cell<'_>],
    axis: Axis,
    span: &Span,
) -> Option<String> {
    let name = name(axis);
    let mut told = match axis {
        Axis::Admin => places(plan, areas, whole, span),
        Axis::Postal => postal_codes(span),
        Axis::House | Axis::Account => Vec::new(),
        axis if axis.is_number() => span.runs().iter().filter_map(numbers).collect(),
        _ => span.runs().iter().filter_map(text).collect(),
    };
    let more = told.len().saturating_sub(LISTED);
    told.truncate(LISTED);
    if more > 0 {
        told.push(format!("{more} more"));
    }
    let values = (!told.is_empty()).then(|| format!("{name} {}", told.join(" or ")));
    let others = (told.is_empty() && !span.runs().is_empty()).then(|| format!("another {name}"));
    let none = span.missing.then(|| format!("no {name}"));
    let parts: Vec<String> = [none, values, others].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" or "))
}

const fn name(axis: Axis) -> &'static str {
    match axis {
        Axis::Country => "country",
        Axis::Admin => "admin",
        Axis::Postal => "postal",
        Axis::Street => "street",
        Axis::House => "house number",
        Axis::Account => "account",
        Axis::Domain => "domain",
        Axis::Industry => "industry",
        Axis::Employees => "employees",
        Axis::Revenue => "revenue",
        Axis::Potential => "potential",
        Axis::Score => "score",
        Axis::Orders => "orders",
        Axis::LifetimeValue => "lifetime_value",
        Axis::Source => "source",
        Axis::Campaign => "campaign",
        Axis::Language => "language",
    }
}

/// The topmost areas that lie wholly in the span; areas that are there without all of their
/// parts are named as such. Only countries that the whole is about count.
fn places(plan: &Plan, areas: &[AdminIx], whole: &[Cell<'_>], span: &Span) -> Vec<String> {
    let mut told = Vec::new();
    let mut next = 0;
    for (at, ix) in areas.iter().enumerate() {
        let country = keys::text(plan.gazetteer.country_of(*ix));
        let meant = |cell: &Cell<'_>| {
            cell.span(Axis::Country)
                .is_none_or(|span| span.holds(&country))
        };
        if at < next || !whole.iter().any(meant) {
            continue;
        }
        let subtree = keys::admin_subtree(plan, ix.at());
        if Span::of([subtree.clone()]).lies_in(span) {
            told.push(place(plan, *ix));
            next = plan.gazetteer.span(*ix).1 as usize + 1;
        } else if span.holds(&subtree.from) {
            told.push(format!("{} and nothing finer", place(plan, *ix)));
        }
    }
    told
}

/// Runs of codes. Of a ZIP and the ZIP+4s in it the ZIP says enough.
fn postal_codes(span: &Span) -> Vec<String> {
    let mut all: Vec<String> = span.runs().iter().filter_map(postal).collect();
    let plus = |told: &String| zip_of(told.split("..").next().unwrap_or_default()).is_some();
    if !all.iter().all(plus) {
        all.retain(|told| !plus(told));
    }
    all
}

fn postal(run: &Run) -> Option<String> {
    let from = codes::code_of(&run.from)?;
    match run.to.as_ref().and_then(codes::code_before) {
        Some(to) if to == from => Some(from),
        Some(to) if to.len() == from.len() => Some(format!("{from}..{to}")),
        _ => None,
    }
}

fn numbers(run: &Run) -> Option<String> {
    let to = run.to.as_ref().and_then(keys::number_of);
    match (run.from.is_empty(), to) {
        (true, Some(to)) => Some(format!("below {to}")),
        (true, None) => None,
        (false, to) => {
            let from = keys::number_of(&run.from)?;
            Some(match to {
                Some(to) => format!("from {from} to below {to}"),
                None => format!("from {from}"),
            })
        }
    }
}

/// A text alone, or all that begin with one; what lies between texts has no name.
fn text(run: &Run) -> Option<String> {
    let text = std::str::from_utf8(&run.from).ok()?;
    let named = !text.is_empty() && !text.contains('\0');
    if named && *run == Run::of(run.from.clone()) {
        return Some(text.to_owned());
    }
    (named && *run == Run::beginning_with(run.from.clone())).then(|| format!("{text}*"))
}
