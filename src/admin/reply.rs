//! Answers: JSON, and errors that say what to do.

use axum::Json;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection, StringRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error with its status and a sentence.
#[derive(Debug)]
pub struct Refusal(pub StatusCode, pub String);

impl Refusal {
    pub fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self(status, sentence.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

/// What the framework refuses has our form too, and a remedy.
macro_rules! refused {
    ($($rejection:ty => $remedy:expr),+ $(,)?) => {
        $(impl From<$rejection> for Refusal {
            fn from(why: $rejection) -> Self {
                let (status, text) = (why.status(), why.body_text());
                match status {
                    StatusCode::PAYLOAD_TOO_LARGE => Self::new(status, TOO_LONG),
                    _ => Self::new(status, format!("{text}; {}", $remedy)),
                }
            }
        })+
    };
}

const TOO_LONG: &str = "the body is longer than what is taken here: limits.record_bytes for a \
                        lead to explain, http.body_bytes for everything else";

refused!(
    BytesRejection => "the connection may have ended before the body did, so send it again",
    StringRejection => "the body is a text in UTF-8",
    PathRejection => "tenant and id are percent-encoded UTF-8",
    QueryRejection => "as in ?limit=20, ?force=true or ?tenant=acme",
);

/// Any path that is not ours.
pub async fn unknown_path() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "no such path; there are /livez, /readyz, /metrics, /api/v1/{status,plan,territories,\
         reps,leads/{tenant}/{id},decisions,explain}, /-/reload and /-/log-level",
    )
}

/// A path that is ours, asked in another way.
pub async fn wrong_method() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path takes another method; the Allow header names it",
    )
}
