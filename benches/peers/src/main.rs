//! What one would use instead, on the same plans and leads, answers compared first.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --target-dir target`, and
//! `-- 10k` or `-- 100k` for one size. Prints; an engine whose answers differ is not timed.
//! Engines that know no polygons and no prefixes get the county and three letters of the
//! industry for free, and only leads that lie in a county.
#![allow(
    dead_code,
    reason = "shared with the route bench, which uses more of it"
)]

#[path = "../../../tests/support/atlas.rs"]
mod atlas;
#[path = "../../route/dictionary.rs"]
mod dictionary;
#[path = "../../route/leads.rs"]
mod leads;
#[path = "../../route/oracle.rs"]
mod oracle;
mod plane;
#[path = "../../route/plans.rs"]
mod plans;
#[cfg(feature = "zen")]
mod tables;
mod timing;
mod tree;

use bailiwick::plan::{Facts, Plan};
use bailiwick::route::{Router, Truth, truth};

use dictionary::{LETTERS, Parts};
use leads::{Leads, Places};
use timing::{Asked, time};

/// The repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the rules of these plans say.
pub struct Rule {
    pub territory: u32,
    pub area: u32,
    pub industry: Option<String>,
    pub employees: Option<(f64, Option<f64>)>,
}

/// A lead as peers see it that know no polygons and no prefixes.
pub struct Flat<'l> {
    pub area: usize,
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
        "\n{name}: {} territories, one lead in ns, warm, and batches on one core",
        plan.territories.len()
    );
    let leads = Leads::american(1);
    let places = Places::of(plan);
    let router = Router::compile(plan);
    let routed = |facts: &Facts<'_>| router.route(plan, facts, leads::NOW);
    let ours = |facts: &Facts<'_>| routed(facts).territory.map(|ix| ix.0);
    let answers = oracle::agree(plan, &leads, &places, &routed);
    let whole = Whole {
        leads: &leads,
        places: &places,
        answers: &answers,
    };
    time("bailiwick", &whole, ours);
    let rules = rules(plan);
    let plane = plane::Plane::of(plan, &rules);
    time("rstar + geo + a dictionary", &whole, |facts| {
        plane.by_dictionary(facts)
    });
    time(
        "rstar + geo + scan of the county's rules",
        &whole,
        |facts| plane.by_scan(facts),
    );
    given(plan, &rules, &whole, &plane);
    time("linear scan of all conditions", &whole, |facts| {
        let matches = |rule: &&Rule| {
            let condition = &plan.territories[rule.territory as usize].condition;
            truth::condition(plan, facts, condition) == Truth::True
        };
        rules.iter().find(matches).map(|rule| rule.territory)
    });
}

/// Engines that are given the county.
fn given(plan: &Plan, rules: &[Rule], whole: &Whole<'_>, plane: &plane::Plane) {
    let place = |at| Some((at, plane.county(&whole.lead(at))?));
    let placed = Placed {
        plan,
        whole,
        inside: (0..whole.answers.len()).filter_map(place).collect(),
    };
    for (name, trees) in [
        ("a county", tree::Trees::by_county(plan, rules)),
        ("for all", tree::Trees::whole(plan, rules)),
    ] {
        let name = format!("A-Tree, one tree {name}");
        time(&name, &placed, |lead| trees.route(lead));
    }
    #[cfg(feature = "zen")]
    for (name, tables) in [
        ("a county", tables::Tables::by_county(plan, rules)),
        ("for all", tables::Tables::whole(plan, rules)),
    ] {
        let name = format!("zen-engine, one compiled table {name}");
        time(&name, &placed, |lead| tables.route(lead));
    }
}

/// Leads as our router takes them.
struct Whole<'b> {
    leads: &'b Leads,
    places: &'b Places,
    answers: &'b [Option<u32>],
}

impl<'b> Asked for Whole<'b> {
    type Lead = Facts<'b>;

    fn count(&self) -> usize {
        self.answers.len()
    }

    fn lead(&self, at: usize) -> Facts<'b> {
        self.leads.facts(at, self.places)
    }

    fn answer(&self, at: usize) -> Option<u32> {
        self.answers[at]
    }

    fn read(lead: &Facts<'b>) -> usize {
        let texts = [&lead.postal, &lead.street, &lead.industry, &lead.domain];
        texts.into_iter().flatten().map(|text| sum(text)).sum()
    }
}

/// Leads whose county was found beforehand.
struct Placed<'b> {
    plan: &'b Plan,
    whole: &'b Whole<'b>,
    /// Which leads lie in a county, and in which.
    inside: Vec<(usize, usize)>,
}

impl<'b> Asked for Placed<'b> {
    type Lead = Flat<'b>;

    fn count(&self) -> usize {
        self.inside.len()
    }

    fn lead(&self, at: usize) -> Flat<'b> {
        let (at, area) = self.inside[at];
        let (industry, employees) = self.whole.leads.firm(at);
        Flat {
            area,
            county: &self.plan.areas[area].id,
            industry: industry.map(|code| &code[..LETTERS]),
            employees,
        }
    }

    fn answer(&self, at: usize) -> Option<u32> {
        self.whole.answer(self.inside[at].0)
    }

    fn read(lead: &Flat<'b>) -> usize {
        sum(lead.county) + lead.industry.map_or(0, sum)
    }
}

/// Touches every byte, as decoding would have.
fn sum(text: &str) -> usize {
    text.bytes().map(usize::from).sum()
}

/// The plan's rules, the most specific first: the first that matches wins.
fn rules(plan: &Plan) -> Vec<Rule> {
    let mut rules: Vec<Rule> = plan.territories.iter().zip(0..).map(rule).collect();
    let width =
        |one: &Rule| usize::from(one.industry.is_some()) + usize::from(one.employees.is_some());
    rules.sort_by_key(|one| std::cmp::Reverse(width(one)));
    rules
}

fn rule((territory, at): (&bailiwick::plan::Territory, u32)) -> Rule {
    let parts = Parts::of(&territory.condition);
    Rule {
        territory: at,
        area: parts.area,
        industry: parts.industry.map(str::to_owned),
        employees: parts.sizes,
    }
}
