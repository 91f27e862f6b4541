//! Problems as SARIF 2.1.0, which code scanning and editors read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::plan::{Location, Problem};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One run with a result for each problem.
pub fn log<'p>(problems: impl Iterator<Item = &'p Problem>) -> Value {
    let problems: Vec<&Problem> = problems.collect();
    let codes: BTreeMap<&str, &Problem> = problems
        .iter()
        .map(|problem| (problem.code.text(), *problem))
        .collect();
    let rules: Vec<Value> = codes.values().map(|problem| rule(problem)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "bailiwick",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": problems.iter().map(|problem| result(problem)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(problem: &Problem) -> Value {
    json!({
        "id": problem.code.text(),
        "shortDescription": {"text": problem.code.title()},
        "help": {"text": problem.code.remedy()},
    })
}

fn result(problem: &Problem) -> Value {
    let related = problem.related.iter().map(|(place, note)| {
        let mut location = location(place);
        location["message"] = json!({"text": note});
        location
    });
    json!({
        "ruleId": problem.code.text(),
        "level": super::word(problem),
        "message": {"text": format!("{}. {}", problem.message, problem.remedy())},
        "locations": [location(&problem.location)],
        "relatedLocations": related.collect::<Vec<_>>(),
    })
}

fn location(place: &Location) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(&place.file)}});
    if place.line > 0 {
        physical["region"] = json!({
            "startLine": place.line,
            "startColumn": place.column,
            "endColumn": place.column + place.length,
        });
    }
    json!({"physicalLocation": physical})
}

/// A path as a relative URI: what may not stand in one is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
