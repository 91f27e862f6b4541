//! What there is to say of records that were understood and may still not do what was meant.

use crate::assign::LeadView;
use crate::event::{ActivityKind, Lead, Reason};
use crate::plan::Plan;

/// A lead of a revision that was decided before.
pub fn of_lead(lead: &Lead<'_>) -> String {
    format!(
        "no effect: lead `{}` came before; what changes it needs a `revision` above {}",
        lead.id, lead.revision
    )
}

/// Activity that was applied before.
pub fn of_known_event() -> String {
    "no effect: an event of this `id` came before".to_owned()
}

/// A sentence on activity that names nobody of the plan, or that had no effect. `find` looks
/// a lead up as it is now.
pub fn of(
    plan: &Plan,
    kind: &ActivityKind<'_>,
    idle: bool,
    find: &dyn Fn(&str) -> Option<LeadView>,
) -> Option<String> {
    let rep = rep(kind).filter(|id| plan.rep_by_id(id).is_none());
    let pool = pool(kind).filter(|id| plan.pool_by_id(id).is_none());
    match (rep, pool) {
        (Some(rep), _) => Some(format!("the plan has no rep `{rep}`{}", ending(idle))),
        (None, Some(pool)) => Some(format!("the plan has no pool `{pool}`{}", ending(idle))),
        (None, None) => idle.then(|| format!("no effect: {}", why(kind, find))),
    }
}

fn ending(idle: bool) -> &'static str {
    if idle {
        ", so that this had no effect"
    } else {
        ""
    }
}

/// Why activity of a known lead changed nothing.
fn why(kind: &ActivityKind<'_>, find: &dyn Fn(&str) -> Option<LeadView>) -> String {
    let Some((id, lead)) = kind.lead().and_then(|id| Some((id, find(id)?))) else {
        return "its lead is no longer known".to_owned();
    };
    let reason = lead.reason.map_or("", Reason::as_str);
    match (lead.stage, kind) {
        ("closed", _) => format!("lead `{id}` was closed before ({reason})"),
        (_, ActivityKind::Merged { into, .. }) if **into == *id => {
            "a lead cannot be merged into itself".to_owned()
        }
        (_, ActivityKind::Merged { into, .. }) => {
            format!("lead `{into}` was itself merged into another before")
        }
        ("duplicate", _) => {
            let first = lead.duplicate_of.as_deref().unwrap_or_default();
            format!("lead `{id}` is a duplicate of `{first}`, which is the one to name")
        }
        (_, ActivityKind::Transferred { rep, .. }) if lead.rep.as_deref() == Some(&**rep) => {
            format!("`{rep}` holds lead `{id}` already")
        }
        (_, ActivityKind::Transferred { rep, .. }) => format!("`{rep}` has left"),
        ("pooled", _) => {
            let pool = lead.pool.as_deref().unwrap_or_default();
            format!("lead `{id}` lies in pool `{pool}` and nobody holds it")
        }
        ("unassigned", _) => format!("lead `{id}` waits and nobody holds it ({reason})"),
        _ => {
            let holder = lead.rep.as_deref().unwrap_or_default();
            let other = rep(kind).unwrap_or_default();
            format!("`{holder}` holds lead `{id}`, not `{other}`")
        }
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
