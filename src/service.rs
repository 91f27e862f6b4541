//! Tells the service manager how the daemon does: ready, status, alive, stopping.
//!
//! Under systemd with `Type=notify`. Where no manager listens, nothing is done.

use std::io;
use std::time::Duration;

use sd_notify::NotifyState;
use tracing::warn;

use crate::board::{Board, Check, Phase};

/// How often the board is looked at: a start is seen within a second.
const LOOK: Duration = Duration::from_secs(1);

/// The variable in which a service manager names its socket.
const SOCKET: &str = "NOTIFY_SOCKET";

/// Reports from a thread of its own for as long as the process lives.
///
/// Each look at the board takes its locks, so threads that block one another for ever end the
/// signs of life as well, and the manager starts the daemon anew.
///
/// # Errors
/// When the system gives no thread.
pub fn accompany(board: Board) -> io::Result<()> {
    if std::env::var_os(SOCKET).is_none() {
        return Ok(());
    }
    let watchdog = sd_notify::watchdog_enabled();
    // Twice as often as asked for, so that one late sign is not taken for death.
    let pause = watchdog.map_or(LOOK, |limit| (limit / 2).min(LOOK));
    let report = move || {
        let mut told = Told::default();
        loop {
            let (checks, phase) = (board.checks(), board.phase());
            told.tell(&checks, phase, watchdog.is_some());
            std::thread::sleep(pause);
        }
    };
    std::thread::Builder::new()
        .name("service".to_owned())
        .spawn(report)?;
    Ok(())
}

/// Tells that the daemon was asked to stop. An idle one ends sooner than the next look.
pub fn stopping() {
    if let Err(why) = sd_notify::notify(&[NotifyState::Stopping]) {
        warn!(%why, "cannot reach the service manager");
    }
}

/// What the manager knows already.
#[derive(Default)]
struct Told {
    ready: bool,
    status: String,
    failed: bool,
}

impl Told {
    fn tell(&mut self, checks: &[Check], phase: Phase, watched: bool) {
        let status = status(checks, phase);
        let ready = checks.iter().all(|check| check.missing.is_none());
        let mut news = Vec::new();
        if ready && !std::mem::replace(&mut self.ready, true) {
            news.push(NotifyState::Ready);
        }
        if self.status != status {
            self.status.clone_from(&status);
            news.push(NotifyState::Status(&status));
        }
        if watched {
            news.push(NotifyState::Watchdog);
        }
        let done = match news.is_empty() {
            true => Ok(()),
            false => sd_notify::notify(&news),
        };
        if let Err(why) = done
            && !std::mem::replace(&mut self.failed, true)
        {
            warn!(%why, "cannot reach the service manager");
        }
    }
}

/// One line for `systemctl status`.
fn status(checks: &[Check], phase: Phase) -> String {
    let missing: Vec<&str> = checks
        .iter()
        .filter_map(|check| check.missing.as_deref())
        .collect();
    match (phase, missing.is_empty()) {
        (Phase::Draining, _) => "finishing its batches".to_owned(),
        (_, true) => "ready".to_owned(),
        (_, false) => missing.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(missing: Option<&str>) -> Check {
        Check {
            name: "plans",
            missing: missing.map(str::to_owned),
        }
    }

    #[test]
    fn the_status_says_what_is_missing() {
        let checks = [check(None), check(Some("a")), check(Some("b"))];
        assert_eq!(status(&checks, Phase::Starting), "a; b");
        assert_eq!(status(&checks, Phase::Draining), "finishing its batches");
        assert_eq!(status(&[check(None)], Phase::Running), "ready");
    }
}
