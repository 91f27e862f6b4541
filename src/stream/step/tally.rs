//! What a batch did, counted; observed once the batch is committed.

use crate::event::{RejectReason, Timestamp, TopicRole};

use crate::stream::wire::Record;

use super::Done;

/// Counts of one batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub leads: u64,
    pub activity: u64,
    pub redelivered: u64,
    pub changed: u64,
    pub waiting: u64,
    pub forwarded: u64,
    pub ignored_fields: u64,
    pub invalid_positions: u64,
    /// The reason of every dead letter.
    pub rejects: Vec<RejectReason>,
    /// When each record was written, as far as Kafka says.
    pub moments: Vec<Timestamp>,
}

impl Tally {
    /// Input records of the batch.
    pub fn records(&self) -> u64 {
        self.leads + self.activity
    }

    /// Begins anew and keeps the memory: growing lists of this length again in each batch cost
    /// a microsecond a record.
    pub(super) fn clear(&mut self) {
        let Self {
            mut rejects,
            mut moments,
            ..
        } = std::mem::take(self);
        rejects.clear();
        moments.clear();
        *self = Self {
            rejects,
            moments,
            ..Self::default()
        };
    }

    pub(super) fn count(&mut self, record: &Record<'_>, done: Done) {
        self.moments.extend(record.timestamp);
        match record.role {
            TopicRole::Leads => self.leads += 1,
            _ => self.activity += 1,
        }
        match done {
            // Decisions are counted one by one, with their reasons.
            Done::Decided => {}
            Done::Redelivered => self.redelivered += 1,
            Done::Changed => self.changed += 1,
            Done::Waiting => self.waiting += 1,
            Done::Forwarded => self.forwarded += 1,
            Done::Rejected(reason) => self.rejects.push(reason),
        }
    }
}
