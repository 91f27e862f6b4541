//! What a producer hears of itself: where rows of state landed, and whether a request may be late.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka::Statistics;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::types::RDKafkaErrorCode as Code;

use crate::event::TopicRole;
use crate::stream::source::Watch;
use crate::stream::source::client::Voice;

/// The library repeats a request on a new connection without saying so, and of equal errors
/// it tells one in half a minute. An end of transaction that took this long so soon after an
/// error may hold such a repetition; a new connection is not there any sooner.
const REPETITION: Duration = Duration::from_millis(70);
/// So long an error makes equal ones silent, and some more.
const SILENCE: Duration = Duration::from_secs(35);

/// The library's name for a line that says that a connection ended.
const CONNECTION_ENDED: &str = "FAIL";
/// How that line goes on where nothing can have been under way on the connection.
const NOT_YET_UP: [&str; 4] = [
    "in state INIT",
    "in state DOWN",
    "in state TRY_CONNECT",
    "in state CONNECT",
];
/// The library's debug lines among which that one is, whatever the log level.
const CONNECTION_LINES: &str = "broker";

/// Lets the library say each time that a connection ends, before it sends again what was under
/// way: as an error it says so once in half a minute, and on a thread of its own. The lines
/// reach the program's own log at its level `debug`.
pub fn hear_connections(config: &mut ClientConfig) {
    let lines = match config.get("debug") {
        Some(asked) if !asked.is_empty() => format!("{asked},{CONNECTION_LINES}"),
        _ => CONNECTION_LINES.to_owned(),
    };
    config
        .set("debug", lines)
        .set_log_level(RDKafkaLogLevel::Debug);
}

/// What goes with a record until it is delivered: whether it is a row of the changelog.
pub type Mark = usize;

const ROW: Mark = 1;

/// The mark of a record for the topic with this role.
pub fn mark(role: TopicRole) -> Mark {
    match role {
        TopicRole::State => ROW,
        _ => 0,
    }
}

/// What was heard. Times are milliseconds since `born`.
pub struct Ear {
    watch: Watch,
    born: Instant,
    /// The changelog's next offset after the last delivered row.
    reached: AtomicI64,
    /// A call of this transaction was repeated, or the library reported an error meanwhile.
    shaken: AtomicBool,
    /// When the end of this transaction began.
    ending: AtomicU64,
    /// When an error was last heard, and one more, so that 0 is never.
    erred: AtomicU64,
}

impl Ear {
    pub fn new(watch: Watch) -> Self {
        Self {
            watch,
            born: Instant::now(),
            reached: AtomicI64::new(0),
            shaken: AtomicBool::new(false),
            ending: AtomicU64::new(0),
            erred: AtomicU64::new(0),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A transaction begins: what was heard before does not count.
    pub fn begin(&self) {
        self.shaken.store(false, Ordering::Relaxed);
    }

    /// The transaction's end begins.
    pub fn end(&self) {
        self.ending.store(self.now_ms(), Ordering::Relaxed);
    }

    /// A call had to be made again.
    pub fn repeated(&self) {
        self.shaken.store(true, Ordering::Relaxed);
    }

    pub fn reached(&self) -> i64 {
        self.reached.load(Ordering::Relaxed)
    }

    /// Why a request of the transaction that just ended may still be on its way.
    pub fn doubt(&self) -> Option<&'static str> {
        let (now, erred) = (self.now_ms(), self.erred.load(Ordering::Relaxed));
        let within =
            |since: u64, limit: Duration| u128::from(now.saturating_sub(since)) < limit.as_millis();
        if self.shaken.load(Ordering::Relaxed) {
            Some("a connection failed or a call was repeated during the transaction")
        } else if erred > 0
            && within(erred, SILENCE)
            && !within(self.ending.load(Ordering::Relaxed), REPETITION)
        {
            Some("the transaction ended slowly soon after a connection failed")
        } else {
            None
        }
    }
}

/// The ear as the library's context of a producer.
pub struct Eared(pub Arc<Ear>);

impl ClientContext for Eared {
    // Called before the library sends again what was under way on a connection that ended, so
    // whoever waits for the answer finds the mark.
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if facility == CONNECTION_ENDED && !NOT_YET_UP.iter().any(|state| message.contains(state)) {
            self.0.shaken.store(true, Ordering::Relaxed);
        }
        Voice.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.watch.erred();
        if may_strand(&error, reason) {
            self.0.shaken.store(true, Ordering::Relaxed);
            self.0.erred.store(self.0.now_ms() + 1, Ordering::Relaxed);
        }
        Voice.error(error, reason);
    }

