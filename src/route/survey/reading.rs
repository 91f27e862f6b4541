//! From conditions to cells: which values of which fields each alternative lets through.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use crate::plan::condition::{PostalCodes, PostalPattern, StreetPlace, StreetRange};
use crate::plan::gazetteer::code;
use crate::plan::{Condition, Dimension, Plan, Range, Test, Value};

use super::super::normal::{self, Literal};
use super::super::postal::form_of;
use super::cell::{Axis, Cell, joined};
use super::codes;
use super::keys;
use super::span::{Run, Span};

/// Cells of one territory's own condition, and of its effective one, at most. Conditions with
/// more are not looked into.
pub const MAX_CELLS: usize = 256;

/// Reads conditions.
pub struct Reader<'p> {
    plan: &'p Plan,
    /// The forms of the postal codes that the plan names.
    forms: BTreeSet<String>,
    /// The areas of each country of the gazetteer, and that country.
    countries: Vec<(Span, Run)>,
}

impl<'p> Reader<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        let mut forms: BTreeSet<String> = codes::ZIP_FORMS.map(str::to_owned).into();
        for territory in &plan.territories {
            add_forms(&territory.condition, &mut forms);
        }
        let nodes = plan.gazetteer.nodes().iter().enumerate();
        let roots = nodes.filter(|(_, node)| node.parent.is_none());
        let countries = roots.map(|(at, node)| {
            let areas = Span::of([keys::admin_subtree(plan, at)]);
            let (country, _) = code::split(&node.code);
            (areas, Run::of(keys::text(country)))
        });
        Self {
            plan,
            forms,
            countries: countries.collect(),
        }
    }

    /// The cells of a condition; `None` if there are too many.
    pub fn cells(&self, condition: &'p Condition) -> Option<Vec<Cell<'p>>> {
        let mut cells = Vec::new();
        for alternative in normal::alternatives(condition)? {
            let mut of_one = vec![Cell::default()];
            for literal in alternative {
                of_one = joined(&of_one, &self.literal(literal), MAX_CELLS)?;
            }
            cells.extend(of_one);
            if cells.len() > MAX_CELLS {
                return None;
            }
        }
        cells.retain_mut(|cell| self.agrees_on_country(cell));
        Some(cells)
    }

    /// A lead whose code lies in a country is in that country. Whether there may be any.
    fn agrees_on_country(&self, cell: &mut Cell<'p>) -> bool {
        let Some(span) = cell.span(Axis::Admin).filter(|span| !span.missing) else {
            return true;
        };
        let met = self.countries.iter();
        let met = met.filter(|(areas, _)| !areas.and(span).is_empty());
        let countries = Span::of(met.map(|(_, country)| country.clone()));
        cell.narrow(Axis::Country, &countries).is_some()
    }

    fn literal(&self, literal: Literal<'p>) -> Vec<Cell<'p>> {
        let Literal {
            dimension,
            test,
            wanted,
        } = literal;
        let cells = match (test, dimension) {
            (Test::OneOf(values), Dimension::Postal) => self.postal(values, wanted),
            (Test::OneOf(values), Dimension::Street) if wanted => self.streets(values),
            (Test::Exists(there), _) => Axis::of(dimension).map(|axis| {
                let there = *there == wanted;
                vec![Cell::on(
                    axis,
                    if there {
                        Span::present()
                    } else {
                        Span::absent()
                    },
                )]
            }),
            _ => self.divided(dimension, test, wanted),
        };
        cells.unwrap_or_else(|| vec![Cell::testing(literal)])
    }

    /// A test that divides the values of one field.
    fn divided(&self, dimension: &Dimension, test: &Test, wanted: bool) -> Option<Vec<Cell<'p>>> {
        let axis = Axis::of(dimension)?;
        let passing = match test {
            Test::OneOf(values) => Span::of(self.runs(axis, values)?),
            Test::Prefix(prefixes) => self.prefixes(axis, prefixes)?,
            Test::Range(range) if axis.is_number() => between(range)?,
            _ => return None,
        };
        let span = match wanted {
            true => passing,
            false => Span::present().minus(&passing),
        };
        Some(match span.is_empty() {
            true => Vec::new(),
            false => vec![Cell::on(axis, span)],
        })
    }

    fn runs(&self, axis: Axis, values: &[Value]) -> Option<Vec<Run>> {
        let run = |value: &Value| match (axis, value) {
            (Axis::Admin, Value::Admin(ix)) => Some(keys::admin_subtree(self.plan, ix.at())),
            (Axis::Account, Value::Account(ix)) => Some(Run::of(keys::account(*ix))),
            (Axis::Industry, Value::Text(code)) => Some(Run::beginning_with(keys::text(code))),
            (Axis::Admin | Axis::Account | Axis::Postal | Axis::Street | Axis::House, _) => None,
            (axis, Value::Number(number)) if axis.is_number() => keys::number(*number).map(Run::of),
            (axis, Value::Text(text)) if !axis.is_number() => Some(Run::of(keys::text(text))),
            _ => None,
        };
        values.iter().map(run).collect()
    }

    fn prefixes(&self, axis: Axis, prefixes: &[Box<str>]) -> Option<Span> {
        let plain = |prefix| Run::beginning_with(keys::text(prefix));
        match axis {
            Axis::Postal => {
                Some(Span::of(prefixes.iter().flat_map(|prefix| {
                    codes::beginning_with(prefix, &self.forms)
                })))
            }
            Axis::Country
            | Axis::Street
            | Axis::Domain
            | Axis::Industry
            | Axis::Source
            | Axis::Campaign
            | Axis::Language => Some(Span::of(prefixes.iter().map(|prefix| &**prefix).map(plain))),
            _ => None,
        }
    }

    /// Codes of one country each, or of the lead's own, whichever that is.
    fn postal(&self, values: &'p [Value], wanted: bool) -> Option<Vec<Cell<'p>>> {
        let mut patterns: Vec<&PostalPattern> = Vec::with_capacity(values.len());
        for value in values {
            match value {
                Value::Postal(pattern) => patterns.push(pattern),
                _ => return None,
            }
        }
        patterns.sort_by(|a, b| a.country.cmp(&b.country));
        let groups = patterns.chunk_by(|a, b| a.country == b.country);
        let groups = groups.map(|group| {
            let runs = group
                .iter()
                .flat_map(|one| codes::runs(&one.codes, &self.forms));
            (group[0].country.as_deref(), Span::of(runs))
        });
        match wanted {
            true => Some(
                groups
                    .filter_map(|(country, span)| within(country, &span))
                    .collect(),
            ),
            false => groups
                .map(|(country, span)| outside(country, &span))
                .try_fold(vec![Cell::default()], |cells, group| {
                    joined(&cells, &group, MAX_CELLS)
                }),
        }
    }

    fn streets(&self, values: &'p [Value]) -> Option<Vec<Cell<'p>>> {
        let mut cells = Vec::with_capacity(values.len());
        for value in values {
            let Value::Street(range) = value else {
                return None;
            };
            cells.extend(self.street(range));
        }
        (cells.len() <= MAX_CELLS).then_some(cells)
    }

    fn street(&self, range: &StreetRange) -> Option<Cell<'p>> {
        let mut cell = match &range.place {
            StreetPlace::Admin(ix) => {
                let span = Span::of([keys::admin_subtree(self.plan, ix.at())]);
                Cell::on(Axis::Admin, span)
            }
            StreetPlace::Postal(pattern) => {
                let span = Span::of(codes::runs(&pattern.codes, &self.forms));
                within(pattern.country.as_deref(), &span)?
            }
        };
        let name = Span::of([Run::of(keys::text(&range.name))]);
        cell.narrow(Axis::Street, &name)?;
        if let Some(houses) = keys::houses(range) {
            cell.narrow(Axis::House, &Span::of(houses))?;
        }
        Some(cell)
    }
}

/// Codes of this span in a country.
fn within<'p>(country: Option<&str>, span: &Span) -> Option<Cell<'p>> {
    let mut cell = Cell::default();
    cell.narrow(Axis::Postal, span)?;
    if let Some(country) = country {
        let country = Span::of([Run::of(keys::text(country))]);
        cell.narrow(Axis::Country, &country)?;
    }
    Some(cell)
}

/// Leads with a code that is not of this span, or not of this country.
fn outside<'p>(country: Option<&str>, span: &Span) -> Vec<Cell<'p>> {
    let others = Span::present().minus(span);
    let mut cells = Vec::new();
    if !others.is_empty() {
        cells.push(Cell::on(Axis::Postal, others));
    }
    if let Some(country) = country {
        let own = Span::of([Run::of(keys::text(country))]);
        let mut cell = Cell::on(Axis::Postal, Span::present());
        cells.extend(
            cell.narrow(Axis::Country, &Span::present().minus(&own))
                .map(|()| cell),
        );
    }
    cells
}

fn between(range: &Range) -> Option<Span> {
    let from = match range.min {
        Some(min) => keys::number(min)?,
        None => SmallVec::new(),
    };
    let to = match range.max {
        Some(max) => Some(keys::number(max)?),
        None => None,
    };
    Some(Span::of([Run { from, to }]))
}

fn add_forms(condition: &Condition, forms: &mut BTreeSet<String>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| add_forms(part, forms));
        }
        Condition::Not(part) => add_forms(part, forms),
        Condition::Clause(clause) => add_forms_of_test(&clause.test, forms),
    }
}

fn add_forms_of_test(test: &Test, forms: &mut BTreeSet<String>) {
    match test {
        Test::Not(inner) => add_forms_of_test(inner, forms),
        Test::All(parts) => parts.iter().for_each(|one| add_forms_of_test(one, forms)),
        Test::OneOf(values) => {
            for value in values {
                let pattern = match value {
                    Value::Postal(pattern) => pattern,
                    Value::Street(range) => match &range.place {
                        StreetPlace::Postal(pattern) => pattern,
                        StreetPlace::Admin(_) => continue,
                    },
                    _ => continue,
                };
                if let PostalCodes::Exact(code) | PostalCodes::Range(code, _) = &pattern.codes {
                    forms.insert(form_of(code));
                }
            }
        }
        Test::Prefix(_) | Test::Range(_) | Test::Exists(_) => {}
    }
}
