//! A lane's state from the changelog: everything up to its true end, or a refusal.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::config::Kafka;

use super::source::client::{self, Voice};
use super::trouble::Trouble;

/// A look-up at the broker must not hold up a restore for longer.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// One wait for more rows; between two the lane may be told to stop.
const POLL: Duration = Duration::from_millis(100);
/// Without any row for so long the broker counts as away and the restore begins anew.
const STALL: Duration = Duration::from_secs(60);

/// Takes one row: key, and value unless it was removed; says why it cannot be read.
pub type Row<'a> = dyn FnMut(&[u8], Option<&[u8]>) -> Result<(), String> + 'a;

/// Reads the changelog of `partition` from its beginning to its end and gives every record,
/// in order, to `row`. Called after the lane's producer was made, so nobody writes any more.
///
/// # Errors
/// [`Trouble::Cancelled`] when `go_on` says no; [`Trouble::Refused`] with `row`'s own words
/// when a row cannot be read; [`Trouble::Fatal`] when the brokers fail.
pub fn replay(
    kafka: &Kafka,
    partition: i32,
    go_on: &dyn Fn() -> bool,
    row: &mut Row<'_>,
) -> Result<u64, Trouble> {
    let topic = &kafka.topics.state;
    let end = true_end(kafka, partition)?;
    let reader = reader(kafka, partition)?;
    let (mut rows, mut heard) = (0, Instant::now());
    loop {
        if !go_on() {
            return Err(Trouble::Cancelled);
        }
        match reader.poll(POLL) {
            Some(Ok(message)) => {
                let key = message.key().unwrap_or_default();
                row(key, message.payload()).map_err(|why| {
                    let offset = message.offset();
                    Trouble::Refused(format!(
                        "the changelog {topic}/{partition} cannot be read at offset {offset}: {why}. Nothing was \
                         decided from it. Use the version of bailiwick that wrote it, or restore the topic from a backup"
                    ))
                })?;
                rows += 1;
                heard = Instant::now();
            }
            Some(Err(KafkaError::PartitionEOF(_)))
                if stable_end(&reader, topic, partition)? >= end =>
            {
                return Ok(rows);
            }
            Some(Err(KafkaError::PartitionEOF(_))) => {}
            Some(Err(error)) => tracing::info!(topic, partition, %error, "restore goes on"),
            None if heard.elapsed() > STALL => {
                return Err(Trouble::Fatal(format!(
                    "no rows of {topic}/{partition} for {STALL:?}"
                )));
            }
            None => {}
        }
    }
}

/// The changelog's end as an uncommitted reader sees it: a committed one would be told the
/// last stable offset, and a restore could stop short of it.
fn true_end(kafka: &Kafka, partition: i32) -> Result<i64, Trouble> {
    let mut config = client::base(kafka);
    config.set("isolation.level", "read_uncommitted");
    let consumer: BaseConsumer<Voice> = config.create_with_context(Voice).map_err(fatal)?;
    let found = consumer.fetch_watermarks(&kafka.topics.state, partition, CALL_LIMIT);
    Ok(found.map_err(fatal)?.1)
}

fn stable_end(reader: &BaseConsumer<Voice>, topic: &str, partition: i32) -> Result<i64, Trouble> {
    Ok(reader
        .fetch_watermarks(topic, partition, CALL_LIMIT)
        .map_err(fatal)?
        .1)
}

fn reader(kafka: &Kafka, partition: i32) -> Result<BaseConsumer<Voice>, Trouble> {
    let mut config = client::consumer(kafka);
    config
        // The library insists on a name; this group is never joined and never commits.
        .set("group.id", format!("{}.restore", kafka.group))
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "error");
    let consumer: BaseConsumer<Voice> = config.create_with_context(Voice).map_err(fatal)?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(&kafka.topics.state, partition, Offset::Beginning)
        .map_err(fatal)?;
    consumer.assign(&list).map_err(fatal)?;
    Ok(consumer)
}

fn fatal(error: KafkaError) -> Trouble {
    Trouble::Fatal(error.to_string())
}
