//! The embedded broker, what is produced to it, and what is read back from it.
//!
//! librdkafka's mock cluster speaks Kafka over loopback inside this process. It keeps 5 MiB a
//! partition, does not compact, and its transactions are a stub: it shows the way of a record
//! and proves nothing about exactly-once. The tests on a real Apache Kafka do.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde::Serialize;

use crate::config::Topics;
use crate::event::{Timestamp, TopicRole};

use super::tally::Tally;
use super::traffic::{Kind, Record, Traffic};

/// One broker is enough: the mock cluster keeps nothing twice.
const BROKERS: i32 = 1;
/// Records are handed over and read in waits of at most this, so that an end is seen soon.
const POLL: Duration = Duration::from_millis(20);
/// How long the last records may take to be acknowledged.
const FLUSH: Duration = Duration::from_secs(10);

/// The mock cluster. It ends when dropped.
pub struct Embedded {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Embedded {
    /// Starts the cluster.
    pub fn start() -> Result<Self, KafkaError> {
        let cluster = MockCluster::new(BROKERS)?;
        Ok(Self { cluster })
    }

    /// Creates all topics with as many partitions.
    pub fn create(&self, topics: &Topics, partitions: i32) -> Result<(), KafkaError> {
        let names = [
            &topics.leads,
            &topics.activity,
            &topics.assignments,
            &topics.deadletters,
            &topics.state,
            &topics.batches,
        ];
        names
            .into_iter()
            .try_for_each(|name| self.cluster.create_topic(name, partitions, BROKERS))
    }

    /// `host:port` of the broker.
    pub fn address(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}

/// What the feed has handed over, and the broker acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Produced {
    pub leads: u64,
    /// Leads sent a second time with the same bytes.
    pub redeliveries: u64,
    pub activity: u64,
}

impl Produced {
    /// All records.
    pub const fn all(self) -> u64 {
        self.leads + self.redeliveries + self.activity
    }
}

#[derive(Default)]
struct Counters {
    leads: AtomicU64,
    redeliveries: AtomicU64,
    activity: AtomicU64,
}

impl Counters {
    fn read(&self) -> Produced {
        Produced {
            leads: self.leads.load(Ordering::Relaxed),
            redeliveries: self.redeliveries.load(Ordering::Relaxed),
            activity: self.activity.load(Ordering::Relaxed),
        }
    }
}

/// Leads sent of late, as JSON, for trying an edited plan.
pub type RecentLeads = Arc<Mutex<VecDeque<Vec<u8>>>>;

/// So many are kept: enough that a per cent is told from nothing.
const RECENT_KEPT: usize = 1_000;

/// Sends generated records at their moments, from a thread of its own.
pub struct Feed {
    counters: Arc<Counters>,
    recent: RecentLeads,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<(), KafkaError>>,
}

impl Feed {
    /// Begins to send; ends by itself after `goal` leads.
    pub fn start(
        address: &str,
        topics: Topics,
        traffic: Traffic,
        goal: Option<u64>,
    ) -> Result<Self, KafkaError> {
        let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
            .set("bootstrap.servers", address)
            .set("linger.ms", "1")
            .create()?;
        let counters = Arc::new(Counters::default());
        let stop = Arc::new(AtomicBool::new(false));
        let recent = RecentLeads::default();
        let work = Sender {
            recent: Arc::clone(&recent),
            producer,
            topics,
            goal: goal.unwrap_or(u64::MAX),
            counters: Arc::clone(&counters),
            stop: Arc::clone(&stop),
        };
        let thread = thread::spawn(move || work.run(traffic));
        Ok(Self {
            counters,
            recent,
            stop,
            thread,
        })
    }

    /// What was sent so far.
    pub fn produced(&self) -> Produced {
        self.counters.read()
    }

    /// What was sent of late.
    pub fn recent(&self) -> &RecentLeads {
        &self.recent
    }

    /// Whether everything is sent.
    pub fn is_done(&self) -> bool {
        self.thread.is_finished()
    }

