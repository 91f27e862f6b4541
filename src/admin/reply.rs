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

/// What the framework refuses has our form too.
macro_rules! refused {
    ($($rejection:ty),+) => {
        $(impl From<$rejection> for Refusal {
            fn from(why: $rejection) -> Self {
                Self::new(why.status(), why.body_text())
            }
        })+
    };
}

refused!(
    BytesRejection,
    PathRejection,
    QueryRejection,
    StringRejection
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
