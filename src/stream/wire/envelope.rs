//! What CloudEvents say about an event outside its data: binary headers or a structured object.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::event::{RejectReason, Text};

use super::decode::Reject;
use super::payload::is_no_list;
use super::record::Headers;
use super::value::Value;

/// The attributes that matter here; each may be missing.
#[derive(Debug, Default)]
pub(super) struct Attributes<'a> {
    pub kind: Option<Text<'a>>,
    pub id: Option<Text<'a>>,
    pub time: Option<Text<'a>>,
    pub tenant: Option<Text<'a>>,
}

/// How a record's value is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The value is the event's data; attributes, if any, are headers.
    Plain,
    /// The value is a CloudEvent with its data inside.
    Structured,
}

/// Which of a CloudEvent's own fields an object has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    pub specversion: bool,
    pub data: bool,
}

impl Marks {
    /// A structured CloudEvent that came without its content type, as many producers send them.
    pub fn is_unlabelled(self, mode: Mode) -> bool {
        mode == Mode::Plain && self.specversion && self.data
    }
}

/// Reads the mode off the content type; other formats than JSON are refused by name.
pub(super) fn mode(headers: &Headers<'_>) -> Result<Mode, Reject> {
    let Some(content_type) = text(headers, "content-type")? else {
        return Ok(Mode::Plain);
    };
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/cloudevents+json") {
        return Ok(Mode::Structured);
    }
    let lower = media.to_ascii_lowercase();
    let foreign = ["avro", "protobuf", "cloudevents-batch", "xml"];
    if let Some(name) = foreign.iter().find(|name| lower.contains(**name)) {
        return Err(Reject::new(
            RejectReason::UnsupportedSchema,
            format!("the content type {name} is not read here; send JSON"),
        ));
    }
    Ok(Mode::Plain)
}

/// The attributes in `ce_*` headers.
pub(super) fn from_headers<'a>(headers: &Headers<'a>) -> Result<Attributes<'a>, Reject> {
    if headers.list.is_empty() {
        return Ok(Attributes::default());
    }
    if let Some(version) = text(headers, "ce_specversion")? {
        check_version(version)?;
    }
    let named = |name| Ok(text(headers, name)?.map(Text::Borrowed));
    Ok(Attributes {
        kind: named("ce_type")?,
        id: named("ce_id")?,
        time: named("ce_time")?,
        tenant: named("ce_tenant")?,
    })
}

fn text<'a>(headers: &Headers<'a>, name: &str) -> Result<Option<&'a str>, Reject> {
    let Some(bytes) = headers.get(name) else {
        return Ok(None);
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(Reject::new(
            RejectReason::BadEncoding,
            format!("header {name} is not UTF-8"),
        )),
    }
}

fn check_version(version: &str) -> Result<(), Reject> {
    if version == "1.0" {
        return Ok(());
    }
    // What is no version at all is not repeated: it may be anything.
    let is_version =
        version.len() <= 8 && version.bytes().all(|one| matches!(one, b'0'..=b'9' | b'.'));
    let named = if is_version {
        version
    } else {
        "of this version"
    };
    Err(Reject::new(
        RejectReason::UnsupportedSchema,
        format!("CloudEvents {named} is not read here; send 1.0"),
    ))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    specversion: Value<'a>,
    #[serde(borrow, rename = "type")]
    kind: Value<'a>,
    #[serde(borrow)]
    id: Value<'a>,
    #[serde(borrow)]
    time: Value<'a>,
    #[serde(borrow)]
    tenant: Value<'a>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    data_base64: Value<'a>,
}

/// Opens a structured CloudEvent: its attributes and its data's JSON.
pub(super) fn open(json: &str) -> Result<(Attributes<'_>, &str), Reject> {
    is_no_list(json)?;
    let envelope: Envelope<'_> = serde_json::from_str(json).map_err(Reject::json)?;
    if let Value::Text(version) = &envelope.specversion {
        check_version(version)?;
    }
    if envelope.data_base64 != Value::Null {
        let message = "data_base64 is not read here; send data as JSON";
        return Err(Reject::new(
            RejectReason::UnsupportedSchema,
            message.to_owned(),
        ));
    }
    let Some(data) = envelope.data else {
        let message = "the CloudEvent has no data".to_owned();
        return Err(Reject::new(RejectReason::BadJson, message));
    };
    let attributes = Attributes {
        kind: word(envelope.kind, "type")?,
        id: word(envelope.id, "id")?,
        time: word(envelope.time, "time")?,
        tenant: word(envelope.tenant, "tenant")?,
    };
    Ok((attributes, data.get()))
}

fn word<'a>(value: Value<'a>, name: &str) -> Result<Option<Text<'a>>, Reject> {
    match value {
        Value::Text(text) => Ok(Some(text)),
        Value::Null => Ok(None),
        other => Err(Reject::wrong_type(name, "a text", other.kind())),
    }
}
