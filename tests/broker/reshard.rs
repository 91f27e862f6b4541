//! `bailiwick reshard` on a real Kafka: everything stays known, and no number is given twice.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;

use serde_json::Value;

use crate::support::kafka;

use super::deployment::{Deployment, Reader, Seen, wait_until};
use super::exactly_once::{await_drained, deployment, produce};
use super::population::{leads, tenants};

const SEED: u64 = 9_001;
const TENANTS: usize = 40;
/// Leads before the move; as many come after it.
const PART: usize = 3_000;
const AFTER: i32 = 6;

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn reshard(deployment: &Deployment, more: &[&str]) -> Output {
    let partitions = AFTER.to_string();
    let verb = ["reshard", "--partitions", &partitions];
    deployment.bailiwick(&[&verb[..], more].concat())
}

fn end(mut daemon: crate::support::reaper::Process) {
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
}

/// Sends the same leads as [`produce`] once more, spread over all partitions.
fn repeat(deployment: &Deployment, count: usize) {
    let producer = deployment.producer();
    for (number, lead) in leads(SEED, &tenants(TENANTS)).enumerate().take(count) {
        let partition = number as i32 % deployment.partitions;
        let record = (Some(lead.id.as_bytes()), Some(&*lead.value), None);
        deployment.send(&producer, "leads", partition, record);
    }
    deployment.flush(&producer);
}

/// Decisions as JSON, each checked to have an id that no other has.
fn decisions(seen: &[Seen]) -> Vec<Value> {
    let all: Vec<Value> = seen.iter().map(Seen::json).collect();
    let ids: BTreeSet<&str> = all
        .iter()
        .map(|one| one["decision"].as_str().expect("an id"))
        .collect();
    assert_eq!(ids.len(), all.len(), "an id was given twice");
    all
}

/// How many turns each rep of team `east` had, as first owner or as second one.
fn turns(decisions: &[Value]) -> BTreeMap<(String, String), usize> {
    let mut turns = BTreeMap::new();
    for one in decisions {
        let tenant = one["tenant"].as_str().expect("a tenant");
        let first =
            Some(one).filter(|one| one["reason"] == "territory" || one["reason"] == "overflow");
        let second = one["overlays"].as_array().into_iter().flatten();
        for owner in first.into_iter().chain(second) {
            if let (true, Some(rep)) = (owner["team"] == "east", owner["rep"].as_str()) {
                *turns
                    .entry((tenant.to_owned(), rep.to_owned()))
                    .or_default() += 1;
            }
        }
    }
    turns
}

/// By turns, ann and cai have equal weight, and ben has twice theirs.
fn check_rotation(decisions: &[Value]) {
    let turns = turns(decisions);
    let of = |tenant: &str, rep: &str| {
        let key = (tenant.to_owned(), rep.to_owned());
        turns.get(&key).copied().unwrap_or(0)
    };
    for tenant in tenants(TENANTS) {
        let (ann, ben, cai) = (of(&tenant, "ann"), of(&tenant, "ben"), of(&tenant, "cai"));
        assert!(ann.abs_diff(cai) <= 1, "{tenant}: ann {ann}, cai {cai}");
        assert!(
            ben.abs_diff(ann + cai) <= 2,
            "{tenant}: ben {ben}, {ann} + {cai}"
        );
    }
}

#[test]
fn a_deployment_that_is_moved_remembers_everything() {
    let Some(brokers) = kafka::brokers("a_deployment_that_is_moved_remembers_everything") else {
        return;
    };
    println!("seed {SEED}");
    let mut deployment = deployment(&brokers);
    let daemon = deployment.daemon("before");
    produce(&deployment, SEED, 0, PART);
    Reader::new(&deployment, "assignments").until(|seen| seen.len() >= PART);
    await_drained(&deployment);
    let early = reshard(&deployment, &[]);
    assert_eq!(early.status.code(), Some(75), "{}", stderr(&early));
    assert!(stderr(&early).contains("members"), "{}", stderr(&early));
    end(daemon);
    let dry = reshard(&deployment, &["--dry-run"]);
    assert!(dry.status.success(), "{}", stderr(&dry));
    let lanes = String::from_utf8_lossy(&dry.stdout).lines().count();
    assert_eq!(lanes, AFTER as usize);
    assert!(stderr(&dry).contains("nothing was changed"));
    for attempt in ["wrote", "was written before"] {
        let moved = reshard(&deployment, &[]);
        assert!(moved.status.success(), "{}", stderr(&moved));
        assert!(stderr(&moved).contains(attempt), "{}", stderr(&moved));
        assert_eq!(moved.stdout, dry.stdout, "what the dry run had said");
    }
    let stale = deployment.bailiwick(&["run"]);
    assert_eq!(stale.status.code(), Some(78), "{}", stderr(&stale));
    let state = format!("{}-{AFTER}", deployment.topic("state"));
    deployment.set(&format!("kafka.topics.state={state}"));
    deployment.partitions = AFTER;
    let daemon = deployment.daemon("after");
    repeat(&deployment, PART);
    produce(&deployment, SEED, PART, PART);
    Reader::new(&deployment, "assignments").until(|seen| seen.len() >= 2 * PART);
    await_drained(&deployment);
    wait_until("all lanes stand", || {
        super::diary::metric(&deployment, "after", "bailiwick_lane_ready").len() == AFTER as usize
    });
    end(daemon);
    let seen = deployment.read("assignments");
    let decisions = decisions(&seen);
    let known: BTreeSet<&str> = decisions
        .iter()
        .map(|one| one["lead"].as_str().expect("a lead"))
        .collect();
    assert_eq!((known.len(), decisions.len()), (2 * PART, 2 * PART));
    check_numbers(&seen);
    check_rotation(&decisions);
    let again = reshard(&deployment, &[]);
    assert!(again.status.success() && stderr(&again).contains("nothing to do"));
}

/// A lane's decisions are `t/3/1`, `t/3/2`, and so on; after the move it is another lane, whose
/// decisions are `t/3.1/1` and so on.
fn check_numbers(seen: &[Seen]) {
    let mut last: BTreeMap<(i32, bool), u64> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for one in seen {
        let decision = one.json();
        let seq = decision["seq"].as_u64().expect("a number");
        let id = decision["decision"].as_str().expect("an id").to_owned();
        let moved = id.ends_with(&format!("/{}.1/{seq}", one.partition));
        let first = id.ends_with(&format!("/{}/{seq}", one.partition));
        assert!(moved || first, "{id}");
        let before = last.insert((one.partition, moved), seq).unwrap_or(0);
        assert_eq!(seq, before + 1, "{id}");
        assert!(ids.insert(id.clone()), "{id} was given twice");
    }
    let of = |moved: bool| last.keys().filter(|(_, one)| *one == moved).count();
    assert!(of(false) > 0 && of(true) > 0);
}

#[test]
fn input_that_nobody_decided_keeps_a_deployment_in_place() {
    let Some(brokers) = kafka::brokers("input_that_nobody_decided_keeps_a_deployment_in_place")
    else {
        return;
    };
    let deployment = deployment(&brokers);
    produce(&deployment, SEED, 0, 10);
    let refused = reshard(&deployment, &[]);
    assert_eq!(refused.status.code(), Some(75), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("undecided input from offset 0"));
    let fewer = deployment.bailiwick(&["reshard", "--partitions", "2"]);
    assert_eq!(fewer.status.code(), Some(78), "{}", stderr(&fewer));
    assert!(stderr(&fewer).contains("cannot lose any"));
}
