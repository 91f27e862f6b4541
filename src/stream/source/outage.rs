//! An outage of all brokers: said once when it begins, once when it is over, and on the board
//! in between. What the client library repeats of it by the second is for the debug log.

use std::time::{SystemTime, UNIX_EPOCH};

use rdkafka::Statistics;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode as Code;

use crate::board::Board;
use crate::event::Timestamp;

/// A connection that can be used, as the library's statistics call it.
const UP: &str = "UP";

/// Watches one client, the group's, that is there for as long as the daemon is.
pub struct Outage {
    board: Board,
    brokers: String,
}

impl Outage {
    pub fn new(board: Board, brokers: &str) -> Self {
        let brokers = brokers.to_owned();
        Self { board, brokers }
    }

    /// Takes note of an error of the client.
    pub fn heard(&self, error: &KafkaError) {
        let all = error.rdkafka_error_code() == Some(Code::AllBrokersDown);
        let now = now();
        if all && self.board.brokers_away(now) {
            let brokers = &self.brokers;
            tracing::warn!(
                brokers,
                "brokers away since {now}: nothing is decided until one is back; trying on"
            );
        }
    }

    /// Takes note of the client's statistics, which alone tell that a connection is there again.
    pub fn seen(&self, statistics: &Statistics) {
        let up = statistics.brokers.values().any(|one| one.state == UP);
        if up && let Some(since) = self.board.brokers_back() {
            tracing::info!("brokers are back, away since {since}");
        }
    }
}

/// Whether an error says no more than that a connection is not there.
pub fn is_absence(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(Code::AllBrokersDown | Code::BrokerTransportFailure | Code::Resolve)
    )
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Bounds;

    fn statistics(state: &str) -> Statistics {
        let broker = rdkafka::statistics::Broker {
            state: state.to_owned(),
            ..Default::default()
        };
        Statistics {
            brokers: [("one".to_owned(), broker)].into(),
            ..Statistics::default()
        }
    }

    #[test]
    fn an_outage_was_called_a_group_not_joined_yet() {
        let board = Board::new(Bounds {
            decisions: 1,
            leads: 1,
        });
        let outage = Outage::new(board.clone(), "b:9092");
        let group = || board.checks()[1].missing.clone().unwrap_or_default();
        outage.heard(&KafkaError::Global(Code::BrokerTransportFailure));
        assert_eq!(group(), "the group is not joined yet");
        outage.heard(&KafkaError::MessageConsumption(Code::AllBrokersDown));
        let said = group();
        assert!(said.starts_with("brokers away since 20"), "{said}");
        assert!(said.ends_with("Z; the group is not joined yet"), "{said}");
        outage.seen(&statistics("TRY_CONNECT"));
        assert_eq!(group(), said);
        outage.seen(&statistics("UP"));
        assert_eq!(group(), "the group is not joined yet");
    }
}
