//! Many leads, wrongly keyed on purpose, and kills: each ends in exactly one decision, and the
//! outputs are those of the pure engine.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::support::kafka;

use super::deployment::{Deployment, Reader, Seen, wait_until};
use super::oracle::{self, Recording};
use super::population::{leads, tenants};

/// Leads of the full run; `BAILIWICK_TEST_LEADS` sets another number.
const LEADS: usize = 200_000;
const TENANTS: usize = 40;
const PARTITIONS: i32 = 4;
const SEED: u64 = 20_261_123;

const PLAN: &str = include_str!("plan.yaml");

fn count() -> usize {
    let given = std::env::var("BAILIWICK_TEST_LEADS").ok();
    given.map_or(LEADS, |text| text.parse().expect("a number of leads"))
}

/// A deployment with plans for all tenants.
pub fn deployment(brokers: &str) -> Deployment {
    planned_for(Deployment::new(brokers, PARTITIONS))
}

/// The same deployment with plans for all tenants.
pub fn planned_for(deployment: Deployment) -> Deployment {
    let names = tenants(TENANTS);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    deployment.write_plans(&names, &|tenant| PLAN.replace("TENANT", tenant));
    deployment
}

/// Produces leads round the partitions, so that three of four are not at home.
pub fn produce(deployment: &Deployment, seed: u64, from: usize, count: usize) {
    let producer = deployment.producer();
    for (number, lead) in leads(seed, &tenants(TENANTS))
        .enumerate()
        .skip(from)
        .take(count)
    {
        let partition = number as i32 % deployment.partitions;
        deployment.send(
            &producer,
            "leads",
            partition,
            (Some(lead.id.as_bytes()), Some(&lead.value), None),
        );
    }
    deployment.flush(&producer);
}

/// Waits until every record of the input topics is committed as read, those included that are
/// forwarded meanwhile. Call it when nothing more is produced.
pub fn await_drained(deployment: &Deployment) {
    let mut ends = last_offsets(deployment);
    loop {
        let is_read = |committed: &BTreeMap<(String, i32), i64>| {
            let past = |place, offset| committed.get(place).is_some_and(|next| next > offset);
            ends.iter().all(|(place, offset)| past(place, offset))
        };
        wait_until("all input is committed", || {
            is_read(&deployment.committed())
        });
        let now = last_offsets(deployment);
        if now == ends {
            return;
        }
        ends = now;
    }
}

fn last_offsets(deployment: &Deployment) -> BTreeMap<(String, i32), i64> {
    let mut last = BTreeMap::new();
    for role in ["leads", "activity"] {
        for one in deployment.read(role) {
            last.insert((role.to_owned(), one.partition), one.offset);
        }
    }
    last
}

/// Each lead has exactly one decision, and each lane's numbers are dense.
pub fn check_decisions(decisions: &[Seen], leads: usize) {
    let mut by_lead: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut seqs: BTreeMap<i32, u64> = BTreeMap::new();
    for one in decisions {
        *by_lead.entry(one.key.clone().expect("a key")).or_default() += 1;
        let next = seqs.entry(one.partition).or_default();
        *next += 1;
        assert_eq!(one.json()["seq"], *next, "partition {}", one.partition);
    }
    assert_eq!(by_lead.len(), leads, "leads with a decision");
    assert!(
        by_lead.values().all(|count| *count == 1),
        "a lead has two first decisions"
    );
}

#[test]
fn one_decision_a_lead_through_a_kill() {
    let Some(brokers) = kafka::brokers("one_decision_a_lead_through_a_kill") else {
        return;
    };
    let (count, began) = (count(), Instant::now());
    println!("seed {SEED}, {count} leads");
    let deployment = deployment(&brokers);
    let mut first = deployment.daemon("first");
    std::thread::scope(|scope| {
        scope.spawn(|| produce(&deployment, SEED, 0, count));
        let mut reader = Reader::new(&deployment, "assignments");
        reader.until(|seen| seen.len() >= count * 2 / 5);
        first.kill();
        println!(
            "killed after {} decisions, {:?}",
            reader.seen.len(),
            began.elapsed()
        );
    });
    let mut second = deployment.daemon("second");
    let mut reader = Reader::new(&deployment, "assignments");
    reader.until(|seen| seen.len() >= count);
    println!("all decided after {:?}", began.elapsed());
    await_drained(&deployment);
    second.signal("TERM");
    assert!(second.child().wait().expect("it ends").success());
    check_decisions(&deployment.read("assignments"), count);
    let recording = Recording::read(&deployment);
    assert_eq!(recording.written.letters, BTreeMap::new());
    assert!(
        oracle::replay(&deployment, &recording) == recording.written,
        "the replay differs"
    );
    println!("replayed after {:?}", began.elapsed());
}
