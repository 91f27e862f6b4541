//! One lane: its thread, its loop over batches, and how it comes to its state.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::metrics::TransactionEnd;
use crate::stream::trouble::Trouble;

use super::engine::Engine;
use super::life::{Action, Event, Life};
use super::mailbox::{Ack, Mailbox, Order};
use super::shared::Shared;

/// Before a broken lane tries again: a zombie learns within this that its group went on.
const RECOVERY_PAUSE: Duration = Duration::from_millis(500);
/// A lane and what it holds while its partition is ours.
pub struct Lane {
    shared: Arc<Shared>,
    partition: i32,
    mailbox: Mailbox,
    engine: Option<Engine>,
    /// The rebalance that waits for this lane to give way.
    ack: Option<Ack>,
}

impl Lane {
    pub fn new(shared: Arc<Shared>, partition: i32, mailbox: Mailbox) -> Self {
        Self {
            shared,
            partition,
            mailbox,
            engine: None,
            ack: None,
        }
    }

    /// Lives until told to stop.
    pub fn run(mut self) {
        let mut life = Life::Vacant;
        while life != Life::Ended {
            let event = match life {
                Life::Running => self.work(),
                Life::Restoring => self.restore(),
                Life::Vacant | Life::Parked | Life::Ended => self.await_order(),
            };
            let (next, action) = life.on(event);
            self.act(action);
            // Only now has the lane given way.
            self.ack = None;
            life = next;
        }
    }

    fn act(&mut self, action: Action) {
        let partition = self.partition;
        match action {
            Action::Nothing | Action::Park => {}
            Action::Drop => self.engine = None,
            Action::Recover(why) => {
                tracing::warn!(partition, why, "lane begins anew");
                self.shared.metrics.lanes.producers_renewed.inc();
                self.engine = None;
                self.pause();
            }
            Action::Resume => self.resume(),
            Action::Fail(why) => {
                self.engine = None;
                self.shared.fail(why);
            }
            Action::Wonder => tracing::error!(partition, "an event out of turn was ignored"),
        }
    }

    fn pause(&self) {
        let end = Instant::now() + RECOVERY_PAUSE;
        while !self.mailbox.is_ordered() && Instant::now() < end {
            self.mailbox
                .await_anything(end.saturating_duration_since(Instant::now()));
        }
    }

    fn await_order(&mut self) -> Event {
        loop {
            if let Some(order) = self.mailbox.await_order(Duration::from_secs(60)) {
                return self.event_of(order);
            }
        }
    }

    fn event_of(&mut self, order: Order) -> Event {
        match order {
            Order::Assign => Event::Assigned,
            Order::Withhold => Event::Withheld,
            Order::Stop => Event::Stop,
            Order::Revoke(ack) => {
                self.ack = Some(ack);
                Event::Revoked
            }
            Order::Lose(ack) => {
                self.ack = Some(ack);
                Event::Lost
            }
        }
    }

    /// Reads on after a rebalance. What was fetched before it is thrown away.
    fn resume(&mut self) {
        let resumed = self.engine.as_ref().map(Engine::read_on);
        if let Some(Err(trouble)) = resumed {
            // The next fetch or commit fails as well, and then the lane begins anew.
            tracing::warn!(partition = self.partition, %trouble, "cannot read on");
            self.engine = None;
        }
    }

    fn restore(&mut self) -> Event {
        if let Some(order) = self.mailbox.take() {
            return self.event_of(order);
        }
        let began = Instant::now();
        match Engine::restore(&self.shared, self.partition, &self.mailbox) {
            Ok((engine, rows)) => {
                let took = began.elapsed();
                tracing::info!(partition = self.partition, rows, ?took, "lane restored");
                self.shared
                    .metrics
                    .lanes
                    .restore
                    .observe(took.as_secs_f64());
                self.engine = Some(engine);
                Event::Restored
            }
            Err(Trouble::Cancelled) => Event::Interrupted,
            Err(Trouble::Refused(why)) => Event::Refused(why),
            Err(Trouble::Fatal(why) | Trouble::Abortable(why)) => Event::Broken(why),
        }
    }

    /// Decides batch after batch until something else must be done.
    fn work(&mut self) -> Event {
        loop {
            if let Some(order) = self.mailbox.take() {
                return self.event_of(order);
            }
            let Some(engine) = &mut self.engine else {
                return Event::Broken("the lane's input was lost".to_owned());
            };
            match engine.cycle(&self.shared, &self.mailbox) {
                Ok(()) => {}
                Err(Trouble::Abortable(why)) => {
                    tracing::info!(
                        partition = self.partition,
                        why,
                        "transaction aborted, trying again"
                    );
                    if let Err(trouble) = engine.roll_back(&self.shared) {
                        return Event::Broken(trouble.to_string());
                    }
                }
                Err(Trouble::Refused(why)) => return Event::Refused(why),
                Err(trouble @ (Trouble::Fatal(_) | Trouble::Cancelled)) => {
                    self.shared.metrics.lanes.ended(TransactionEnd::Unknown);
                    return Event::Broken(trouble.to_string());
                }
            }
        }
    }
}
