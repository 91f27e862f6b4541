//! Broken plans, each a folder under `tests/plans/broken` with the exact text `check` must
//! print of it in `expected.txt`, and good plans under every kind of damage.
//!
//! `BAILIWICK_BLESS=1` writes the texts anew; what changed is then for a person to read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bailiwick::plan::{self, Code, Loaded};
use bailiwick::route;

mod damage;
mod folder;
mod limits;
mod meaning;
mod schema;

/// No plan, however broken, may keep the reader longer.
const DEADLINE: Duration = Duration::from_secs(10);

/// Codes that need more than a folder kept in the repository can hold.
const IN_LIMITS: [Code; 2] = [Code::TooManyProblems, Code::TooLarge];

/// The folders, in order of name, by paths that are the same on every machine.
fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir("tests/plans/broken").unwrap();
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// What `check` does: reads a plan, then examines it.
fn load_in_time(path: &Path) -> Loaded {
    in_time(&path.display().to_string(), || {
        let mut loaded = plan::load(path);
        if let Some(plan) = &loaded.plan {
            loaded.problems.extend(route::survey(plan, &loaded.places));
        }
        loaded
    })
}

/// Does something that must not take longer than the deadline.
fn in_time<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (started, before) = (Instant::now(), busy());
    let done = work();
    let spent = match (before, busy()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed(),
    };
    assert!(spent < DEADLINE, "{what}: {spent:?}");
    done
}

/// What the thread has worked so far. A machine that others share may let it wait for
/// longer than it works, which says nothing about the reader.
fn busy() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

#[test]
fn every_broken_plan_is_told_exactly_what_is_wrong() {
    let bless = std::env::var_os("BAILIWICK_BLESS").is_some();
    let mut differing = Vec::new();
    for case in cases() {
        let text = load_in_time(&case).problems.render_text(false);
        let expected = case.join("expected.txt");
        if bless {
            fs::write(&expected, &text).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != text {
            differing.push(format!("{}:\n{text}", case.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn a_plan_is_refused_exactly_if_there_is_an_error() {
    for case in cases() {
        let loaded = load_in_time(&case);
        let only_warnings = case.to_string_lossy().contains("/warnings-");
        assert_eq!(loaded.plan.is_some(), only_warnings, "{}", case.display());
        assert_eq!(loaded.problems.has_errors(), !only_warnings);
        assert!(!loaded.problems.is_empty(), "{}", case.display());
    }
}

#[test]
fn there_are_at_least_forty_cases_and_every_code_is_among_them() {
    let cases = cases();
    assert!(cases.len() >= 40, "{}", cases.len());
    let seen: BTreeSet<Code> = cases
        .iter()
        .flat_map(|case| {
            load_in_time(case)
                .problems
                .iter()
                .map(|one| one.code)
                .collect::<Vec<_>>()
        })
        .chain(IN_LIMITS)
        .collect();
    let unseen: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !seen.contains(code))
        .collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
