//! Decisions of late: a bounded ring for who looks, a bounded stream for who watches.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

/// So many decisions of one batch are put up at most, the newest: a view is a sample under
/// load, and copying each of 100,000 a second would cost the lane more than routing does.
pub const NEWEST_PER_BATCH: usize = 100;

/// How far a watcher may fall behind before it is told that it missed some.
const WATCHER_BACKLOG: usize = 1_024;

/// One decision with its place in the order they were put up, for watchers to resume from.
#[derive(Clone, Debug)]
pub struct Noted {
    pub number: u64,
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
    number: u64,
}

impl Recent {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            ring: Mutex::default(),
            watchers: broadcast::channel(WATCHER_BACKLOG).0,
            limit,
        }
    }

    /// Puts up the newest of a batch's decisions. What is not UTF-8 is left out: decisions are.
    pub fn add<'d>(&self, decisions: impl ExactSizeIterator<Item = &'d [u8]>) {
        let count = decisions.len();
        let newest = decisions.skip(count.saturating_sub(NEWEST_PER_BATCH));
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.seen += count as u64;
        for json in newest.filter_map(|bytes| std::str::from_utf8(bytes).ok()) {
            let noted = Noted {
                number: ring.number,
                json: json.into(),
            };
            ring.number += 1;
            ring.noted.push_back(noted.clone());
            // Without watchers there is nobody to send to.
            let _ = self.watchers.send(noted);
        }
        let excess = ring.noted.len().saturating_sub(self.limit);
        ring.noted.drain(..excess);
    }

    /// The newest `limit` decisions, newest first, and how many there were since the start.
    pub fn newest(&self, limit: usize) -> (Vec<Noted>, u64) {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        (
            ring.noted.iter().rev().take(limit).cloned().collect(),
            ring.seen,
        )
    }

    /// Decisions from now on.
    pub fn watch(&self) -> broadcast::Receiver<Noted> {
        self.watchers.subscribe()
    }
}
