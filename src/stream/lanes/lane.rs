//! One lane: its thread, its loop over batches, and how it comes to its state.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::metrics::TransactionEnd;
use crate::stream::restore::{FRESHNESS, Progress, Warm};
use crate::stream::trouble::Trouble;

use super::engine::Engine;
use super::life::{Action, Event, Life};
use super::mailbox::{Ack, Mailbox, Order};
use super::shared::Shared;
use super::takeover::Takeover;

/// Before a broken lane tries again: a zombie learns within this that its group went on.
const RECOVERY_PAUSE: Duration = Duration::from_millis(500);

/// A lane and what it holds while its partition is ours.
pub struct Lane {
    shared: Arc<Shared>,
    partition: i32,
    mailbox: Mailbox,
    engine: Option<Engine>,
    /// State without producer and input: of a standby, or of a restore that was interrupted.
    warm: Option<Warm>,
    /// When the lane last had to give way.
    parked: Option<Instant>,
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
            warm: None,
            parked: None,
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
                Life::Standby => self.follow(),
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
            Action::Nothing => {}
            Action::Park => self.parked = Some(Instant::now()),
            Action::Drop => self.forget(),
            Action::Cool => self.cool(),
            Action::Renew(why) => self.renew(&why),
            Action::Recover(why) => {
                self.renew(&why);
                self.pause();
            }
            Action::GiveUp(why) => {
                tracing::warn!(
                    partition,
                    why,
                    "the lane's state is not kept warm any longer"
                );
                self.forget();
            }
            Action::Resume => self.resume(),
            Action::Fail(why) => {
                self.forget();
                self.shared.fail(why);
            }
            Action::Wonder => tracing::error!(partition, "an event out of turn was ignored"),
        }
    }

    fn forget(&mut self) {
        self.engine = None;
        self.warm = None;
    }

    /// Keeps the state as of the last commit, if there is one.
    fn cool(&mut self) {
        let seen = self.parked.take().unwrap_or_else(Instant::now);
        if let Some(engine) = self.engine.take() {
            self.warm = engine.cool(seen);
        }
    }

    fn renew(&mut self, why: &str) {
        tracing::warn!(partition = self.partition, why, "lane begins anew");
        if self.engine.is_some() {
            self.shared.metrics.lanes.producers_renewed.inc();
        }
        self.cool();
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
            Order::Watch => Event::Watched,
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
        let parked = self.parked.take();
        if parked.is_some_and(|when| when.elapsed() > FRESHNESS) {
            // Others may have written and compacted meanwhile.
            self.forget();
        }
        let resumed = self.engine.as_ref().map(Engine::read_on);
        match resumed {
            Some(Ok(())) => tracing::info!(partition = self.partition, "lane kept its state"),
            Some(Err(trouble)) => {
                // Without an engine the lane begins anew.
                tracing::warn!(partition = self.partition, %trouble, "cannot read on");
                self.cool();
            }
            None => {}
        }
    }

    fn takeover(&self) -> Takeover<'_> {
        Takeover {
            shared: &self.shared,
            partition: self.partition,
            mailbox: &self.mailbox,
        }
    }

    fn restore(&mut self) -> Event {
        if let Some(order) = self.mailbox.take() {
            return self.event_of(order);
        }
        let (began, mut kept) = (Instant::now(), self.warm.take());
        let warm = kept.is_some();
        let restored = self.takeover().run(&mut kept);
        self.warm = kept;
        match restored {
            Ok((engine, progress)) => {
                self.restored(began.elapsed(), progress, warm);
                self.engine = Some(engine);
                Event::Restored
            }
            Err(Trouble::Cancelled) => Event::Interrupted,
            Err(Trouble::Refused(why)) => Event::Refused(why),
            Err(Trouble::Fatal(why) | Trouble::Abortable(why) | Trouble::Doubtful(why)) => {
                Event::Broken(why)
            }
        }
    }

    fn restored(&self, took: Duration, progress: Progress, warm: bool) {
        let (partition, rows, end) = (self.partition, progress.rows, progress.end);
        tracing::info!(partition, rows, end, warm, ?took, "lane restored");
        let lanes = &self.shared.metrics.lanes;
        lanes.restored_rows.inc_by(rows);
        lanes.restore.observe(took.as_secs_f64());
    }

    /// Follows the changelog of a lane that somebody else has.
    fn follow(&mut self) -> Event {
        if let Some(order) = self.mailbox.take() {
            return self.event_of(order);
        }
        let kept = self.warm.take().filter(|warm| !warm.is_stale());
        let mut warm = kept.unwrap_or_else(|| self.takeover().cold());
        let gauges = self.shared.metrics.lanes.standby(self.partition);
        let ordered = || self.mailbox.is_ordered();
        let kafka = &self.shared.settings.kafka;
        let followed = warm.follow(kafka, self.partition, &ordered, &mut |progress| {
            gauges.tell(progress.rows, progress.end - progress.next);
        });
        match followed {
            Ok(()) | Err(Trouble::Cancelled) => {
                self.warm = Some(warm);
                Event::Interrupted
            }
            Err(Trouble::Refused(why)) => Event::Refused(why),
            Err(Trouble::Fatal(why) | Trouble::Abortable(why) | Trouble::Doubtful(why)) => {
                self.warm = Some(warm);
                Event::Broken(why)
            }
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
                    if let Err(trouble) = engine.roll_back(&self.shared, &self.mailbox) {
                        return Event::Broken(trouble.to_string());
                    }
                }
                Err(Trouble::Refused(why)) => return Event::Refused(why),
                Err(Trouble::Doubtful(why)) => return Event::Doubted(why),
                Err(trouble @ (Trouble::Fatal(_) | Trouble::Cancelled)) => {
                    self.shared.metrics.lanes.ended(TransactionEnd::Unknown);
                    return Event::Broken(trouble.to_string());
                }
            }
        }
    }
}
