//! What one would use instead, on the same plans and leads, answers compared first.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --target-dir target`, and
//! `-- 10k` or `-- 100k` for one size. Prints and never fails. All peers get the county's
//! code and three letters of the industry for free where they know no polygons or prefixes.
#![allow(
    dead_code,
    reason = "shared with the route bench, which uses more of it"
)]

#[path = "../../../tests/support/atlas.rs"]
mod atlas;
#[path = "../../route/leads.rs"]
mod leads;
mod plane;
#[path = "../../route/plans.rs"]
mod plans;
#[cfg(feature = "zen")]
mod tables;
mod tree;

use std::hint::black_box;
use std::time::{Duration, Instant};

use bailiwick::plan::{Condition, Dimension, Facts, Plan, Test, Value};
use bailiwick::route::{Router, Truth, truth};
use hdrhistogram::Histogram;

use leads::{Leads, Places};

/// The repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Leads on which answers are compared, and how long each peer is timed at most.
const COMPARED: usize = 2_000;
const TIMED: Duration = Duration::from_secs(5);
const CALLS: usize = 200_000;

/// What the rules of these plans say.
pub struct Rule {
    pub territory: u32,
    pub area: u32,
    pub industry: Option<String>,
    pub employees: Option<(f64, Option<f64>)>,
}

/// A lead as peers see it that know no polygons and no prefixes.
pub struct Flat<'l> {
    pub county: &'l str,
    pub industry: Option<&'l str>,
    pub employees: Option<f64>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(counties) = atlas::counties() else {
        return;
    };
    for (name, rules) in [("10k", 3), ("100k", 31)] {
        if words.is_empty() || words.iter().any(|word| word == name) {
            run(name, &plans::counties(&counties, rules));
        }
    }
}

fn run(name: &str, plan: &Plan) {
    println!(
        "\n{name}: {} territories, one lead in ns, warm",
        plan.territories.len()
    );
    let leads = Leads::american(1);
    let places = Places::of(plan);
    let router = Router::compile(plan);
    let ours = |facts: &Facts<'_>| {
        router
            .route(plan, facts, leads::NOW)
            .territory
            .map(|ix| ix.0)
    };
    let mut rules: Vec<Rule> = plan.territories.iter().zip(0..).map(rule).collect();
    // The first rule that matches shall be the most specific one.
    let width =
        |one: &Rule| usize::from(one.industry.is_some()) + usize::from(one.employees.is_some());
    rules.sort_by_key(|one| std::cmp::Reverse(width(one)));
    let bench = Bench {
        leads: &leads,
        places: &places,
        ours: &ours,
    };
    bench.time("bailiwick", &ours);
    let plane = plane::Plane::of(plan, &rules);
    bench.time("rstar + geo + scan of the county's rules", &|facts| {
        plane.route(facts)
    });
    let county = |facts: &Facts<'_>| plane.county(facts);
    let flat = |facts: &Facts<'_>| -> Option<(usize, Option<String>)> {
        Some((
            county(facts)?,
            facts.industry.as_deref().map(|code| code[..3].to_owned()),
        ))
    };
    let tree = tree::Tree::of(plan, &rules);
    bench.given(plan, "a-tree, county given", &flat, &|lead| {
        tree.route(lead)
    });
    #[cfg(feature = "zen")]
    for (name, tables) in [
        ("a county", tables::Tables::by_county(plan, &rules)),
        ("for all", tables::Tables::whole(plan, &rules)),
    ] {
        let name = format!("zen-engine, a compiled table {name}");
        bench.given(plan, &name, &flat, &|lead| tables.route(lead));
    }
    bench.time("linear scan of all conditions", &|facts| {
        let matches = |rule: &&Rule| {
            let condition = &plan.territories[rule.territory as usize].condition;
            truth::condition(plan, facts, condition) == Truth::True
        };
        rules.iter().find(matches).map(|rule| rule.territory)
    });
}

type Engine<'e> = &'e dyn Fn(&Facts<'_>) -> Option<u32>;

struct Bench<'b> {
    leads: &'b Leads,
    places: &'b Places,
    ours: Engine<'b>,
}

impl Bench<'_> {
    fn time(&self, name: &str, engine: Engine<'_>) {
        self.measure(name, &|at, timed| {
            let facts = self.leads.facts(at, self.places);
            (timed(&mut || engine(&facts)), (self.ours)(&facts))
        });
    }

    /// Times an engine on leads whose county is found beforehand.
    fn given(
        &self,
        plan: &Plan,
        name: &str,
        flat: &dyn Fn(&Facts<'_>) -> Option<(usize, Option<String>)>,
        engine: &dyn Fn(&Flat<'_>) -> Option<u32>,
    ) {
        self.measure(name, &|at, timed| {
            let facts = self.leads.facts(at, self.places);
            let known = flat(&facts);
            let answer = known.and_then(|(county, industry)| {
                let lead = Flat {
                    county: &plan.areas[county].id,
                    industry: industry.as_deref(),
                    employees: facts.employees,
                };
                timed(&mut || engine(&lead))
            });
            (answer, (self.ours)(&facts))
        });
    }

    fn measure(
        &self,
        name: &str,
        call: &dyn Fn(
            usize,
            &mut dyn FnMut(&mut dyn FnMut() -> Option<u32>) -> Option<u32>,
        ) -> (Option<u32>, Option<u32>),
    ) {
        let mut taken = Histogram::<u64>::new(3).expect("three digits are within what it can hold");
        let (mut compared, mut differ) = (0, 0);
        let begun = Instant::now();
        for at in 0..CALLS {
            let mut timed = |engine: &mut dyn FnMut() -> Option<u32>| {
                let began = Instant::now();
                let answer = black_box(engine());
                let _ = taken.record(began.elapsed().as_nanos() as u64);
                answer
            };
            let (theirs, ours) = call(at, &mut timed);
            if at < COMPARED {
                compared += 1;
                differ += usize::from(theirs != ours);
            }
            if begun.elapsed() > TIMED {
                break;
            }
        }
        println!(
            "  {name:<42} p50 {:>9} p99 {:>9} of {:>6} calls; {differ} of {compared} answers differ",
            taken.value_at_quantile(0.5),
            taken.value_at_quantile(0.99),
            taken.len(),
        );
    }
}

fn rule((territory, at): (&bailiwick::plan::Territory, u32)) -> Rule {
    let mut rule = Rule {
        territory: at,
        area: 0,
        industry: None,
        employees: None,
    };
    let Condition::All(parts) = &territory.condition else {
        return rule;
    };
    for part in parts {
        let Condition::Clause(clause) = part else {
            continue;
        };
        match (&clause.dimension, &clause.test) {
            (Dimension::Area, Test::OneOf(values)) => {
                if let Some(Value::Area(ix)) = values.first() {
                    rule.area = ix.0;
                }
            }
            (_, Test::OneOf(values)) => {
                if let Some(Value::Text(code)) = values.first() {
                    rule.industry = Some(code.to_string());
                }
            }
            (_, Test::Range(range)) => {
                rule.employees = range.min.map(|min| (min, range.max));
            }
            _ => {}
        }
    }
    rule
}
