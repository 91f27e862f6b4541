//! What became of records and leads.

use prometheus::{Histogram, IntCounter};

use crate::assign::Effects;
use crate::event::{Decision, Outcome, Reason, RejectReason};

use super::Bounds;
use super::bounded::{Bounded, NONE};
use super::register::Register;
use super::timers::Timers;
use super::walks::Walks;

/// From a lead's creation to its decision: from milliseconds of a live stream to days of a
/// backlog that is worked off.
const DELAY_SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 3_600.0, 21_600.0, 86_400.0,
];

/// Counters of records and decisions.
pub struct Decisions {
    /// Input records by topic role, in the order leads, activity.
    pub leads_read: IntCounter,
    pub activity_read: IntCounter,
    /// Records of a known revision: no decision.
    pub redeliveries: IntCounter,
    /// Activity that changed state without a decision.
    pub state_changes: IntCounter,
    /// Records sent on to their tenant's home partition.
    pub forwards: IntCounter,
    /// Activity that had no effect in its lead's present stage.
    pub idle_activity: IntCounter,
    /// Coordinates out of range or 0/0, treated as absent.
    pub invalid_positions: IntCounter,
    /// Fields of a wrong type, treated as absent.
    pub ignored_fields: IntCounter,
    by_reason: Vec<IntCounter>,
    rejects: Vec<IntCounter>,
    timers: Timers,
    walks: Walks,
    delay: Histogram,
    territories: Bounded,
    overlays: Bounded,
    teams: Bounded,
}

/// The names of one tenant's plan that have series of their own.
#[derive(Clone, Debug, Default)]
pub struct PlanNames<'p> {
    pub territories: Vec<&'p str>,
    pub overlays: Vec<&'p str>,
    pub teams: Vec<&'p str>,
}

impl Decisions {
    pub(super) fn new(register: &Register<'_>, bounds: Bounds) -> Self {
        let read = register.closed(
            "bailiwick_records_total",
            "Input records taken in committed batches, by topic.",
            "topic",
            &["leads", "activity"],
        );
        Self {
            leads_read: read[0].clone(),
            activity_read: read[1].clone(),
            redeliveries: register.counter(
                "bailiwick_redeliveries_total",
                "Leads of a revision already decided; they cause no decision.",
            ),
            state_changes: register.counter(
                "bailiwick_state_changes_total",
                "Activity records that changed state without causing a decision.",
            ),
            forwards: register.counter(
                "bailiwick_forwards_total",
                "Records sent on to the partition where their tenant is decided.",
            ),
            idle_activity: register.counter(
                "bailiwick_idle_activity_total",
                "Activity records that had no effect in their lead's present stage.",
            ),
            invalid_positions: register.counter(
                "bailiwick_invalid_positions_total",
                "Leads whose coordinates are out of range or 0/0 and were treated as absent.",
            ),
            ignored_fields: register.counter(
                "bailiwick_ignored_fields_total",
                "Fields of leads that had a wrong type and were treated as absent.",
            ),
            timers: Timers::new(register),
            walks: Walks::new(register),
            by_reason: by_reason(register),
            rejects: register.closed(
                "bailiwick_deadletters_total",
                "Records that could not be decided and went to the dead-letter topic, by reason.",
                "reason",
                &RejectReason::ALL
                    .iter()
                    .map(|one| one.as_str())
                    .collect::<Vec<_>>(),
            ),
            delay: register.histogram(
                "bailiwick_decision_delay_seconds",
                "Time from a lead's creation to its first decision.",
                &DELAY_SECONDS,
            ),
            territories: Bounded::territories(register, bounds),
            overlays: Bounded::overlays(register, bounds),
            teams: Bounded::teams(register, bounds),
        }
    }

    /// Shows every name of a tenant's plan from the start, and none that it has no longer.
    pub fn announce(&self, tenant: &str, names: &PlanNames<'_>) {
        self.territories
            .announce(tenant, names.territories.iter().copied());
        self.overlays
            .announce(tenant, names.overlays.iter().copied());
        self.teams.announce(tenant, names.teams.iter().copied());
    }

    /// Removes the series of a tenant that has no plan any more.
    pub fn forget(&self, tenant: &str) {
        for family in [&self.territories, &self.overlays, &self.teams] {
            family.forget(tenant);
        }
    }

    /// Counts what one committed batch did to leads: decisions, timers, idle activity and
    /// deadlines missed without a consequence. What became of records, redeliveries among
    /// them, is counted where records are: see the public counters.
    pub fn observe(&self, effects: &Effects) {
        let counts = &effects.counts;
        self.decided(&effects.decisions);
        self.idle_activity.inc_by(counts.idle);
        self.timers.observe(counts);
        self.walks.observe(effects);
    }

    /// Counts the decisions of one committed batch.
    pub fn decided(&self, decisions: &[Decision]) {
        for decision in decisions {
            self.by_reason[place(decision.outcome, decision.reason)].inc();
            if decision.cause.is_none() {
                let delay = decision.decided_at.since(decision.lead_at).0.max(0);
                self.delay.observe(delay as f64 / 1_000.0);
            }
        }
        self.territories.count(decisions.iter().map(|one| {
            let territory = one.territory.as_deref().unwrap_or(NONE);
            (&*one.tenant, territory)
        }));
        self.overlays.count(decisions.iter().flat_map(|one| {
            let tenant = &*one.tenant;
            one.overlays
                .iter()
                .map(move |overlay| (tenant, &*overlay.territory))
        }));
        let assigned = decisions
            .iter()
            .filter(|one| one.outcome == Outcome::Assigned);
        self.teams
            .count(assigned.map(|one| (&*one.tenant, one.team.as_deref().unwrap_or(NONE))));
    }

    /// Counts one dead letter.
    pub fn rejected(&self, reason: RejectReason) {
        self.rejects[reason as usize].inc();
    }

    /// Decisions of one outcome and reason so far, for views and tests.
    pub fn count(&self, outcome: Outcome, reason: Reason) -> u64 {
        self.by_reason[place(outcome, reason)].get()
    }

    /// All decisions so far.
    pub fn total(&self) -> u64 {
        self.by_reason.iter().map(IntCounter::get).sum()
    }

    /// Dead letters of one reason so far.
    pub fn rejected_so_far(&self, reason: RejectReason) -> u64 {
        self.rejects[reason as usize].get()
    }
}

fn by_reason(register: &Register<'_>) -> Vec<IntCounter> {
    let family = register.counters(
        "bailiwick_decisions_total",
        "Decisions by outcome and reason.",
        &["outcome", "reason"],
    );
    let outcomes = Outcome::ALL.iter();
    let pairs = outcomes.flat_map(|outcome| Reason::ALL.iter().map(move |one| (outcome, one)));
    pairs
        .map(|(outcome, reason)| family.with_label_values(&[outcome.as_str(), reason.as_str()]))
        .collect()
}

/// Where the counter of a pair stands: the lists' order is that of their discriminants.
fn place(outcome: Outcome, reason: Reason) -> usize {
    outcome as usize * Reason::ALL.len() + reason as usize
}
