//! The broker itself: what the other tests take for granted of a real Kafka.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::support::kafka;

#[test]
fn a_real_kafka_starts_and_makes_topics() {
    let Some(brokers) = kafka::brokers("a_real_kafka_starts_and_makes_topics") else {
        return;
    };
    let topic = kafka::unique("smoke");
    kafka::create_topics(&brokers, &[(&topic, 3, &[("cleanup.policy", "compact")])]);
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &brokers)
        .create()
        .expect("a client can be made");
    let seen = client
        .fetch_metadata(Some(&topic), Duration::from_secs(10))
        .expect("it answers");
    assert_eq!(seen.topics()[0].partitions().len(), 3);
}
