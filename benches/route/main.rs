//! Matching one lead, in nanoseconds: plans of 1,000 to 1,000,000 territories, honest peers in the same run.
//!
//! `cargo bench --bench route`; `-- 100k hostile` runs only the groups whose name holds one
//! of the words; `--keep` puts the figures into `benches/figures` and draws the plot anew.
//! Prints and never fails. Every engine first has to give the answers of the plain evaluation
//! of the plan's conditions.

#[path = "../../tests/support/atlas.rs"]
mod atlas;
mod figures;
mod hostile;
mod leads;
mod measure;
mod peers;
mod plans;

use bailiwick::plan::{Facts, Plan};
use bailiwick::route::{Router, explain};

use leads::Leads;
use measure::{Timed, since};

/// The repository.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Leads whose answers are compared before anything is timed.
const COMPARED: usize = 200;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with('-'))
        .collect();
    let asked =
        |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let keep = |series: &str, plan: &Plan, timed: &Timed| {
        if std::env::args().any(|one| one == "--keep") {
            figures::keep(series, plan.territories.len(), timed);
        }
    };
    println!("route: one lead in ns; clock alone: {}", measure::clock());
    let Some(counties) = atlas::counties() else {
        return;
    };
    for (name, rules) in [("1k", 1), ("10k", 3), ("100k", 31), ("1m", 310)] {
        let name = format!("counties x industry x size {name}");
        if asked(&name) {
            let used = if rules == 1 { 1000 } else { counties.len() };
            let plan = plans::counties(&counties[..used], rules);
            let timed = run(&name, &plan, &Leads::american(1), true);
            keep("counties x industry x size", &plan, &timed);
        }
    }
    for (name, count) in [
        ("1k", 1_000),
        ("10k", 10_000),
        ("100k", 100_000),
        ("1m", 1_000_000),
    ] {
        let name = format!("every dimension {name}");
        if asked(&name) {
            let plan = plans::everything(&counties, count);
            let timed = run(&name, &plan, &Leads::american(2), false);
            keep("every dimension", &plan, &timed);
        }
    }
    for (name, plan) in hostile::all() {
        let name = format!("hostile: {name}");
        if asked(&name) {
            run(&name, &plan(), &Leads::american(3), false);
        }
    }
}

fn run(name: &str, plan: &Plan, leads: &Leads, with_peers: bool) -> Timed {
    let began = std::time::Instant::now();
    let router = Router::compile(plan);
    let compiled = since(began);
    let places = leads::Places::of(plan);
    println!(
        "\n{name}: {} territories, compiled in {compiled:.0?}, {:.1} MB",
        plan.territories.len(),
        router.bytes() as f64 / 1e6
    );
    let compared = COMPARED.min(3_000_000 / plan.territories.len().max(1));
    let mut owned = 0;
    for at in 0..compared {
        let facts = leads.facts(at * 131, &places);
        let found = router.route(plan, &facts, leads::NOW);
        assert_eq!(
            found,
            explain(plan, &facts, leads::NOW).candidates,
            "lead {at}"
        );
        owned += usize::from(found.territory.is_some());
    }
    println!("  {compared} answers agree with the plan's conditions; {owned} have an owner");
    let ours = |facts: &Facts<'_>| {
        router
            .route(plan, facts, leads::NOW)
            .territory
            .map(|ix| ix.0)
    };
    let timed = Timed::of(leads, &places, &ours);
    timed.print("bailiwick");
    if with_peers {
        peers::run(plan, leads, &places, &ours);
    }
    timed
}
