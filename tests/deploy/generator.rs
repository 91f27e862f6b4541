//! The compose file's generator: what it prints is read, routed and decided by the example plan.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{deploy, root};

/// Leads of one test: enough for every place and every fate.
const LEADS: usize = 400;

/// What the script prints.
fn generated(what: &str) -> String {
    let done = Command::new("sh")
        .arg(deploy("compose/generate.sh"))
        .args([what, "0", &LEADS.to_string()])
        .env("RUN", "7")
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

/// One command of the program over lines, and the JSON lines it answers.
fn answered(arguments: &[&str], input: &str) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let done = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    let lines = String::from_utf8(done.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn generated_leads_find_a_territory() {
    let routed = answered(
        &["route", "config/example", "--leads", "-"],
        &generated("leads"),
    );
    assert_eq!(routed.len(), LEADS);
    let lost = routed.iter().filter(|one| one["territory"].is_null());
    // Lyon lies in no territory of the plan, so that some leads go to the fallback.
    let lost = lost.count();
    assert!((1..LEADS / 8).contains(&lost), "{lost} of {LEADS}");
}

#[test]
fn generated_activity_belongs_to_the_leads() {
    let events = generated("leads") + &generated("activity");
    let decided = answered(
        &["simulate", "config/example", "--events", "-", "-o", "json"],
        &events,
    );
    let count = |outcome: &str| {
        let same = decided.iter().filter(|one| one["outcome"] == outcome);
        same.count()
    };
    for outcome in ["assigned", "duplicate", "pooled", "closed"] {
        assert!(count(outcome) > 0, "nothing {outcome}");
    }
    let first = decided.iter().filter(|one| one["cause"].is_null()).count();
    assert_eq!(first, LEADS, "one first decision a lead");
}