    /// Sends nothing more, waits until the broker has what was sent, and says how it went.
    pub fn end(self) -> Result<Produced, KafkaError> {
        self.stop.store(true, Ordering::Relaxed);
        match self.thread.join() {
            Ok(ended) => ended.map(|()| self.counters.read()),
            // The panic was reported by the hook already.
            Err(_) => Err(KafkaError::Canceled),
        }
    }
}

struct Sender {
    recent: RecentLeads,
    producer: ThreadedProducer<DefaultProducerContext>,
    topics: Topics,
    goal: u64,
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
}

impl Sender {
    fn run(self, traffic: Traffic) -> Result<(), KafkaError> {
        for record in traffic {
            let leads = self.counters.leads.load(Ordering::Relaxed);
            if leads >= self.goal || !self.wait_until(record.at) {
                break;
            }
            self.send(&record)?;
        }
        self.producer.flush(FLUSH)
    }

    /// Waits for a record's moment; false if there is to be no more.
    fn wait_until(&self, at: Timestamp) -> bool {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return false;
            }
            let early = at.since(now()).0;
            if early <= 0 {
                return true;
            }
            let wait = Duration::from_millis(early as u64);
            thread::sleep(wait.min(POLL));
        }
    }

    fn send(&self, record: &Record) -> Result<(), KafkaError> {
        let topic = match record.topic() {
            TopicRole::Activity => &self.topics.activity,
            _ => &self.topics.leads,
        };
        // Keyed by lead as most producers do, so that forwarding to the home partition is seen.
        let mut message = BaseRecord::to(topic)
            .key(&*record.lead)
            .payload(&record.value);
        while let Err((error, back)) = self.producer.send(message) {
            if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                return Err(error);
            }
            message = back;
            thread::sleep(POLL);
        }
        if record.kind == Kind::Lead {
            self.remember(&record.value);
        }
        let counter = match record.kind {
            Kind::Lead => &self.counters.leads,
            Kind::Redelivery => &self.counters.redeliveries,
            Kind::Activity => &self.counters.activity,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Sender {
    fn remember(&self, json: &[u8]) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == RECENT_KEPT {
            recent.pop_front();
        }
        recent.push_back(json.to_vec());
    }
}

/// The present moment by the wall clock.
pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// Reads both output topics from their beginning, from a thread of its own.
pub struct Readback {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Readback {
    /// Begins to read into `tally`.
    pub fn start(
        address: &str,
        topics: &Topics,
        partitions: i32,
        tally: Arc<Mutex<Tally>>,
    ) -> Result<Self, KafkaError> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", address)
            .set("group.id", "bailiwick-demo-readback")
            .set("isolation.level", "read_committed")
            .set("fetch.wait.max.ms", "5")
            .create()?;
        let dead_letters = topics.deadletters.clone();
        // Assigned and not subscribed: joining a group would only take time.
        let mut everything = TopicPartitionList::new();
        for partition in 0..partitions {
            for topic in [&topics.assignments, &dead_letters] {
                everything.add_partition_offset(topic, partition, Offset::Beginning)?;
            }
        }
        consumer.assign(&everything)?;
        let stop = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                // Errors of the mock cluster are passing: what was not read is read next time.
                if let Some(Ok(message)) = consumer.poll(POLL) {
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    note(&mut tally, &message, &dead_letters);
                }
            }
        });
        Ok(Self { stop, thread })
    }

    /// Stops reading.
    pub fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        // A panic was reported by the hook already, and the summary shows what is missing.
        let _ = self.thread.join();
    }
}

fn note(tally: &mut Tally, message: &BorrowedMessage<'_>, dead_letters: &str) {
    if message.topic() != dead_letters {
        return tally.decision(message.payload().unwrap_or_default(), Instant::now(), now());
    }
    let headers = message.headers().into_iter().flat_map(Headers::iter);
    let reason = headers
        .filter(|header| header.key == "bailiwick-reason")
        .find_map(|header| header.value)
        .and_then(|value| std::str::from_utf8(value).ok());
    tally.dead_letter(reason.unwrap_or("no reason given"));
}
