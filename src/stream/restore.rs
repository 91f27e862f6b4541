//! A lane's state from the changelog: read to its true end, or a refusal.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode as Code;

use crate::config::Kafka;

use super::source::client::{self, Voice};
use super::source::refusal;
use super::step::Step;
use super::trouble::Trouble;

/// A look-up at the broker must not hold up a restore for longer.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// One wait for more rows; between two the lane may be told to stop.
const POLL: Duration = Duration::from_millis(20);
/// Without any row for so long the broker counts as away and the restore begins anew.
const STALL: Duration = Duration::from_secs(60);
/// Between two looks whether what was written has become stable.
const STABLE_STEP: Duration = Duration::from_millis(5);
/// A state that was not at the changelog's end for so long is read anew: removals are kept
/// in a compacted topic for `delete.retention.ms` only, a day unless somebody lowered it.
pub const FRESHNESS: Duration = Duration::from_secs(3_600);
/// What one reader may fetch ahead, in KiB: enough for a whole disk's speed, and small
/// beside the state that grows from it.
const AHEAD_KIB: &str = "16384";

/// How far a restore has come: rows read, the next position in the changelog, and its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub rows: u64,
    pub next: i64,
    pub end: i64,
}

/// A lane's state without producer and input, and how far the changelog is in it.
pub struct Warm {
    pub step: Step,
    /// The next position of the changelog to read.
    pub next: i64,
    /// Rows read by this process so far.
    pub rows: u64,
    /// The changelog's oldest position: above 0 once records were deleted from its beginning.
    pub oldest: i64,
    /// When the state was last known to be at the changelog's end.
    current: Instant,
    /// The reader that followed the changelog, connected already, for the takeover after it.
    log: Option<Changelog>,
}

impl Warm {
    /// A state that was at the changelog's end at the moment `current`, where `next` is the
    /// position to go on from.
    pub fn at(step: Step, next: i64, current: Instant) -> Self {
        Self {
            step,
            next,
            rows: 0,
            oldest: 0,
            current,
            log: None,
        }
    }

    /// A state into which nothing was read.
    pub fn cold(step: Step) -> Self {
        Self::at(step, 0, Instant::now())
    }

    /// Whether removals may have been compacted away before they were seen.
    pub fn is_stale(&self) -> bool {
        self.current.elapsed() > FRESHNESS
    }

    /// Puts one row in.
    fn take(&mut self, topic: &str, message: &BorrowedMessage<'_>) -> Result<(), Trouble> {
        let (key, offset) = (message.key().unwrap_or_default(), message.offset());
        let (step, partition) = (&mut self.step, message.partition());
        step.restore(key, message.payload()).map_err(|why| {
            Trouble::Refused(format!(
                "the changelog {topic}/{partition} cannot be read at offset {offset}: {why}. Nothing was \
                 decided from it. Use the version of bailiwick that wrote it, or restore the topic from a backup"
            ))
        })?;
        self.next = offset + 1;
        self.rows += 1;
        Ok(())
    }

