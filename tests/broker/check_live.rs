//! `check --live` on a real broker: what it finds, how it ends, and that nobody notices it.

use serde_json::Value;

use super::deployment::{Deployment, wait_until};
use super::security::{self, Grant};
use crate::support::kafka;

const PARTITIONS: i32 = 2;

fn plan(tenant: &str) -> String {
    format!(
        "version: 1\ntenant: {tenant}\nreps: [{{id: ana}}]\n\
         teams: [{{id: all, members: [ana], available: any}}]\n\
         territories: [{{id: everywhere, where: {{}}, team: all}}]\n"
    )
}

/// The exit code and what was found: check, subject, state.
fn look(deployment: &Deployment) -> (Option<i32>, Vec<(String, String, String)>, Value) {
    let done = deployment.bailiwick(&["check", "--live", "-o", "json"]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let object: Value =
        serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    let live = object["live"].clone();
    let findings = live["findings"].as_array().unwrap().iter().map(|one| {
        let text = |key: &str| one[key].as_str().unwrap().to_owned();
        (text("check"), text("subject"), text("state"))
    });
    (done.status.code(), findings.collect(), live)
}

fn send_leads(deployment: &Deployment, from: i32, number: i32) {
    let producer = deployment.producer();
    for one in from..from + number {
        let lead = format!("{{\"id\": \"L-{one}\", \"tenant\": \"acme\"}}");
        deployment.send(
            &producer,
            "leads",
            one % PARTITIONS,
            (None, Some(lead.as_bytes()), None),
        );
    }
    deployment.flush(&producer);
}

#[test]
fn a_sound_cluster_passes_and_nobody_notices() {
    let Some(brokers) = kafka::brokers("a_sound_cluster_passes_and_nobody_notices") else {
        return;
    };
    let deployment = Deployment::new(&brokers, PARTITIONS);
    deployment.write_plans(&["acme"], &plan);
    send_leads(&deployment, 0, 5);
    let (code, findings, live) = look(&deployment);
    assert_eq!(code, Some(0), "{live:#}");
    // One broker alone keeps nothing twice, and that is said.
    let well =
        |(check, _, state): &(String, String, String)| state == "ok" || check == "durability";
    assert!(findings.iter().all(well), "{live:#}");
    let of = |check: &str| findings.iter().filter(|one| one.0 == check).count();
    // Six topics and their settings; three to read, six to write, and the group; two inputs.
    assert_eq!(
        (of("brokers"), of("topics"), of("rights"), of("lag")),
        (1, 7, 10, 2)
    );
    let behind = |live: &Value| -> i64 {
        let partitions = live["lag"].as_array().unwrap().iter();
        partitions.map(|one| one["behind"].as_i64().unwrap()).sum()
    };
    // Before it there were five records; what it wrote stands in aborted transactions.
    let leads = deployment.read("leads");
    assert_eq!(leads.len(), 5);
    for role in ["activity", "assignments", "deadletters", "state", "batches"] {
        assert_eq!(deployment.read(role), [], "{role}");
    }
    // The five, the marks of their batches, and what the look wrote and aborted after them.
    assert!((5..20).contains(&behind(&live)), "{live:#}");
    assert!(deployment.committed().values().all(|next| *next == 0));

    // Beside a daemon at work: no lane is fenced, none begins anew.
    let _daemon = deployment.daemon("one");
    deployment.read_until("assignments", |seen| seen.len() == 5);
    let (code, _, live) = look(&deployment);
    assert_eq!(code, Some(0), "{live:#}");
    send_leads(&deployment, 5, 5);
    let decided = deployment.read_until("assignments", |seen| seen.len() == 10);
    assert_eq!(decided.len(), 10);
    let log = std::fs::read_to_string(deployment.log("one")).unwrap();
    assert!(!log.contains("begins anew"), "{log}");
    // What the looks themselves wrote and aborted is nothing to decide.
    wait_until("nothing is behind", || behind(&look(&deployment).2) == 0);
}

#[test]
fn missing_topics_are_faults_with_the_command_that_makes_them() {
    let name = "missing_topics_are_faults_with_the_command_that_makes_them";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    let deployment = Deployment::planned(&brokers, PARTITIONS);
    let done = deployment.bailiwick(&["check", "--live"]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(done.status.code(), Some(78), "{said}");
    for role in ["leads", "state"] {
        let line = format!("fault    topics     {}: missing", deployment.topic(role));
        assert!(said.contains(&line), "{line} in\n{said}");
    }
    assert!(said.contains("bailiwick topics --create"), "{said}");
}

#[test]
fn brokers_that_are_away_mean_try_again() {
    let mut deployment = Deployment::planned("127.0.0.1:1", PARTITIONS);
    deployment.set("kafka.startup_timeout=500ms");
    let (code, findings, live) = look(&deployment);
    assert_eq!(code, Some(75), "{live:#}");
    let away = ("brokers", "127.0.0.1:1", "away");
    let found: Vec<(&str, &str, &str)> = findings
        .iter()
        .map(|(a, b, c)| (&**a, &**b, &**c))
        .collect();
    assert_eq!(found, [away]);
}

#[test]
fn a_broken_plan_beside_a_sound_cluster_is_bad_settings() {
    let Some(brokers) = kafka::brokers("a_broken_plan_beside_a_sound_cluster_is_bad_settings")
    else {
        return;
    };
    let deployment = Deployment::new(&brokers, PARTITIONS);
    deployment.write_plans(&["acme"], &|_| "version: 1\nteams: 3\n".to_owned());
    let plans = deployment.plans();
    let done = deployment.bailiwick(&["check", plans.to_str().unwrap(), "--live", "-o", "json"]);
    assert_eq!(done.status.code(), Some(78));
    let object: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(object["errors"].as_u64() > Some(0));
    assert_ne!(object["live"]["state"], "fault");
}

#[test]
fn what_breaks_the_contract_with_the_brokers_is_named() {
    let Some(brokers) = kafka::brokers("what_breaks_the_contract_with_the_brokers_is_named") else {
        return;
    };
    let deployment = Deployment::new(&brokers, PARTITIONS);
    for (role, pair) in [
        ("leads", ("retention.ms", "3600000")),
        ("activity", ("unclean.leader.election.enable", "true")),
        ("batches", ("retention.ms", "86400000")),
    ] {
        kafka::set_topic(&brokers, &deployment.topic(role), pair);
    }
    let (code, _, live) = look(&deployment);
    assert_eq!(code, Some(0), "{live:#}");
    let named = |part: &str| -> String {
        let mut findings = live["findings"].as_array().unwrap().iter();
        let is_named = |one: &&Value| {
            let said = one["message"].as_str().unwrap();
            one["state"] == "warning" && one["check"] == "durability" && said.contains(part)
        };
        let found = findings.find(is_named);
        let found = found.unwrap_or_else(|| panic!("{part} is not in {live:#}"));
        found["subject"].as_str().unwrap().to_owned()
    };
    assert_eq!(named("retention.ms=3600000"), deployment.topic("leads"));
    assert_eq!(
        named("unclean.leader.election.enable=true"),
        deployment.topic("activity")
    );
    assert_eq!(named("retention.ms=86400000"), deployment.topic("batches"));
    let on_one_broker = named("have 3 replicas and min.insync.replicas=2");
    assert!(on_one_broker.contains(&deployment.topic("state")));
    assert!(on_one_broker.contains("__transaction_state"));
    let strict = deployment.bailiwick(&["check", "--live", "--deny-warnings"]);
    assert_eq!(strict.status.code(), Some(1));
}

/// Kafka's number for the right to write.
const WRITE: i8 = 4;

#[test]
fn rights_that_are_missing_are_named_one_by_one() {
    let name = "rights_that_are_missing_are_named_one_by_one";
    let Some((broker, asking)) = security::asking_broker(name) else {
        return;
    };
    let mut deployment = Deployment::new(&broker.address(), 1);
    let (leads, group) = (deployment.topic("leads"), deployment.group());
    let held_back =
        |one: &Grant| one.name == group || (one.name == leads && one.operation == WRITE);
    let (late, early): (Vec<Grant>, Vec<Grant>) = security::grants(&deployment)
        .into_iter()
        .partition(held_back);
    assert_eq!(late.len(), 2);
    security::grant(&broker.address(), &early);
    security::as_user(&mut deployment, &asking, security::PASSWORD);
    let (code, findings, live) = look(&deployment);
    assert_eq!(code, Some(78), "{live:#}");
    let faults = findings.iter().filter(|(_, _, state)| state == "fault");
    let faults: Vec<(&str, &str)> = faults
        .map(|(check, subject, _)| (&**check, &**subject))
        .collect();
    assert_eq!(
        faults,
        [("rights", &*leads), ("rights", &*group)],
        "{live:#}"
    );
    security::grant(&broker.address(), &late);
    wait_until("every right is there", || look(&deployment).0 == Some(0));
}
