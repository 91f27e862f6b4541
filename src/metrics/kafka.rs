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
    /// Requests that no broker answered in time.
    pub request_timeouts: IntCounter,
    /// Connections that ended.
    pub disconnects: IntCounter,
    producers: Vec<IntGauge>,
    round_trip: GaugeVec,
    throttle: GaugeVec,
    lag: IntGaugeVec,
}

/// Where a lane's producer is in its life, as the client library last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProducerState {
    /// It asks for its identity and fences the former owner.
    Starting,
    /// Between two transactions.
    Ready,
    InTransaction,
    Committing,
    Aborting,
    /// It cannot go on and will be aborted or made anew.
    Failed,
}

const PRODUCER_STATES: [&str; 6] = [
    "starting",
    "ready",
    "in_transaction",
    "committing",
    "aborting",
    "failed",
];

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
            request_timeouts: register.counter(
                "bailiwick_kafka_request_timeouts_total",
                "Requests that no broker answered in time.",
            ),
            disconnects: register.counter(
                "bailiwick_kafka_disconnects_total",
                "Connections to brokers that ended, idle ones among them.",
            ),
            producers: producers(register),
            round_trip: register.gauges(
                "bailiwick_kafka_round_trip_seconds",
                "Average round trip to a broker over the last statistics interval.",
                &["broker"],
            ),
            throttle: register.gauges(
                "bailiwick_kafka_throttle_seconds",
                "Average time that a broker's quotas held requests back over the last statistics interval.",
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

    /// How long a broker's quotas held requests back, in seconds.
    pub fn throttle(&self, broker: &str, seconds: f64) {
        self.throttle.with_label_values(&[broker]).set(seconds);
    }

    /// How many producers are in a state: a gauge that each producer adds itself to.
    pub fn producers(&self, state: ProducerState) -> &IntGauge {
        &self.producers[state as usize]
    }
}

fn producers(register: &Register<'_>) -> Vec<IntGauge> {
    let family = register.int_gauges(
        "bailiwick_kafka_producers",
        "Transactional producers by where they are in their life, as the client library last told.",
        &["state"],
    );
    let states = PRODUCER_STATES.iter();
    states
        .map(|state| family.with_label_values(&[*state]))
        .collect()
}
