//! What keeps the daemon from starting: which exit code, and a sentence that says what to do.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use crate::support::kafka;

use super::deployment::{Deployment, wait_until};

const PLAN: &str = include_str!("plan.yaml");

fn planned(brokers: &str) -> Deployment {
    let deployment = Deployment::planned(brokers, 2);
    deployment.write_plans(&["t0"], &|tenant| PLAN.replace("TENANT", tenant));
    deployment
}

/// Checks the exit code and that standard error says all of `said`.
fn check(output: &Output, code: i32, said: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    for part in said {
        assert!(stderr.contains(part), "{part:?} is not in:\n{stderr}");
    }
}

#[test]
fn missing_topics_are_named_with_a_command_that_works() {
    let Some(brokers) = kafka::brokers("missing_topics_are_named_with_a_command_that_works") else {
        return;
    };
    let deployment = planned(&brokers);
    let refused = deployment.bailiwick(&["run"]);
    check(
        &refused,
        78,
        &[
            "topics are missing",
            &deployment.topic("state"),
            "bailiwick topics --create",
        ],
    );
    let stderr = String::from_utf8_lossy(&refused.stderr);
    let line = stderr
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("bailiwick topics --create"));
    let command = line.expect("the command stands on a line of its own");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_bailiwick"));
    let path = format!(
        "{}:{}",
        program.parent().expect("a folder").display(),
        std::env::var("PATH").unwrap()
    );
    let made = Command::new("sh")
        .args(["-c", command])
        .env("PATH", path)
        .output()
        .expect("a shell");
    check(&made, 0, &[]);
    assert!(deployment.bailiwick(&["topics"]).status.success());
    assert!(
        deployment
            .bailiwick(&["topics", "--create"])
            .status
            .success(),
        "again changes nothing"
    );
    let mut daemon = deployment.daemon("made");
    wait_until("the lanes are restored", || {
        log(&deployment, "made").matches("lane restored").count() >= 12
    });
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
}

fn log(deployment: &Deployment, name: &str) -> String {
    std::fs::read_to_string(deployment.log(name)).unwrap_or_default()
}

#[test]
fn unequal_partition_counts_are_refused() {
    let Some(brokers) = kafka::brokers("unequal_partition_counts_are_refused") else {
        return;
    };
    let deployment = planned(&brokers);
    for role in [
        "leads",
        "activity",
        "assignments",
        "deadletters",
        "state",
        "batches",
    ] {
        let partitions = if role == "batches" { 3 } else { 2 };
        kafka::create_topics(
            &brokers,
            &[(
                &deployment.topic(role),
                partitions,
                &[("cleanup.policy", "compact")],
            )],
        );
    }
    let said = [
        format!("{} 3", deployment.topic("batches")),
        format!("{} 2", deployment.topic("leads")),
    ];
    check(
        &deployment.bailiwick(&["run"]),
        78,
        &[&said[0], &said[1], "same number of partitions"],
    );
    check(
        &deployment.bailiwick(&["topics"]),
        78,
        &["same number of partitions"],
    );
}

#[test]
fn a_state_topic_that_is_not_compacted_is_a_fault_that_topics_mends() {
    let Some(brokers) = kafka::brokers("a_state_topic_that_is_not_compacted") else {
        return;
    };
    let deployment = planned(&brokers);
    for role in [
        "leads",
        "activity",
        "assignments",
        "deadletters",
        "state",
        "batches",
    ] {
        kafka::create_topics(
            &brokers,
            &[(&deployment.topic(role), 2, &[("retention.ms", "86400000")])],
        );
    }
    check(
        &deployment.bailiwick(&["topics"]),
        78,
        &["compact", "max.message.bytes"],
    );
    // It ran on a changelog that brokers delete, after one line in the log.
    let remedy = [
        "cleanup.policy=delete",
        "it must be compact",
        "Mend it with",
        "topics --create",
    ];
    check(&deployment.bailiwick(&["run"]), 78, &remedy);
    check(&deployment.bailiwick(&["topics", "--create"]), 0, &[]);
    check(&deployment.bailiwick(&["topics"]), 0, &[]);
}

#[test]
fn without_a_broker_it_tries_on_and_then_says_try_again() {
    // A port that was free a moment ago and that nobody listens on.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut deployment = planned(&format!("127.0.0.1:{port}"));
    deployment.set("kafka.startup_timeout=3s");
    let began = Instant::now();
    let address = format!("127.0.0.1:{port}");
    check(
        &deployment.bailiwick(&["run"]),
        75,
        &["cannot reach Kafka", &address, "kafka.startup_timeout"],
    );
    assert!(began.elapsed().as_secs() >= 3);
    check(
        &deployment.bailiwick(&["topics"]),
        75,
        &["cannot reach Kafka", "kafka.brokers"],
    );
}

#[test]
fn a_broker_that_comes_in_time_is_waited_for() {
    let Some(mut broker) = kafka::own_broker("a_broker_that_comes_in_time_is_waited_for") else {
        return;
    };
    let deployment = planned(&broker.address());
    assert!(
        deployment
            .bailiwick(&["topics", "--create", "--partitions", "2"])
            .status
            .success()
    );
    broker.kill();
    let mut daemon = deployment.daemon("early");
    wait_until("it says that Kafka is away", || {
        log(&deployment, "early").contains("cannot reach Kafka")
    });
    broker.run();
    wait_until("the lanes are restored", || {
        log(&deployment, "early").matches("lane restored").count() >= 2
    });
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
}

#[test]
fn bad_settings_and_broken_plans_are_refused() {
    let deployment = planned("127.0.0.1:1");
    let mut typo = deployment.command(&["run"]);
    typo.args(["--set", "kafka.borkers=x"]).stdin(Stdio::null());
    check(
        &typo.output().unwrap(),
        78,
        &["kafka.borkers", "kafka.brokers"],
    );
    let mut unsafe_one = deployment.command(&["run"]);
    unsafe_one
        .args(["--set", "kafka.producer.enable.idempotence=false"])
        .stdin(Stdio::null());
    check(&unsafe_one.output().unwrap(), 78, &["enable.idempotence"]);
    std::fs::write(
        deployment.plans().join("t0/plan.yaml"),
        "version: 1\nteritories: []\n",
    )
    .unwrap();
    check(
        &deployment.bailiwick(&["run"]),
        78,
        &["teritories", "territories"],
    );
}

#[test]
fn a_state_that_disagrees_with_the_group_is_refused() {
    let Some(brokers) = kafka::brokers("a_state_that_disagrees_with_the_group_is_refused") else {
        return;
    };
    let mut deployment = planned(&brokers);
    assert!(
        deployment
            .bailiwick(&["topics", "--create", "--partitions", "2"])
            .status
            .success()
    );
    let producer = deployment.producer();
    for number in 0..20 {
        let value = format!(r#"{{"id":"L{number}","tenant":"t0"}}"#);
        deployment.send(
            &producer,
            "leads",
            number % 2,
            (None, Some(value.as_bytes()), None),
        );
    }
    deployment.flush(&producer);
    let mut daemon = deployment.daemon("writes");
    deployment.read_until("assignments", |seen| seen.len() >= 20);
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
    // Another group has no offsets, so the state is not its own.
    deployment.set(&format!("kafka.group={}.other", deployment.group()));
    let refused = deployment.bailiwick(&["run"]);
    check(
        &refused,
        78,
        &["ends at offsets", "committed none", "kafka-consumer-groups"],
    );
}
