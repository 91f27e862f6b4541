//! `/api/v1/status`: the daemon at a glance.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use crate::board::{LaneStatus, PlanStatus};
use crate::event::{Outcome, Reason, RejectReason};
use crate::metrics::{Metrics, ReloadResult, TransactionEnd};

use super::Context;

pub async fn status(State(context): State<Context>) -> Json<Value> {
    let board = &context.daemon.board;
    let checks = board.checks();
    let missing: Map<String, Value> = checks
        .iter()
        .filter_map(|check| Some((check.name.to_owned(), json!(check.missing.as_ref()?))))
        .collect();
    let lanes: Vec<Value> = board
        .lane_statuses()
        .iter()
        .map(|(at, one)| lane(*at, one))
        .collect();
    let plans: Vec<Value> = board
        .plan_statuses()
        .iter()
        .map(|(tenant, one)| plan(tenant, one))
        .collect();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "group": context.daemon.group,
        "phase": board.phase().as_str(),
        "ready": missing.is_empty(),
        "missing": missing,
        "uptime_seconds": context.started.elapsed().as_secs(),
        "plans": plans,
        "lanes": lanes,
        "counts": counts(&context.daemon.metrics),
    }))
}

/// How one tenant's plan stands.
pub fn plan(tenant: &str, status: &PlanStatus) -> Value {
    json!({
        "tenant": tenant,
        "version": status.version,
        "since": status.since.map(|at| at.to_string()),
        "warnings": status.warnings,
        "failure": status.failure,
    })
}

fn lane(partition: i32, status: &LaneStatus) -> Value {
    json!({
        "partition": partition,
        "state": status.state.as_str(),
        "restore": status.restore.map(|one| json!({
            "rows": one.rows, "position": one.next, "end": one.end,
        })),
        "seq": status.seq,
        "open_leads": status.open_leads,
        "waiting_leads": status.waiting_leads,
        "rows": status.rows,
        "clock": status.clock.map(|at| at.to_string()),
    })
}

/// What happened since the process began.
fn counts(metrics: &Metrics) -> Value {
    let decided = &metrics.decisions;
    let outcomes: Map<String, Value> = Outcome::ALL
        .iter()
        .map(|&outcome| {
            let count: u64 = Reason::ALL
                .iter()
                .map(|&one| decided.count(outcome, one))
                .sum();
            (outcome.as_str().to_owned(), json!(count))
        })
        .collect();
    let deadletters: Map<String, Value> = RejectReason::ALL
        .iter()
        .map(|&reason| {
            (
                reason.as_str().to_owned(),
                json!(decided.rejected_so_far(reason)),
            )
        })
        .collect();
    json!({
        "leads_read": decided.leads_read.get(),
        "activity_read": decided.activity_read.get(),
        "decisions": outcomes,
        "redeliveries": decided.redeliveries.get(),
        "state_changes": decided.state_changes.get(),
        "forwards": decided.forwards.get(),
        "deadletters": deadletters,
        "transactions": {
            "committed": metrics.lanes.ended_so_far(TransactionEnd::Committed),
            "aborted": metrics.lanes.ended_so_far(TransactionEnd::Aborted),
            "unknown": metrics.lanes.ended_so_far(TransactionEnd::Unknown),
        },
        "plan_reloads": {
            "changed": metrics.plans.reloads_so_far(ReloadResult::Changed),
            "unchanged": metrics.plans.reloads_so_far(ReloadResult::Unchanged),
            "broken": metrics.plans.reloads_so_far(ReloadResult::Broken),
            "refused": metrics.plans.reloads_so_far(ReloadResult::Refused),
        },
    })
}
