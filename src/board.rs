//! The notice board between the daemon's threads: lanes and reload put up what they do, the admin
//! interface reads it and leaves questions and orders.
//!
//! Nobody waits for a reader: a lane puts up a few numbers after each commit, looks into its
//! own mailbox between two batches, and never holds a lock while it works. Everything is
//! bounded. What was not committed is never put up (invariant 2).
//!
//! For a lane: [`Board::open_lane`] when the partition is assigned gives a [`Desk`];
//! [`Desk::publish`] after each commit; [`Desk::answer`] between batches, also when idle, at
//! least every [`ANSWER_EVERY`]; dropping the desk closes the lane. For the group's thread:
//! [`Board::assigned`] after each rebalance, [`Board::set_phase`] when draining begins.

mod lanes;
mod leads;
mod plans;
mod recent;

pub use lanes::{
    ANSWER_EVERY, Desk, LaneState, LaneStatus, LeadView, Question, RestoreStatus, Unanswered,
};
pub use leads::RecentLeads;
pub use plans::{PlanStatus, ReloadOrder, ReloadReport};
pub use recent::{NEWEST_PER_BATCH, Newest, Noted, Recent};

use std::collections::BTreeMap;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use crate::event::Timestamp;

/// Where the daemon is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Plans are read and the group is joined.
    #[default]
    Starting,
    Running,
    /// No new input is taken; batches are finished.
    Draining,
}

impl Phase {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Draining => "draining",
        }
    }
}

/// How many of something the board keeps.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Decisions remembered for `/api/v1/decisions`.
    pub decisions: usize,
    /// Leads of each tenant remembered for the reload guard.
    pub leads: usize,
}

/// The board itself; clones are the same board.
#[derive(Clone)]
pub struct Board(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    lanes: RwLock<BTreeMap<i32, lanes::Entry>>,
    recent: Recent,
    leads: RecentLeads,
    reload: Mutex<Option<SyncSender<ReloadOrder>>>,
}

#[derive(Default)]
struct State {
    phase: Phase,
    /// Partition indexes given to this process; `None` before the group is joined.
    assigned: Option<Vec<i32>>,
    /// Since when no broker has answered, if none does.
    away: Option<Timestamp>,
    plans: BTreeMap<Box<str>, PlanStatus>,
}

/// One condition of readiness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    /// What is missing, if something is.
    pub missing: Option<String>,
}

impl Board {
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::default(),
            lanes: RwLock::default(),
            recent: Recent::new(bounds.decisions),
            leads: RecentLeads::new(bounds.leads),
            reload: Mutex::default(),
        }))
    }

    /// Moves the daemon's life on.
    pub fn set_phase(&self, phase: Phase) {
        self.state().phase = phase;
    }

    pub fn phase(&self) -> Phase {
        self.state().phase
    }

    /// Says which partition indexes this process has after a rebalance, none perhaps.
    pub fn assigned(&self, partitions: &[i32]) {
        self.state().assigned = Some(partitions.to_vec());
    }

    /// Says that a rebalance took everything, and the next assignment is not known yet.
    pub fn unassigned(&self) {
        self.state().assigned = None;
    }

    /// Says that no broker answers; whether that is news.
    pub fn brokers_away(&self, now: Timestamp) -> bool {
        let mut state = self.state();
        let news = state.away.is_none();
        state.away.get_or_insert(now);
        news
    }

    /// Says that a broker answers; since when none did, if that is news.
    pub fn brokers_back(&self) -> Option<Timestamp> {
        self.state().away.take()
    }

    /// What `/readyz` asks: plans, group, lanes, and that the daemon is not draining.
    pub fn checks(&self) -> Vec<Check> {
        let lanes = self.lanes_missing();
        let state = self.state();
        let draining = state.phase == Phase::Draining;
        let check = |name, missing: Option<String>| Check { name, missing };
        let away = state.away;
        // An outage is the reason of what else is missing.
        let explained = |missing: Option<String>| match (missing, away) {
            (Some(why), Some(since)) => Some(format!("brokers away since {since}; {why}")),
            (missing, _) => missing,
        };
        vec![
            check(
                "plans",
                state
                    .plans
                    .is_empty()
                    .then(|| "no plan is loaded yet".to_owned()),
            ),
            check(
                "group",
                explained(
                    state
                        .assigned
                        .is_none()
                        .then(|| "the group is not joined yet".to_owned()),
                ),
            ),
            check("lanes", explained(lanes)),
            check(
                "shutdown",
                draining.then(|| "the daemon is stopping".to_owned()),
            ),
        ]
    }

    /// Decisions of late.
    pub fn recent(&self) -> &Recent {
        &self.0.recent
    }

    /// Leads of late, for the reload guard.
    pub fn leads(&self) -> &RecentLeads {
        &self.0.leads
    }

    fn lanes_missing(&self) -> Option<String> {
        let assigned = self.state().assigned.clone().unwrap_or_default();
        let lanes = self.lanes();
        let missing = |partition: &i32| match lanes.get(partition).map(lanes::Entry::status) {
            Some(status) if status.state == LaneState::Running => None,
            Some(LaneStatus {
                restore: Some(restore),
                ..
            }) => Some(format!("{partition} ({restore})")),
            _ => Some(partition.to_string()),
        };
        let missing: Vec<String> = assigned.iter().filter_map(missing).collect();
        (!missing.is_empty()).then(|| format!("not restored yet: {}", missing.join(", ")))
    }

    // A panic elsewhere leaves these values whole: each is replaced in one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lanes(&self) -> RwLockReadGuard<'_, BTreeMap<i32, lanes::Entry>> {
        self.0.lanes.read().unwrap_or_else(PoisonError::into_inner)
    }
}
