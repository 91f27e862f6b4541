//! `/api/v1/leads/{tenant}/{id}`: who owns a lead, and how it came to that.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::board::{LeadView, Unanswered};
use crate::event::{Reason, Timestamp};

use super::Context;
use super::reply::Refusal;

/// A lane looks into its mailbox every 100 ms and works on a batch for less than a second.
const PATIENCE: Duration = Duration::from_secs(2);

pub async fn lead(
    State(context): State<Context>,
    named: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Value>, Refusal> {
    let Path((tenant, id)) = named?;
    match context.daemon.board.lead(&tenant, &id, PATIENCE).await {
        Ok(Some((partition, view))) => Ok(Json(show(&tenant, &id, partition, &view))),
        Ok(None) => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "this instance knows no such lead; another instance may hold its lane",
        )),
        Err(Unanswered::NoLanes) => Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no lane is assigned to this instance; ask another one",
        )),
        Err(Unanswered::Busy) => Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the lanes are too busy to answer; try again",
        )),
    }
}

fn show(tenant: &str, id: &str, partition: i32, view: &LeadView) -> Value {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let touches = view
        .history
        .touches
        .iter()
        .map(|(at, kind, rep)| json!({"at": at.to_string(), "kind": kind, "rep": rep}));
    json!({
        "tenant": tenant,
        "lead": id,
        "partition": partition,
        "revision": view.revision,
        "status": view.status,
        "reason": view.reason.map(Reason::as_str),
        "territory": view.territory,
        "team": view.team,
        "rep": view.rep,
        "pool": view.pool,
        "duplicate_of": view.duplicate_of,
        "attempt": view.attempt,
        "seq": view.seq,
        "due": {
            "accept_by": moment(view.due.accept_by),
            "touch_by": moment(view.due.touch_by),
        },
        "lead_at": moment(view.lead_at),
        "decided_at": moment(view.decided_at),
        "history": {
            "owners": view.history.owners,
            "touches": touches.collect::<Vec<_>>(),
            "stage": view.history.stage,
            "open_value": view.history.open_value,
        },
    })
}
