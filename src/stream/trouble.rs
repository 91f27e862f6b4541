//! What can go wrong with the brokers, sorted by what a lane does about it.

use std::fmt;

/// Why a lane's work was interrupted. The text is for the log and names no record's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The transaction is lost but the producer is good: abort, undo, read again.
    Abortable(String),
    /// All is committed, but a request of the producer may still be on its way: make a new one.
    Doubtful(String),
    /// The producer is lost, or the outcome of its last call is unknown: make a new one and
    /// restore from the log.
    Fatal(String),
    /// The lane must not start: what it finds contradicts itself. The text says what to do.
    Refused(String),
    /// The lane was told to stop what it was doing.
    Cancelled,
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Abortable(why) => write!(out, "transaction aborted: {why}"),
            Self::Doubtful(why) | Self::Fatal(why) => write!(out, "producer renewed: {why}"),
            Self::Refused(why) => write!(out, "{why}"),
            Self::Cancelled => write!(out, "told to stop"),
        }
    }
}
