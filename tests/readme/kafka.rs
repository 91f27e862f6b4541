//! The README's ten minutes to their last step: its plan and its leads on a real Kafka.

use rdkafka::message::{Header, OwnedHeaders};

use crate::broker::deployment::Deployment;
use crate::support::kafka;

use super::{Part, parts, readme, root};

/// What the README's three leads must come to: territory, rep and pool.
const DECIDED: [(&str, [Option<&str>; 3]); 3] = [
    ("L-1", [Some("east-cars"), Some("li"), None]),
    ("L-2", [Some("los-angeles"), Some("evans"), None]),
    ("L-3", [None, None, Some("public")]),
];

fn file(wanted: &str) -> String {
    let mut found = parts(&readme()).into_iter().filter_map(|part| match part {
        Part::File { path, content } => (path == wanted).then_some(content),
        Part::Command { .. } => None,
    });
    found.next().unwrap()
}

/// The header that the README's own command line gives its leads.
fn headers() -> OwnedHeaders {
    let text = readme();
    let line = text
        .lines()
        .find(|line| line.starts_with("$ kcat -P"))
        .unwrap();
    let (_, rest) = line.split_once(" -H ").unwrap();
    let (key, value) = rest.split(' ').next().unwrap().split_once('=').unwrap();
    let value = Some(value);
    OwnedHeaders::new().insert(Header { key, value })
}

#[test]
fn the_ten_minutes_end_with_assignments() {
    let Some(brokers) = kafka::brokers("the_ten_minutes_end_with_assignments") else {
        return;
    };
    let deployment = Deployment::new(&brokers, 4);
    let plan = file("plans/acme/plan.yaml");
    deployment.write_plans(&["acme"], &|_| plan.clone());
    for name in ["cn.csv", "us.csv"] {
        let from = root().join("config/gazetteer").join(name);
        std::fs::copy(from, deployment.plans().join("acme").join(name)).unwrap();
    }
    let _daemon = deployment.daemon("one");
    let producer = deployment.producer();
    for line in file("leads.ndjson").lines() {
        let record = (None, Some(line.as_bytes()), Some(headers()));
        deployment.send(&producer, "leads", 0, record);
    }
    deployment.flush(&producer);
    let seen = deployment.read_until("assignments", |seen| seen.len() >= DECIDED.len());
    for (lead, owner) in DECIDED {
        let json = seen.iter().map(|one| one.json());
        let decision = json.into_iter().find(|one| one["lead"] == lead).unwrap();
        let found = ["territory", "rep", "pool"].map(|key| decision[key].as_str());
        assert_eq!(found, owner, "{lead}: {decision}");
    }
}
