//! Lanes on the board: their status, and questions about single leads.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::event::{Due, Handover, Reason, Timestamp};

use super::Board;

/// A lane looks into its mailbox at least so often, or a question waits too long.
pub const ANSWER_EVERY: Duration = Duration::from_millis(100);

/// Questions that may wait for one lane; more are turned away, as the lane is what matters.
const MAILBOX: usize = 16;

/// What a lane is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LaneState {
    #[default]
    Restoring,
    Running,
    /// An error made it give up its state; it begins again.
    Recovering,
}

impl LaneState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restoring => "restoring",
            Self::Running => "running",
            Self::Recovering => "recovering",
        }
    }
}

/// How far a restore has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoreStatus {
    /// Rows read so far.
    pub rows: u64,
    /// The next position in the changelog, and its end.
    pub next: i64,
    pub end: i64,
}

impl fmt::Display for RestoreStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, next, end } = self;
        write!(out, "{rows} rows read, at {next} of {end} in the changelog")
    }
}

/// A lane's numbers after its last commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaneStatus {
    pub state: LaneState,
    /// While it is being restored.
    pub restore: Option<RestoreStatus>,
    /// The number of its last decision.
    pub seq: u64,
    /// Leads with an owner or in a pool.
    pub open_leads: u64,
    /// Unassigned leads that wait.
    pub waiting_leads: u64,
    /// Rows of state.
    pub rows: u64,
    /// The clock of the last batch.
    pub clock: Option<Timestamp>,
}

/// What is known of one lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadView {
    pub revision: u64,
    /// Where the lead stands: the outcome of its last decision, or what happened since.
    pub status: &'static str,
    /// The reason of its last decision.
    pub reason: Option<Reason>,
    pub territory: Option<Box<str>>,
    pub team: Option<Box<str>>,
    pub rep: Option<Box<str>>,
    pub pool: Option<Box<str>>,
    pub duplicate_of: Option<Box<str>>,
    pub due: Due,
    pub attempt: u32,
    /// The number of the last decision.
    pub seq: u64,
    pub lead_at: Option<Timestamp>,
    pub decided_at: Option<Timestamp>,
    /// Earlier owners, touches, stage and open value.
    pub history: Handover,
}

/// A question about one lead. Dropping it unanswered tells the asker that the lane is gone.
pub struct Question {
    pub tenant: String,
    pub lead: String,
    answer: oneshot::Sender<Option<LeadView>>,
}

/// What the board keeps of one lane.
pub(super) struct Entry {
    status: Mutex<LaneStatus>,
    mailbox: SyncSender<Question>,
}

impl Entry {
    pub(super) fn status(&self) -> LaneStatus {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A lane's place at the board. Dropping it takes the lane off.
pub struct Desk {
    board: Board,
    partition: i32,
    mailbox: Receiver<Question>,
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// Some lane has too many questions waiting, or did not answer in time.
    Busy,
    /// No lane is assigned to this process.
    NoLanes,
}

impl Board {
    /// Puts up a lane, in state [`LaneState::Restoring`].
    pub fn open_lane(&self, partition: i32) -> Desk {
        let (send, mailbox) = sync_channel(MAILBOX);
        let entry = Entry {
            status: Mutex::default(),
            mailbox: send,
        };
        let mut lanes = self.0.lanes.write().unwrap_or_else(PoisonError::into_inner);
        lanes.insert(partition, entry);
        Desk {
            board: self.clone(),
            partition,
            mailbox,
        }
    }

    /// Every lane's status, by partition.
    pub fn lane_statuses(&self) -> Vec<(i32, LaneStatus)> {
        let lanes = self.lanes();
        lanes
            .iter()
            .map(|(partition, entry)| (*partition, entry.status()))
            .collect()
    }

    /// Asks every lane for one lead; at most one knows it. The partition is that of the lane
    /// that does. Each lane is given `patience`.
    pub async fn lead(
        &self,
        tenant: &str,
        lead: &str,
        patience: Duration,
    ) -> Result<Option<(i32, LeadView)>, Unanswered> {
        let answers = self.ask(tenant, lead)?;
        for (partition, answer) in answers {
            match tokio::time::timeout(patience, answer).await {
                Ok(Ok(Some(view))) => return Ok(Some((partition, view))),
                Ok(Ok(None)) => {}
                Ok(Err(_)) | Err(_) => return Err(Unanswered::Busy),
            }
        }
        Ok(None)
    }

    fn ask(&self, tenant: &str, lead: &str) -> Result<Vec<(i32, Pending)>, Unanswered> {
        let lanes = self.lanes();
        if lanes.is_empty() {
            return Err(Unanswered::NoLanes);
        }
        let mut pending = Vec::with_capacity(lanes.len());
        for (partition, entry) in lanes.iter() {
            let (answer, receive) = oneshot::channel();
            let (tenant, lead) = (tenant.to_owned(), lead.to_owned());
            let question = Question {
                tenant,
                lead,
                answer,
            };
            match entry.mailbox.try_send(question) {
                Ok(()) => pending.push((*partition, receive)),
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                    return Err(Unanswered::Busy);
                }
            }
        }
        Ok(pending)
    }
}

type Pending = oneshot::Receiver<Option<LeadView>>;

impl Desk {
    /// Puts up the lane's numbers after a commit that holds `decided` decisions, and the newest
    /// of them as they are on the wire.
    pub fn publish<'d>(
        &self,
        status: LaneStatus,
        decided: usize,
        newest: impl ExactSizeIterator<Item = &'d [u8]>,
    ) {
        if let Some(entry) = self.board.lanes().get(&self.partition) {
            *entry.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
        }
        self.board.recent().add(decided, newest);
    }

    /// Answers the questions that wait.
    pub fn answer(&self, mut find: impl FnMut(&str, &str) -> Option<LeadView>) {
        for question in self.mailbox.try_iter().take(MAILBOX) {
            let view = find(&question.tenant, &question.lead);
            // Whoever asked may have stopped waiting.
            let _ = question.answer.send(view);
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let mut lanes = self
            .board
            .0
            .lanes
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        lanes.remove(&self.partition);
    }
}
