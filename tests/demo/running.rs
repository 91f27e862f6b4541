//! The demo as a user runs it, without a terminal: it ends with a summary that adds up.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Nothing here takes longer on two busy cores.
const PATIENCE: Duration = Duration::from_secs(120);

/// A demo under way; it is killed if a test gives up on it.
struct Demo(Child);

impl Demo {
    fn start(args: &[&str]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(["demo", "--set", "http.listen=127.0.0.1:0", "-o", "json"])
            .args(args)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }

    /// Lines that it says, in the background.
    fn lines(&mut self) -> std::sync::mpsc::Receiver<String> {
        let (send, lines) = std::sync::mpsc::channel();
        let said = BufReader::new(self.0.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                // The test may have seen enough.
                let _ = send.send(line);
            }
        });
        lines
    }

    /// Waits for its end: exit code and summary.
    fn end(mut self) -> (Option<i32>, Value) {
        let mut printed = String::new();
        let mut out = self.0.stdout.take().unwrap();
        out.read_to_string(&mut printed).unwrap();
        let code = self.0.wait().unwrap().code();
        let summary = serde_json::from_str(&printed);
        (
            code,
            summary.unwrap_or_else(|why| panic!("{why}: {printed}")),
        )
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Ended already, as a rule.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for a line that holds `words`.
fn await_line(lines: &std::sync::mpsc::Receiver<String>, words: &str) -> String {
    let until = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        match lines.recv_timeout(left) {
            Ok(line) if line.contains(words) => return line,
            Ok(line) => seen.push(line),
            Err(_) => break,
        }
    }
    panic!("no line with `{words}` in\n{}", seen.join("\n"));
}

fn sum(counts: &Value) -> u64 {
    let counts = counts.as_object().unwrap().values();
    counts.map(|count| count.as_u64().unwrap()).sum()
}

#[track_caller]
fn must_add_up(summary: &Value) -> u64 {
    let count = |pointer: &str| summary.pointer(pointer).and_then(Value::as_u64).unwrap();
    let sent = count("/produced/leads") + count("/produced/redeliveries");
    let first = sum(&summary["first_decisions"]);
    assert_eq!(
        sent,
        first + count("/redeliveries") + sum(&summary["dead_letters"]),
        "{summary}"
    );
    assert_eq!(
        sent + count("/produced/activity"),
        count("/records_read"),
        "{summary}"
    );
    assert_eq!(count("/unreadable"), 0, "{summary}");
    first
}

#[test]
fn the_demo_ends_by_itself_and_its_numbers_add_up() {
    let mut demo = Demo::start(&["--leads", "1500", "--rate", "500"]);
    let lines = demo.lines();
    await_line(&lines, "of acme with 52 territories");
    await_line(&lines, "leads/s");
    let (code, summary) = demo.end();
    assert_eq!(code, Some(0), "{summary}");
    assert!(must_add_up(&summary) >= 1_490, "{summary}");
    assert!(sum(&summary["teams"]) > 1_000, "{summary}");
}

#[test]
fn an_edited_plan_moves_leads_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("acme");
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("config/example"),
        &plan,
    );
    let mut demo = Demo::start(&["--rate", "200", "--plan", plan.to_str().unwrap()]);
    let lines = demo.lines();
    await_line(&lines, "of acme with 52 territories");
    // Some leads must be known before a change can move them.
    for _ in 0..4 {
        await_line(&lines, "leads/s");
    }
    let file = plan.join("territories/china.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("team: south\n", "team: nobody\n", 1)).unwrap();
    let refused = await_line(&lines, "edit not taken");
    assert!(refused.contains("nobody"), "{refused}");
    std::fs::write(&file, text.replacen("team: south\n", "team: north\n", 1)).unwrap();
    let moved = await_line(&lines, "would move");
    assert!(moved.contains("(south) → "), "{moved}");
    interrupt(&demo);
    let (code, summary) = demo.end();
    assert_eq!(code, Some(0), "{summary}");
    must_add_up(&summary);
}

#[test]
fn a_broken_plan_at_the_start_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.yaml");
    std::fs::write(
        &plan,
        "version: 1\ntenant: acme\nteams: [{id: one, members: [ann]}]\n",
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(["demo", "--plan"])
        .arg(&plan)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(
        said.contains("plan.yaml:3") && said.contains("`ann`"),
        "{said}"
    );
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Ctrl-C.
fn interrupt(demo: &Demo) {
    let pid = demo.0.id().to_string();
    let killed = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(killed.success());
}
