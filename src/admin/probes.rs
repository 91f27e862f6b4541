//! `/livez`, `/readyz` and `/metrics`: what an orchestrator and a scraper ask.

use std::fmt::Write as _;

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::metrics::MEDIA_TYPE;

use super::Context;

/// The admin thread runs, and so does the process.
pub async fn live() -> &'static str {
    "ok\n"
}

/// 200 once plans are loaded, the group is joined and every lane assigned here is restored;
/// 503 before and while draining. `?verbose` says which of these is missing.
pub async fn ready(State(context): State<Context>, RawQuery(query): RawQuery) -> impl IntoResponse {
    let checks = context.daemon.board.checks();
    let ready = checks.iter().all(|check| check.missing.is_none());
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let mut text = String::new();
    let asked = |pair: &str| pair == "verbose" || pair.starts_with("verbose=");
    if query.is_some_and(|query| query.split('&').any(asked)) {
        for check in &checks {
            let (sign, why) = match &check.missing {
                None => ("+", "ok"),
                Some(missing) => ("-", missing.as_str()),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "[{sign}] {}: {why}", check.name);
        }
    }
    text.push_str(if ready { "ready\n" } else { "not ready\n" });
    (status, text)
}

/// All metrics in Prometheus' text format.
pub async fn metrics(State(context): State<Context>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, MEDIA_TYPE)],
        context.daemon.metrics.render(),
    )
}
