//! `POST /api/v1/explain`: where a lead would fall, and why. It changes nothing.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;

use crate::config::PersonalData;
use crate::event::{DEFAULT_TENANT, RejectReason, Timestamp};

use super::Context;
use super::explanation::Explanation;
use super::reply::Refusal;

/// Takes a lead as it would be on the topic. Personal data in the answer is masked unless
/// the settings show it.
pub async fn explain(
    State(context): State<Context>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Explanation>, Refusal> {
    let body = body?;
    let daemon = &context.daemon;
    let lead = daemon
        .reader
        .read(&body, DEFAULT_TENANT)
        .map_err(|reject| {
            let sentence = format!(
                "{}: {}. Send one lead as it would be on its topic, such as {{\"id\": \"L-1\"}}; \
                 `bailiwick schema lead` has all fields",
                reject.reason.as_str(),
                reject.message
            );
            let status = match reject.reason {
                RejectReason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::BAD_REQUEST,
            };
            Refusal::new(status, sentence)
        })?;
    let plans = daemon.plans.load();
    let snapshot = plans.get(&*lead.tenant).ok_or_else(|| {
        let sentence = format!(
            "unknown_tenant: no plan for tenant `{}`; a lead names its tenant in the field \
             `tenant`, and /api/v1/plan lists those there are",
            lead.tenant
        );
        Refusal::new(StatusCode::NOT_FOUND, sentence)
    })?;
    let now = Timestamp(jiff::Timestamp::now().as_millisecond());
    let explanation = Explanation::of(snapshot, &lead, now)
        .with_written(|field| daemon.reader.written(&body, field));
    Ok(Json(match context.options.personal_data {
        PersonalData::Masked => explanation.masked(),
        PersonalData::Shown => explanation,
    }))
}
