//! A record's value as text that is worth parsing, or why it is none.

use crate::event::RejectReason;

use super::decode::{Reject, WireLimits};

/// Nesting beyond this is an attack or an accident: a lead needs four levels.
pub const MAX_DEPTH: usize = 64;

/// Kafka's wire format of schema registries opens with a zero and a four-byte schema id.
const FRAME_BYTES: usize = 5;

/// The value as text that is worth parsing.
pub(super) fn readable(value: &[u8], limits: WireLimits) -> Result<&str, Reject> {
    if value.len() > limits.record_bytes {
        let message = format!(
            "{} bytes are more than limits.record_bytes, {}",
            value.len(),
            limits.record_bytes
        );
        return Err(Reject::new(RejectReason::TooLarge, message));
    }
    if value.first() == Some(&0) && value.len() >= FRAME_BYTES {
        let id = u32::from_be_bytes([value[1], value[2], value[3], value[4]]);
        let message = format!(
            "Confluent-framed record (magic byte 0, schema id {id}); send JSON without a schema registry"
        );
        return Err(Reject::new(RejectReason::UnsupportedSchema, message));
    }
    let value = value.strip_prefix(b"\xef\xbb\xbf").unwrap_or(value);
    let text = simdutf8::compat::from_utf8(value).map_err(|error| {
        let message = format!("the value is not UTF-8 after byte {}", error.valid_up_to());
        Reject::new(RejectReason::BadEncoding, message)
    })?;
    if is_too_deep(value) {
        let message = format!("nested deeper than {MAX_DEPTH} levels");
        return Err(Reject::new(RejectReason::TooDeep, message));
    }
    Ok(text)
}

/// Refuses a list, with a remedy for one of objects: the library would take its items for an
/// object's fields in order, or name no place.
pub(super) fn is_no_list(json: &str) -> Result<(), Reject> {
    const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];
    let list = json.trim_start_matches(BLANK);
    let Some(items) = list.strip_prefix('[') else {
        return Ok(());
    };
    let before = &json[..json.len() - list.len()];
    let line = 1 + before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
    let remedy = match items.trim_start_matches(BLANK).starts_with('{') {
        true => "; write one object a line, or send one a record",
        false => "",
    };
    let message =
        format!("the value is a list, not a JSON object, at line {line} column {column}{remedy}");
    Err(Reject::new(RejectReason::BadJson, message))
}

fn is_too_deep(json: &[u8]) -> bool {
    // Few brackets cannot nest deeply, and counting them is vectorised where a count fits into
    // a byte; the walk below is not.
    let count = |part: &[u8]| {
        let opening = |count: u8, &byte: &u8| count + u8::from(matches!(byte, b'{' | b'['));
        usize::from(part.iter().fold(0, opening))
    };
    let opening: usize = json.chunks(u8::MAX.into()).map(count).sum();
    opening > MAX_DEPTH && depth(json) > MAX_DEPTH
}

fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
