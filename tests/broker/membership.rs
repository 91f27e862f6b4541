//! Static membership and kept state: rebalances that move nothing cost nothing.

use crate::support::kafka;
use crate::support::reaper::Process;

use super::deployment::{Deployment, wait_until};
use super::diary;
use super::exactly_once::{await_drained, deployment, produce};
use super::takeover::{self, decided};

const SEED: u64 = 6_021;
const PART: usize = 2_000;

/// A daemon that is a static member of the group, called as the test calls it.
fn member(deployment: &Deployment, name: &str) -> Process {
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(deployment.log(name))
        .expect("the folder is ours");
    let mut command = deployment.command(&["run", "--set", &format!("kafka.instance={name}")]);
    command.stderr(log);
    Process::spawn(&mut command)
}

fn restored(deployment: &Deployment, name: &str) -> usize {
    diary::restores(deployment, name).len()
}

fn assignments(deployment: &Deployment, name: &str) -> usize {
    diary::lines(deployment, name, "partitions assigned").len()
}

fn prove(deployment: &Deployment, leads: usize) {
    await_drained(deployment);
    takeover::prove(deployment, leads);
}

#[test]
fn a_restart_within_the_session_moves_no_lane() {
    let Some(brokers) = kafka::brokers("a_restart_within_the_session_moves_no_lane") else {
        return;
    };
    println!("seed {SEED}");
    let mut deployment = deployment(&brokers);
    deployment.set("kafka.session_timeout=30s");
    let one = member(&deployment, "one");
    wait_until("the first has all lanes", || {
        restored(&deployment, "one") == 4
    });
    let mut two = member(&deployment, "two");
    wait_until("the second has two", || restored(&deployment, "two") == 2);
    produce(&deployment, SEED, 0, PART);
    decided(&deployment, PART);
    let before = assignments(&deployment, "one");
    two.kill();
    let two = member(&deployment, "two");
    wait_until("the second is back", || restored(&deployment, "two") == 4);
    produce(&deployment, SEED, PART, PART);
    decided(&deployment, 2 * PART);
    assert_eq!(
        assignments(&deployment, "one"),
        before,
        "the restart was a rebalance"
    );
    assert_eq!(restored(&deployment, "one"), 4, "a lane began anew");
    drop((one, two));
    prove(&deployment, 2 * PART);
}

#[test]
fn a_lane_that_a_rebalance_leaves_in_place_keeps_its_state() {
    let Some(brokers) = kafka::brokers("a_lane_that_a_rebalance_leaves_in_place_keeps_its_state")
    else {
        return;
    };
    println!("seed {SEED}");
    let deployment = deployment(&brokers);
    // By their names the first one keeps partitions 0 and 1 when the second comes.
    let first = member(&deployment, "a");
    produce(&deployment, SEED, 0, PART);
    decided(&deployment, PART);
    let second = member(&deployment, "z");
    wait_until("the second has two", || restored(&deployment, "z") == 2);
    wait_until("the first goes on with two", || {
        diary::lines(&deployment, "a", "lane kept its state").len() >= 2
    });
    produce(&deployment, SEED, PART, PART);
    decided(&deployment, 2 * PART);
    assert_eq!(restored(&deployment, "a"), 4, "a lane began anew");
    assert!(diary::readiness(&deployment, "a").is_some_and(|answer| answer.status == 200));
    drop((first, second));
    prove(&deployment, 2 * PART);
}

#[test]
fn two_processes_of_one_name_are_told_apart() {
    let Some(brokers) = kafka::brokers("two_processes_of_one_name_are_told_apart") else {
        return;
    };
    let deployment = deployment(&brokers);
    let mut first = member(&deployment, "same");
    wait_until("the first has all lanes", || {
        restored(&deployment, "same") == 4
    });
    let second = member(&deployment, "same");
    let ended = first.child().wait().expect("it ends");
    assert_eq!(ended.code(), Some(78));
    let log = std::fs::read_to_string(deployment.log("same")).expect("a log");
    assert!(log.contains("kafka.instance"), "{log}");
    drop(second);
}
