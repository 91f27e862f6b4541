//! Which module may name which: the table of the architecture, read off the code.

use super::must_be_empty;
use super::scan::{self, Text};

/// Top-level modules and what each may name; a longer path allows only what lies under it.
/// `cli`, `lib` and `main` put the parts together and may name everything.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("event", &[]),
    ("plan", &["event"]),
    ("route", &["plan", "event"]),
    ("assign", &["plan", "event"]),
    ("kpi", &["plan", "event"]),
    (
        "stream",
        &[
            "assign", "kpi", "route", "plan", "event", "metrics", "config", "board", "traces",
        ],
    ),
    (
        "reload",
        &["plan", "route", "metrics", "config", "board", "event"],
    ),
    // The board carries plain values between threads, so that admin reads and nobody else
    // needs to know who asks.
    ("board", &["event"]),
    // Effects are what a step did; metrics observe them and decide nothing.
    ("metrics", &["event", "assign::Effects", "assign::Counts"]),
    ("config", &[]),
    ("traces", &["config", "event", "metrics"]),
    ("logging", &["config"]),
    ("signals", &[]),
    // The composition root of everything beside the stream.
    (
        "daemon",
        &[
            "admin", "board", "config", "logging", "metrics", "reload", "route",
        ],
    ),
    // Views are read-only: published plans, and one lead decoded for an explanation.
    (
        "admin",
        &[
            "metrics",
            "config",
            "event",
            "plan",
            "route",
            "board",
            "stream::wire",
        ],
    ),
];

/// The pure half: no clock, no I/O, no randomness, no async, no logging, no metrics.
const CORE: [&str; 5] = ["event", "plan", "route", "assign", "kpi"];

/// What the pure half must not name.
const IMPURE: [&str; 12] = [
    "SystemTime",
    "Instant",
    "std::net",
    "std::env",
    "std::process",
    "tokio",
    "tracing",
    "prometheus",
    "rand::",
    "println!",
    "eprintln!",
    "Timestamp::now",
];

/// Where a crate may be named: its name, and path prefixes.
const CRATES: [(&str, &[&str]); 4] = [
    (
        "serde",
        &[
            "src/plan/parse",
            "src/stream/wire",
            "src/config",
            "src/admin",
            "src/cli",
        ],
    ),
    (
        "serde_json",
        &[
            "src/plan/parse",
            "src/stream/wire",
            "src/config",
            "src/admin",
            "src/cli",
            "src/traces",
        ],
    ),
    (
        "rdkafka",
        &[
            "src/stream/source",
            "src/stream/sink",
            "src/stream/restore",
            "src/cli/topics",
            "src/cli/demo",
        ],
    ),
    (
        "std::fs",
        &[
            "src/plan/parse",
            "src/reload",
            "src/config",
            "src/cli",
            "src/admin",
            "src/metrics/process",
            "src/lib.rs",
        ],
    ),
];

#[test]
fn modules_name_only_what_the_architecture_allows() {
    let mut violations = Vec::new();
    for text in scan::rust("src") {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module(&text.path))
        else {
            continue;
        };
        for (line, path) in crate_paths(&text) {
            if !may_name(module(&text.path), allowed, &path) {
                violations.push(format!("{}:{line}: names `{path}`", text.path));
            }
        }
    }
    must_be_empty("dependencies the architecture does not allow:", &violations);
}

/// `event` of `src/event/lead.rs` and of `src/event.rs`.
fn module(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let first = inside.split('/').next().unwrap_or(inside);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn may_name(own: &str, allowed: &[&str], path: &str) -> bool {
    let lies_under = |one: &str| path == one || path.starts_with(&format!("{one}::"));
    // An item at the crate's root, a macro for instance, belongs to no module.
    let module = path.split("::").next().unwrap_or(path);
    let known = module == "cli" || ALLOWED.iter().any(|(name, _)| *name == module);
    !known || module == own || allowed.iter().any(|one| lies_under(one))
}

/// Every path that begins with `crate::`, groups taken apart, with its line.
fn crate_paths(text: &Text) -> Vec<(usize, String)> {
    let code = scan::code(&text.content);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        found.extend(expand(rest).into_iter().map(|path| (line, path)));
    }
    found
}

/// The paths of `a::{b, c::d}`: `a::b`, `a::c::d`; only the first two levels are told apart.
fn expand(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':')
            .collect()
    };
    let head = word(rest);
    let Some(group) = rest[head.len()..].strip_prefix('{') else {
        return vec![head];
    };
    let mut paths = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (at, letter) in group.char_indices() {
        let ends = depth == 0 && matches!(letter, ',' | '}');
        if ends && !group[start..at].trim().is_empty() {
            paths.push(format!("{head}{}", word(group[start..at].trim())));
        }
        match letter {
            ',' if depth == 0 => start = at + 1,
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
    }
    paths
}

#[test]
fn the_core_is_pure() {
    let mut violations = Vec::new();
    for text in scan::rust("src") {
        if CORE.contains(&module(&text.path)) {
            violations.extend(lines_with(&text, &IMPURE));
        }
    }
    must_be_empty("the pure half names the world:", &violations);
}

#[test]
fn crates_are_named_only_in_their_places() {
    let mut violations = Vec::new();
    // Unit tests in files of their own read fixtures and compare JSON.
    let sources = scan::rust("src").into_iter();
    for text in sources.filter(|text| !text.path.contains("/tests")) {
        for (name, places) in CRATES {
            if !places.iter().any(|place| text.path.starts_with(place)) {
                violations.extend(lines_with(&text, &[&format!("{name}::")]));
            }
        }
    }
    must_be_empty("crates named outside their places:", &violations);
}

/// The lines of code before the unit tests that hold one of `words` as a whole path.
fn lines_with(text: &Text, words: &[&str]) -> Vec<String> {
    let code = scan::code(&text.content);
    let code = &code[..code.find("\n#[cfg(test)]").unwrap_or(code.len())];
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for word in words.iter().filter(|word| holds(line, word)) {
            found.push(format!("{}:{}: names `{word}`", text.path, number + 1));
        }
    }
    found
}

fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || c == '_'))
    })
}

#[test]
fn groups_of_use_lines_are_taken_apart() {
    assert_eq!(expand("event::Lead;"), ["event::Lead"]);
    assert_eq!(
        expand("{event::{A, B}, plan::Plan, assign};"),
        ["event::", "plan::Plan", "assign"]
    );
    assert_eq!(
        expand("assign::{Effects, State};"),
        ["assign::Effects", "assign::State"]
    );
}
