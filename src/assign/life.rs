//! The life of a lead: what the state knows of it, and the row that holds it.

mod id;
mod opening;
mod row;

use smallvec::SmallVec;

use crate::event::{Reason, Timestamp, TouchKind};

use super::names::{PoolNo, RepNo, TeamNo, TenantNo, TerritoryNo, TextNo};

pub(super) use opening::Opening;

/// Where a lead stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Nobody could take it; it is decided again when something changes.
    #[default]
    Waiting,
    /// A rep owns it.
    Owned,
    /// It lies in a pool.
    Pooled,
    /// It repeats an earlier lead of the same person.
    Duplicate,
    /// Won, lost, invalid or merged: remembered only.
    Closed,
}

/// A second owner from an overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overlay {
    pub territory: TerritoryNo,
    pub team: Option<TeamNo>,
    pub rep: Option<RepNo>,
}

pub(super) type Overlays = SmallVec<[Overlay; 2]>;

/// A rep who may not claim the lead from a pool for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cooling {
    pub rep: RepNo,
    pub pool: PoolNo,
    pub until: Timestamp,
}

/// A touch: when, how, by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    pub at: Timestamp,
    pub kind: TouchKind,
    pub rep: Option<RepNo>,
}

/// Deadlines that run for a lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Timers {
    pub accept: Option<Timestamp>,
    pub touch: Option<Timestamp>,
    /// When, and by which of the pool's recycling rules.
    pub recycle: Option<(Timestamp, u32)>,
    pub max_age: Option<Timestamp>,
}

impl Timers {
    /// The one that falls due first.
    pub fn earliest(&self) -> Option<Timestamp> {
        let recycle = self.recycle.map(|(at, _)| at);
        let all = [self.accept, self.touch, recycle, self.max_age];
        all.into_iter().flatten().min()
    }
}

/// Where the lead's record first arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub topic: TextNo,
    pub partition: i32,
    pub offset: i64,
}

/// Everything known of one lead but its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Life {
    pub tenant: TenantNo,
    pub id: Box<str>,
    pub stage: Stage,
    pub reason: Option<Reason>,
    pub revision: u64,
    /// The number of the lead's first decision: its place in the order of arrival.
    pub birth: u64,
    /// The number of the decision by which it came to where it is.
    pub since: u64,
    pub lead_at: Timestamp,
    /// When it was last decided.
    pub decided_at: Timestamp,
    pub origin: Origin,
    pub territory: Option<TerritoryNo>,
    pub team: Option<TeamNo>,
    pub rep: Option<RepNo>,
    pub pool: Option<PoolNo>,
    /// The pool it was claimed from, while the claim holds.
    pub claimed: Option<PoolNo>,
    pub overlays: Overlays,
    pub attempt: u32,
    pub accepted: bool,
    pub touched: bool,
    pub timers: Timers,
    /// Until when nobody may claim it.
    pub hold: Option<Timestamp>,
    /// Reps who declined it or timed out on it.
    pub excluded: SmallVec<[RepNo; 2]>,
    pub cooling: SmallVec<[Cooling; 1]>,
    /// Teams whose room would serve it, while it waits.
    pub waits: SmallVec<[TeamNo; 4]>,
    /// Earlier owners, oldest first, bounded.
    pub owners: SmallVec<[RepNo; 2]>,
    /// Touches, oldest first, bounded.
    pub touches: SmallVec<[Touch; 2]>,
    /// The last opportunity stage and its open value.
    pub opportunity: Option<(Box<str>, Option<f64>)>,
    /// Keyed hashes of the person's addresses, while this lead stands for the person.
    pub persons: SmallVec<[u64; 2]>,
    pub duplicate_of: Option<Box<str>>,
    /// The packed lead, while it may have to be read anew.
    pub body: Vec<u8>,
}

impl Life {
    pub fn open(&self) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Owned | Stage::Pooled)
    }

    /// Drops what only an open lead needs, and keeps what recognises the lead again.
    pub fn shrink(&mut self) {
        *self = Self {
            tenant: self.tenant,
            id: std::mem::take(&mut self.id),
            stage: self.stage,
            reason: self.reason,
            revision: self.revision,
            lead_at: self.lead_at,
            decided_at: self.decided_at,
            since: self.since,
            rep: self.rep,
            persons: std::mem::take(&mut self.persons),
            duplicate_of: self.duplicate_of.take(),
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_at_a_row_sees_what_reading_it_does() {
        let open = Life {
            tenant: TenantNo(300),
            id: "L-1".into(),
            stage: Stage::Pooled,
            birth: 7,
            since: 1 << 40,
            rep: Some(RepNo(5)),
            persons: SmallVec::from_slice(&[1, u64::MAX]),
            duplicate_of: Some("0b9e6a3c-59a1-4c0e-8f62-6f3b1c2d4e5f".into()),
            body: vec![1, 2, 3],
            ..Life::default()
        };
        let closed = Life {
            stage: Stage::Closed,
            ..open.clone()
        };
        for (life, seen) in [
            (&open, Some((open.tenant, Stage::Pooled, 7))),
            (&closed, None),
        ] {
            let mut row = Vec::new();
            life.write(&mut row);
            assert_eq!(Life::glance(&row), Ok(seen));
            assert_eq!(Life::read(&row).map(|one| one.stage), Ok(life.stage));
        }
    }
}
