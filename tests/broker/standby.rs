//! Hot standby on a real Kafka: a takeover reads only the changelog's tail, and stays exact.

use crate::support::kafka;
use crate::support::reaper::Process;

use super::deployment::{Deployment, Reader, wait_until};
use super::diary;
use super::exactly_once::{await_drained, check_decisions, deployment, produce};
use super::oracle::{self, Recording};

const SEED: u64 = 5_150;
/// Leads before the takeover, and as many after it.
const PART: usize = 6_000;

fn decided(deployment: &Deployment, count: usize) {
    Reader::new(deployment, "assignments").until(|seen| seen.len() >= count);
}

fn end(mut daemon: Process) {
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
}

/// Waits until the daemon has `own` lanes and follows `others` without a lag.
fn await_warm(deployment: &Deployment, name: &str, own: usize, others: usize) {
    wait_until("it has its lanes and follows the others", || {
        let lag = diary::metric(deployment, name, "bailiwick_standby_lag_records");
        let ready = diary::metric(deployment, name, "bailiwick_lane_ready");
        let running = ready.iter().filter(|(_, value)| *value == 1.0).count();
        running == own && lag.len() == others && lag.iter().all(|(_, lag)| *lag == 0.0)
    });
}

/// Rows that the changelog of each lane has, removals included.
fn rows(deployment: &Deployment) -> Vec<u64> {
    let mut rows = vec![0; deployment.partitions as usize];
    for one in deployment.read("state") {
        rows[one.partition as usize] += 1;
    }
    rows
}

#[test]
fn a_takeover_from_a_warm_state_reads_only_the_tail() {
    let Some(brokers) = kafka::brokers("a_takeover_from_a_warm_state_reads_only_the_tail") else {
        return;
    };
    println!("seed {SEED}");
    let mut deployment = deployment(&brokers);
    deployment.set("lanes.standby=4");
    let mut first = deployment.daemon("first");
    produce(&deployment, SEED, 0, PART);
    decided(&deployment, PART);
    await_drained(&deployment);
    let heir = deployment.daemon("heir");
    await_warm(&deployment, "heir", 2, 2);
    let before = rows(&deployment);
    // What comes between goes by way of the tail.
    produce(&deployment, SEED, PART, PART / 10);
    decided(&deployment, PART + PART / 10);
    first.kill();
    wait_until("the heir has all lanes", || {
        diary::restores(&deployment, "heir").len() >= 4
    });
    for (partition, read, warm) in diary::restores(&deployment, "heir").into_iter().skip(2) {
        let all = before[usize::try_from(partition).expect("a partition")];
        println!("lane {partition}: {read} rows read at the takeover, of at least {all}");
        assert!(warm, "lane {partition} was followed");
        assert!(all > 500, "lane {partition} has a changelog worth reading");
        assert!(read < all / 2, "lane {partition} read more than the tail");
    }
    produce(&deployment, SEED, PART + PART / 10, PART);
    decided(&deployment, 2 * PART + PART / 10);
    await_drained(&deployment);
    end(heir);
    let leads = 2 * PART + PART / 10;
    check_decisions(&deployment.read("assignments"), leads);
    let recording = Recording::read(&deployment);
    assert!(
        oracle::replay(&deployment, &recording) == recording.written,
        "the replay differs"
    );
}

/// Lanes go back and forth, each time from a state that was once the own one.
#[test]
fn lanes_that_come_and_go_are_taken_from_what_was_kept_of_them() {
    let Some(brokers) = kafka::brokers("lanes_that_come_and_go_are_taken_from_what_was_kept")
    else {
        return;
    };
    println!("seed {SEED}");
    let mut deployment = deployment(&brokers);
    deployment.set("lanes.standby=4");
    let stays = deployment.daemon("stays");
    produce(&deployment, SEED, 0, PART);
    decided(&deployment, PART);
    let mut sent = PART;
    for name in ["one", "two"] {
        let mut guest = deployment.daemon(name);
        await_warm(&deployment, "stays", 2, 2);
        produce(&deployment, SEED, sent, PART / 10);
        sent += PART / 10;
        decided(&deployment, sent);
        guest.signal("TERM");
        assert!(guest.child().wait().expect("it ends").success());
        await_warm(&deployment, "stays", 4, 0);
    }
    let restores = diary::restores(&deployment, "stays");
    let (cold, warm) = restores.split_at(4);
    assert!(cold.iter().all(|(_, _, warm)| !warm));
    assert!(warm.len() >= 4, "lanes came back: {warm:?}");
    for (partition, read, was_warm) in warm {
        println!("lane {partition}: {read} rows read when it came back");
        assert!(was_warm, "what was kept of lane {partition} was of use");
    }
    await_drained(&deployment);
    end(stays);
    check_decisions(&deployment.read("assignments"), sent);
    let recording = Recording::read(&deployment);
    assert!(
        oracle::replay(&deployment, &recording) == recording.written,
        "the replay differs"
    );
}
