//! What is shipped beside the program: dashboards, rules, runbooks and packages, checked against
//! the program and by the tools that will read them.

mod alerts;
mod dashboards;
mod debian;
mod documents;
mod generator;
mod licences;
pub mod live;
mod packages;
mod prometheus;
mod queries;
mod registry;
mod service;
mod tool;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The repository's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `deploy/` and a path below it.
pub fn deploy(below: &str) -> PathBuf {
    root().join("deploy").join(below)
}

/// A file's text.
pub fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below `deploy/` with one of these endings, in path order.
pub fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(deploy(""))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| {
            endings
                .iter()
                .any(|end| path.to_string_lossy().ends_with(end))
        })
        .collect();
    found.sort();
    found
}

/// The documents of a YAML file.
pub fn yaml(path: &Path) -> Vec<Value> {
    serde_saphyr::from_multiple(&text(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A JSON file.
pub fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text at a JSON pointer; empty where there is none.
pub fn at<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

/// The elements of the list at a JSON pointer; none where there is no list.
pub fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.map_or(&[], Vec::as_slice)
}

/// Fails with every violation on its own line.
pub fn must_be_empty(rule: &str, violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{rule}\n  {}",
        violations.join("\n  ")
    );
}
