//! A reader of what was committed, and the leads that are sent for it.

use std::time::{Duration, Instant};

use bailiwick::cli::demo::traffic::{Arrivals, Kind, Record, Settings, Traffic};
use bailiwick::event::Timestamp;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{DefaultProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::TENANT;
use super::deployment::{Deployment, PATIENCE};

/// What leads are sent with.
pub type Sender = ThreadedProducer<DefaultProducerContext>;

/// Realistic leads, each with an id of its own.
pub fn leads(count: usize) -> Vec<Record> {
    let settings = Settings {
        seed: 7,
        start: Timestamp(1_795_421_730_000),
        tenants: vec![TENANT.into()],
        arrivals: Arrivals::Steady { per_second: 100.0 },
        life: None,
    };
    Traffic::new(settings)
        .filter(|one| one.kind == Kind::Lead)
        .take(count)
        .collect()
}

/// A producer that waits for nothing, so that what it adds to a single lead's delay is its way
/// alone.
pub fn eager_producer(deployment: &Deployment) -> Sender {
    producer(deployment, "0")
}

/// A producer that gathers for five milliseconds, as Kafka's own does by default: without that
/// a stream of leads costs the broker a request for every few.
pub fn gathering_producer(deployment: &Deployment) -> Sender {
    producer(deployment, "5")
}

fn producer(deployment: &Deployment, linger: &str) -> Sender {
    ClientConfig::new()
        .set("bootstrap.servers", &deployment.brokers)
        .set("queue.buffering.max.messages", "1000000")
        .set("linger.ms", linger)
        .set("socket.nagle.disable", "true")
        .create()
        .expect("a producer can be made")
}

pub fn send(deployment: &Deployment, producer: &Sender, one: &Record) {
    let record = (Some(one.lead.as_bytes()), Some(&one.value[..]), None);
    deployment.send(producer, "leads", 0, record);
}

/// A reader of what was committed.
pub struct Output(BaseConsumer);

impl Output {
    pub fn new(deployment: &Deployment) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &deployment.brokers)
            .set("group.id", "unused")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("fetch.queue.backoff.ms", "10")
            .create()
            .expect("a consumer can be made");
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&deployment.topic("assignments"), 0, Offset::Beginning)
            .expect("a valid offset");
        consumer.assign(&list).expect("the topic is there");
        Self(consumer)
    }

    /// Waits for the next record and lets `look` see it.
    pub fn next<R>(&self, look: impl FnOnce(&BorrowedMessage<'_>) -> R) -> R {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(Ok(message)) = self.0.poll(Duration::from_millis(100)) {
                return look(&message);
            }
        }
        panic!("no record came");
    }

    /// Waits for `count` records.
    pub fn skip(&self, count: usize) {
        for _ in 0..count {
            // Looking at the payload keeps the reader honest.
            self.next(|message| std::hint::black_box(message.payload()).map(<[u8]>::len));
        }
    }

    /// Records a second, from the first to the last of `count`.
    pub fn rate(&self, count: usize) -> f64 {
        self.skip(1);
        let began = Instant::now();
        self.skip(count - 1);
        count as f64 / began.elapsed().as_secs_f64()
    }
}
