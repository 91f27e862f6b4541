//! Decisions of late: a bounded ring for who looks, a bounded stream for who watches.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

/// So many decisions of one batch are put up at most, the newest: a view is a sample under
/// load, and copying each of 100,000 a second would cost the lane more than routing does.
pub const NEWEST_PER_BATCH: usize = 100;

/// How far a watcher may fall behind before it is told that it missed some.
const WATCHER_BACKLOG: usize = 1_024;

/// One decision with its place among all that were seen, so that a gap tells of the others.
#[derive(Clone, Debug)]
pub struct Noted {
    pub number: u64,
    /// How many were decided since the one put up before, and not put up.
    pub skipped: u64,
    /// JSON, as on the wire.
    pub json: Arc<str>,
}

/// The ring and the stream.
pub struct Recent {
    ring: Mutex<Ring>,
    watchers: broadcast::Sender<Noted>,
    limit: usize,
}

#[derive(Default)]
struct Ring {
    noted: VecDeque<Noted>,
    /// Decisions seen so far, also those not put up.
    seen: u64,
    /// Those of them that were put up.
    shown: u64,
    /// The number after that of the last one put up.
    next: u64,
}

/// The newest decisions, newest first, and what is known of the others.
pub struct Newest {
    pub noted: Vec<Noted>,
    /// Decisions since the process began.
    pub seen: u64,
    /// Those of them that were never put up.
    pub skipped: u64,
}

impl Recent {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            ring: Mutex::default(),
            watchers: broadcast::channel(WATCHER_BACKLOG).0,
            limit,
        }
    }

    /// Puts up the newest of a batch's decisions, of which there were `decided`; the caller may
    /// leave the older ones out. What is not UTF-8 is left out: decisions are.
    pub fn add<'d>(&self, decided: usize, newest: impl ExactSizeIterator<Item = &'d [u8]>) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.seen += decided as u64;
        let given = newest.len();
        let newest = newest
            .enumerate()
            .skip(given.saturating_sub(NEWEST_PER_BATCH));
        for (index, bytes) in newest {
            let Ok(json) = std::str::from_utf8(bytes) else {
                continue;
            };
            let number = ring.seen - (given - index) as u64;
            let noted = Noted {
                number,
                skipped: number - ring.next,
                json: json.into(),
            };
            ring.next = number + 1;
            ring.shown += 1;
            ring.noted.push_back(noted.clone());
            // Without watchers there is nobody to send to.
            let _ = self.watchers.send(noted);
        }
        let excess = ring.noted.len().saturating_sub(self.limit);
        ring.noted.drain(..excess);
    }

    /// The newest `limit` decisions, and how many there were since the start.
    pub fn newest(&self, limit: usize) -> Newest {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        Newest {
            noted: ring.noted.iter().rev().take(limit).cloned().collect(),
            seen: ring.seen,
            skipped: ring.seen - ring.shown,
        }
    }

    /// Decisions from now on.
    pub fn watch(&self) -> broadcast::Receiver<Noted> {
        self.watchers.subscribe()
    }
}
