//! Records out: one transactional producer, and the order of calls that makes a commit cheap.

mod ear;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::util::Timeout;

use crate::config::{Kafka, Topics};
use crate::event::TopicRole;

use super::outbox::{Outbox, Outgoing};
use super::source::Watch;
use super::source::client;
use super::source::refusal;
use super::source::{Fetched, Queues};
use super::trouble::Trouble;
use super::wire::VALUE_OMITTED;

use ear::{Ear, Eared, Mark, hear_connections, mark};

/// How often the queue of unsent records is looked at while it empties.
const DRAIN_STEP: Duration = Duration::from_micros(50);
/// How long to wait before a record is offered to a full queue again.
const FULL_STEP: Duration = Duration::from_millis(1);

/// Room for headers: a decision has seven, and two more with a trace.
const HEADERS: usize = 9;

/// How much of a record goes where.
#[derive(Clone, Copy, Debug)]
pub struct SizeLimits {
    /// The longest record any output topic takes, in bytes.
    pub message_bytes: usize,
    /// The longest record the dead-letter topic takes, in bytes.
    pub letter_bytes: usize,
}

/// A lane's producer. Its name fences any former owner of the lane.
pub struct Sink {
    producer: ThreadedProducer<Eared>,
    ear: Arc<Ear>,
    topics: Topics,
    limits: SizeLimits,
    /// A transaction that takes longer is aborted by the broker.
    patience: Duration,
}

impl Sink {
    /// Makes the producer and fences whoever wrote as this lane before. All transactions of
    /// former owners are ended when this returns.
    pub fn open(
        kafka: &Kafka,
        partition: i32,
        limits: SizeLimits,
        watch: Watch,
    ) -> Result<Self, Trouble> {
        Self::named(kafka, &partition.to_string(), limits, watch)
    }

    /// The same for what is no lane but writes as one, called `<group>.<name>`.
    pub fn named(
        kafka: &Kafka,
        name: &str,
        limits: SizeLimits,
        watch: Watch,
    ) -> Result<Self, Trouble> {
        let name = format!("{}.{name}", kafka.group);
        let ear = Arc::new(Ear::new(watch));
        let context = Eared(Arc::clone(&ear));
        let producer: ThreadedProducer<Eared> = config(kafka, &name, limits)
            .create_with_context(context)
            .map_err(|error| Trouble::Refused(refusal::told(&error)))?;
        let sink = Self {
            producer,
            ear,
            topics: kafka.topics.clone(),
            limits,
            patience: kafka.transaction_timeout,
        };
        sink.persist(|| sink.producer.init_transactions(kafka.transaction_timeout))?;
        Ok(sink)
    }

    /// Begins a transaction.
    pub fn begin(&self) -> Result<(), Trouble> {
        self.ear.begin();
        self.persist(|| self.producer.begin_transaction())
    }

    /// Where the changelog goes on after what was delivered to it; 0 if nothing was.
    pub fn reached(&self) -> i64 {
        self.ear.reached()
    }

