//! What the group's thread tells a lane, and what wakes a lane that waits.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a lane is told.
pub enum Order {
    /// The partition is ours.
    Assign,
    /// The partition is nobody's for now; the rebalance waits for the acknowledgement.
    Revoke(Ack),
    /// The partition may be somebody else's already.
    Lose(Ack),
    /// The rebalance gave the partition to somebody else.
    Withhold,
    /// As withhold, and its state is to be kept warm.
    Watch,
    /// The process ends.
    Stop,
}

/// Orders in the order they came, and a flag that there may be input.
#[derive(Clone, Default)]
pub struct Mailbox(Arc<Inner>);

#[derive(Default)]
struct Inner {
    content: Mutex<Content>,
    wake: Condvar,
}

#[derive(Default)]
struct Content {
    orders: VecDeque<Order>,
    nudged: bool,
}

impl Mailbox {
    /// Leaves an order.
    pub fn leave(&self, order: Order) {
        self.content().orders.push_back(order);
        self.0.wake.notify_all();
    }

    /// Says that there may be input.
    pub fn nudge(&self) {
        self.content().nudged = true;
        self.0.wake.notify_all();
    }

    /// The next order, if there is one.
    pub fn take(&self) -> Option<Order> {
        self.content().orders.pop_front()
    }

    /// Whether an order waits.
    pub fn is_ordered(&self) -> bool {
        !self.content().orders.is_empty()
    }

    /// Whether the partition may be somebody else's already.
    pub fn is_lost(&self) -> bool {
        let lost = |order: &Order| matches!(order, Order::Lose(_));
        self.content().orders.iter().any(lost)
    }

    /// Waits for an order, however long it takes.
    pub fn await_order(&self, within: Duration) -> Option<Order> {
        let mut content = self.content();
        let end = Instant::now() + within;
        while content.orders.is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            content = self.sleep(content, left);
        }
        content.orders.pop_front()
    }

    /// Waits for an order or input, `within` at most.
    pub fn await_anything(&self, within: Duration) {
        let mut content = self.content();
        let end = Instant::now() + within;
        while content.orders.is_empty() && !content.nudged {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            content = self.sleep(content, left);
        }
        content.nudged = false;
    }

    fn sleep<'a>(
        &self,
        content: MutexGuard<'a, Content>,
        left: Duration,
    ) -> MutexGuard<'a, Content> {
        let woken = self.0.wake.wait_timeout(content, left);
        woken.unwrap_or_else(PoisonError::into_inner).0
    }

    // A panic elsewhere leaves the queue whole: orders go in and out in one call.
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0
            .content
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts lanes that still have to give way.
#[derive(Clone, Default)]
pub struct Tally(Arc<(Mutex<usize>, Condvar)>);

/// Acknowledges an order when it is dropped, however the lane ends.
pub struct Ack(Tally);

impl Tally {
    /// One more lane to wait for.
    pub fn expect(&self) -> Ack {
        *self.count() += 1;
        Ack(self.clone())
    }

    /// Waits until all gave way, `within` at most; says whether they did.
    pub fn wait(&self, within: Duration) -> bool {
        let waited = self
            .0
            .1
            .wait_timeout_while(self.count(), within, |left| *left > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ack {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0.0.1.notify_all();
    }
}
