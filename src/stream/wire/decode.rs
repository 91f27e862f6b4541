//! From a record's bytes to an event, or to the reason why there is none.

use std::mem::take;

use serde::Deserialize;

use crate::event::{
    Activity, ActivityKind, DEFAULT_TENANT, Lead, RejectReason, Text, Timestamp, TopicRole,
};

use super::activity::ActivityFields;
use super::envelope::{self, Attributes, Mode};
use super::lead::LeadFields;
use super::mapping::{FieldMap, Mapping};
use super::payload::{is_no_list, readable};
use super::quick;
use super::record::Record;
use super::value::Value;

/// Ids become keys of records and rows, which must stay far below a topic's record limit.
pub const MAX_ID_BYTES: usize = 1_024;

/// What bounds a record.
#[derive(Clone, Copy, Debug)]
pub struct WireLimits {
    /// The longest value accepted, in bytes.
    pub record_bytes: usize,
}

impl Default for WireLimits {
    fn default() -> Self {
        Self {
            record_bytes: 512 * 1024,
        }
    }
}

/// What a record means.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "one lives on the stack for one record; a box would be an allocation for each"
)]
pub enum Decoded<'a> {
    Lead(Lead<'a>),
    Activity(Activity<'a>),
}

impl Decoded<'_> {
    /// The tenant it belongs to.
    pub fn tenant(&self) -> &str {
        match self {
            Self::Lead(lead) => &lead.tenant,
            Self::Activity(activity) => &activity.tenant,
        }
    }
}

/// Why a record cannot be decided, with a sentence that says what to mend. The sentence names
/// fields and types, never values: records hold personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub reason: RejectReason,
    pub message: String,
}

impl Reject {
    pub(in crate::stream) fn new(reason: RejectReason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }

    pub(super) fn wrong_type(field: &str, wanted: &str, got: &str) -> Self {
        Self::new(
            RejectReason::WrongType,
            format!("`{field}` must be {wanted}, not {got}"),
        )
    }

    pub(super) fn json(error: serde_json::Error) -> Self {
        // The parser's own text may quote the record, so only its place is told.
        let what = match error.classify() {
            serde_json::error::Category::Eof => "the JSON ends too early",
            serde_json::error::Category::Data => "the value is not a JSON object",
            _ => "the value is not JSON",
        };
        let message = match (error.line(), error.column()) {
            (0 | 1, 0) => "the value is empty".to_owned(),
            (line, 0) => format!("{what}, at the end of line {}", line - 1),
            (line, column) => format!("{what}, at line {line} column {column}"),
        };
        Self::new(RejectReason::BadJson, message)
    }
}

/// Decodes one record of an input topic.
///
/// # Errors
/// Every way in which a record can be unreadable, as the reason its dead letter bears.
pub fn decode<'a>(
    record: &Record<'a>,
    limits: WireLimits,
    mapping: &Mapping,
) -> Result<Decoded<'a>, Reject> {
    if record.headers.unreadable {
        let message = "a header's name is not UTF-8";
        return Err(Reject::new(RejectReason::BadEncoding, message));
    }
    let Some(value) = record.value else {
        return withdrawal(record);
    };
    let json = readable(value, limits)?;
    let attributes = envelope::from_headers(&record.headers)?;
    let map = mapping.of(record.role);
    if envelope::mode(&record.headers)? == Mode::Structured {
        return structured(record.role, json, attributes.tenant, map);
    }
    data_of(record.role, json, attributes, map, Mode::Plain)
}

/// A null value forgets the lead whose id is the key.
fn withdrawal<'a>(record: &Record<'a>) -> Result<Decoded<'a>, Reject> {
    if record.role != TopicRole::Leads {
        let message = "a null value means nothing on this topic";
        return Err(Reject::new(RejectReason::BadJson, message));
    }
    let key = record.key.unwrap_or_default();
    if key.is_empty() {
        let message = "a null value withdraws the lead its key names, but there is no key";
        return Err(Reject::new(RejectReason::NullKey, message));
    }
    let key = std::str::from_utf8(key)
        .map_err(|_| Reject::new(RejectReason::BadEncoding, "the key is not UTF-8"))?;
    let attributes = envelope::from_headers(&record.headers)?;
    let source = record.source();
    // A tombstone has no event id of its own; its first position is as unique.
    let id = format!("{}/{}/{}", source.topic, source.partition, source.offset);
    Ok(Decoded::Activity(Activity {
        id: id.into(),
        tenant: tenant(Value::Null, attributes.tenant)?,
        at: None,
        kind: ActivityKind::Withdrawn {
            lead: bounded("key", key.into())?,
        },
    }))
}

/// A structured CloudEvent. Where it names no tenant, its record's header may.
fn structured<'a>(
    role: TopicRole,
    json: &'a str,
    header_tenant: Option<Text<'a>>,
    map: Option<&FieldMap>,
) -> Result<Decoded<'a>, Reject> {
    let (mut attributes, data) = envelope::open(json)?;
    attributes.tenant = attributes.tenant.or(header_tenant);
    data_of(role, data, attributes, map, Mode::Structured)
}

