//! Matching one lead, in nanoseconds: plans of 1,000 to 1,000,000 territories, honest peers in the same run.
//!
//! `cargo bench --bench route`; `-- 100k hostile` runs only the groups whose name holds one
//! of the words; `--keep` puts the figures into `benches/figures` and draws the plot anew.
//! Prints and never fails, but for a wrong answer: every engine first has to give those of the
//! plain evaluation of the plan's conditions.

#[path = "../../tests/support/atlas.rs"]
mod atlas;
mod dictionary;
#[path = "../../tests/support/divisions.rs"]
mod divisions;
mod figures;
mod hostile;
mod language;
mod layouts;
mod leads;
mod measure;
mod oracle;
mod peers;
mod plans;

use bailiwick::plan::{Area, Facts, Plan};
use bailiwick::route::{Router, explain};

use leads::{Leads, Places};
use measure::{Timed, since};

/// The repository.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Leads whose overlays and explanations are compared as well, before anything is timed.
const EXPLAINED: usize = 200;

/// Plans that use more than three dimensions: flat ones, and trees with overlays.
const KINDS: [(&str, Maker); 2] = [
    ("every dimension", plans::everything),
    ("whole language", language::plan),
];

/// Makes a plan of so many territories.
type Maker = fn(&[Area], usize) -> Plan;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    println!("route: one lead in ns; clock alone: {}", measure::clock());
    let Some(counties) = atlas::counties() else {
        return;
    };
    sizes(&counties);
    for (name, plan) in hostile::all() {
        let name = format!("hostile: {name}");
        if asked(&name) {
            run(&name, &plan(), &Leads::american(3), None, false);
        }
    }
    layouts(&counties);
}

/// Whether the group is wanted.
fn asked(name: &str) -> bool {
    let mut words = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with('-'))
        .peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}

/// Plans of growing size, whose figures make the plot.
fn sizes(counties: &[Area]) {
    let keep = |series: &str, plan: &Plan, timed: &Timed| {
        if std::env::args().any(|one| one == "--keep") {
            figures::keep(series, plan.territories.len(), timed);
        }
    };
    for (name, rules) in [("1k", 1), ("10k", 3), ("100k", 31), ("1m", 310)] {
        let name = format!("counties x industry x size {name}");
        if asked(&name) {
            let used = if rules == 1 { 1000 } else { counties.len() };
            let plan = plans::counties(&counties[..used], rules);
            let timed = run(&name, &plan, &Leads::american(1), None, true);
            keep("counties x industry x size", &plan, &timed);
        }
    }
    let sizes = [
        ("1k", 1_000),
        ("10k", 10_000),
        ("100k", 100_000),
        ("1m", 1_000_000),
    ];
    for (series, make) in KINDS {
        for (name, count) in sizes {
            let name = format!("{series} {name}");
            if asked(&name) {
                let plan = make(counties, count);
                let timed = run(&name, &plan, &Leads::american(2), None, false);
                keep(series, &plan, &timed);
            }
        }
    }
}

/// Plans as sales teams draw them.
fn layouts(counties: &[Area]) {
    let name = "layout: lists of 13 ZIP codes";
    if asked(name) {
        let leads = Leads::american(4);
        let plan = layouts::zip_lists(&leads.codes());
        run(name, &plan, &leads, None, false);
    }
    let name = "layout: overlapping metro areas";
    if asked(name) {
        let plan = layouts::metros(&leads::towns());
        run(name, &plan, &Leads::american(5), None, false);
    }
    for (share, one_in) in [(1, 100), (20, 5)] {
        let name = format!("layout: 5,000 named accounts, {share} % of leads");
        if asked(&name) {
            let plan = layouts::named_accounts(counties);
            run(&name, &plan, &Leads::american(6), Some(one_in), false);
        }
    }
    let name = "layout: districts of China";
    if asked(name)
        && let Some(districts) = divisions::districts()
    {
        let plan = plans::divide(plans::over("cn", &districts), 31);
        run(name, &plan, &Leads::chinese(7), None, false);
    }
}

/// `named` is how many leads there are to one of a named account, where that is not as usual.
fn run(name: &str, plan: &Plan, leads: &Leads, named: Option<u32>, with_peers: bool) -> Timed {
    let began = std::time::Instant::now();
    let router = Router::compile(plan);
    let compiled = since(began);
    let mut places = Places::of(plan);
    if let Some(one_in) = named {
        places = places.named(one_in);
    }
    println!(
        "\n{name}: {} territories, compiled in {compiled:.0?}, {:.1} MB",
        plan.territories.len(),
        router.bytes() as f64 / 1e6
    );
    for at in 0..EXPLAINED.min(3_000_000 / plan.territories.len().max(1)) {
        let facts = leads.facts(at * 131, &places);
        let found = router.route(plan, &facts, leads::NOW);
        let explained = explain(plan, &facts, leads::NOW).candidates;
        assert_eq!(found, explained, "lead {at}");
    }
    let routed = |facts: &Facts<'_>| router.route(plan, facts, leads::NOW);
    let ours = |facts: &Facts<'_>| routed(facts).territory.map(|ix| ix.0);
    let answers = oracle::agree(plan, leads, &places, &routed);
    let timed = Timed::of(leads, &places, &ours);
    timed.print("bailiwick");
    if with_peers {
        peers::run(plan, leads, &places, &answers);
    }
    timed
}
