//! The partition queues of one lane: all input topics at one partition index.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode as Code;

use crate::config::Topics;
use crate::event::TopicRole;
use crate::stream::trouble::Trouble;

use super::fetched::Fetched;
use super::group::{GroupConsumer, GroupContext};
use super::refusal;

/// A look-up at the broker must not hold up a lane for longer.
const CALL_LIMIT: Duration = Duration::from_secs(10);

/// Between two tries to seek in a partition that the library is still taking up.
const SEEK_STEP: Duration = Duration::from_millis(5);

/// Where a lane reads on: topic role and next offset.
pub type Position = (TopicRole, i64);

/// The input of one lane.
pub struct Queues {
    consumer: Arc<GroupConsumer>,
    partition: i32,
    inputs: [Input; 2],
}

struct Input {
    role: TopicRole,
    topic: String,
    queue: PartitionQueue<GroupContext>,
}

impl Queues {
    /// Takes the lane's queues out of the consumer's common one. `nudge` is called from a
    /// thread of the client library whenever a queue is no longer empty.
    pub fn split(
        consumer: &Arc<GroupConsumer>,
        topics: &Topics,
        partition: i32,
        nudge: impl Fn() + Clone + Send + Sync + 'static,
    ) -> Result<Self, Trouble> {
        let input = |role, topic: &String| {
            let mut queue = consumer
                .split_partition_queue(topic, partition)
                .ok_or_else(|| Trouble::Fatal(format!("no queue for {topic}/{partition}")))?;
            queue.set_nonempty_callback(nudge.clone());
            Ok(Input {
                role,
                topic: topic.clone(),
                queue,
            })
        };
        Ok(Self {
            inputs: [
                input(TopicRole::Leads, &topics.leads)?,
                input(TopicRole::Activity, &topics.activity)?,
            ],
            consumer: Arc::clone(consumer),
            partition,
        })
    }

    /// The next record of the topic with this role, if one was fetched already.
    pub fn next(&self, role: TopicRole) -> Result<Option<Fetched<'_>>, Trouble> {
        let input = self.input(role);
        match input.queue.poll(Duration::ZERO) {
            None => Ok(None),
            Some(Ok(message)) => Ok(Some(Fetched::new(message, input.role))),
            Some(Err(error)) => self.judge(input, &error),
        }
    }

    fn judge(&self, input: &Input, error: &KafkaError) -> Result<Option<Fetched<'_>>, Trouble> {
        let place = format!("{}/{}", input.topic, self.partition);
        match error.rdkafka_error_code() {
            Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => Err(Trouble::Refused(format!(
                "records of {place} were deleted before they were read: {error}. They are lost; \
                 raise the topic's retention.ms, and reset the group's offset of this partition \
                 and the state topic to go on"
            ))),
            _ => {
                // The library goes on by itself; what it cannot mend ends the session.
                tracing::info!(topic = input.topic, partition = self.partition, %error, "fetch failed");
                Ok(None)
            }
        }
    }

    /// Reads on from these offsets; what was fetched before is thrown away.
    pub fn seek(&self, positions: &[Position]) -> Result<(), Trouble> {
        let mut list = TopicPartitionList::new();
        for (role, offset) in positions {
            let topic = &self.input(*role).topic;
            list.add_partition_offset(topic, self.partition, Offset::Offset(*offset))
                .map_err(fatal)?;
        }
        let end = Instant::now() + CALL_LIMIT;
        while let Err(error) = self.try_seek(&list) {
            // Right after an assignment the library may not have taken the partition up yet.
            let early = matches!(
                error.rdkafka_error_code(),
                Some(Code::State | Code::PreviousInProgress)
            );
            if !early || Instant::now() >= end {
                return Err(fatal(error));
            }
            std::thread::sleep(SEEK_STEP);
        }
        self.consumer.resume(&list).map_err(fatal)
    }

    fn try_seek(&self, list: &TopicPartitionList) -> KafkaResult<()> {
        let done = self.consumer.seek_partitions(list.clone(), CALL_LIMIT)?;
        done.elements().iter().try_for_each(|one| one.error())
    }

    /// The offsets the group committed for this lane, none where it never did.
    pub fn committed(&self) -> Result<Vec<Position>, Trouble> {
        let mut list = TopicPartitionList::new();
        for input in &self.inputs {
            list.add_partition(&input.topic, self.partition);
        }
        let found = self
            .consumer
            .committed_offsets(list, CALL_LIMIT)
            .map_err(fatal)?;
        let position =
            |input: &Input| match found.find_partition(&input.topic, self.partition)?.offset() {
                Offset::Offset(offset) => Some((input.role, offset)),
                _ => None,
            };
        Ok(self.inputs.iter().filter_map(position).collect())
    }

    /// The oldest offset that is still there.
    pub fn oldest(&self, role: TopicRole) -> Result<i64, Trouble> {
        let topic = &self.input(role).topic;
        let (low, _) = self
            .consumer
            .fetch_watermarks(topic, self.partition, CALL_LIMIT)
            .map_err(fatal)?;
        Ok(low)
    }

    /// The member's present identity, to be taken afresh for each commit.
    pub fn membership(&self) -> Result<ConsumerGroupMetadata, Trouble> {
        self.consumer
            .group_metadata()
            .ok_or_else(|| Trouble::Abortable("not a member of the group".to_owned()))
    }

    /// The topic with this role.
    pub fn topic(&self, role: TopicRole) -> &str {
        &self.input(role).topic
    }

    fn input(&self, role: TopicRole) -> &Input {
        &self.inputs[usize::from(role == TopicRole::Activity)]
    }
}

fn fatal(error: KafkaError) -> Trouble {
    Trouble::Fatal(refusal::told(&error))
}
