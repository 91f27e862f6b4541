//! How the program ends when something is amiss outside of it.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::{bailiwick, check, run};

#[test]
fn wrong_use_and_help() {
    check("usage.txt");
}

#[test]
fn a_reader_that_leaves_is_no_fault() {
    let leads: String = (0..200_000)
        .map(|id| format!("{{\"id\":\"L-{id}\"}}\n"))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leads.ndjson");
    std::fs::write(&file, leads).unwrap();
    let mut command = bailiwick(&["route", "plan", "--leads", file.to_str().unwrap()]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.starts_with("{\"lead\":\"L-0\""), "{line}");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert_eq!(ended.status.code(), Some(0));
}

#[test]
fn a_full_disk_is_a_fault() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = bailiwick(&["check", "plan"]);
    let ended = command
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    let why = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(
        why.contains("cannot write to standard output: No space left on device"),
        "{why}"
    );
    assert_eq!(ended.status.code(), Some(70));
}

#[test]
fn completions_name_every_verb() {
    for shell in ["bash", "zsh", "fish"] {
        let ended = run(bailiwick(&["completion", shell]), "");
        let script = String::from_utf8(ended.stdout).unwrap();
        for verb in ["check", "route", "explain", "config", "completion"] {
            assert!(script.contains(verb), "{shell}: {verb}");
        }
    }
}

#[test]
fn every_verb_has_help_with_examples() {
    let help = String::from_utf8(run(bailiwick(&["--help"]), "").stdout).unwrap();
    let verbs = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    for line in verbs.lines().filter(|line| !line.starts_with("     ")) {
        let verb = line.split_whitespace().next().unwrap();
        if verb == "help" || verb == "config" {
            continue;
        }
        let help = run(bailiwick(&[verb, "--help"]), "");
        let help = String::from_utf8(help.stdout).unwrap();
        assert!(
            help.contains("Example"),
            "{verb} --help shows no examples:\n{help}"
        );
    }
}
