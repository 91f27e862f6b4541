//! What several test modules need: a real Kafka, certificates, and processes that never outlive the tests.

pub mod atlas;
pub mod certificates;
pub mod divisions;
pub mod http;
pub mod https;
pub mod kafka;
pub mod proxy;
pub mod reaper;

/// Random cases a property is tried on: `PROPTEST_CASES`, else the usual number.
pub fn cases(usual: u32) -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.map_or(usual, |count| count.parse().unwrap())
}
