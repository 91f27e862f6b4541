//! How long files and functions may be, how a file opens, and what it may be called.

use std::collections::BTreeMap;

use super::must_be_empty;
use super::scan::{self, Text};

/// Lines without the tests at a file's foot; beyond, it holds two nouns.
const FILE_LINES: usize = 400;
/// Lines of a function, head and brace included: one screen.
const FUNCTION_LINES: usize = 70;
/// Half of all functions in `src` are at most this long.
const MEDIAN_LINES: usize = 10;
/// Nine of ten functions in `src` are at most this long.
const NINTH_DECILE_LINES: usize = 35;
/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 9] = [
    "types", "utils", "util", "helpers", "helper", "common", "misc", "manager", "stuff",
];

fn all_rust() -> Vec<Text> {
    ["src", "tests", "benches"]
        .into_iter()
        .flat_map(scan::rust)
        .collect()
}

#[test]
fn each_file_opens_with_a_sentence_on_its_job() {
    let violations: Vec<String> = all_rust()
        .iter()
        .filter(|text| !opens_with_a_sentence(&text.content))
        .map(|text| format!("{}: open it with `//! What this file does.`", text.path))
        .collect();
    must_be_empty("files that do not say what they are for:", &violations);
}

fn opens_with_a_sentence(content: &str) -> bool {
    let opening = content
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .map(|line| line.trim_start_matches("//!").trim())
        .take_while(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    opening.split_whitespace().count() >= 3 && opening.ends_with(['.', ':'])
}

#[test]
fn names_say_what_is_inside() {
    let violations: Vec<String> = all_rust()
        .iter()
        .filter(|text| {
            text.path
                .split(['/', '.'])
                .any(|part| EMPTY_NAMES.contains(&part))
        })
        .map(|text| format!("{}: name it after the thing it holds", text.path))
        .collect();
    must_be_empty("names that say nothing:", &violations);
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let mut violations = Vec::new();
    for text in all_rust() {
        let long = scan::functions(&scan::code(&text.content))
            .into_iter()
            .filter(|one| one.lines > FUNCTION_LINES);
        violations.extend(long.map(|one| {
            format!(
                "{}:{}: `{}` has {} lines",
                text.path, one.line, one.name, one.lines
            )
        }));
    }
    must_be_empty("functions over 70 lines:", &violations);
}

#[test]
fn most_functions_are_short() {
    let mut lengths: Vec<usize> = scan::rust("src")
        .iter()
        .flat_map(|text| scan::functions(&scan::code(without_tests(&text.content))))
        .map(|one| one.lines)
        .collect();
    lengths.sort_unstable();
    let (median, ninth) = (lengths[lengths.len() / 2], lengths[lengths.len() * 9 / 10]);
    assert!(
        median <= MEDIAN_LINES,
        "the median function has {median} lines"
    );
    assert!(
        ninth <= NINTH_DECILE_LINES,
        "one in ten functions has more than {ninth} lines"
    );
}

#[test]
fn files_are_short_and_listed_exceptions_only_shrink() {
    let allowed = ratchet();
    let lengths: BTreeMap<String, usize> = all_rust()
        .iter()
        .map(|text| {
            (
                text.path.clone(),
                without_tests(&text.content).lines().count(),
            )
        })
        .collect();
    let mut violations = Vec::new();
    for (path, &lines) in &lengths {
        let limit = allowed.get(path).copied().unwrap_or(FILE_LINES);
        if lines > limit {
            violations.push(format!(
                "{path}: {lines} lines, at most {limit}; split it along a noun"
            ));
        }
    }
    for path in allowed.keys() {
        if lengths.get(path).is_none_or(|&lines| lines <= FILE_LINES) {
            violations.push(format!("{path}: strike it from tests/tidy/long_files.txt"));
        }
    }
    must_be_empty("file lengths:", &violations);
}

/// Files that were long before the rule, with the length they may not pass.
fn ratchet() -> BTreeMap<String, usize> {
    include_str!("long_files.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (path, lines) = line.split_once(' ').unwrap();
            (path.to_owned(), lines.trim().parse().unwrap())
        })
        .collect()
}

/// The text before the unit tests at its foot.
fn without_tests(content: &str) -> &str {
    let end = content.find("\n#[cfg(test)]\nmod tests {");
    &content[..end.unwrap_or(content.len())]
}
