//! A changelog that lost records, and topics that grew: refused with the remedy, never half restored.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, NewPartitions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::support::kafka;

use super::deployment::{Deployment, Reader};
use super::exactly_once::{await_drained, deployment, produce};

const SEED: u64 = 808;
const LEADS: usize = 400;

fn admin(deployment: &Deployment) -> AdminClient<DefaultClientContext> {
    ClientConfig::new()
        .set("bootstrap.servers", &deployment.brokers)
        .create()
        .expect("an admin client can be made")
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(Duration::from_secs(30)))
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime can be made").block_on(future)
}

/// A deployment that has decided some leads and was stopped.
fn stopped(brokers: &str) -> Deployment {
    let deployment = deployment(brokers);
    let mut daemon = deployment.daemon("first");
    produce(&deployment, SEED, 0, LEADS);
    Reader::new(&deployment, "assignments").until(|seen| seen.len() >= LEADS);
    await_drained(&deployment);
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
    deployment
}

fn refused(deployment: &Deployment, said: &[&str]) {
    let output = deployment.bailiwick(&["run"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{stderr}");
    for part in said {
        assert!(stderr.contains(part), "{part:?} is not in:\n{stderr}");
    }
}

#[test]
fn a_truncated_changelog_is_refused() {
    let Some(brokers) = kafka::brokers("a_truncated_changelog_is_refused") else {
        return;
    };
    let deployment = stopped(&brokers);
    let mut cut = TopicPartitionList::new();
    for partition in 0..deployment.partitions {
        cut.add_partition_offset(&deployment.topic("state"), partition, Offset::Offset(20))
            .expect("a valid offset");
    }
    let admin = admin(&deployment);
    // A broker deletes records only where the policy lets it, which is the mistake.
    let state = deployment.topic("state");
    let topic = AlterConfig::new(ResourceSpecifier::Topic(&state));
    let wrong = topic.set("cleanup.policy", "compact,delete");
    for one in wait(admin.alter_configs([&wrong], &options())).expect("the broker answers") {
        one.expect("the topic is changed");
    }
    let deleted = wait(admin.delete_records(&cut, &options())).expect("the broker answers");
    for one in deleted.elements() {
        one.error().expect("the records are deleted");
    }
    // With that policy it would not even look at the changelog.
    kafka::set_topic(&brokers, &state, ("cleanup.policy", "compact"));
    // Rows may be missing that others name, or all that is left may fit together.
    let output = deployment.bailiwick(&["run"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{stderr}");
    assert!(stderr.contains("truncated"), "{stderr}");
    assert!(stderr.contains("from offset 0 to 20"), "{stderr}");
    assert!(
        stderr.contains("cleanup.policy must be compact"),
        "{stderr}"
    );
}

#[test]
fn a_changelog_that_lost_one_lead_is_refused() {
    let Some(brokers) = kafka::brokers("a_changelog_that_lost_one_lead_is_refused") else {
        return;
    };
    let deployment = stopped(&brokers);
    let rows = deployment.read("state");
    let is_lead = |key: &[u8]| key.first() == Some(&b'l');
    let lead = rows
        .iter()
        .find(|one| one.key.as_deref().is_some_and(is_lead));
    let lead = lead.expect("a lead's row");
    let producer = deployment.producer();
    let removal = (lead.key.as_deref(), None, None);
    deployment.send(&producer, "state", lead.partition, removal);
    deployment.flush(&producer);
    refused(
        &deployment,
        &["the state changelog is damaged", "from a backup"],
    );
}

#[test]
fn topics_that_grew_are_refused_with_the_command_that_moves_the_state() {
    let Some(brokers) = kafka::brokers("topics_that_grew_are_refused") else {
        return;
    };
    let deployment = stopped(&brokers);
    let admin = admin(&deployment);
    let roles = [
        "leads",
        "activity",
        "assignments",
        "deadletters",
        "state",
        "batches",
    ];
    let names: Vec<String> = roles.iter().map(|role| deployment.topic(role)).collect();
    let grown: Vec<NewPartitions<'_>> = names
        .iter()
        .map(|name| NewPartitions::new(name, 6))
        .collect();
    for one in wait(admin.create_partitions(&grown, &options())).expect("the broker answers") {
        one.expect("the topic grows");
    }
    refused(
        &deployment,
        &[
            "written with 4 partitions",
            "now have 6",
            "bailiwick reshard",
        ],
    );
}
