//! The life cycle of a lane: one match on (state, event), every pair written out.

/// Where a lane is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// The partition is not ours. What was read of its state is kept only for the moment of a
    /// rebalance, in case the partition comes back.
    Vacant,
    /// The partition is somebody else's, and its changelog is followed.
    Standby,
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
    /// Somebody else has the partition.
    Withheld,
    /// Somebody else has the partition, and this process is to follow its state.
    Watched,
    /// The restore is complete.
    Restored,
    /// The restore was interrupted by an order, which follows.
    Interrupted,
    /// All is committed, but a call of the producer may still arrive at the broker later. The
    /// text says why.
    Doubted(String),
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
    /// Forget producer and queues, and keep the state as of the last commit.
    Cool,
    /// As cool; the next restore reads only what the changelog has beyond that state.
    Renew(String),
    /// As renew, and wait a little: the cause may still be there.
    Recover(String),
    /// Read on where the kept state ends.
    Resume,
    /// Stop taking input and keep the state.
    Park,
    /// Follow no longer, and say why: the owner is the one to refuse.
    GiveUp(String),
    /// End the whole process with this sentence.
    Fail(String),
    /// An order that cannot come in this state; said in the log and otherwise ignored.
    Wonder,
}

impl Life {
    /// The next state, and what to do on the way.
    pub fn on(self, event: Event) -> (Self, Action) {
        match self {
            Self::Vacant => Self::vacant(event),
            Self::Standby => Self::standby(event),
            Self::Restoring => Self::restoring(event),
            Self::Running => Self::running(event),
            Self::Parked => Self::parked(event),
            Self::Ended => (Self::Ended, Action::Nothing),
        }
    }

    fn vacant(event: Event) -> (Self, Action) {
        match event {
            Event::Assigned => (Self::Restoring, Action::Nothing),
            Event::Watched => (Self::Standby, Action::Nothing),
            Event::Withheld => (Self::Vacant, Action::Drop),
            Event::Revoked | Event::Lost => (Self::Vacant, Action::Nothing),
            Event::Restored | Event::Interrupted | Event::Doubted(_) | Event::Broken(_) => {
                (Self::Vacant, Action::Wonder)
            }
            Event::Refused(why) => (Self::Ended, Action::Fail(why)),
            Event::Stop => (Self::Ended, Action::Drop),
        }
    }

    fn standby(event: Event) -> (Self, Action) {
        match event {
            Event::Assigned => (Self::Restoring, Action::Nothing),
            Event::Withheld => (Self::Vacant, Action::Drop),
            Event::Watched | Event::Revoked | Event::Lost | Event::Interrupted => {
                (Self::Standby, Action::Nothing)
            }
            Event::Broken(why) => (Self::Standby, Action::Recover(why)),
            Event::Refused(why) => (Self::Vacant, Action::GiveUp(why)),
            Event::Restored | Event::Doubted(_) => (Self::Standby, Action::Wonder),
            Event::Stop => (Self::Ended, Action::Drop),
        }
    }

    fn restoring(event: Event) -> (Self, Action) {
        match event {
            Event::Restored => (Self::Running, Action::Nothing),
            Event::Interrupted | Event::Assigned => (Self::Restoring, Action::Nothing),
            Event::Revoked | Event::Lost => (Self::Vacant, Action::Nothing),
            Event::Withheld => (Self::Vacant, Action::Drop),
            Event::Watched => (Self::Standby, Action::Nothing),
            Event::Broken(why) => (Self::Restoring, Action::Recover(why)),
            Event::Doubted(_) => (Self::Restoring, Action::Wonder),
            Event::Refused(why) => (Self::Ended, Action::Fail(why)),
            Event::Stop => (Self::Ended, Action::Drop),
        }
    }

    fn running(event: Event) -> (Self, Action) {
        match event {
            Event::Revoked | Event::Lost => (Self::Parked, Action::Park),
            Event::Withheld => (Self::Vacant, Action::Drop),
            Event::Watched => (Self::Standby, Action::Cool),
            Event::Doubted(why) => (Self::Restoring, Action::Renew(why)),
            Event::Broken(why) => (Self::Restoring, Action::Recover(why)),
            Event::Assigned => (Self::Running, Action::Resume),
            Event::Restored | Event::Interrupted => (Self::Running, Action::Wonder),
            Event::Refused(why) => (Self::Ended, Action::Fail(why)),
            Event::Stop => (Self::Ended, Action::Drop),
        }
    }

    fn parked(event: Event) -> (Self, Action) {
        match event {
            Event::Assigned => (Self::Running, Action::Resume),
            Event::Withheld => (Self::Vacant, Action::Drop),
            Event::Watched => (Self::Standby, Action::Cool),
            Event::Revoked | Event::Lost => (Self::Parked, Action::Nothing),
            Event::Restored | Event::Interrupted | Event::Doubted(_) | Event::Broken(_) => {
                (Self::Parked, Action::Wonder)
            }
            Event::Refused(why) => (Self::Ended, Action::Fail(why)),
            Event::Stop => (Self::Ended, Action::Drop),
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

    fn broken() -> Event {
        Event::Broken("fenced".to_owned())
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
    fn rebalances_in_the_middle_of_a_restore_do_not_begin_it_anew() {
        let (life, actions) = follow(&[
            Event::Assigned,
            Event::Interrupted,
            Event::Revoked,
            Event::Assigned,
            Event::Restored,
        ]);
        assert_eq!(life, Life::Running);
        assert!(actions.iter().all(|action| *action == Action::Nothing));
    }

    #[test]
    fn a_partition_that_went_elsewhere_is_forgotten() {
        for kept in [Event::Restored, Event::Interrupted] {
            let (life, actions) = follow(&[Event::Assigned, kept, Event::Lost, Event::Withheld]);
            assert_eq!((life, &actions[3]), (Life::Vacant, &Action::Drop));
        }
    }

    #[test]
    fn a_partition_that_went_elsewhere_is_followed_where_that_is_wished() {
        let (life, actions) = follow(&[
            Event::Assigned,
            Event::Restored,
            Event::Revoked,
            Event::Watched,
            Event::Assigned,
        ]);
        assert_eq!((life, &actions[3]), (Life::Restoring, &Action::Cool));
    }

    #[test]
    fn a_damaged_changelog_ends_the_standby_but_not_the_process() {
        let refused = Event::Refused("gaps".to_owned());
        let (life, actions) = follow(&[Event::Watched, refused]);
        assert_eq!(life, Life::Vacant);
        assert_eq!(actions[1], Action::GiveUp("gaps".to_owned()));
    }

    #[test]
    fn a_broken_producer_restores_only_while_the_partition_is_ours() {
        let (life, _) = follow(&[Event::Assigned, Event::Restored, broken()]);
        assert_eq!(life, Life::Restoring);
        let (life, _) = follow(&[Event::Assigned, Event::Restored, broken(), Event::Lost]);
        assert_eq!(life, Life::Vacant);
    }

    #[test]
    fn whatever_comes_after_the_end_changes_nothing() {
        let (life, _) = follow(&[Event::Stop, Event::Assigned, Event::Restored]);
        assert_eq!(life, Life::Ended);
    }
}
