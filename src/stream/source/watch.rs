//! What a client of the brokers tells of itself: statistics and errors, put into the metrics.

use std::sync::{Mutex, PoisonError};

use rdkafka::Statistics;
use rdkafka::statistics::{Broker, Partition};

use crate::metrics::{Metrics, ProducerState};

/// The library keeps round trips in microseconds,
const MICROS_PER_SECOND: f64 = 1e6;
/// and what quotas cost in milliseconds.
const MILLIS_PER_SECOND: f64 = 1e3;

/// What one client last told. The metrics are sums over all clients of the process, so each
/// adds what changed of its own.
#[derive(Clone, Copy, Default)]
struct Told {
    queue_messages: i64,
    queue_bytes: i64,
    request_timeouts: u64,
    disconnects: u64,
    producer: Option<ProducerState>,
}

/// One client's share of the metrics. Called on the library's own threads and the group's,
/// never on a lane's.
pub struct Watch {
    metrics: Metrics,
    told: Mutex<Told>,
}

impl Watch {
    pub fn new(metrics: Metrics) -> Self {
        let told = Mutex::default();
        Self { metrics, told }
    }

    /// Counts an error that the library reported.
    pub fn erred(&self) {
        self.metrics.kafka.errors.inc();
    }

    /// Takes over what the statistics say.
    pub fn note(&self, statistics: &Statistics) {
        statistics.brokers.values().for_each(|one| self.broker(one));
        self.tell(told(statistics));
        if statistics.client_type != "producer" {
            for (topic, partitions) in &statistics.topics {
                let partitions = partitions.partitions.values();
                partitions.for_each(|one| self.lag(topic, one));
            }
        }
    }

    /// Bootstrap addresses have a negative id and are shown under the broker's own once known.
    fn broker(&self, broker: &Broker) {
        let (0.., Some(rtt)) = (broker.nodeid, &broker.rtt) else {
            return;
        };
        if rtt.cnt > 0 {
            let (kafka, name) = (&self.metrics.kafka, broker.nodeid.to_string());
            kafka.round_trip(&name, rtt.avg as f64 / MICROS_PER_SECOND);
            let throttle = broker.throttle.as_ref().map_or(0, |one| one.avg);
            kafka.throttle(&name, throttle as f64 / MILLIS_PER_SECOND);
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

    fn tell(&self, now: Told) {
        // A panic elsewhere leaves the value whole: it is replaced in one assignment.
        let mut before = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let kafka = &self.metrics.kafka;
        let grown = |now: u64, before: u64| now.saturating_sub(before);
        kafka
            .queue_messages
            .add(now.queue_messages - before.queue_messages);
        kafka.queue_bytes.add(now.queue_bytes - before.queue_bytes);
        kafka
            .request_timeouts
            .inc_by(grown(now.request_timeouts, before.request_timeouts));
        kafka
            .disconnects
            .inc_by(grown(now.disconnects, before.disconnects));
        if let Some(state) = before.producer {
            kafka.producers(state).dec();
        }
        if let Some(state) = now.producer {
            kafka.producers(state).inc();
        }
        *before = now;
    }
}

fn told(statistics: &Statistics) -> Told {
    let is_producer = statistics.client_type == "producer";
    // A consumer's queue is not one of messages to be sent.
    let queued = |number: u64| i64::try_from(number).unwrap_or(i64::MAX) * i64::from(is_producer);
    let brokers = || statistics.brokers.values();
    let disconnects = brokers().filter_map(|one| one.disconnects);
    Told {
        queue_messages: queued(statistics.msg_cnt),
        queue_bytes: queued(statistics.msg_size),
        request_timeouts: brokers().map(|one| one.req_timeouts).sum(),
        disconnects: disconnects.map(i64::unsigned_abs).sum(),
        producer: statistics
            .eos
            .as_ref()
            .filter(|_| is_producer)
            .and_then(|eos| producer_state(&eos.txn_state)),
    }
}

/// The library's states of a transactional producer; one that has no transactions is none.
fn producer_state(name: &str) -> Option<ProducerState> {
    Some(match name {
        "WaitPID" | "ReadyNotAcked" => ProducerState::Starting,
        "Ready" => ProducerState::Ready,
        "InTransaction" => ProducerState::InTransaction,
        "BeginCommit" | "CommittingTransaction" | "CommitNotAcked" => ProducerState::Committing,
        "BeginAbort" | "AbortingTransaction" | "AbortedNotAcked" => ProducerState::Aborting,
        "AbortableError" | "FatalError" => ProducerState::Failed,
        _ => return None,
    })
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
        let gone = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // What was counted stays; what was there is there no longer.
        self.tell(Told {
            request_timeouts: gone.request_timeouts,
            disconnects: gone.disconnects,
            ..Told::default()
        });
    }
}
