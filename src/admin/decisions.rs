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
struct Shown {
    /// Decisions since the process began.
    seen: u64,
    /// Those of them that were never shown: under load only the newest of each batch are.
    skipped: u64,
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
    let newest = recent.newest(asked.limit.unwrap_or(DEFAULT_LIMIT));
    let raw = newest
        .noted
        .iter()
        .filter_map(|one| RawValue::from_string(one.json.to_string()).ok());
    let shown = Shown {
        seen: newest.seen,
        skipped: newest.skipped,
        decisions: raw.collect(),
    };
    Ok(Json(shown).into_response())
}

/// One `decision` event each; a `skipped` event before it where others were decided that are
/// not shown, and a `missed` event where the reader was too slow, each with their number.
fn events(watch: Receiver<Noted>) -> impl Stream<Item = Result<Event, Infallible>> {
    let counted = |name: &str, number: u64| Event::default().event(name).data(number.to_string());
    stream::unfold((watch, None), move |(mut watch, held)| async move {
        let next = match held {
            Some(one) => Ok(one),
            None => watch.recv().await,
        };
        let (event, held) = match next {
            Ok(one) if one.skipped > 0 => {
                let skipped = counted("skipped", one.skipped);
                (skipped, Some(Noted { skipped: 0, ..one }))
            }
            Ok(one) => (decision(&one), None),
            Err(RecvError::Lagged(missed)) => (counted("missed", missed), None),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), (watch, held)))
    })
}

fn decision(one: &Noted) -> Event {
    let event = Event::default().event("decision");
    event.id(one.number.to_string()).data(&*one.json)
}
