//! A machine's clock that is put forward and back by an hour while leads are decided.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bailiwick::stream::wire::BatchRecord;

use crate::support::kafka;
use crate::support::reaper::Process;

use super::deployment::{Deployment, Seen, wait_until};
use super::exactly_once::{await_drained, planned_for, produce};
use super::takeover::{decided, prove, restored};

const SEED: u64 = 3_600;

/// Compiles what tells a process another time; a C compiler built the client library too.
fn library(deployment: &Deployment) -> PathBuf {
    let library = deployment.plans().with_file_name("clock.so");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let done = std::process::Command::new(compiler)
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/broker/clock.c"))
        .status();
    assert!(done.expect("there is a C compiler").success());
    library
}

/// A daemon whose clock is what a file says: the true time and so many seconds.
struct Displaced {
    process: Process,
    file: PathBuf,
}

impl Displaced {
    fn start(deployment: &Deployment, name: &str, library: &Path, seconds: i64) -> Self {
        let file = deployment.plans().with_file_name(format!("{name}.clock"));
        let log = std::fs::File::create(deployment.log(name)).expect("the folder is ours");
        let mut command = deployment.command(&["run"]);
        command
            .env("LD_PRELOAD", library)
            .env("DISPLACED_CLOCK", &file)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(log);
        put(&file, seconds);
        Self {
            process: Process::spawn(&mut command),
            file,
        }
    }

    /// Puts the clock forward or back, from one moment to the next.
    fn step(&self, seconds: i64) {
        put(&self.file, seconds);
    }
}

/// Writes in place, for the process has the file mapped.
fn put(file: &Path, seconds: i64) {
    let mut options = std::fs::OpenOptions::new();
    let open = options.write(true).create(true).truncate(false).open(file);
    let written = open.and_then(|mut file| file.write_all(&seconds.to_ne_bytes()));
    written.expect("the folder is ours");
}

#[test]
fn a_clock_put_forward_and_back_by_an_hour_changes_no_promise() {
    let name = "a_clock_put_forward_and_back_by_an_hour_changes_no_promise";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    println!("seed {SEED}");
    let deployment = planned_for(Deployment::new(&brokers, 2));
    let library = library(&deployment);
    let daemon = Displaced::start(&deployment, "displaced", &library, 0);
    let mut sent = 0;
    for seconds in [0, 3_590, -3_590, 0] {
        daemon.step(seconds);
        produce(&deployment, SEED, sent, 300);
        sent += 300;
        decided(&deployment, sent);
    }
    // Another machine, whose clock is right, takes over from one that is an hour ahead.
    daemon.step(3_590);
    produce(&deployment, SEED, sent, 300);
    decided(&deployment, sent + 300);
    drop(daemon);
    let mut behind = Displaced::start(&deployment, "behind", &library, 0);
    wait_until("the lanes moved on", || {
        restored(&deployment, "behind") >= 2
    });
    produce(&deployment, SEED, sent + 300, 300);
    decided(&deployment, sent + 600);
    await_drained(&deployment);
    behind.process.signal("TERM");
    assert!(behind.process.child().wait().expect("it ends").success());
    check_clocks(&deployment);
    prove(&deployment, sent + 600);
}

/// A lane's own clock never goes back.
fn check_clocks(deployment: &Deployment) {
    for partition in 0..deployment.partitions {
        let batches = deployment.read("batches");
        let own = batches.iter().filter(|one| one.partition == partition);
        let decode = |one: &Seen| BatchRecord::decode(one.value.as_deref()?);
        let moments: Vec<_> = own
            .map(|one| decode(one).expect("a batch record").now)
            .collect();
        assert!(moments.is_sorted(), "partition {partition}: {moments:?}");
    }
}
