//! What the log says of a reload by signal. Brokers are away, which plans do not mind.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use super::{PATIENCE, plan, write};
use crate::support::reaper::Process;

struct Daemon {
    process: Process,
    lines: Receiver<Value>,
}

impl Daemon {
    fn start(plans: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
        command
            .args(["run", "--set", "http.listen=127.0.0.1:0"])
            // Nobody listens on the first port of all.
            .args(["--set", "kafka.brokers=127.0.0.1:1"])
            .args(["--set", &format!("plans.path={}", plans.display())])
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = Process::spawn(&mut command);
        let text = BufReader::new(process.child().stderr.take().unwrap()).lines();
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            let parsed = text.map_while(Result::ok);
            let mut parsed = parsed.filter_map(|line| serde_json::from_str(&line).ok());
            parsed.try_for_each(|line| tell.send(line))
        });
        let daemon = Self { process, lines };
        // Signals are listened for before the brokers are.
        daemon.wait_for("cannot reach Kafka");
        daemon
    }

    /// The next line whose message holds `part`.
    fn wait_for(&self, part: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("never said: {part}"));
            if line["message"].as_str().unwrap_or_default().contains(part) {
                return line;
            }
        }
    }

    fn reload(&self) -> Value {
        self.process.signal("HUP");
        self.wait_for("plans read again as asked")
    }
}

#[test]
fn a_reload_by_signal_said_nothing_when_it_was_refused_before_or_changed_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme/plan.yaml");
    write(&file, &plan("acme", "east", 2));
    let daemon = Daemon::start(folder.path());
    let line = daemon.reload();
    assert_eq!(
        line["message"],
        "plans read again as asked: nothing changed"
    );
    write(&file, "nonsense");
    daemon.wait_for("plan not taken");
    for _ in 0..2 {
        let line = daemon.reload();
        assert_eq!(line["message"], "plans read again as asked: not all taken");
        assert_eq!(
            (&line["level"], &line["changed"]),
            (&"WARN".into(), &"".into())
        );
        let reason = line["reason"].as_str().unwrap();
        assert!(reason.starts_with("acme: "), "{reason}");
    }
    write(&file, &plan("acme", "east", 2));
    let line = daemon.wait_for("in force again");
    assert_eq!(line["tenant"], "acme");
}