    /// Reads on to the changelog's true end and says where that is. Called after the lane's
    /// producer was made, so nobody writes any more. `go_on` hears of every row.
    ///
    /// # Errors
    /// [`Trouble::Cancelled`] when `go_on` says no, and then what was read stays good;
    /// [`Trouble::Refused`] when a row cannot be read or records are missing;
    /// [`Trouble::Fatal`] when the brokers fail.
    pub fn catch_up(
        &mut self,
        kafka: &Kafka,
        partition: i32,
        go_on: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Progress, Trouble> {
        let log = self.reader(kafka, partition)?;
        let end = log.true_end()?;
        // An end that is reached before all is stable would not be the end.
        self.oldest = log.await_stable(end, &mut || go_on(self.progress(end)))?;
        if self.next > end {
            return Err(log.cut(self.next));
        }
        log.start(self.next)?;
        let mut heard = Instant::now();
        while self.next < end {
            if !go_on(self.progress(end)) {
                return Err(Trouble::Cancelled);
            }
            match log.next(self.next)? {
                Heard::Row(message) => {
                    self.take(&kafka.topics.state, &message)?;
                    heard = Instant::now();
                }
                // Behind the last row there are marks of transactions only.
                Heard::End => self.next = end,
                Heard::Nothing if heard.elapsed() > STALL => {
                    return Err(Trouble::Fatal(format!(
                        "no rows of {}/{partition} for {STALL:?}",
                        kafka.topics.state
                    )));
                }
                Heard::Nothing => {}
            }
        }
        self.current = Instant::now();
        Ok(self.progress(end))
    }

    /// The reader kept from following, else a new one.
    fn reader(&mut self, kafka: &Kafka, partition: i32) -> Result<Changelog, Trouble> {
        match self.log.take() {
            Some(log) => Ok(log),
            None => Changelog::open(kafka, partition),
        }
    }

    fn progress(&self, end: i64) -> Progress {
        Progress {
            rows: self.rows,
            next: self.next,
            end,
        }
    }

    /// Follows the changelog while somebody else writes it, until the lane is `ordered` to do
    /// something else. `tell` hears how far behind the state is, once a second and at the end.
    ///
    /// # Errors
    /// As [`Self::catch_up`].
    pub fn follow(
        &mut self,
        kafka: &Kafka,
        partition: i32,
        ordered: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<(), Trouble> {
        const LOOK: Duration = Duration::from_secs(1);
        let log = self.reader(kafka, partition)?;
        log.start(self.next)?;
        let (mut looked, mut at_end) = (None::<Instant>, false);
        while !ordered() {
            match log.next(self.next)? {
                Heard::Row(message) => {
                    self.take(&kafka.topics.state, &message)?;
                    at_end = false;
                }
                Heard::End => {
                    at_end = true;
                    looked = None;
                }
                Heard::Nothing => {}
            }
            if looked.is_none_or(|when| when.elapsed() >= LOOK) {
                looked = Some(Instant::now());
                self.step.trim();
                // A broker that does not answer is looked for again in a second.
                if let Ok((_, end)) = log.bounds() {
                    let end = if at_end { self.next } else { end };
                    self.current = if at_end { Instant::now() } else { self.current };
                    tell(self.progress(end));
                }
            }
        }
        log.stop()?;
        self.log = Some(log);
        Ok(())
    }
}

/// What a look into the changelog gave.
enum Heard<'c> {
    Row(BorrowedMessage<'c>),
    /// Everything that is stable was read.
    End,
    Nothing,
}

/// A committed reader of one lane's changelog, and one that sees where it truly ends.
struct Changelog {
    reader: BaseConsumer<Voice>,
    uncommitted: BaseConsumer<Voice>,
    topic: String,
    partition: i32,
}

impl Changelog {
    fn open(kafka: &Kafka, partition: i32) -> Result<Self, Trouble> {
        let mut config = client::consumer(kafka);
        config
            // The library insists on a name; this group is never joined and never commits.
            .set("group.id", format!("{}.restore", kafka.group))
            .set("enable.partition.eof", "true")
            .set("queued.max.messages.kbytes", AHEAD_KIB)
            .set("auto.offset.reset", "error");
        let mut open = client::base(kafka);
        open.set("isolation.level", "read_uncommitted");
        Ok(Self {
            reader: config.create_with_context(Voice).map_err(fatal)?,
            uncommitted: open.create_with_context(Voice).map_err(fatal)?,
            topic: kafka.topics.state.clone(),
            partition,
        })
    }

    /// Begins to fetch. From the very beginning means from the oldest row there is.
    fn start(&self, from: i64) -> Result<(), Trouble> {
        let from = match from {
            0 => Offset::Beginning,
            next => Offset::Offset(next),
        };
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.topic, self.partition, from)
            .map_err(fatal)?;
        self.reader.assign(&list).map_err(fatal)
    }

    /// Ends fetching; what was fetched ahead is thrown away.
    fn stop(&self) -> Result<(), Trouble> {
        self.reader.unassign().map_err(fatal)
    }

    /// The changelog's end as an uncommitted reader sees it: a committed one would be told the
    /// last stable offset, and a restore could stop short of it.
    fn true_end(&self) -> Result<i64, Trouble> {
        let found = self
            .uncommitted
            .fetch_watermarks(&self.topic, self.partition, CALL_LIMIT);
        Ok(found.map_err(fatal)?.1)
    }

    /// What comes next; `from` is the position read on from.
    fn next(&self, from: i64) -> Result<Heard<'_>, Trouble> {
        match self.reader.poll(POLL) {
            Some(Ok(message)) => Ok(Heard::Row(message)),
            Some(Err(KafkaError::PartitionEOF(_))) => Ok(Heard::End),
            Some(Err(error)) => self.judge(&error, from),
            None => Ok(Heard::Nothing),
        }
    }

    fn judge(&self, error: &KafkaError, from: i64) -> Result<Heard<'_>, Trouble> {
        match error.rdkafka_error_code() {
            Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => Err(self.cut(from)),
            _ => {
                let (topic, partition) = (&self.topic, self.partition);
                tracing::info!(topic, partition, %error, "the changelog is read on");
                Ok(Heard::Nothing)
            }
        }
    }

    fn cut(&self, from: i64) -> Trouble {
        let (topic, partition) = (&self.topic, self.partition);
        Trouble::Refused(format!(
            "the changelog {topic}/{partition} no longer has offset {from}: it was truncated or made anew"
        ))
    }

    /// The oldest position there is, and the end of what is stable.
    fn bounds(&self) -> Result<(i64, i64), Trouble> {
        self.reader
            .fetch_watermarks(&self.topic, self.partition, CALL_LIMIT)
            .map_err(fatal)
    }

    /// Waits until everything up to `end` is stable; says the oldest position there is.
    fn await_stable(&self, end: i64, go_on: &mut dyn FnMut() -> bool) -> Result<i64, Trouble> {
        let began = Instant::now();
        loop {
            let (oldest, stable) = self.bounds()?;
            if stable >= end {
                return Ok(oldest);
            }
            if !go_on() {
                return Err(Trouble::Cancelled);
            }
            if began.elapsed() > STALL {
                return Err(Trouble::Fatal(format!(
                    "an open transaction holds up {}/{}",
                    self.topic, self.partition
                )));
            }
            std::thread::sleep(STABLE_STEP);
        }
    }
}

fn fatal(error: KafkaError) -> Trouble {
    Trouble::Fatal(refusal::told(&error))
}
