//! A watchdog process that ends what the tests started, however the tests themselves end.
//!
//! libtest leaves by `exit`, so nothing static is dropped, and a test binary may be killed.
//! The watchdog therefore reads a pipe that closes with this process, whatever the reason.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// Lines of the pipe: `+ PID`, `- PID` and `rm FOLDER`, which may have something mounted in it.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
pids=' '; folders=''
while read -r what rest; do
  case "$what" in
    +) pids="$pids$rest " ;;
    -) pids=$(printf '%s' "$pids" | sed "s/ $rest / /") ;;
    rm) folders="$folders$rest
" ;;
  esac
done
for pid in $pids; do kill -CONT "$pid"; kill -9 "$pid"; done 2>/dev/null
sleep 0.2
printf '%s' "$folders" | while read -r folder; do
  umount -l "$folder"/* 2>/dev/null
  rm -rf "$folder"
done
"#;

#[allow(
    clippy::zombie_processes,
    reason = "the watchdog outlives this process; that is its job"
)]
fn tell(line: &str) {
    static PIPE: OnceLock<Mutex<ChildStdin>> = OnceLock::new();
    let pipe = PIPE.get_or_init(|| {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a POSIX shell is there");
        Mutex::new(shell.stdin.take().expect("the pipe was asked for"))
    });
    let mut pipe = pipe.lock().unwrap_or_else(|broken| broken.into_inner());
    writeln!(pipe, "{line}").expect("the watchdog reads until we end");
}

/// A child process that is killed when this value is dropped or the test binary ends.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts `command`.
    pub fn spawn(command: &mut Command) -> Self {
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        tell(&format!("+ {}", child.id()));
        Self { child }
    }

    /// The child itself, for its pipes and its exit status.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Sends a signal by name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(&pid)
            .status();
        assert!(
            done.is_ok_and(|status| status.success()),
            "kill -{name} {pid}"
        );
    }

    /// Ends the child at once, as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        tell(&format!("- {}", self.child.id()));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Removes `folder` when the test binary has ended.
pub fn remove_at_end(folder: &Path) {
    tell(&format!("rm {}", folder.display()));
}
