//! The compose file's generator: what it prints is read, routed and decided by the example plan.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{deploy, root, text};

/// Leads of one test: enough for every place and every fate.
const LEADS: usize = 400;

/// Stands for kcat: a line for each call with what it was asked for, then its records.
const SENDER: &str = "#!/bin/sh\nprintf '> %s\\n' \"$*\"\ncat\n";

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

/// The first seconds of what the script sends: per call its arguments and its records.
fn sent(calls: usize) -> Vec<(String, Vec<Value>)> {
    let folder = tempfile::tempdir().unwrap();
    let kcat = folder.path().join("kcat");
    std::fs::write(&kcat, SENDER).unwrap();
    std::fs::set_permissions(&kcat, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut script = Command::new("sh")
        .arg(deploy("compose/generate.sh"))
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .envs([("RATE", "3"), ("LATER", "1"), ("RUN", "7")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(script.stdout.take().unwrap()).lines();
    let mut all: Vec<(String, Vec<Value>)> = Vec::new();
    for line in lines.map(Result::unwrap) {
        match line.strip_prefix("> ") {
            Some(_) if all.len() == calls => break,
            Some(arguments) => all.push((arguments.to_owned(), Vec::new())),
            None => {
                let record = serde_json::from_str(&line).unwrap();
                all.last_mut().unwrap().1.push(record);
            }
        }
    }
    script.kill().unwrap();
    script.wait().unwrap();
    all
}

/// Every lead of the compose file was a dead letter, `unknown_tenant`: the plan is a tenant's.
#[test]
fn sent_records_named_no_tenant() {
    let plan = text(&root().join("config/example/plan.yaml"));
    assert!(plan.lines().any(|line| line == "tenant: acme"), "{plan}");
    let sent = sent(3);
    let calls: Vec<&str> = sent.iter().map(|(arguments, _)| &**arguments).collect();
    let options = |topic: &str| {
        format!("-P -b kafka:9092 -t {topic} -H ce_tenant=acme -X partitioner=random")
    };
    let (leads, activity) = (options("leads"), options("lead-activity"));
    assert_eq!(calls, [&*leads, &*leads, &*activity]);
    let ids = sent[0].1.iter().map(|lead| lead["id"].as_str().unwrap());
    assert_eq!(ids.collect::<Vec<&str>>(), ["G-7-0", "G-7-1", "G-7-2"]);
}
