//! What documents must say, and what no text of the project may name.

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
        .filter(|text| text.path != "Cargo.lock")
    {
        for (number, line) in text.content.lines().enumerate() {
            for word in forbidden.iter().filter(|word| line.contains(*word)) {
                violations.push(format!("{}:{}: holds `{word}`", text.path, number + 1));
            }
        }
    }
    must_be_empty("names that do not belong in the project:", &violations);
}
