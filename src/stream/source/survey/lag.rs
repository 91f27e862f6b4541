//! How far the group is behind, by topic and partition.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::config::Kafka;

use super::super::client::{self, Voice};
use super::super::cluster::{Counts, Unfit};
use super::super::outage::is_absence;
use super::super::refusal;
use super::{Check, State, Survey};

/// One question to the brokers.
const PATIENCE: Duration = Duration::from_secs(10);
/// One wait for a record.
const POLL: Duration = Duration::from_millis(50);

/// A partition of an input topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    pub topic: String,
    pub partition: i32,
    /// Where the group goes on; none before its first commit.
    pub committed: Option<i64>,
    /// Where the committed records end.
    pub end: i64,
    /// How many committed records are still to be decided, at most: positions from the first
    /// of them to the end, of which marks and aborted records between them take some. None
    /// where nothing but these is left.
    pub behind: i64,
}

/// Asks for the group's offsets and the topics' ends. A cluster that does not tell is noted.
pub fn of(survey: &mut Survey, kafka: &Kafka, counts: &Counts) -> Result<Vec<Lag>, Unfit> {
    let consumer: BaseConsumer<Voice> = client::consumer(kafka)
        .set("group.id", &kafka.group)
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "error")
        .create_with_context(Voice)
        .map_err(|error| Unfit::Settings(refusal::told(&error)))?;
    let mut all = Vec::new();
    for topic in [&kafka.topics.leads, &kafka.topics.activity] {
        let Some(partitions) = counts.get(topic.as_str()) else {
            continue;
        };
        match of_topic(&consumer, topic, *partitions) {
            Ok(lag) => {
                survey.note(Check::Lag, topic, State::Ok, told(&lag));
                all.extend(lag);
            }
            Err(error) => {
                let said = format!("cannot be told: {error}");
                survey.note(Check::Lag, topic, State::Warning, said);
                break;
            }
        }
    }
    Ok(all)
}

fn told(lag: &[Lag]) -> String {
    let behind: i64 = lag.iter().map(|one| one.behind).sum();
    let fresh = lag.iter().all(|one| one.committed.is_none());
    let since = match fresh {
        true => ", and the group has committed nothing yet",
        false => "",
    };
    match behind {
        0 => format!("no record is behind{since}"),
        _ => format!("at most {behind} records behind{since}"),
    }
}

fn of_topic(
    consumer: &BaseConsumer<Voice>,
    topic: &str,
    partitions: i32,
) -> Result<Vec<Lag>, KafkaError> {
    let mut asked = TopicPartitionList::new();
    for partition in 0..partitions {
        asked.add_partition(topic, partition);
    }
    let committed = consumer.committed_offsets(asked, PATIENCE)?;
    let mut lag = Vec::new();
    for one in committed.elements() {
        one.error()?;
        let committed = match one.offset() {
            Offset::Offset(next) => Some(next),
            _ => None,
        };
        let (oldest, end) = consumer.fetch_watermarks(topic, one.partition(), PATIENCE)?;
        lag.push(Lag {
            topic: topic.to_owned(),
            partition: one.partition(),
            committed,
            end,
            behind: (end - committed.unwrap_or(oldest).max(oldest)).max(0),
        });
    }
    seek_records(consumer, &mut lag)?;
    Ok(lag)
}

/// Offsets do not tell whether records are left: the last positions may be marks and records
/// of transactions that were aborted, and nobody commits beyond what he read. So the first
/// record is looked for; what is not found in time stays as the offsets say.
fn seek_records(consumer: &BaseConsumer<Voice>, lag: &mut [Lag]) -> Result<(), KafkaError> {
    let mut asked = TopicPartitionList::new();
    for one in lag.iter().filter(|one| one.behind > 0) {
        let from = Offset::Offset(one.end - one.behind);
        asked.add_partition_offset(&one.topic, one.partition, from)?;
    }
    consumer.assign(&asked)?;
    let mut open: BTreeSet<i32> = asked.elements().iter().map(|one| one.partition()).collect();
    let end = Instant::now() + PATIENCE;
    while !open.is_empty() && Instant::now() < end {
        let (partition, first) = match consumer.poll(POLL) {
            Some(Ok(record)) => (record.partition(), Some(record.offset())),
            Some(Err(KafkaError::PartitionEOF(partition))) => (partition, None),
            Some(Err(error)) if !is_absence(&error) => return Err(error),
            _ => continue,
        };
        let found = lag.iter_mut().find(|one| one.partition == partition);
        if let Some(found) = found.filter(|_| open.remove(&partition)) {
            found.behind = first.map_or(0, |first| (found.end - first).max(0));
            // One answer is enough.
            let mut answered = TopicPartitionList::new();
            answered.add_partition(&found.topic, partition);
            consumer.pause(&answered)?;
        }
    }
    consumer.unassign()
}
