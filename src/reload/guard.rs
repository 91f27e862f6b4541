//! The guard: refuses a valid plan that looks like an accident.

use std::collections::BTreeSet;

use crate::event::{Lead, Timestamp};
use crate::plan::{Plan, Rep};
use crate::route::Snapshot;

/// Fewer leads than these say nothing about a plan.
const FEWEST_LEADS: usize = 20;

/// Bounds on what a reload may do to leads and reps.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// The share of recent leads that may lose their territory, 0 to 1.
    pub unrouted: f64,
    /// The share of reps that may go, 0 to 1.
    pub reps: f64,
}

impl Guard {
    /// What speaks against the new plan, in a sentence with the remedy. Trying the leads also
    /// touches the new plan's pages before a lane does.
    pub fn objection(
        &self,
        old: &Snapshot,
        new: &Snapshot,
        leads: &[Lead<'_>],
        now: Timestamp,
    ) -> Option<String> {
        let by_leads = self.lost_leads(old, new, leads, now);
        by_leads.or_else(|| self.lost_reps(&old.plan, &new.plan))
    }

    fn lost_leads(
        &self,
        old: &Snapshot,
        new: &Snapshot,
        leads: &[Lead<'_>],
        now: Timestamp,
    ) -> Option<String> {
        let routed = leads.iter().filter(|lead| has_territory(old, lead, now));
        let routed: Vec<&Lead<'_>> = routed.collect();
        let lost = routed
            .iter()
            .filter(|lead| !has_territory(new, lead, now))
            .count();
        let many = lost as f64 > self.unrouted * routed.len() as f64;
        (many && routed.len() >= FEWEST_LEADS).then(|| {
            format!(
                "{lost} of {} recent leads would lose their territory, more than plans.guard_unrouted = {} allows; \
                 force the reload if that is meant",
                routed.len(),
                self.unrouted
            )
        })
    }

    fn lost_reps(&self, old: &Plan, new: &Plan) -> Option<String> {
        let kept: BTreeSet<&str> = new.reps.iter().map(|rep| &*rep.id).collect();
        let lost = old
            .reps
            .iter()
            .filter(|Rep { id, .. }| !kept.contains(&**id))
            .count();
        let many = lost as f64 > self.reps * old.reps.len() as f64;
        many.then(|| {
            format!(
                "{lost} of {} reps would go, more than plans.guard_reps = {} allows; \
                 force the reload if that is meant",
                old.reps.len(),
                self.reps
            )
        })
    }
}

fn has_territory(snapshot: &Snapshot, lead: &Lead<'_>, now: Timestamp) -> bool {
    let facts = snapshot.normaliser.facts(&snapshot.plan, lead);
    let candidates = snapshot.router.route(&snapshot.plan, &facts, now);
    candidates.territory.is_some()
}
