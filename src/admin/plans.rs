//! `/api/v1/plan`, `/territories` and `/reps`: the plans in force.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::event::RepStatus;
use crate::plan::{Limits, Member, Plan, Rep, RepIx, Team, Territory};
use crate::route::{Plans, Snapshot};

use super::Context;
use super::reply::Refusal;
use super::status;

/// `?tenant=…`; without it the answer covers every tenant.
#[derive(Debug, Deserialize)]
pub struct Asked {
    tenant: Option<String>,
}

pub async fn plans(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(asked) = asked?;
    let statuses = context.daemon.board.plan_statuses();
    let chosen = choose(&context.daemon.plans.load(), &asked)?;
    let list = chosen.iter().map(|snapshot| {
        let plan = &snapshot.plan;
        let mut shown = statuses.get(&plan.tenant).map_or_else(
            || json!({"tenant": plan.tenant, "version": plan.version}),
            |one| status::plan(&plan.tenant, one),
        );
        shown["territories"] = json!(plan.territories.len());
        shown["teams"] = plan.teams.iter().map(|one| team(plan, one)).collect();
        shown["reps"] = json!(plan.reps.len());
        shown["pools"] = plan.pools.iter().map(|pool| json!(pool.id)).collect();
        shown["accounts"] = json!(plan.accounts.len());
        shown["timezone"] = json!(plan.timezone.iana_name());
        shown
    });
    Ok(Json(json!({"plans": list.collect::<Vec<_>>()})))
}

pub async fn territories(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(asked) = asked?;
    let chosen = choose(&context.daemon.plans.load(), &asked)?;
    let list = chosen.iter().flat_map(|snapshot| {
        let plan = &snapshot.plan;
        plan.territories.iter().map(|one| territory(plan, one))
    });
    Ok(Json(json!({"territories": list.collect::<Vec<_>>()})))
}

pub async fn reps(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(asked) = asked?;
    let chosen = choose(&context.daemon.plans.load(), &asked)?;
    let list = chosen.iter().flat_map(|snapshot| {
        let plan = &snapshot.plan;
        plan.reps
            .iter()
            .enumerate()
            .map(|(at, one)| rep(plan, RepIx(at as u32), one))
    });
    Ok(Json(json!({"reps": list.collect::<Vec<_>>()})))
}

fn choose(plans: &Plans, asked: &Asked) -> Result<Vec<Arc<Snapshot>>, Refusal> {
    let Some(tenant) = &asked.tenant else {
        return Ok(plans.values().cloned().collect());
    };
    let found = plans.get(tenant.as_str()).cloned();
    found.map(|one| vec![one]).ok_or_else(|| {
        let sentence = format!("no plan for tenant `{tenant}`; /api/v1/plan lists those there are");
        Refusal::new(StatusCode::NOT_FOUND, sentence)
    })
}

fn team(plan: &Plan, team: &Team) -> Value {
    let members = team.members.iter().map(|Member { rep, weight_milli }| {
        json!({"rep": plan.reps[rep.at()].id, "weight": f64::from(*weight_milli) / 1_000.0})
    });
    json!({"team": team.id, "name": team.name, "members": members.collect::<Vec<_>>()})
}

fn territory(plan: &Plan, one: &Territory) -> Value {
    json!({
        "tenant": plan.tenant,
        "territory": one.id,
        "name": one.name,
        "parent": one.parent.map(|parent| &plan.territory(parent).id),
        "overlay": one.overlay,
        "priority": one.priority,
        "team": one.serving_team.map(|team| &plan.teams[team.at()].id),
        "effective_from": one.effective_from.map(|at| at.to_string()),
        "target": one.target.as_ref().map(|goal| json!({
            "revenue": goal.revenue,
            "new_customers": goal.new_customers,
            "period": goal.period,
        })),
        "resources": one.resources,
    })
}

fn rep(plan: &Plan, at: RepIx, one: &Rep) -> Value {
    let teams = plan
        .teams
        .iter()
        .filter(|team| team.members.iter().any(|member| member.rep == at));
    let Limits { open, per_day } = one.limits;
    json!({
        "tenant": plan.tenant,
        "rep": one.id,
        "name": one.name,
        "teams": teams.map(|team| &team.id).collect::<Vec<_>>(),
        "status": match one.status {
            RepStatus::Active => "active",
            RepStatus::Away { .. } => "away",
            RepStatus::Left => "left",
        },
        "open_max": open,
        "per_day_max": per_day,
        "attributes": one.attributes,
    })
}
