//! Whether a deployment is at rest: nobody in its group, and no input left to read.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::config::Kafka;
use crate::event::TopicRole;

use super::client::{self, Voice};
use super::cluster::Unfit;
use super::refusal;

/// A look-up at the broker takes no longer.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// One wait for a record that should not be there.
const POLL: Duration = Duration::from_millis(50);

/// Input that nobody has read: the first record found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

/// Offsets to read next, by partition and topic role; none where the group never committed.
pub type Offsets = BTreeMap<i32, BTreeMap<TopicRole, i64>>;

/// A look at one group and its input.
pub struct Drained<'k> {
    kafka: &'k Kafka,
    consumer: BaseConsumer<Voice>,
}

impl<'k> Drained<'k> {
    /// Prepares a connection that does not join the group.
    pub fn new(kafka: &'k Kafka) -> Result<Self, Unfit> {
        let mut config = client::consumer(kafka);
        config
            .set("group.id", &kafka.group)
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error");
        let consumer = config
            .create_with_context(Voice)
            .map_err(|error| Unfit::Settings(refusal::told(&error)))?;
        Ok(Self { kafka, consumer })
    }

    /// How many members the group has.
    pub fn members(&self) -> Result<usize, Unfit> {
        let group = &self.kafka.group;
        let found = self.consumer.fetch_group_list(Some(group), CALL_LIMIT);
        let found = found.map_err(away)?;
        let own = found.groups().iter().filter(|one| one.name() == group);
        Ok(own.map(|one| one.members().len()).sum())
    }

    /// What the group committed for the lanes of `partitions`.
    pub fn committed(&self, partitions: i32) -> Result<Offsets, Unfit> {
        let found = self
            .consumer
            .committed_offsets(self.inputs(partitions, Offset::Invalid)?, CALL_LIMIT)
            .map_err(away)?;
        let mut offsets: Offsets = (0..partitions).map(|one| (one, BTreeMap::new())).collect();
        for one in found.elements() {
            if let Offset::Offset(next) = one.offset() {
                let role = match one.topic() == self.kafka.topics.leads {
                    true => TopicRole::Leads,
                    false => TopicRole::Activity,
                };
                offsets
                    .entry(one.partition())
                    .or_default()
                    .insert(role, next);
            }
        }
        Ok(offsets)
    }

    fn inputs(&self, partitions: i32, from: Offset) -> Result<TopicPartitionList, Unfit> {
        let mut list = TopicPartitionList::new();
        for topic in [&self.kafka.topics.leads, &self.kafka.topics.activity] {
            for partition in 0..partitions {
                list.add_partition_offset(topic, partition, from)
                    .map_err(away)?;
            }
        }
        Ok(list)
    }

    /// The first record found that nobody has read. Offsets do not tell: behind the last
    /// record there may be marks of transactions.
    pub fn unread(&self, partitions: i32, committed: &Offsets) -> Result<Option<Unread>, Unfit> {
        let mut list = self.inputs(partitions, Offset::Beginning)?;
        let topics = &self.kafka.topics;
        for (partition, offsets) in committed {
            for (role, next) in offsets {
                let topic = match role {
                    TopicRole::Leads => &topics.leads,
                    _ => &topics.activity,
                };
                list.set_partition_offset(topic, *partition, Offset::Offset(*next))
                    .map_err(away)?;
            }
        }
        self.consumer.assign(&list).map_err(away)?;
        let mut left = list.count();
        let end = Instant::now() + CALL_LIMIT * 3;
        while left > 0 {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    return Ok(Some(Unread {
                        topic: message.topic().to_owned(),
                        partition: message.partition(),
                        offset: message.offset(),
                    }));
                }
                // Told once for each partition of each topic.
                Some(Err(KafkaError::PartitionEOF(_))) => left -= 1,
                Some(Err(error)) => return Err(away(error)),
                None if Instant::now() > end => {
                    return Err(Unfit::Away("the input was not read to its end".to_owned()));
                }
                None => {}
            }
        }
        Ok(None)
    }
}

fn away(error: KafkaError) -> Unfit {
    Unfit::Away(format!("the brokers do not answer: {error}"))
}
