//! The life cycle of a lane: one match on (state, event), every pair written out.

/// Where a lane is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// The partition is not ours and nothing is remembered of it.
    Vacant,
    /// The partition is ours and its state is being read back.
    Restoring,
    /// Deciding.
    Running,
    /// Not ours for the moment of a rebalance; the state is kept in case it comes back. The
    /// producer's epoch proves at the next transaction that nobody wrote meanwhile.
    Parked,
    /// Over.
    Ended,
}

/// What happens to a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Assigned,
    Revoked,
    Lost,
    Withheld,
    /// The restore is complete.
    Restored,
    /// The restore was interrupted by an order, which follows.
    Interrupted,
    /// The producer is gone, or what was committed is unknown. The text says why.
    Broken(String),
    /// What the lane found contradicts itself. The text says what to do.
    Refused(String),
    Stop,
}

/// What the lane does on the way to its next state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Nothing,
    /// Forget state, producer and queues.
    Drop,
    /// As drop, and wait a little: the cause may still be there.
    Recover(String),
    /// Read on where the kept state ends.
    Resume,
    /// Stop taking input and keep the state.
    Park,
    /// End the whole process with this sentence.
    Fail(String),
    /// An order that cannot come in this state; said in the log and otherwise ignored.
    Wonder,
}

impl Life {
    /// The next state, and what to do on the way.
    pub fn on(self, event: Event) -> (Self, Action) {
        use Event as E;
        match (self, event) {
            (Self::Ended, _) => (Self::Ended, Action::Nothing),
            (_, E::Stop) => (Self::Ended, Action::Drop),
            (_, E::Refused(why)) => (Self::Ended, Action::Fail(why)),

            (Self::Vacant, E::Assigned) => (Self::Restoring, Action::Nothing),
            (Self::Vacant, E::Revoked | E::Lost | E::Withheld) => (Self::Vacant, Action::Nothing),
            (Self::Vacant, E::Restored | E::Interrupted | E::Broken(_)) => {
                (Self::Vacant, Action::Wonder)
            }

            (Self::Restoring, E::Restored) => (Self::Running, Action::Nothing),
            (Self::Restoring, E::Interrupted) => (Self::Restoring, Action::Drop),
            (Self::Restoring, E::Broken(why)) => (Self::Restoring, Action::Recover(why)),
            (Self::Restoring, E::Revoked | E::Lost | E::Withheld) => (Self::Vacant, Action::Drop),
            (Self::Restoring, E::Assigned) => (Self::Restoring, Action::Drop),

            (Self::Running, E::Revoked | E::Lost) => (Self::Parked, Action::Park),
            (Self::Running, E::Withheld) => (Self::Vacant, Action::Drop),
            (Self::Running, E::Broken(why)) => (Self::Restoring, Action::Recover(why)),
            (Self::Running, E::Assigned) => (Self::Running, Action::Resume),
            (Self::Running, E::Restored | E::Interrupted) => (Self::Running, Action::Wonder),

            (Self::Parked, E::Assigned) => (Self::Running, Action::Resume),
            (Self::Parked, E::Withheld) => (Self::Vacant, Action::Drop),
            (Self::Parked, E::Revoked | E::Lost) => (Self::Parked, Action::Nothing),
            (Self::Parked, E::Broken(_)) => (Self::Vacant, Action::Drop),
            (Self::Parked, E::Restored | E::Interrupted) => (Self::Parked, Action::Wonder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(events: &[Event]) -> (Life, Vec<Action>) {
        let mut actions = Vec::new();
        let last = events.iter().fold(Life::Vacant, |life, event| {
            let (next, action) = life.on(event.clone());
            actions.push(action);
            next
        });
        (last, actions)
    }

    #[test]
    fn a_rebalance_that_changed_nothing_keeps_the_state() {
        let (life, actions) = follow(&[
            Event::Assigned,
            Event::Restored,
            Event::Revoked,
            Event::Assigned,
        ]);
        assert_eq!(life, Life::Running);
        assert_eq!(
            actions,
            [
                Action::Nothing,
                Action::Nothing,
                Action::Park,
                Action::Resume
            ]
        );
    }

    #[test]
    fn a_partition_that_went_elsewhere_is_forgotten() {
        let (life, actions) = follow(&[
            Event::Assigned,
            Event::Restored,
            Event::Lost,
            Event::Withheld,
        ]);
        assert_eq!((life, &actions[3]), (Life::Vacant, &Action::Drop));
    }

    #[test]
    fn a_broken_producer_restores_only_while_the_partition_is_ours() {
        let broken = Event::Broken("fenced".to_owned());
        let (life, _) = follow(&[Event::Assigned, Event::Restored, broken.clone()]);
        assert_eq!(life, Life::Restoring);
        let (life, _) = follow(&[Event::Assigned, Event::Restored, broken, Event::Lost]);
        assert_eq!(life, Life::Vacant);
    }

    #[test]
    fn whatever_comes_after_the_end_changes_nothing() {
        let (life, _) = follow(&[Event::Stop, Event::Assigned, Event::Restored]);
        assert_eq!(life, Life::Ended);
    }
}
