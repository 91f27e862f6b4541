//! What a client of the brokers tells of itself: statistics and errors, put into the metrics.

use std::sync::{Mutex, PoisonError};

use rdkafka::Statistics;
use rdkafka::statistics::{Broker, Partition};

use crate::metrics::Metrics;

/// The library keeps round trips in microseconds.
const MICROS_PER_SECOND: f64 = 1e6;

/// Messages and bytes that wait in one client's queue.
type Queued = (i64, i64);

/// One client's share of the metrics. Called on the library's own threads and the group's,
/// never on a lane's.
pub struct Watch {
    metrics: Metrics,
    queued: Mutex<Queued>,
}

impl Watch {
    pub fn new(metrics: Metrics) -> Self {
        let queued = Mutex::default();
        Self { metrics, queued }
    }

    /// Counts an error that the library reported.
    pub fn erred(&self) {
        self.metrics.kafka.errors.inc();
    }

    /// Takes over what the statistics say.
    pub fn note(&self, statistics: &Statistics) {
        statistics.brokers.values().for_each(|one| self.broker(one));
        match statistics.client_type.as_str() {
            "producer" => self.queue((
                i64::try_from(statistics.msg_cnt).unwrap_or(i64::MAX),
                i64::try_from(statistics.msg_size).unwrap_or(i64::MAX),
            )),
            _ => {
                for (topic, partitions) in &statistics.topics {
                    let partitions = partitions.partitions.values();
                    partitions.for_each(|one| self.lag(topic, one));
                }
            }
        }
    }

    /// Bootstrap addresses have a negative id and are shown under the broker's own once known.
    fn broker(&self, broker: &Broker) {
        if let (0.., Some(rtt)) = (broker.nodeid, &broker.rtt)
            && rtt.cnt > 0
        {
            let seconds = rtt.avg as f64 / MICROS_PER_SECOND;
            self.metrics
                .kafka
                .round_trip(&broker.nodeid.to_string(), seconds);
        }
    }

    fn lag(&self, topic: &str, partition: &Partition) {
        let kafka = &self.metrics.kafka;
        match (partition.partition, partition.desired, behind(partition)) {
            // Not a partition but where records wait for one.
            (..0, ..) => {}
            (index, false, _) => kafka.forget_lag(topic, index),
            // Unknown until the first answer of the broker.
            (_, true, None) => {}
            (index, true, Some(records)) => kafka.lag(topic, index, records),
        }
    }

    /// The gauges are sums over all producers, so each adds what changed of its own.
    fn queue(&self, now: Queued) {
        // A panic elsewhere leaves the pair whole: it is replaced in one assignment.
        let mut before = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        let kafka = &self.metrics.kafka;
        kafka.queue_messages.add(now.0 - before.0);
        kafka.queue_bytes.add(now.1 - before.1);
        *before = now;
    }
}

/// Records between what a lane has taken and the end of what is committed. The library's own
/// lag stands on offsets committed through it, but ours are part of the producer's transaction.
fn behind(partition: &Partition) -> Option<i64> {
    // What was fetched and taken whole is passed, markers of transactions included.
    let passed = match partition.fetchq_cnt {
        0 => partition.next_offset.max(partition.app_offset),
        _ => partition.app_offset,
    };
    let known = passed >= 0 && partition.ls_offset >= 0;
    known.then(|| (partition.ls_offset - passed).max(0))
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.queue((0, 0));
    }
}
