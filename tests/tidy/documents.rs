//! What documents must say, and what no text of the project may name.

use std::collections::BTreeSet;

use bailiwick::event::{Outcome, Reason};

use super::must_be_empty;
use super::scan;

#[test]
fn every_reason_and_outcome_is_documented() {
    let readme = std::fs::read_to_string(scan::root().join("README.md")).unwrap();
    let reasons = Reason::ALL.iter().map(|one| one.as_str());
    let outcomes = Outcome::ALL.iter().map(|one| one.as_str());
    let violations: Vec<String> = reasons
        .chain(outcomes)
        .filter(|word| !readme.contains(&format!("| `{word}` |")))
        .map(|word| format!("README.md: no table row `| `{word}` | … |`"))
        .collect();
    must_be_empty("words on the wire without a sentence:", &violations);
}

/// Names of metrics in a text, without the suffixes that histograms add.
fn metric_names(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_name(c))
        .filter(|word| word.starts_with("bailiwick_") && !word.ends_with('_'))
        .map(|word| {
            let suffixes = ["_bucket", "_sum", "_count"];
            let bare = suffixes.iter().find_map(|suffix| word.strip_suffix(suffix));
            bare.unwrap_or(word).to_owned()
        })
        .collect()
}

#[test]
fn metrics_that_are_named_exist_and_all_are_documented() {
    let registered: BTreeSet<String> = scan::rust("src/metrics")
        .iter()
        .flat_map(|text| metric_names(&text.content))
        .collect();
    let readme = std::fs::read_to_string(scan::root().join("README.md")).unwrap();
    let documented = metric_names(&readme);
    let mut violations: Vec<String> = registered
        .difference(&documented)
        .map(|name| format!("README.md: nothing on `{name}`"))
        .collect();
    let unknown = documented.difference(&registered);
    violations.extend(unknown.map(|name| format!("README.md: there is no `{name}`")));
    must_be_empty("metrics:", &violations);
}

#[test]
fn no_text_names_registries_or_this_machine() {
    // Put together here, so that this file does not hold what it looks for.
    let forbidden: Vec<String> = [
        ("crates", ".io"),
        ("registry.npm", "js.org"),
        ("pypi", ".org"),
        ("files.python", "hosted.org"),
        ("repo.maven", ".apache.org"),
        ("repo1.maven", ".org"),
        ("proxy.go", "lang.org"),
        ("deb.deb", "ian.org"),
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("farm-", "bench"),
        ("farm-", "studio"),
    ]
    .iter()
    .map(|(a, b)| format!("{a}{b}"))
    .collect();
    let mut violations = Vec::new();
    // The lock file is cargo's own text.
    for text in scan::texts(".")
        .iter()
        .filter(|text| !text.path.ends_with("Cargo.lock"))
    {
        for (number, line) in text.content.lines().enumerate() {
            for word in forbidden.iter().filter(|word| line.contains(*word)) {
                violations.push(format!("{}:{}: holds `{word}`", text.path, number + 1));
            }
        }
    }
    must_be_empty("names that do not belong in the project:", &violations);
}
