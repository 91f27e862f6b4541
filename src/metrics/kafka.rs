//! What the Kafka client library says of itself: lag, queues, round trips, errors.

use prometheus::{GaugeVec, IntCounter, IntGauge, IntGaugeVec};

use super::register::Register;

/// Metrics of the client library, from its statistics and events.
pub struct Kafka {
    /// Rebalances of the group that this process saw.
    pub rebalances: IntCounter,
    /// Errors the client library reported, retried or not.
    pub errors: IntCounter,
    /// Messages waiting in the producers' queues.
    pub queue_messages: IntGauge,
    /// Bytes waiting in the producers' queues.
    pub queue_bytes: IntGauge,
    round_trip: GaugeVec,
    lag: IntGaugeVec,
}

impl Kafka {
    pub(super) fn new(register: &Register<'_>) -> Self {
        Self {
            rebalances: register.counter(
                "bailiwick_rebalances_total",
                "Rebalances of the consumer group that this process took part in.",
            ),
            errors: register.counter(
                "bailiwick_kafka_errors_total",
                "Errors reported by the Kafka client library.",
            ),
            queue_messages: register.int_gauge(
                "bailiwick_kafka_queue_messages",
                "Messages in the Kafka producers' queues.",
            ),
            queue_bytes: register.int_gauge(
                "bailiwick_kafka_queue_bytes",
                "Bytes in the Kafka producers' queues.",
            ),
            round_trip: register.gauges(
                "bailiwick_kafka_round_trip_seconds",
                "Average round trip to a broker over the last statistics interval.",
                &["broker"],
            ),
            lag: register.int_gauges(
                "bailiwick_consumer_lag_records",
                "Input records not yet decided.",
                &["topic", "partition"],
            ),
        }
    }

    /// Records of a topic's partition that are not decided yet. There are two input topics.
    pub fn lag(&self, topic: &str, partition: i32, records: i64) {
        let partition = partition.to_string();
        self.lag
            .with_label_values(&[topic, &partition])
            .set(records);
    }

    /// Forgets a partition's lag when it moves elsewhere.
    pub fn forget_lag(&self, topic: &str, partition: i32) {
        let partition = partition.to_string();
        // Not there is as good as forgotten.
        let _ = self.lag.remove_label_values(&[topic, &partition]);
    }

    /// The average round trip to a broker, in seconds.
    pub fn round_trip(&self, broker: &str, seconds: f64) {
        self.round_trip.with_label_values(&[broker]).set(seconds);
    }
}
