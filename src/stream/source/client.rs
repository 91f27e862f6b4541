//! How every client of the brokers is set up, and where its log lines go.

use std::time::Duration;

use rdkafka::Statistics;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use crate::config::{Kafka, Properties};

use super::outage::is_absence;

/// How often the library tells its statistics: well within a usual scrape interval.
const STATISTICS_MS: &str = "5000";

/// The library's own default for how long an answer may take.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// Passes the client library's log lines on.
#[derive(Clone, Default)]
pub struct Voice;

impl ClientContext for Voice {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", facility, "{message}"),
            // The library calls every lost connection an error though it mends them itself.
            _ => tracing::info!(target: "librdkafka", facility, "{message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if matches!(error, KafkaError::Global(RDKafkaErrorCode::PartitionEOF)) {
            return;
        }
        // Of an outage every client says so by the second, and each connection's end is logged.
        match is_absence(&error) {
            true => tracing::debug!(target: "librdkafka", "{error}: {reason}"),
            false => tracing::info!(target: "librdkafka", "{error}: {reason}"),
        }
    }

    // Clients that live for a moment tell nothing that lasts.
    fn stats(&self, _: Statistics) {}
}

impl ConsumerContext for Voice {}

/// What all clients share.
pub fn base(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &kafka.brokers)
        .set("client.id", "bailiwick")
        .set("socket.nagle.disable", "true")
        .set("reconnect.backoff.max.ms", "2000")
        .set("statistics.interval.ms", STATISTICS_MS)
        .set("allow.auto.create.topics", "false");
    apply(&mut config, &kafka.client);
    config
}

/// What consumers share: committed records only, offsets never stored on their own.
pub fn consumer(kafka: &Kafka) -> ClientConfig {
    let mut config = base(kafka);
    config
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // A full queue is looked at again after this; the default would stall it for a second.
        .set("fetch.queue.backoff.ms", "10")
        .set("fetch.wait.max.ms", "100");
    apply(&mut config, &kafka.consumer);
    // A connection that swallows everything is given up when the session would be.
    let silence = kafka.session_timeout.min(LONGEST_SILENCE);
    unless_given(&mut config, "socket.timeout.ms", silence);
    config
}

/// Sets a length of time where the settings' own properties do not.
pub fn unless_given(config: &mut ClientConfig, property: &str, time: Duration) {
    if config.get(property).is_none() {
        config.set(property, time.as_millis().to_string());
    }
}

/// Adds the settings' own properties; those that would break a promise were refused before.
pub fn apply(config: &mut ClientConfig, properties: &Properties) {
    for (name, value) in properties.iter() {
        config.set(name, value);
    }
}
