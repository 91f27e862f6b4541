//! The row of the lane as a whole: where it stands, and how its decisions are numbered.

use std::collections::BTreeMap;

use crate::event::{Timestamp, TopicRole};

use super::codec::{Reader, RowError, Writer};
use super::records::Row;

/// The lane as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The number of partitions the state was written under; 0 before the first commit.
    pub partitions: u32,
    /// The number the next decision will have. Numbers go on over a reshard, for the order of
    /// leads needs that; `seq` begins again, as it counts the decisions of one lane.
    pub next_number: u64,
    /// The number of the lane's first decision.
    pub first_number: u64,
    /// The latest `now` of any batch.
    pub clock: Timestamp,
    /// The next offset to read, by the topic's role.
    pub offsets: BTreeMap<TopicRole, i64>,
    /// The number the next early activity will have.
    pub(super) next_early: u64,
    /// How often the deployment was moved to another number of partitions.
    pub epoch: u32,
    /// The changelog's oldest position when the state was begun.
    pub base: i64,
    /// How many leads have a row; 0 where nobody counted.
    pub leads: u64,
}

/// A lane that has decided nothing yet.
impl Default for Meta {
    fn default() -> Self {
        Self {
            partitions: 0,
            next_number: 1,
            first_number: 1,
            clock: Timestamp::default(),
            offsets: BTreeMap::new(),
            next_early: 0,
            epoch: 0,
            base: 0,
            leads: 0,
        }
    }
}

impl Meta {
    /// The `seq` that the next decision will have.
    pub fn next_seq(&self) -> u64 {
        seq(self.next_number, self.first_number)
    }

    /// The `seq` of the last decision; 0 before the first.
    pub fn last_seq(&self) -> u64 {
        self.next_seq().saturating_sub(1)
    }
}

/// What a decision's number is as `seq` of a lane whose first decision has number `first`.
pub(super) fn seq(number: u64, first: u64) -> u64 {
    number.saturating_sub(first).saturating_add(1)
}

const ROLES: [TopicRole; 6] = [
    TopicRole::Leads,
    TopicRole::Activity,
    TopicRole::Assignments,
    TopicRole::Deadletters,
    TopicRole::State,
    TopicRole::Batches,
];

impl Row for Meta {
    fn write(&self, out: &mut Writer<'_>) {
        out.uint(u64::from(self.partitions));
        out.uint(self.next_number);
        out.time(self.clock);
        out.uint(self.next_early);
        out.uint(self.offsets.len() as u64);
        for (role, offset) in &self.offsets {
            out.byte(*role as u8);
            out.int(*offset);
        }
        // Left out where there is nothing to say, as it was before there was an epoch.
        if self.epoch > 0 || self.base != 0 || self.leads > 0 {
            out.uint(u64::from(self.epoch));
            out.int(self.base);
            out.uint(self.leads);
            if self.first_number > 1 {
                out.uint(self.first_number);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        let mut meta = Self {
            partitions: input.small()?,
            next_number: input.uint()?,
            clock: input.time()?,
            next_early: input.uint()?,
            offsets: input.list(|input| {
                let role = ROLES.get(usize::from(input.byte()?));
                Ok((*role.ok_or(RowError::Range)?, input.int()?))
            })?,
            ..Self::default()
        };
        if !input.is_empty() {
            (meta.epoch, meta.base) = (input.small()?, input.int()?);
            meta.leads = input.uint()?;
        }
        if !input.is_empty() {
            meta.first_number = input.uint()?;
        }
        Ok(meta)
    }
}
