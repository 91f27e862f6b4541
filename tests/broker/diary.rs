//! What a daemon of a test says of itself: its log as JSON lines, and its admin interface.

use std::net::SocketAddr;

use serde_json::Value;

use crate::support::http;

use super::deployment::Deployment;

/// Log lines with this message, in order.
pub fn lines(deployment: &Deployment, daemon: &str, message: &str) -> Vec<Value> {
    let log = std::fs::read_to_string(deployment.log(daemon)).unwrap_or_default();
    let parsed = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    parsed
        .filter(|line: &Value| line["message"] == message)
        .collect()
}

/// Lanes that were restored so far: partition, rows read, and whether a warm state was used.
pub fn restores(deployment: &Deployment, daemon: &str) -> Vec<(i64, u64, bool)> {
    let restored = lines(deployment, daemon, "lane restored");
    let one = |line: &Value| {
        (
            line["partition"].as_i64().expect("a partition"),
            line["rows"].as_u64().expect("rows"),
            line["warm"].as_bool().expect("warm or not"),
        )
    };
    restored.iter().map(one).collect()
}

/// Where the daemon's admin interface listens, once it says so.
fn address(deployment: &Deployment, daemon: &str) -> Option<SocketAddr> {
    let said = lines(deployment, daemon, "admin interface");
    said.last()?["address"].as_str()?.parse().ok()
}

/// The values of a metric with one label, by the label's value.
pub fn metric(deployment: &Deployment, daemon: &str, name: &str) -> Vec<(String, f64)> {
    let Some(address) = address(deployment, daemon) else {
        return Vec::new();
    };
    let text = http::get(address, "/metrics").body;
    let series = text.lines().filter_map(|line| {
        let (label, value) = line
            .strip_prefix(name)?
            .strip_prefix('{')?
            .split_once("} ")?;
        let label = label.split('"').nth(1)?;
        Some((label.to_owned(), value.parse().ok()?))
    });
    series.collect()
}

/// What `/readyz?verbose` answers.
pub fn readiness(deployment: &Deployment, daemon: &str) -> Option<http::Answer> {
    Some(http::get(address(deployment, daemon)?, "/readyz?verbose"))
}
