//! What a lane shows of its state now and then: teams, waiting leads, overdue timers; and what
//! it says before it decides many leads again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::assign::{Effects, State, Subject};
use crate::event::Timestamp;
use crate::metrics::{self, Metrics, TeamFigures};
use crate::route::Plans;

/// Scrapes come every few seconds at most, so this is fresh enough.
const EVERY: Duration = Duration::from_secs(1);

/// A look over all teams reads every member's row, a few milliseconds for fifty thousand; a
/// lane spends no more than this fraction of its time on it.
const FRACTION: u32 = 200;

/// When one lane is looked over again, and which teams it shows.
pub struct Survey {
    metrics: Metrics,
    /// Not before this moment.
    next: Option<Instant>,
    shown: BTreeSet<(Box<str>, Box<str>)>,
}

impl Survey {
    pub fn new(metrics: Metrics) -> Self {
        Self {
            metrics,
            next: None,
            shown: BTreeSet::new(),
        }
    }

    /// Looks the state over if it is time again. Call it between two batches, so that nothing
    /// is shown which is not committed.
    pub fn show(&mut self, state: &State, plans: &Plans, lane: &metrics::Lane, now: Timestamp) {
        let began = Instant::now();
        if self.next.is_some_and(|next| began < next) {
            return;
        }
        let waiting = state.waiting();
        lane.waiting(|reason| {
            waiting.get(&reason).map_or((0, 0.0), |&(leads, oldest)| {
                (leads, now.since(oldest).0.max(0) as f64 / 1_000.0)
            })
        });
        lane.timers_due.set(state.overdue(now) as i64);
        self.metrics
            .teams
            .show(&mut self.shown, &teams(state, plans));
        self.next = Some(began + EVERY.max(began.elapsed() * FRACTION));
    }
}

/// A lane that goes takes its teams with it.
impl Drop for Survey {
    fn drop(&mut self) {
        self.metrics.teams.show(&mut self.shown, &[]);
    }
}

fn teams(state: &State, plans: &Plans) -> Vec<TeamFigures> {
    let plans = plans.values().map(|snapshot| &snapshot.plan);
    plans
        .flat_map(|plan| {
            state.teams(plan).into_iter().map(|team| TeamFigures {
                tenant: plan.tenant.clone(),
                team: team.team,
                open: team.open,
                capacity: team.capacity,
                share: team.share.map(|share| (share.present, share.bound)),
            })
        })
        .collect()
}

/// Says how many leads are decided again from now on. Whose they are is in the decisions.
pub fn announce(partition: i32, effects: &Effects) {
    for one in &effects.announcements {
        let (Subject::RepLeft(of) | Subject::RepAway(of) | Subject::Realign(of)) = &one.subject;
        tracing::info!(
            partition,
            tenant = &*one.tenant,
            reason = one.subject.reason().as_str(),
            of = &**of,
            leads = one.leads,
            "leads of this rep or plan are decided again, at most a hundred a second"
        );
    }
}
