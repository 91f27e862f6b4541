//! Membership of the consumer group: who owns which partition index now.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::Statistics;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::{RDKafkaErrorCode as Code, RDKafkaRespErr};

use crate::config::Kafka;

use super::client::{self, Voice};
use super::outage::{Outage, is_absence};
use super::watch::Watch;

/// A member learns of a rebalance with its next heartbeat, so this is part of every takeover.
const HEARTBEAT_MS: u128 = 500;

/// The group's consumer; lanes poll the queues of their own partitions.
pub type GroupConsumer = BaseConsumer<GroupContext>;

/// Whoever has not come back to a rebalance within this is left out of it.
const JOIN_LIMIT: Duration = Duration::from_secs(45);

/// What a rebalance did, as seen by this member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rebalanced {
    /// These partition indexes are ours now, and no others.
    Assigned(BTreeSet<i32>),
    /// Nothing is ours until the next assignment; work may still be committed.
    Revoked,
    /// Nothing has been ours for a while: others may own it already.
    Lost,
}

/// Turns the library's rebalance callback into one call. It runs on the polling thread and
/// holds up the group, so what it calls must end well within the session.
pub struct GroupContext {
    voice: Voice,
    watch: Watch,
    outage: Outage,
    tell: Box<dyn Fn(Rebalanced) + Send + Sync>,
}

impl ClientContext for GroupContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.voice.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.erred(&error);
        self.voice.error(error, reason);
    }

    fn stats(&self, statistics: Statistics) {
        self.watch.note(&statistics);
        self.outage.seen(&statistics);
    }
}

impl ConsumerContext for GroupContext {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        what: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let done = match what {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                self.assign(consumer, partitions)
            }
            _ => self.revoke(consumer),
        };
        if let Err(error) = done {
            // The library raises the same as an error of the group, which ends the process.
            tracing::error!(%error, "a rebalance could not be carried out");
        }
    }
}

impl GroupContext {
    fn erred(&self, error: &KafkaError) {
        self.watch.erred();
        self.outage.heard(error);
    }

    fn assign(
        &self,
        consumer: &BaseConsumer<Self>,
        partitions: &mut TopicPartitionList,
    ) -> KafkaResult<()> {
        // Where to read on is decided by each lane's own state, after its restore. An explicit
        // offset spares a look-up, and paused partitions fetch nothing meanwhile.
        partitions.set_all_offsets(Offset::Beginning)?;
        consumer.assign(partitions)?;
        consumer.pause(partitions)?;
        let indexes = partitions
            .elements()
            .iter()
            .map(|one| one.partition())
            .collect();
        (self.tell)(Rebalanced::Assigned(indexes));
        Ok(())
    }

    fn revoke(&self, consumer: &BaseConsumer<Self>) -> KafkaResult<()> {
        let lost = consumer.assignment_lost();
        (self.tell)(if lost {
            Rebalanced::Lost
        } else {
            Rebalanced::Revoked
        });
        consumer.unassign()
    }
}

/// Makes the group's consumer; it joins once it is subscribed and polled.
///
/// # Errors
/// Properties that the client library refuses.
pub fn join(
    kafka: &Kafka,
    message_bytes: usize,
    watch: Watch,
    outage: Outage,
    tell: Box<dyn Fn(Rebalanced) + Send + Sync>,
) -> KafkaResult<Arc<GroupConsumer>> {
    let context = GroupContext {
        voice: Voice,
        watch,
        outage,
        tell,
    };
    let mut config = client::consumer(kafka);
    config
        .set("group.id", &kafka.group)
        // Range keeps equal partition indexes of all input topics together.
        .set("partition.assignment.strategy", "range")
        .set(
            "session.timeout.ms",
            kafka.session_timeout.as_millis().to_string(),
        )
        .set(
            "heartbeat.interval.ms",
            (kafka.session_timeout.as_millis() / 4)
                .min(HEARTBEAT_MS)
                .to_string(),
        )
        .set("auto.offset.reset", "error")
        .set(
            "max.partition.fetch.bytes",
            message_bytes.max(1 << 20).to_string(),
        );
    if !kafka.instance.is_empty() {
        config.set("group.instance.id", &kafka.instance);
    }
    // Polling never stops for longer than a transaction may take. A request to join that was
    // swallowed is made again after this, and the library's default is five minutes.
    let rejoin = JOIN_LIMIT.max(kafka.session_timeout * 2);
    client::unless_given(&mut config, "max.poll.interval.ms", rejoin);
    let consumer: GroupConsumer = config.create_with_context(context)?;
    consumer.subscribe(&[&kafka.topics.leads, &kafka.topics.activity])?;
    Ok(Arc::new(consumer))
}

/// Serves the group for a moment: rebalances, errors, heartbeats of being alive.
///
/// # Errors
/// What the library cannot mend by itself, such as missing rights.
pub fn serve(consumer: &GroupConsumer, within: Duration) -> Result<(), String> {
    let polled = consumer.poll(within);
    if let Some(Err(error)) = &polled {
        consumer.context().erred(error);
    }
    match polled {
        // Fetched before the lane took its queue; the lane seeks, so it comes again.
        None | Some(Ok(_)) => Ok(()),
        Some(Err(KafkaError::MessageConsumptionFatal(Code::FencedInstanceId))) => Err(
            "another process joined the group under this one's kafka.instance; each process \
             needs a name of its own"
                .to_owned(),
        ),
        Some(Err(KafkaError::MessageConsumptionFatal(code))) => {
            Err(format!("the Kafka consumer failed: {code}"))
        }
        Some(Err(error)) => match error.rdkafka_error_code() {
            Some(code @ (Code::GroupAuthorizationFailed | Code::TopicAuthorizationFailed)) => {
                Err(format!("the brokers refuse this consumer: {code}"))
            }
            _ => {
                match is_absence(&error) {
                    true => tracing::debug!(%error, "the group's consumer goes on"),
                    false => tracing::info!(%error, "the group's consumer goes on"),
                }
                Ok(())
            }
        },
    }
}
