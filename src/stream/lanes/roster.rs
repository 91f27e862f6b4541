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
        self.shared.board.assigned(&list);
        let mut lanes = self.lanes();
        for (partition, entry) in lanes
            .iter()
            .filter(|(partition, _)| !indexes.contains(partition))
        {
            tracing::debug!(partition, "partition went elsewhere");
            entry.mailbox.leave(Order::Withhold);
        }
        for partition in indexes {
            let entry = lanes
                .entry(*partition)
                .or_insert_with(|| self.start(*partition));
            entry.mailbox.leave(Order::Assign);
        }
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
        self.shared.board.assigned(&[]);
        let waiting = Tally::default();
        for entry in self
            .lanes()
            .values()
            .filter(|entry| !entry.thread.is_finished())
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
}
