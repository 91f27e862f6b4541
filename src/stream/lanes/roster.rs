//! The lanes of a process: who was told what after a rebalance, and who has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::stream::source::Rebalanced;

use super::lane::Lane;
use super::mailbox::{Mailbox, Order, Tally};
use super::shared::Shared;

/// All lanes that this process ever had.
pub struct Roster {
    shared: Arc<Shared>,
    lanes: Mutex<BTreeMap<i32, Entry>>,
    /// What the last rebalance gave to this process.
    own: Mutex<BTreeSet<i32>>,
}

struct Entry {
    mailbox: Mailbox,
    thread: JoinHandle<()>,
}

impl Roster {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            lanes: Mutex::default(),
            own: Mutex::default(),
        }
    }

    /// Tells the lanes what a rebalance did. Before partitions move on, lanes may finish and
    /// commit what they began; a lane that takes too long is fenced by whoever comes next.
    pub fn rebalanced(&self, what: Rebalanced) {
        self.shared.metrics.kafka.rebalances.inc();
        match what {
            Rebalanced::Assigned(indexes) => self.assign(&indexes),
            Rebalanced::Revoked => self.revoke(Order::Revoke),
            Rebalanced::Lost => self.revoke(Order::Lose),
        }
    }

    fn assign(&self, indexes: &BTreeSet<i32>) {
        let list: Vec<i32> = indexes.iter().copied().collect();
        tracing::info!(partitions = ?list, "partitions assigned");
        let partitions = self.shared.partitions;
        if let Some(beyond) = indexes.iter().find(|index| **index >= partitions) {
            self.shared.fail(format!(
                "partition {beyond} was assigned, but the topics had {partitions} partitions when this process \
                 started: somebody raised the count. Stop all instances and move the state with `bailiwick reshard`"
            ));
            return;
        }
        self.shared.board.assigned(&list);
        let watched = watched(indexes, partitions, self.shared.settings.lanes.standby);
        let mut lanes = self.lanes();
        let others = (0..partitions).filter(|one| !indexes.contains(one));
        for partition in others {
            if watched.contains(&partition) {
                self.tell(&mut lanes, partition, Order::Watch);
            } else if let Some(entry) = lanes.get(&partition) {
                entry.mailbox.leave(Order::Withhold);
            }
        }
        for partition in indexes {
            self.tell(&mut lanes, *partition, Order::Assign);
        }
        self.own().clone_from(indexes);
    }

    fn tell(&self, lanes: &mut BTreeMap<i32, Entry>, partition: i32, order: Order) {
        let entry = lanes
            .entry(partition)
            .or_insert_with(|| self.start(partition));
        entry.mailbox.leave(order);
    }

    fn start(&self, partition: i32) -> Entry {
        let mailbox = Mailbox::default();
        let lane = Lane::new(Arc::clone(&self.shared), partition, mailbox.clone());
        let thread = std::thread::Builder::new()
            .name(format!("lane-{partition}"))
            .spawn(move || lane.run())
            // Without threads the process cannot do anything at all.
            .expect("the system gives a thread to each lane");
        Entry { mailbox, thread }
    }

    fn revoke(&self, order: fn(super::mailbox::Ack) -> Order) {
        self.shared.board.unassigned();
        let waiting = Tally::default();
        let own = std::mem::take(&mut *self.own());
        for (_, entry) in self
            .lanes()
            .iter()
            .filter(|(partition, entry)| own.contains(partition) && !entry.thread.is_finished())
        {
            entry.mailbox.leave(order(waiting.expect()));
        }
        let limit = self.shared.settings.kafka.transaction_timeout;
        if !waiting.wait(limit) {
            tracing::warn!("a lane did not give way in {limit:?}; its transaction will be fenced");
        }
    }

    /// A lane whose thread ended though nobody told it to, if there is one.
    pub fn dead(&self) -> Option<i32> {
        let lanes = self.lanes();
        let dead = lanes.iter().find(|(_, entry)| entry.thread.is_finished());
        dead.map(|(partition, _)| *partition)
    }

    /// Ends all lanes after the batch they are at; says whether all ended in time.
    pub fn stop(&self, within: Duration) -> bool {
        let end = Instant::now() + within;
        let lanes = std::mem::take(&mut *self.lanes());
        for entry in lanes.values() {
            entry.mailbox.leave(Order::Stop);
        }
        let running =
            |lanes: &BTreeMap<i32, Entry>| lanes.values().any(|one| !one.thread.is_finished());
        while running(&lanes) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        !running(&lanes)
    }

    fn lanes(&self) -> MutexGuard<'_, BTreeMap<i32, Entry>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn own(&self) -> MutexGuard<'_, BTreeSet<i32>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which lanes of others are kept warm, `count` at most: those that follow the own ones, so
/// that instances with neighbouring lanes watch different ones.
fn watched(own: &BTreeSet<i32>, partitions: i32, count: usize) -> BTreeSet<i32> {
    let after = own.last().map_or(0, |last| last + 1);
    let ring = (after..partitions).chain(0..after.min(partitions));
    ring.filter(|one| !own.contains(one)).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_that_follow_the_own_ones_are_watched() {
        for (own, count, expected) in [
            (vec![], 9, vec![0, 1, 2, 3]),
            (vec![], 2, vec![0, 1]),
            (vec![0, 1], 9, vec![2, 3]),
            (vec![2, 3], 1, vec![0]),
            (vec![1], 2, vec![2, 3]),
            (vec![0, 1, 2, 3], 9, vec![]),
            (vec![1], 0, vec![]),
        ] {
            let own = own.into_iter().collect();
            assert_eq!(watched(&own, 4, count), expected.into_iter().collect());
        }
    }
}
