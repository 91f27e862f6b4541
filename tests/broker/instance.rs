//! One running daemon that a test asks over HTTP, and ends as it likes.

use std::net::{SocketAddr, TcpStream};

use crate::support::http;
use crate::support::reaper::Process;

use super::deployment::{Deployment, wait_until};
use super::link::free_address;

/// A daemon and its admin address.
pub struct Instance {
    process: Process,
    admin: SocketAddr,
}

impl Instance {
    /// Starts a daemon of `deployment` with settings of its own.
    pub fn start(deployment: &Deployment, name: &str, own: &[String]) -> Self {
        let admin = free_address();
        let mut settings = vec![format!("http.listen={admin}")];
        settings.extend_from_slice(own);
        let process = deployment.daemon_with(name, &settings);
        Self { process, admin }
    }

    /// What a path answers; nothing while nobody listens there.
    pub fn ask(&self, path: &str) -> Option<http::Answer> {
        TcpStream::connect(self.admin).ok()?;
        Some(http::get(self.admin, path))
    }

    pub fn is_live(&self) -> bool {
        self.ask("/livez")
            .is_some_and(|answer| answer.status == 200)
    }

    pub fn is_ready(&self) -> bool {
        self.ask("/readyz")
            .is_some_and(|answer| answer.status == 200)
    }

    pub fn await_ready(&self) {
        wait_until("the daemon is ready", || self.is_ready());
    }

    /// A metric's sum over its labels.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.ask("/metrics").expect("the daemon answers").body;
        let value = |line: &str| {
            let rest = line.strip_prefix(name)?;
            let is_this = rest.starts_with(['{', ' ']);
            is_this.then(|| rest.rsplit_once(' ')?.1.parse::<f64>().ok())?
        };
        text.lines().filter_map(value).sum()
    }

    /// Memory that is resident, in bytes, as the kernel counts it.
    pub fn resident(&mut self) -> u64 {
        let pid = self.process.child().id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
        kib.expect("the kernel says so").parse::<u64>().unwrap() * 1024
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to stop, and sees that it does so well.
    pub fn end(mut self) {
        self.process.signal("TERM");
        assert!(self.process.child().wait().expect("it ends").success());
    }
}
