//! How far the group is behind, by topic and partition.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::config::Kafka;

use super::super::client::{self, Voice};
use super::super::cluster::{Counts, Unfit};
use super::super::refusal;
use super::{Check, State, Survey};

/// One question to the brokers.
const PATIENCE: Duration = Duration::from_secs(10);

/// A partition of an input topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    pub topic: String,
    pub partition: i32,
    /// The next record that the group will decide; none before its first commit.
    pub committed: Option<i64>,
    /// Where the committed records end.
    pub end: i64,
    /// Positions between the two: records, and the marks that transactions leave.
    pub behind: i64,
}

/// Asks for the group's offsets and the topics' ends. A cluster that does not tell is noted.
pub fn of(survey: &mut Survey, kafka: &Kafka, counts: &Counts) -> Result<Vec<Lag>, Unfit> {
    let consumer: BaseConsumer<Voice> = client::consumer(kafka)
        .set("group.id", &kafka.group)
        .create_with_context(Voice)
        .map_err(|error| Unfit::Settings(refusal::told(&error)))?;
    let mut all = Vec::new();
    for topic in [&kafka.topics.leads, &kafka.topics.activity] {
        let Some(partitions) = counts.get(topic.as_str()) else {
            continue;
        };
        match of_topic(&consumer, topic, *partitions) {
            Ok(lag) => {
                let behind: i64 = lag.iter().map(|one| one.behind).sum();
                let fresh = lag.iter().all(|one| one.committed.is_none());
                let since = if fresh {
                    ", and the group has committed nothing yet"
                } else {
                    ""
                };
                let said = format!("{behind} records behind{since}");
                survey.note(Check::Lag, topic, State::Ok, said);
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
    Ok(lag)
}
