//! Dead letters: the headers that tell why a record could not be decided.

use crate::event::Source;

use super::decode::Reject;

/// Says that a dead letter's value was too long even for its own topic.
pub const VALUE_OMITTED: &str = "bailiwick-value-omitted";

/// Where in the engine a record was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// While its bytes were read.
    Decode,
    /// While it was brought to its tenant's home partition.
    Route,
    /// While the event was applied.
    Apply,
}

impl Stage {
    /// The word in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decode => "DECODE",
            Self::Route => "ROUTE",
            Self::Apply => "APPLY",
        }
    }
}

/// One record given up, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Where the record first arrived.
    pub source: Source,
    pub stage: Stage,
    pub reject: Reject,
}

impl Letter {
    /// The headers added to the record's own.
    pub fn headers(&self) -> [(&'static str, String); 7] {
        let reason = self.reject.reason.as_str();
        [
            ("bailiwick-reason", reason.to_owned()),
            ("__connect.errors.topic", self.source.topic.to_string()),
            (
                "__connect.errors.partition",
                self.source.partition.to_string(),
            ),
            ("__connect.errors.offset", self.source.offset.to_string()),
            ("__connect.errors.stage", self.stage.as_str().to_owned()),
            ("__connect.errors.exception.class.name", reason.to_owned()),
            (
                "__connect.errors.exception.message",
                self.reject.message.clone(),
            ),
        ]
    }
}
