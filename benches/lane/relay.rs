//! A bare transactional relay: the least that any exactly-once program on Kafka does with the
//! same bytes, and so the yardstick a lane is held against.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::util::Timeout;

/// Records in one transaction at most, as a lane's default is.
const BATCH_RECORDS: usize = 10_000;
/// A batch ends so long after its first record, as a lane's does.
const BATCH_AGE: Duration = Duration::from_millis(200);
/// As a lane's producer waits, and as all of a lane's connections are set up.
const LINGER_MS: &str = "0.5";
const PATIENCE: Duration = Duration::from_secs(10);

/// A relay at work on a thread of its own.
pub struct Relay {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Starts relaying partition 0 of `from` to partition 0 of `to`.
    pub fn start(brokers: &str, from: &str, to: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let route = Route::new(brokers, from, to);
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                route.carry_a_batch();
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the relay ends when told");
        }
    }
}

struct Route {
    consumer: BaseConsumer,
    producer: ThreadedProducer<DefaultProducerContext>,
    from: String,
    to: String,
}

impl Route {
    fn new(brokers: &str, from: &str, to: &str) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("group.id", format!("{from}.relay"))
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            .set("fetch.queue.backoff.ms", "10")
            .set("fetch.wait.max.ms", "100")
            .set("socket.nagle.disable", "true")
            .create()
            .expect("a consumer can be made");
        let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("transactional.id", format!("{from}.relay"))
            .set("linger.ms", LINGER_MS)
            .set("retry.backoff.ms", "10")
            .set("socket.nagle.disable", "true")
            .set("compression.codec", "lz4")
            .create()
            .expect("a producer can be made");
        producer
            .init_transactions(PATIENCE)
            .expect("the broker answers");
        consumer.subscribe(&[from]).expect("a valid name");
        Self {
            consumer,
            producer,
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    /// One transaction: until input is idle, or the batch is full or old enough.
    fn carry_a_batch(&self) {
        let Some(first) = self.consumer.poll(Duration::from_millis(100)) else {
            return;
        };
        let began = Instant::now();
        self.producer.begin_transaction().expect("it may begin");
        let mut next = self.carry(&first.expect("the broker is there"));
        for _ in 1..BATCH_RECORDS {
            match self.consumer.poll(Duration::ZERO) {
                Some(message) => next = self.carry(&message.expect("the broker is there")),
                None => break,
            }
            if began.elapsed() > BATCH_AGE {
                break;
            }
        }
        self.commit(next);
    }

    fn carry(&self, message: &rdkafka::message::BorrowedMessage<'_>) -> i64 {
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.to).partition(0);
        (record.key, record.payload) = (message.key(), message.payload());
        while let Err((_, back)) = self.producer.send(record) {
            record = back;
            std::thread::sleep(Duration::from_millis(1));
        }
        message.offset() + 1
    }

    fn commit(&self, next: i64) {
        let mut offsets = TopicPartitionList::new();
        offsets
            .add_partition_offset(&self.from, 0, Offset::Offset(next))
            .expect("a valid offset");
        let member = self.consumer.group_metadata().expect("it is in the group");
        self.producer
            .send_offsets_to_transaction(&offsets, &member, PATIENCE)
            .expect("the broker answers");
        // The library's own flush inside the commit waits in steps of 100 ms.
        while self.producer.in_flight_count() > 0 {
            std::thread::sleep(Duration::from_micros(50));
        }
        self.producer
            .commit_transaction(Timeout::Never)
            .expect("the broker answers");
    }
}
