//! Spans as OTLP's JSON has them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// OTLP's number for a span that takes messages from a queue.
pub const CONSUMER: u8 = 5;
/// OTLP's number for a span inside another.
pub const INTERNAL: u8 = 1;

/// A finished span.
#[derive(Clone, Debug)]
pub struct Span {
    pub trace: u128,
    pub id: u64,
    pub parent: Option<u64>,
    /// A span of another trace that this one has to do with.
    pub link: Option<(u128, u64)>,
    pub name: &'static str,
    pub kind: u8,
    pub start: SystemTime,
    pub end: SystemTime,
    pub attributes: Vec<(&'static str, Attribute)>,
}

/// An attribute's value.
#[derive(Clone, Debug)]
pub enum Attribute {
    Text(Box<str>),
    Number(i64),
}

impl Attribute {
    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!({"stringValue": text}),
            // The format's 64-bit numbers are texts.
            Self::Number(number) => json!({"intValue": number.to_string()}),
        }
    }
}

/// Attributes as the format lists them.
pub fn attributes(list: &[(&'static str, Attribute)]) -> Value {
    let one = |(key, value): &(&'static str, Attribute)| json!({"key": key, "value": value.json()});
    list.iter().map(one).collect()
}

impl Span {
    pub fn json(&self) -> Value {
        let mut span = json!({
            "traceId": trace(self.trace),
            "spanId": id(self.id),
            "name": self.name,
            "kind": self.kind,
            "startTimeUnixNano": nanos(self.start),
            "endTimeUnixNano": nanos(self.end),
            "attributes": attributes(&self.attributes),
        });
        if let Some(parent) = self.parent {
            span["parentSpanId"] = json!(id(parent));
        }
        if let Some((of, linked)) = self.link {
            span["links"] = json!([{"traceId": trace(of), "spanId": id(linked)}]);
        }
        span
    }
}

fn trace(number: u128) -> String {
    format!("{number:032x}")
}

fn id(number: u64) -> String {
    format!("{number:016x}")
}

fn nanos(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos().to_string()
}
