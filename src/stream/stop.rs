//! How the daemon is told to stop: once to finish what it began, twice to leave it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A handle to stop a running stream; clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Asks to stop: the first time after the batch at hand, from the second on at once.
    pub fn ask(&self) {
        let more = |asked: u8| Some(asked.saturating_add(1));
        // The closure never refuses, so there is nothing to see in the result.
        let _ = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
    }

    /// Whether anybody asked.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    /// Whether somebody asked again.
    pub fn is_urgent(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 1
    }
}
