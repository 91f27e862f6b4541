//! `/api/v1/decisions`: decisions of late, or as they are committed.

use std::convert::Infallible;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::board::Noted;

use super::Context;
use super::reply::Refusal;

/// How many are shown without `?limit=…`.
const DEFAULT_LIMIT: usize = 100;

#[derive(Debug, Deserialize)]
pub struct Asked {
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Newest {
    /// Decisions since the process began; under load only the newest of each batch are kept.
    seen: u64,
    /// Newest first, as on the output topic.
    decisions: Vec<Box<RawValue>>,
}

/// The newest decisions; with `Accept: text/event-stream` each as it is committed.
pub async fn decisions(
    State(context): State<Context>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Query(asked) = asked?;
    let recent = context.daemon.board.recent();
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    if accept.contains("text/event-stream") {
        let events = Sse::new(events(recent.watch()));
        return Ok(events.keep_alive(KeepAlive::default()).into_response());
    }
    let (noted, seen) = recent.newest(asked.limit.unwrap_or(DEFAULT_LIMIT));
    let raw = noted
        .iter()
        .filter_map(|one| RawValue::from_string(one.json.to_string()).ok());
    let decisions = raw.collect();
    Ok(Json(Newest { seen, decisions }).into_response())
}

/// One `decision` event each; a `missed` event where the reader was too slow.
fn events(watch: Receiver<Noted>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(watch, |mut watch| async move {
        let event = match watch.recv().await {
            Ok(one) => Event::default()
                .event("decision")
                .id(one.number.to_string())
                .data(&*one.json),
            Err(RecvError::Lagged(missed)) => {
                Event::default().event("missed").data(missed.to_string())
            }
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), watch))
    })
}
