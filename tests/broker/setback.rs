//! A changelog that was emptied, damaged or set back: the daemon says what to do and decides nothing.

use std::time::Instant;

use rdkafka::topic_partition_list::Offset;

use crate::support::kafka;

use super::deployment::{Deployment, PATIENCE, Seen};
use super::exactly_once::{await_drained, planned_for, produce};
use super::instance::Instance;
use super::takeover::decided;

const SEED: u64 = 78;
const LEADS: usize = 400;

/// A deployment of one lane that has decided and stopped, and its changelog.
fn written(brokers: &str) -> (Deployment, Vec<Seen>) {
    let deployment = planned_for(Deployment::new(brokers, 1));
    let daemon = Instance::start(&deployment, "writes", &[]);
    daemon.await_ready();
    // In two parts, so that there is more than one transaction.
    produce(&deployment, SEED, 0, LEADS / 2);
    decided(&deployment, LEADS / 2);
    produce(&deployment, SEED, LEADS / 2, LEADS / 2);
    decided(&deployment, LEADS);
    await_drained(&deployment);
    daemon.end();
    let rows = deployment.read("state");
    (deployment, rows)
}

/// The first row that says where the state ends. It is the only one of its kind, so that it goes
/// by its tag alone and has the shortest key.
fn end_row(rows: &[Seen]) -> &Seen {
    let length = |row: &&Seen| row.key.as_deref().map_or(usize::MAX, <[u8]>::len);
    let first = rows.iter().min_by_key(length).expect("rows");
    assert_eq!(length(&first), 1, "no row has a key of its tag alone");
    first
}

fn write_row(deployment: &Deployment, key: &[u8], value: Option<&[u8]>) {
    let producer = deployment.producer();
    deployment.send(&producer, "state", 0, (Some(key), value, None));
    deployment.flush(&producer);
}

/// Deletes the changelog's records before an offset, as a policy that deletes would.
fn truncate(deployment: &Deployment, before: Offset) {
    let (brokers, topic) = (&deployment.brokers, deployment.topic("state"));
    kafka::set_topic(brokers, &topic, ("cleanup.policy", "compact,delete"));
    kafka::delete_records(brokers, &topic, 0, before);
    kafka::set_topic(brokers, &topic, ("cleanup.policy", "compact"));
}

/// The daemon ends with 78, says all of `said`, and has decided nothing.
fn refuses(deployment: &Deployment, said: &[&str]) {
    produce(deployment, SEED, LEADS, 10);
    let mut daemon = deployment.daemon("refuses");
    let end = Instant::now() + PATIENCE;
    let code = loop {
        if let Some(status) = daemon.child().try_wait().expect("it is ours") {
            break status.code();
        }
        assert!(
            Instant::now() < end,
            "it runs on with a damaged state: {said:?}"
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    let log = std::fs::read_to_string(deployment.log("refuses")).expect("it said something");
    assert_eq!(code, Some(78), "{log}");
    for part in said {
        assert!(log.contains(part), "{part:?} is not in:\n{log}");
    }
    assert_eq!(deployment.read("assignments").len(), LEADS);
}

#[test]
fn an_emptied_changelog_is_refused() {
    let Some(brokers) = kafka::brokers("an_emptied_changelog_is_refused") else {
        return;
    };
    let (deployment, _) = written(&brokers);
    truncate(&deployment, Offset::End);
    refuses(
        &deployment,
        &[&deployment.topic("state"), &deployment.group()],
    );
}

#[test]
fn a_changelog_without_its_end_row_is_refused() {
    let Some(brokers) = kafka::brokers("a_changelog_without_its_end_row_is_refused") else {
        return;
    };
    let (deployment, rows) = written(&brokers);
    write_row(
        &deployment,
        end_row(&rows).key.as_deref().unwrap_or_default(),
        None,
    );
    refuses(&deployment, &[&deployment.topic("state"), "backup"]);
}

#[test]
fn a_changelog_set_back_to_an_earlier_end_is_refused() {
    let Some(brokers) = kafka::brokers("a_changelog_set_back_to_an_earlier_end_is_refused") else {
        return;
    };
    let (deployment, rows) = written(&brokers);
    let first = end_row(&rows);
    write_row(
        &deployment,
        first.key.as_deref().unwrap_or_default(),
        first.value.as_deref(),
    );
    // It remembers fewer leads than the rows that follow it.
    refuses(&deployment, &["changelog is damaged", "backup"]);
}

#[test]
fn a_damaged_row_is_refused_with_its_place() {
    let Some(brokers) = kafka::brokers("a_damaged_row_is_refused_with_its_place") else {
        return;
    };
    let (deployment, rows) = written(&brokers);
    let row = &rows[0];
    let value = row.value.as_deref().expect("the first row has a value");
    write_row(
        &deployment,
        row.key.as_deref().unwrap_or_default(),
        Some(&value[..value.len() / 2]),
    );
    let place = format!("{}/0 cannot be read at offset", deployment.topic("state"));
    refuses(&deployment, &[&place, "backup"]);
}
