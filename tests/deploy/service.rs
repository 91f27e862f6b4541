//! The daemon under a service manager: what it tells through the manager's socket.

use std::collections::BTreeSet;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::live::copy_plan;
use super::tool::skip;
use crate::broker::deployment::{Deployment, PATIENCE};
use crate::support::{kafka, reaper};

/// The manager's side: a datagram socket, and every line that came.
struct Manager {
    socket: UnixDatagram,
    seen: BTreeSet<String>,
}

impl Manager {
    fn wait_for(&mut self, line: &str) {
        let end = Instant::now() + PATIENCE;
        let mut buffer = [0; 4_096];
        while !self.seen.contains(line) {
            assert!(Instant::now() < end, "no {line} among {:?}", self.seen);
            if let Ok(length) = self.socket.recv(&mut buffer) {
                let text = std::str::from_utf8(&buffer[..length]).unwrap();
                self.seen.extend(text.lines().map(str::to_owned));
            }
        }
    }
}

#[test]
fn a_service_manager_is_told_of_each_stage() {
    let name = "a_service_manager_is_told_of_each_stage";
    let Some(brokers) = kafka::brokers(name) else {
        return skip(name, "no Kafka");
    };
    let deployment = Deployment::new(&brokers, 1);
    copy_plan(&deployment.plans().join("acme"));
    // A socket's path is short or refused, so it does not lie in the build folder.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let mut manager = Manager {
        socket,
        seen: BTreeSet::new(),
    };
    let mut command = deployment.command(&["run"]);
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "2000000")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let daemon = reaper::Process::spawn(&mut command);
    manager.wait_for("READY=1");
    manager.wait_for("STATUS=ready");
    manager.wait_for("WATCHDOG=1");
    assert!(!manager.seen.contains("STOPPING=1"));
    daemon.signal("TERM");
    manager.wait_for("STOPPING=1");
}