    /// Why a request of the transaction that just ended may still be on its way, if one may.
    /// It could arrive in the middle of the next one, so this producer must not begin it.
    pub fn doubt(&self) -> Option<&'static str> {
        self.ear.doubt()
    }

    /// Sends what the engine put out; `input` is the record being answered, for those that
    /// are passed on untouched.
    pub fn send(&self, outbox: &Outbox, input: Option<&Fetched<'_>>) -> Result<(), Trouble> {
        outbox
            .items()
            .try_for_each(|item| self.send_one(item, input))
    }

    fn send_one(&self, item: Outgoing<'_>, input: Option<&Fetched<'_>>) -> Result<(), Trouble> {
        let oversized =
            item.role == TopicRole::Deadletters && item.size() > self.limits.letter_bytes;
        let mut headers = input
            .filter(|_| item.inherits_headers)
            .map(Fetched::untouched_headers);
        for (key, value) in item.headers() {
            headers = add(headers, key, value);
        }
        if oversized {
            headers = add(headers, VALUE_OMITTED, Some(b"true"));
        }
        let topic = self.topic(item.role);
        let mut record = BaseRecord::<[u8], [u8], Mark>::with_opaque_to(topic, mark(item.role))
            .partition(item.partition);
        record.headers = headers;
        record.key = item.key;
        record.payload = item.value.filter(|_| !oversized);
        record.timestamp = item.timestamp.map(|moment| moment.0);
        self.offer(record)
    }

    fn offer(&self, mut record: BaseRecord<'_, [u8], [u8], Mark>) -> Result<(), Trouble> {
        // The clock is read only once the queue is full, which it seldom is.
        let mut end = None;
        let mut in_time =
            || Instant::now() < *end.get_or_insert_with(|| Instant::now() + self.patience);
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back))
                    if in_time() =>
                {
                    record = back;
                    std::thread::sleep(FULL_STEP);
                }
                Err((error, _)) => return Err(judge(&error)),
            }
        }
    }

    /// Adds the offsets to read next and waits until every record has arrived.
    pub fn conclude(
        &self,
        offsets: &[(TopicRole, i64)],
        queues: &Queues,
        partition: i32,
    ) -> Result<(), Trouble> {
        self.ear.end();
        if !offsets.is_empty() {
            let mut list = TopicPartitionList::new();
            for (role, next) in offsets {
                list.add_partition_offset(queues.topic(*role), partition, Offset::Offset(*next))
                    .map_err(|error| Trouble::Fatal(error.to_string()))?;
            }
            let member = queues.membership()?;
            self.persist(|| {
                self.producer
                    .send_offsets_to_transaction(&list, &member, self.patience)
            })?;
        }
        self.drain()
    }

    /// Waits until every record has arrived, and commits them without offsets.
    pub fn finish(&self) -> Result<(), Trouble> {
        self.ear.end();
        self.drain()?;
        self.commit()
    }

    /// Commits the transaction.
    pub fn commit(&self) -> Result<(), Trouble> {
        // Whatever a failed commit says, its outcome may be unknown: a delayed end of this
        // transaction could arrive during the next one, so the producer is not used again.
        self.persist(|| self.producer.commit_transaction(Timeout::Never))
            .map_err(|trouble| Trouble::Fatal(format!("commit: {trouble}")))
    }

    /// Brings the in-flight count to zero first, because the library's own flush inside the
    /// commit waits in steps of 100 ms.
    fn drain(&self) -> Result<(), Trouble> {
        let end = Instant::now() + self.patience;
        while self.producer.in_flight_count() > 0 {
            if Instant::now() >= end {
                // One that is still on its way could land in a later transaction.
                let left = self.producer.in_flight_count();
                return Err(Trouble::Fatal(format!(
                    "{left} records were not delivered in {:?}",
                    self.patience
                )));
            }
            std::thread::sleep(DRAIN_STEP);
        }
        Ok(())
    }

    /// Aborts the transaction.
    pub fn abort(&self) -> Result<(), Trouble> {
        self.ear.end();
        self.persist(|| self.producer.abort_transaction(Timeout::Never))
            .map_err(|trouble| Trouble::Fatal(format!("abort: {trouble}")))?;
        match self.doubt() {
            None => Ok(()),
            Some(why) => Err(Trouble::Fatal(format!("abort: {why}"))),
        }
    }

    /// Repeats a call while the library asks for it and the transaction may still live.
    fn persist(&self, call: impl Fn() -> KafkaResult<()>) -> Result<(), Trouble> {
        let end = Instant::now() + self.patience;
        loop {
            match call() {
                Ok(()) => return Ok(()),
                Err(error) if is_retriable(&error) && Instant::now() < end => {
                    self.ear.repeated();
                    std::thread::sleep(FULL_STEP);
                }
                Err(error) => return Err(judge(&error)),
            }
        }
    }

    fn topic(&self, role: TopicRole) -> &str {
        match role {
            TopicRole::Leads => &self.topics.leads,
            TopicRole::Activity => &self.topics.activity,
            TopicRole::Assignments => &self.topics.assignments,
            TopicRole::Deadletters => &self.topics.deadletters,
            TopicRole::State => &self.topics.state,
            TopicRole::Batches => &self.topics.batches,
        }
    }
}

fn config(kafka: &Kafka, name: &str, limits: SizeLimits) -> ClientConfig {
    let mut config = client::base(kafka);
    let timeout = kafka.transaction_timeout.as_millis();
    config
        .set("transactional.id", name)
        .set("transaction.timeout.ms", timeout.to_string())
        // A message must fail before its transaction does.
        .set("message.timeout.ms", (timeout * 4 / 5).to_string())
        .set(
            "message.max.bytes",
            limits.message_bytes.max(limits.letter_bytes).to_string(),
        )
        .set("retry.backoff.ms", "10")
        // So long a bundle takes to be handed over. Without it the first records of each leave
        // by themselves, and a broker pays by the request: a third more of its time a lead.
        .set("linger.ms", "0.5")
        .set("compression.codec", "lz4");
    client::apply(&mut config, &kafka.producer);
    hear_connections(&mut config);
    config
}

/// Adds a header; records without any, such as rows, never make a list of them.
fn add(headers: Option<OwnedHeaders>, key: &str, value: Option<&[u8]>) -> Option<OwnedHeaders> {
    let list = headers.unwrap_or_else(|| OwnedHeaders::new_with_capacity(HEADERS));
    Some(list.insert(Header { key, value }))
}

/// Sorts an error as the library's own documentation orders the questions: fatal first, then
/// abortable. What is neither counts as fatal.
fn judge(error: &KafkaError) -> Trouble {
    match error {
        KafkaError::Transaction(cause) if cause.is_fatal() => Trouble::Fatal(cause.string()),
        KafkaError::Transaction(cause) if cause.txn_requires_abort() => {
            Trouble::Abortable(cause.string())
        }
        KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) => {
            Trouble::Abortable("the producer's queue stayed full".to_owned())
        }
        other => Trouble::Fatal(refusal::told(other)),
    }
}

fn is_retriable(error: &KafkaError) -> bool {
    match error {
        KafkaError::Transaction(cause) => {
            !cause.is_fatal() && !cause.txn_requires_abort() && cause.is_retriable()
        }
        KafkaError::Flush(_) => true,
        _ => false,
    }
}
