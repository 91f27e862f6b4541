//! What applying a record brought about, for the shell to send and to count.

use crate::event::{Decision, Outcome, Reason, Source, TimerKind, Timestamp};

/// Effects of one record, one tick or a whole batch; reused between them.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// Decisions in the order they were made; `seq` is dense.
    pub decisions: Vec<Decision>,
    /// Activity whose lead never came: each ends as the dead letter `unknown_lead`.
    pub expired: Vec<Expired>,
    /// What will be done to many leads, said before it is done.
    pub announcements: Vec<Announcement>,
    pub counts: Counts,
}

/// A record given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// Where it first arrived.
    pub source: Source,
    /// The bytes that came with it.
    pub raw: Box<[u8]>,
}

/// A walk over many leads that begins now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    pub tenant: Box<str>,
    pub subject: Subject,
    /// How many leads it concerns.
    pub leads: u64,
}

/// Whom or what an announcement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// This rep left: his leads are decided again.
    RepLeft(Box<str>),
    /// This rep is away: the leads he has not taken up are decided again.
    RepAway(Box<str>),
    /// A plan version moves open leads to other territories.
    Realign(Box<str>),
}

impl Subject {
    /// The reason of the assignments that follow.
    pub fn reason(&self) -> Reason {
        match self {
            Self::RepLeft(_) => Reason::RepLeft,
            Self::RepAway(_) => Reason::RepAway,
            Self::Realign(_) => Reason::Realigned,
        }
    }
}

/// Counts that are not decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that had been seen before.
    pub redelivered: u64,
    /// Activity that had no effect in the lead's present stage.
    pub idle: u64,
    /// Timers fired, by [`TimerKind`] in the order of its list.
    pub timers: [u64; TimerKind::ALL.len()],
    /// Milliseconds by which the latest of these timers was late.
    pub latest_ms: i64,
    /// Deadlines missed where the plan says to keep the owner.
    pub breaches_kept: u64,
    /// Deadlines that were running when what they ask for was done, accept before touch.
    pub deadlines_met: [u64; 2],
}

impl Counts {
    pub(super) fn timer(&mut self, kind: TimerKind, late_ms: i64) {
        self.timers[kind as usize] += 1;
        self.latest_ms = self.latest_ms.max(late_ms);
    }

    /// Ends the deadlines of a lead whose owner did what they ask for.
    pub(super) fn meet(&mut self, deadlines: [&mut Option<Timestamp>; 2]) {
        for (met, deadline) in self.deadlines_met.iter_mut().zip(deadlines) {
            *met += u64::from(deadline.take().is_some());
        }
    }
}

impl Effects {
    /// Empties everything, keeping the memory.
    pub fn clear(&mut self) {
        self.decisions.clear();
        self.expired.clear();
        self.announcements.clear();
        self.counts = Counts::default();
    }

    /// How many decisions had this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        let decisions = self.decisions.iter();
        decisions.filter(|one| one.outcome == outcome).count()
    }
}
