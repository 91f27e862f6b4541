//! Who holds a connection, and who gives way when there are too many.
//!
//! A client that opens all there are and says nothing would lock out probes and operators. So
//! a newcomer always gets a place, and the one that asked for nothing the longest loses its
//! own: a slow client, an idle one, or the oldest watcher of events, who comes back by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::AbortHandle;

use crate::metrics::Metrics;

/// Probes, a scraper, a few people and their watchers; more is a fault or an attack.
const MOST: usize = 128;

/// All connections, by when they last asked for something.
#[derive(Clone)]
pub struct Places {
    taken: Arc<Mutex<Taken>>,
    metrics: Metrics,
}

#[derive(Default)]
struct Taken {
    /// Counts requests and connections: larger is later.
    moment: u64,
    by_moment: BTreeMap<u64, AbortHandle>,
}

/// One connection's place, given back when this is dropped.
pub struct Place {
    places: Places,
    moment: Mutex<u64>,
}

impl Places {
    pub fn new(metrics: Metrics) -> Self {
        Self {
            taken: Arc::default(),
            metrics,
        }
    }

    /// Gives a place to the connection that `task` serves, if need be another's.
    pub fn take(&self, task: AbortHandle) -> Place {
        let moment = self.locked().enter(task);
        let displaced = {
            let mut taken = self.locked();
            match taken.by_moment.len() > MOST {
                true => taken.by_moment.pop_first(),
                false => None,
            }
        };
        if let Some((_, longest_silent)) = displaced {
            longest_silent.abort();
            self.metrics.http.displaced.inc();
        }
        self.metrics.http.connections.inc();
        Place {
            places: self.clone(),
            moment: Mutex::new(moment),
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Taken> {
        // Each change is one step of the map, so it is whole whoever stopped.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn enter(&mut self, task: AbortHandle) -> u64 {
        self.moment += 1;
        self.by_moment.insert(self.moment, task);
        self.moment
    }
}

impl Place {
    /// The connection asked for something.
    pub fn asked(&self) {
        let mut mine = self.moment.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self.places.locked();
        // One that was displaced meanwhile does not come back.
        if let Some(task) = taken.by_moment.remove(&mine) {
            *mine = taken.enter(task);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mine = *self.moment.lock().unwrap_or_else(PoisonError::into_inner);
        self.places.locked().by_moment.remove(&mine);
        self.places.metrics.http.connections.dec();
    }
}
