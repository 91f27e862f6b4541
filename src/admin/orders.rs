//! `POST /-/reload` and `POST /-/log-level`: the two things that can be changed over HTTP.

use axum::Json;
use axum::extract::rejection::{QueryRejection, StringRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::board::ReloadReport;

use super::Context;
use super::auth;
use super::reply::Refusal;
use super::tls::Renewal;

/// `?force=true` takes a valid plan even if the guard would refuse it.
#[derive(Debug, Deserialize)]
pub struct ReloadAsked {
    #[serde(default)]
    force: bool,
}

/// Reads the plans again, and the certificates if there are any, and answers when that is
/// done: 200 with the versions now in force, 422 if something was not taken, with the reason.
pub async fn reload(
    State(context): State<Context>,
    asked: Result<Query<ReloadAsked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    auth::permit(context.options.token_file.as_deref(), &headers)?;
    let Query(asked) = asked?;
    let busy = || {
        let sentence = "reloads are waiting already; try again in a moment";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence)
    };
    let waiting = context
        .daemon
        .board
        .order_reload(asked.force)
        .ok_or_else(busy)?;
    let report = waiting.await.map_err(|_| busy())?;
    let mut shown = show(&report);
    let mut good = report.failed.is_empty();
    if let Some(certificates) = &context.certificates {
        let (word, why) = match certificates.renew() {
            Renewal::Unchanged => ("unchanged", None),
            Renewal::Taken => ("taken", None),
            Renewal::Refused(why) => ("refused", Some(why)),
        };
        good &= why.is_none();
        shown["certificates"] = json!({"result": word, "reason": why});
    }
    let status = match good {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, Json(shown)))
}

fn show(report: &ReloadReport) -> Value {
    let changed: Map<String, Value> = report
        .changed
        .iter()
        .map(|(tenant, version)| (tenant.to_string(), json!(version)))
        .collect();
    let failed: Map<String, Value> = report
        .failed
        .iter()
        .map(|(tenant, why)| (tenant.to_string(), json!(why)))
        .collect();
    json!({"changed": changed, "failed": failed})
}

/// Takes the new level as the body: `debug`, or `info,bailiwick::stream=debug`.
pub async fn log_level(
    State(context): State<Context>,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Result<Json<Value>, Refusal> {
    auth::permit(context.options.token_file.as_deref(), &headers)?;
    let body = body?;
    let level = body.trim();
    if level.is_empty() {
        let why = "the body is the new level and it is empty; send one, such as `curl --data debug` \
                   with the token";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, why));
    }
    (context.daemon.set_level)(level).map_err(|why| Refusal::new(StatusCode::BAD_REQUEST, why))?;
    tracing::info!(level, "log level changed");
    Ok(Json(json!({"level": level})))
}
