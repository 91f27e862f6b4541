//! What several test modules need: a real Kafka, and processes that never outlive the tests.

pub mod atlas;
pub mod divisions;
pub mod http;
pub mod kafka;
pub mod reaper;
