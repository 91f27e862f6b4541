//! Policy that runs: the rules of the source text that a compiler does not know.
//!
//! Each rule yields its violations as sentences; a test fails with all of them at once.

mod dependencies;
mod documents;
mod scan;
mod shape;

/// Fails with every violation on its own line.
fn must_be_empty(rule: &str, violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{rule}\n  {}",
        violations.join("\n  ")
    );
}
