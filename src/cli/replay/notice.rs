//! What there is to say of activity that was understood and may still not do what was meant.

use crate::event::ActivityKind;
use crate::plan::Plan;

/// A sentence on activity that names nobody of the plan, or that had no effect.
pub fn of(plan: &Plan, kind: &ActivityKind<'_>, idle: bool) -> Option<String> {
    let rep = rep(kind).filter(|id| plan.rep_by_id(id).is_none());
    let pool = pool(kind).filter(|id| plan.pool_by_id(id).is_none());
    match (rep, pool) {
        (Some(rep), _) => Some(format!("the plan has no rep `{rep}`{}", ending(idle))),
        (None, Some(pool)) => Some(format!("the plan has no pool `{pool}`{}", ending(idle))),
        (None, None) => idle
            .then(|| "no effect: the lead is in another stage, or another rep holds it".to_owned()),
    }
}

fn ending(idle: bool) -> &'static str {
    if idle {
        ", so that this had no effect"
    } else {
        ""
    }
}

/// The rep that the activity is of.
fn rep<'a>(kind: &'a ActivityKind<'_>) -> Option<&'a str> {
    match kind {
        ActivityKind::Claimed { rep, .. }
        | ActivityKind::Transferred { rep, .. }
        | ActivityKind::RepStatus { rep, .. } => Some(rep),
        ActivityKind::Accepted { rep, .. }
        | ActivityKind::Declined { rep, .. }
        | ActivityKind::Touched { rep, .. }
        | ActivityKind::Released { rep, .. }
        | ActivityKind::AccountOwned { rep, .. }
        | ActivityKind::OpportunityStaged { rep, .. }
        | ActivityKind::OrderBooked { rep, .. }
        | ActivityKind::InvoiceIssued { rep, .. }
        | ActivityKind::PaymentReceived { rep, .. }
        | ActivityKind::VisitLogged { rep, .. } => rep.as_deref(),
        ActivityKind::Closed { .. }
        | ActivityKind::Merged { .. }
        | ActivityKind::Withdrawn { .. } => None,
    }
}

/// The pool that the activity names.
fn pool<'a>(kind: &'a ActivityKind<'_>) -> Option<&'a str> {
    match kind {
        ActivityKind::Claimed { pool, .. } | ActivityKind::Released { pool, .. } => pool.as_deref(),
        _ => None,
    }
}
