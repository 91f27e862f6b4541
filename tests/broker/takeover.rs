//! Lanes that move between instances: a second one that comes, zombies.

use crate::support::kafka;
use crate::support::reaper::Process;

use super::deployment::{Deployment, Reader, wait_until};
use super::exactly_once::{await_drained, check_decisions, deployment, produce};
use super::oracle::{self, Recording};

const SEED: u64 = 77;
/// Leads of one part of a test; each has three.
const PART: usize = 2_000;

pub fn restored(deployment: &Deployment, name: &str) -> usize {
    let log = std::fs::read_to_string(deployment.log(name)).unwrap_or_default();
    log.matches("lane restored").count()
}

pub fn decided(deployment: &Deployment, count: usize) {
    Reader::new(deployment, "assignments").until(|seen| seen.len() >= count);
}

fn end(mut daemon: Process) {
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
}

pub fn prove(deployment: &Deployment, leads: usize) {
    check_decisions(&deployment.read("assignments"), leads);
    let recording = Recording::read(deployment);
    assert!(
        oracle::replay(deployment, &recording) == recording.written,
        "the replay differs"
    );
}

#[test]
fn a_second_instance_comes_and_the_first_one_goes() {
    let Some(brokers) = kafka::brokers("a_second_instance_comes_and_the_first_one_goes") else {
        return;
    };
    println!("seed {SEED}");
    let deployment = deployment(&brokers);
    let first = deployment.daemon("first");
    produce(&deployment, SEED, 0, PART);
    decided(&deployment, PART / 2);
    let second = deployment.daemon("second");
    wait_until("the second has lanes", || {
        restored(&deployment, "second") >= 2
    });
    produce(&deployment, SEED, PART, PART);
    decided(&deployment, PART + PART / 2);
    end(first);
    let log = std::fs::read_to_string(deployment.log("first")).unwrap_or_default();
    let last = log.lines().last().unwrap_or_default();
    assert!(last.contains("everything decided is committed"), "{last}");
    produce(&deployment, SEED, 2 * PART, PART);
    decided(&deployment, 3 * PART);
    await_drained(&deployment);
    end(second);
    prove(&deployment, 3 * PART);
}

#[test]
fn a_zombie_commits_nothing_after_the_takeover() {
    let Some(brokers) = kafka::brokers("a_zombie_commits_nothing_after_the_takeover") else {
        return;
    };
    println!("seed {SEED}");
    let deployment = deployment(&brokers);
    let zombie = deployment.daemon("zombie");
    produce(&deployment, SEED, 0, PART);
    decided(&deployment, PART / 2);
    zombie.signal("STOP");
    let heir = deployment.daemon("heir");
    produce(&deployment, SEED, PART, PART);
    wait_until("the heir has all lanes", || {
        restored(&deployment, "heir") >= 4
    });
    decided(&deployment, 2 * PART);
    zombie.signal("CONT");
    produce(&deployment, SEED, 2 * PART, PART);
    decided(&deployment, 3 * PART);
    await_drained(&deployment);
    end(heir);
    end(zombie);
    prove(&deployment, 3 * PART);
}
