//! Leads with an afterlife: activity, timers and early events through kills, equal to the replay.

use bailiwick::cli::demo::traffic::{Arrivals, Life, Settings, Traffic};
use bailiwick::event::{Timestamp, TopicRole};

use crate::support::kafka;

use super::deployment::{Deployment, Reader, wait_until};
use super::exactly_once::await_drained;
use super::oracle::{self, Recording};

const SEED: u64 = 4_711;
const RECORDS: usize = 3_000;
const PARTITIONS: i32 = 3;

const PLAN: &str = include_str!("plan.yaml");

/// Deadlines of a second or two, so that timers fire again and again while the test runs.
fn plan(tenant: &str) -> String {
    PLAN.replace("TENANT", tenant)
        .replace("{id: east, ", "{id: east, sla: {accept: 1s, on_breach: reassign, attempts: 3, then: {pool: public}}, ")
        .replace("policy: {", "policy: {early: 3s, ")
}

fn produce(deployment: &Deployment, tenants: &[&str]) {
    let settings = Settings {
        seed: SEED,
        start: Timestamp(1_795_421_730_000),
        tenants: tenants.iter().map(|tenant| (*tenant).into()).collect(),
        arrivals: Arrivals::Steady { per_second: 50.0 },
        life: Some(Life {
            touch: 600.0,
            close: 60_000.0,
        }),
    };
    let producer = deployment.producer();
    for (number, record) in Traffic::new(settings).take(RECORDS).enumerate() {
        let role = if record.topic() == TopicRole::Leads {
            "leads"
        } else {
            "activity"
        };
        let partition = number as i32 % PARTITIONS;
        deployment.send(
            &producer,
            role,
            partition,
            (Some(record.lead.as_bytes()), Some(&record.value), None),
        );
    }
    deployment.flush(&producer);
}

#[test]
fn activity_and_timers_survive_kills() {
    let Some(brokers) = kafka::brokers("activity_and_timers_survive_kills") else {
        return;
    };
    println!("seed {SEED}");
    let deployment = Deployment::new(&brokers, PARTITIONS);
    let tenants = ["t0", "t1", "t2", "t3", "t4"];
    deployment.write_plans(&tenants, &plan);
    let mut daemon = deployment.daemon("zero");
    produce(&deployment, &tenants);
    for (number, share) in [10, 4].into_iter().enumerate() {
        let mut reader = Reader::new(&deployment, "assignments");
        reader.until(|seen| seen.len() >= RECORDS / share);
        daemon.kill();
        daemon = deployment.daemon(["one", "two"][number]);
    }
    await_drained(&deployment);
    let fired = |timer: &str| {
        let cause = format!(r#""cause":{{"timer":"{timer}"}}"#);
        let decisions = deployment.read("assignments");
        decisions
            .iter()
            .filter(|one| String::from_utf8_lossy(one.value.as_deref().unwrap()).contains(&cause))
            .count()
    };
    wait_until("timers fired", || fired("accept") > 20);
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
    let recording = Recording::read(&deployment);
    let replayed = oracle::replay(&deployment, &recording);
    assert!(
        replayed.decisions == recording.written.decisions,
        "decisions differ from the replay"
    );
    assert!(
        replayed == recording.written,
        "dead letters or rows differ from the replay"
    );
}
