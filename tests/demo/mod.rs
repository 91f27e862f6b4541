//! The demo's traffic against the example plan.

mod running;

use std::collections::BTreeMap;
use std::path::Path;

use bailiwick::cli::demo::traffic::{Arrivals, Kind, Settings, Traffic};
use bailiwick::event::{Timestamp, TopicRole};
use bailiwick::route::Snapshot;
use bailiwick::stream::wire::{self, Decoded, Headers, Mapping, Record, WireLimits};

/// Leads by territory, of so many generated ones.
fn leads_by_territory(count: usize) -> BTreeMap<String, usize> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/example");
    let snapshot = Snapshot::build(bailiwick::plan::load(&example).plan.unwrap());
    let start = Timestamp(1_795_392_000_000);
    let traffic = Traffic::new(Settings {
        seed: 1,
        start,
        tenants: vec!["acme".into()],
        arrivals: Arrivals::Steady { per_second: 100.0 },
        life: None,
    });
    let mut counts = BTreeMap::new();
    for record in traffic.filter(|one| one.kind == Kind::Lead).take(count) {
        let place = territory(&snapshot, &record.value, start);
        *counts.entry(place).or_default() += 1;
    }
    counts
}

fn territory(snapshot: &Snapshot, json: &[u8], now: Timestamp) -> String {
    let record = Record {
        role: TopicRole::Leads,
        topic: "leads",
        partition: 0,
        offset: 0,
        timestamp: None,
        key: None,
        value: Some(json),
        headers: Headers::default(),
    };
    let decoded = wire::decode(&record, WireLimits::default(), &Mapping::default());
    let Ok(Decoded::Lead(lead)) = decoded else {
        panic!("the generator wrote no lead: {decoded:?}");
    };
    assert!(lead.ignored.is_empty(), "{:?}", lead.ignored);
    let facts = snapshot.normaliser.facts(&snapshot.plan, &lead);
    let found = snapshot.router.route(&snapshot.plan, &facts, now).territory;
    found.map_or_else(String::new, |ix| snapshot.plan.territory(ix).id.to_string())
}

#[test]
fn generated_leads_reach_all_of_the_example_plan() {
    let counts = leads_by_territory(40_000);
    let nowhere = counts.get("").copied().unwrap_or(0);
    assert!(nowhere < 400, "{nowhere} of 40,000 leads fall nowhere");
    for area in [
        "lujiazui-finance",
        "zhongguancun",
        "silicon-valley",
        "shenzhen-tech-park",
    ] {
        assert!(counts.contains_key(area), "no lead in {area}: {counts:?}");
    }
    assert!(counts.len() > 40, "{counts:?}");
}
