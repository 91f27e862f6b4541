//! Bytes to events and decisions to bytes: the only place that knows JSON and CloudEvents.

mod activity;
mod batch;
mod capsule;
mod decode;
mod encode;
mod envelope;
mod json;
mod lead;
mod letter;
mod mapping;
mod payload;
mod quick;
mod record;
mod slot;
#[cfg(test)]
mod tests;
mod value;
mod written;

pub use batch::{BatchRecord, InputRange};
pub use capsule::Capsule;
pub use decode::{Decoded, MAX_ID_BYTES, Reject, WireLimits, decode};
pub use encode::{FIXED_HEADERS, encode_decision, encode_id, encode_key, encode_moment};
pub use letter::{Letter, Stage, VALUE_OMITTED};
pub use mapping::Mapping;
pub use payload::MAX_DEPTH;
pub(in crate::stream) use record::forwarding_mark;
pub use record::{FORWARDED_FROM, Headers, Record};
pub use written::written;
