//! What the user may do on the brokers, proven by doing it: reading to the end, and writing in
//! transactions that are aborted.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::producer::{
    BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer,
};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode as Code;

use crate::config::Kafka;

use super::super::client::{self, Voice};
use super::super::cluster::{Counts, Unfit, names};
use super::super::refusal;
use super::{Check, State, Survey};

/// One proof; a broker that needs longer is as good as away.
const PATIENCE: Duration = Duration::from_secs(10);

/// Notes for each right of the daemon whether the user has it. Topics that are missing are
/// passed over: they were noted before.
pub fn prove(survey: &mut Survey, kafka: &Kafka, counts: &Counts) -> Result<(), Unfit> {
    let topics = &kafka.topics;
    let readable = [&topics.leads, &topics.activity, &topics.state];
    for topic in readable
        .into_iter()
        .filter(|name| counts.contains_key(*name))
    {
        note(survey, topic, "Read on the topic", read(kafka, topic));
    }
    if let Err(error) = Writer::new(kafka) {
        if let KafkaError::ClientConfig(..) | KafkaError::ClientCreation(_) = error {
            return Err(Unfit::Settings(refusal::told(&error)));
        }
        let subject = format!("{}.", kafka.group);
        let right = "Write and Describe on the transactional ids that begin so";
        note(survey, &subject, right, Err(error));
        return Ok(());
    }
    // A producer that was refused once is of no more use, so that each proof has its own.
    for topic in names(topics)
        .into_iter()
        .filter(|name| counts.contains_key(*name))
    {
        let done = Writer::new(kafka).and_then(|writer| writer.write(topic));
        note(survey, topic, "Write on the topic", done);
    }
    if counts.contains_key(&topics.leads) {
        let done = Writer::new(kafka).and_then(|writer| writer.commit_for_group(kafka));
        note(survey, &kafka.group, "Read on the group", done);
    }
    Ok(())
}

fn note(survey: &mut Survey, subject: &str, right: &str, proven: Result<(), KafkaError>) {
    let (state, said) = match proven {
        Ok(()) => (State::Ok, right.to_owned()),
        Err(error) if is_refusal(&error) => (
            State::Fault,
            format!(
                "{right} is not granted ({error}); deploy/kafka/acls.csv lists all that is needed"
            ),
        ),
        Err(error) => (State::Away, format!("{right} could not be proven: {error}")),
    };
    survey.note(Check::Rights, subject, state, said);
}

fn is_refusal(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::TopicAuthorizationFailed
                | Code::GroupAuthorizationFailed
                | Code::ClusterAuthorizationFailed
                | Code::TransactionalIdAuthorizationFailed
        )
    )
}

fn refuses_topic(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(Code::TopicAuthorizationFailed)
}

/// Reads one partition from its end: either there is nothing more, or the broker refuses.
fn read(kafka: &Kafka, topic: &str) -> Result<(), KafkaError> {
    let consumer: BaseConsumer<Voice> = client::consumer(kafka)
        // Reading one's own choice needs no group, though the library wants a name for it.
        .set("group.id", &kafka.group)
        .set("enable.partition.eof", "true")
        .create_with_context(Voice)?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::End)?;
    consumer.assign(&list)?;
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(_) | Err(KafkaError::PartitionEOF(_))) => return Ok(()),
            // A broker that is away for a moment is tried again by the library.
            Some(Err(error)) if refuses_topic(&error) => return Err(error),
            Some(Err(_)) | None => {}
        }
    }
    Err(KafkaError::MessageConsumption(Code::OperationTimedOut))
}

/// Keeps why the last record was not delivered.
#[derive(Default)]
struct Ear {
    voice: Voice,
    failed: Mutex<Option<Code>>,
}

impl ClientContext for Ear {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.voice.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.voice.error(error, reason);
    }
}

impl ProducerContext for Ear {
    type DeliveryOpaque = ();

    fn delivery(&self, delivered: &DeliveryResult<'_>, (): ()) {
        let failed = delivered.as_ref().err();
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) =
            failed.and_then(|(error, message)| {
                debug_assert!(!message.topic().is_empty());
                error.rdkafka_error_code()
            });
    }
}

/// Tells this look from one that somebody else takes at the same time.
static LOOK: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());

/// A producer with a transactional id of its own, which fences no lane.
struct Writer(ThreadedProducer<Ear>);

impl Writer {
    fn new(kafka: &Kafka) -> Result<Self, KafkaError> {
        let mut config = client::base(kafka);
        config
            // Lanes are numbers, so this is never one.
            .set(
                "transactional.id",
                format!("{}.check-{:016x}", kafka.group, *LOOK),
            )
            .set("transaction.timeout.ms", PATIENCE.as_millis().to_string())
            .set("message.timeout.ms", PATIENCE.as_millis().to_string());
        client::apply(&mut config, &kafka.producer);
        let producer: ThreadedProducer<Ear> = config.create_with_context(Ear::default())?;
        producer.init_transactions(PATIENCE)?;
        Ok(Self(producer))
    }

    /// Writes one record that no reader of committed records sees.
    fn write(&self, topic: &str) -> Result<(), KafkaError> {
        self.aborted(|| {
            let record = BaseRecord::<str, str>::to(topic)
                .partition(0)
                .key("bailiwick-check")
                .payload("");
            self.0.send(record).map_err(|(error, _)| error)?;
            self.0.flush(PATIENCE)
        })
    }

    /// Hands in the group's offsets as a lane does.
    fn commit_for_group(&self, kafka: &Kafka) -> Result<(), KafkaError> {
        let consumer: BaseConsumer<Voice> = client::consumer(kafka)
            .set("group.id", &kafka.group)
            .create_with_context(Voice)?;
        let group = consumer
            .group_metadata()
            .ok_or(KafkaError::Global(Code::UnknownGroup))?;
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(&kafka.topics.leads, 0, Offset::Offset(0))?;
        self.aborted(|| {
            self.0
                .send_offsets_to_transaction(&offsets, &group, PATIENCE)
        })
    }

    /// Does something in a transaction, takes it back, and says how it went.
    fn aborted(&self, act: impl FnOnce() -> Result<(), KafkaError>) -> Result<(), KafkaError> {
        self.0.begin_transaction()?;
        let done = act();
        let failed = self.0.context().failed.lock();
        let failed = failed.unwrap_or_else(PoisonError::into_inner).take();
        // A transaction that the broker has refused tells why when one more is begun.
        let refused = match failed {
            Some(Code::PurgeQueue | Code::PurgeInflight) => self.0.begin_transaction().err(),
            Some(code) => Some(KafkaError::MessageProduction(code)),
            None => None,
        };
        let aborted = self.0.abort_transaction(PATIENCE);
        // Where nothing was begun at the broker there is nothing to abort either.
        refused.map_or(done, Err).and(aborted)
    }
}
