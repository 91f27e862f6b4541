//! Plans as a step reads them: which were used, and what a lead is under one.

use std::sync::Arc;

use crate::assign::Book;
use crate::event::{Lead, Timestamp};
use crate::plan::{Candidates, Facts, Plan};
use crate::route::{Plans, Snapshot};
use crate::stream::wire::BatchRecord;

/// The tenant's plan, noted in the batch's record as one that was used.
pub(super) fn find<'p>(
    plans: &'p Plans,
    batch: &mut BatchRecord,
    tenant: &str,
) -> Option<&'p Arc<Snapshot>> {
    let snapshot = plans.get(tenant)?;
    note(batch, &snapshot.plan);
    Some(snapshot)
}

pub(super) fn note(batch: &mut BatchRecord, plan: &Plan) {
    if !batch.plans.contains_key(&plan.tenant) {
        batch
            .plans
            .insert(plan.tenant.clone(), plan.version.clone());
    }
}

/// How the state reads a lead under a plan.
pub(super) struct Reading<'s>(pub &'s Snapshot);

impl Book for Reading<'_> {
    fn plan(&self) -> &Plan {
        &self.0.plan
    }

    fn read<'l>(&'l self, lead: &'l Lead<'l>, now: Timestamp) -> (Facts<'l>, Candidates) {
        let facts = self.0.normaliser.needed_facts(&self.0.plan, lead);
        let candidates = self.0.router.route(&self.0.plan, &facts, now);
        (facts, candidates)
    }
}