fn data_of<'a>(
    role: TopicRole,
    json: &'a str,
    attributes: Attributes<'a>,
    map: Option<&FieldMap>,
    mode: Mode,
) -> Result<Decoded<'a>, Reject> {
    let default = if role == TopicRole::Leads {
        Some("lead.created")
    } else {
        None
    };
    let named = attributes.kind.as_deref().or(default);
    if named.is_some_and(is_lead) {
        let mut fields = LeadFields::default();
        read_lead(json, map, &mut fields)?;
        let kind = kind_of(&attributes, &fields.kind, default);
        if !fields.envelope.is_unlabelled(mode) && kind.as_deref().is_ok_and(is_lead) {
            judge(&mut fields, attributes)?;
            return Ok(Decoded::Lead(fields.lead));
        }
    }
    let fields: ActivityFields<'a> = read(json, map)?;
    if fields.envelope().is_unlabelled(mode) {
        return structured(role, json, attributes.tenant, map);
    }
    let kind = kind_of(&attributes, &fields.kind, default)?;
    if is_lead(&kind) {
        let mut fields = read(json, map)?;
        judge(&mut fields, attributes)?;
        return Ok(Decoded::Lead(fields.lead));
    }
    fields.build(&kind, attributes).map(Decoded::Activity)
}

fn read<'a, T: Deserialize<'a>>(json: &'a str, map: Option<&FieldMap>) -> Result<T, Reject> {
    is_no_list(json)?;
    let quick = match map {
        None => quick::read(json),
        Some(_) => None,
    };
    quick.map_or_else(|| read_slowly(json, map), Ok)
}

/// The same for a lead, in place.
fn read_lead<'a>(
    json: &'a str,
    map: Option<&FieldMap>,
    fields: &mut LeadFields<'a>,
) -> Result<(), Reject> {
    is_no_list(json)?;
    if map.is_some() || quick::read_seed(json, &mut *fields).is_none() {
        *fields = read_slowly(json, map)?;
    }
    Ok(())
}

/// Has the library read a text; its word counts.
#[cold]
fn read_slowly<'a, T: Deserialize<'a>>(json: &'a str, map: Option<&FieldMap>) -> Result<T, Reject> {
    let Some(map) = map else {
        return serde_json::from_str(json).map_err(Reject::json);
    };
    let mapped = map.apply(serde_json::from_str(json).map_err(Reject::json)?);
    T::deserialize(mapped).map_err(Reject::json)
}

fn is_lead(kind: &str) -> bool {
    matches!(kind, "lead.created" | "lead.updated")
}

fn kind_of<'a>(
    attributes: &Attributes<'a>,
    field: &Value<'a>,
    default: Option<&'static str>,
) -> Result<Text<'a>, Reject> {
    match (&attributes.kind, field, default) {
        (Some(kind), _, _) => Ok(kind.clone()),
        (None, Value::Text(kind), _) => Ok(kind.clone()),
        (None, Value::Null, Some(default)) => Ok(default.into()),
        (None, Value::Null, None) => {
            let message = "the record names no event type: neither header ce_type nor field `type`";
            Err(Reject::new(RejectReason::UnknownType, message))
        }
        (None, other, _) => {
            let message = format!("`type` must be a text, not {}", other.kind());
            Err(Reject::new(RejectReason::UnknownType, message))
        }
    }
}

/// Judges what a decision stands on. In place: the fields are long.
fn judge<'a>(fields: &mut LeadFields<'a>, attributes: Attributes<'a>) -> Result<(), Reject> {
    let lead = &mut fields.lead;
    lead.id = id(take(&mut fields.id), "id")?;
    lead.tenant = tenant(take(&mut fields.tenant), attributes.tenant)?;
    lead.revision = revision(&fields.revision)?;
    lead.created_at = moment(&fields.created_at, "created_at")?;
    Ok(())
}

/// The id in `field`, which must be there.
pub(super) fn id<'a>(value: Value<'a>, field: &str) -> Result<Text<'a>, Reject> {
    match value {
        Value::Text(text) if !text.is_empty() => bounded(field, text),
        Value::Null | Value::Text(_) => Err(Reject::new(
            RejectReason::NoId,
            format!("`{field}` is missing or empty"),
        )),
        other => Err(Reject::wrong_type(field, "a text", other.kind())),
    }
}

pub(super) fn bounded<'a>(field: &str, text: Text<'a>) -> Result<Text<'a>, Reject> {
    if text.len() <= MAX_ID_BYTES {
        return Ok(text);
    }
    let message = format!(
        "`{field}` has {} bytes; an id has {MAX_ID_BYTES} at most",
        text.len()
    );
    Err(Reject::new(RejectReason::WrongType, message))
}

/// The tenant in the field, else in the CloudEvent's attribute, else the default.
pub(super) fn tenant<'a>(
    value: Value<'a>,
    attribute: Option<Text<'a>>,
) -> Result<Text<'a>, Reject> {
    let named = match value {
        Value::Text(text) => Some(text),
        Value::Null => attribute,
        other => return Err(Reject::wrong_type("tenant", "a text", other.kind())),
    };
    match named {
        Some(text) if !text.is_empty() => bounded("tenant", text),
        _ => Ok(DEFAULT_TENANT.into()),
    }
}

fn revision(value: &Value<'_>) -> Result<u64, Reject> {
    /// Up to here every whole number is exact in a double.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Null => Ok(0),
        Value::Whole(number) => Ok(*number),
        Value::Number(number) if number.fract() == 0.0 && (0.0..EXACT).contains(number) => {
            Ok(*number as u64)
        }
        other => Err(Reject::wrong_type(
            "revision",
            "a whole number from 0",
            other.kind(),
        )),
    }
}

/// The moment in `field`, if there is one.
pub(super) fn moment(value: &Value<'_>, field: &str) -> Result<Option<Timestamp>, Reject> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => match Timestamp::parse(text) {
            Some(moment) => Ok(Some(moment)),
            None => Err(Reject::wrong_type(
                field,
                "an RFC 3339 date and time",
                "another text",
            )),
        },
        other => Err(Reject::wrong_type(
            field,
            "an RFC 3339 date and time",
            other.kind(),
        )),
    }
}