    fn stats(&self, statistics: Statistics) {
        self.0.watch.note(&statistics);
    }
}

impl ProducerContext for Eared {
    type DeliveryOpaque = Mark;

    // A record that was not delivered fails its transaction, which the commit tells.
    fn delivery(&self, result: &DeliveryResult<'_>, mark: Mark) {
        if let (ROW, Ok(message)) = (mark, result) {
            let next = message.offset() + 1;
            self.0.reached.fetch_max(next, Ordering::Relaxed);
        }
    }
}

/// Whether a request can be under way somewhere after this error. A connection that never
/// came to be, such as to the second address of a name, carried none.
fn may_strand(error: &KafkaError, reason: &str) -> bool {
    match error {
        KafkaError::Global(Code::OperationTimedOut) => true,
        KafkaError::Global(Code::BrokerTransportFailure) => !reason.contains(": Connect to "),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Bounds, Metrics};

    fn ear() -> Arc<Ear> {
        let metrics = Metrics::new(Bounds {
            territories: 1,
            teams: 1,
        });
        Arc::new(Ear::new(Watch::new(metrics)))
    }

    fn tell(ear: &Arc<Ear>, reason: &str) {
        let error = KafkaError::Global(Code::BrokerTransportFailure);
        Eared(Arc::clone(ear)).error(error, reason);
    }

    fn fail(ear: &Arc<Ear>) {
        tell(
            ear,
            "127.0.0.1:9092/1: Disconnected (after 71ms in state UP)",
        );
    }

    #[test]
    fn a_connection_that_never_came_to_be_leaves_no_doubt() {
        let ear = ear();
        ear.begin();
        tell(
            &ear,
            "localhost:9092/1: Connect to ipv6#[::1]:9092 failed: Connection refused",
        );
        assert_eq!(ear.doubt(), None);
    }

    #[test]
    fn an_error_during_a_transaction_leaves_a_doubt_that_the_next_one_does_not_have() {
        let ear = ear();
        ear.begin();
        ear.end();
        assert_eq!(ear.doubt(), None);
        fail(&ear);
        assert!(ear.doubt().is_some());
        ear.begin();
        ear.end();
        assert_eq!(
            ear.doubt(),
            None,
            "it ended at once, so nothing was repeated"
        );
    }

    #[test]
    fn a_connection_that_ended_leaves_a_doubt_however_often_it_was_told() {
        let ear = ear();
        let hear = |state: &str| {
            let line = format!("127.0.0.1:9092/1: Disconnected (after 71ms in state {state})");
            Eared(Arc::clone(&ear)).log(RDKafkaLogLevel::Debug, "FAIL", &line);
        };
        ear.begin();
        hear("CONNECT");
        assert_eq!(ear.doubt(), None);
        for _ in 0..2 {
            ear.begin();
            hear("UP");
            assert!(ear.doubt().is_some());
        }
    }

    #[test]
    fn a_slow_end_soon_after_an_error_leaves_a_doubt() {
        let ear = ear();
        ear.begin();
        ear.end();
        std::thread::sleep(REPETITION * 2);
        assert_eq!(ear.doubt(), None, "slow alone is no doubt");
        fail(&ear);
        ear.begin();
        assert!(ear.doubt().is_some(), "the end began before the error");
    }

    #[test]
    fn a_repeated_call_leaves_a_doubt() {
        let ear = ear();
        ear.begin();
        ear.repeated();
        assert!(ear.doubt().is_some());
    }
}
