//! How long it takes from a kill to the next decision: printed, and held to the session.
//!
//! `BAILIWICK_TAKEOVERS` sets how often each test kills, `BAILIWICK_TAKEOVER_LEADS` how many
//! leads are remembered before.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::support::kafka;
use crate::support::reaper::Process;

use super::deployment::{Deployment, Reader, wait_until};
use super::diary;
use super::exactly_once::{deployment, produce};
use super::population::{leads, tenants};

const SEED: u64 = 31_415;
const TENANTS: usize = 40;
/// Between two leads of the steady stream: each of four lanes decides one in 20 ms.
const EVERY: Duration = Duration::from_millis(5);

fn number(variable: &str, default: usize) -> usize {
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| text.parse().expect("a number"))
}

/// Sends leads that nobody sent before, until told to stop.
fn stream(deployment: &Deployment, from: usize, stop: &AtomicBool) {
    let producer = deployment.producer();
    let mut sent = leads(SEED, &tenants(TENANTS)).skip(from);
    while !stop.load(Ordering::Relaxed) {
        let lead = sent.next().expect("leads without end");
        let record = (Some(lead.id.as_bytes()), Some(&*lead.value), None);
        deployment.send(&producer, "leads", 0, record);
        std::thread::sleep(EVERY);
    }
    deployment.flush(&producer);
}

fn lanes(deployment: &Deployment, name: &str) -> Vec<i32> {
    let ready = diary::metric(deployment, name, "bailiwick_lane_ready");
    let running = ready.iter().filter(|(_, value)| *value == 1.0);
    running
        .map(|(lane, _)| lane.parse().expect("a partition"))
        .collect()
}

/// Kills a daemon and says how long it took until each of its lanes decided again; `then`
/// is done right after the kill.
fn kill(
    reader: &mut Reader,
    mut victim: Process,
    mut lanes: Vec<i32>,
    then: impl FnOnce(),
) -> Duration {
    // What was decided before lies behind the reader, so that it reads as things come.
    let mut looked = reader.seen.len();
    let before = now_ms();
    reader.until(|seen| seen.last().is_some_and(|one| one.timestamp > Some(before)));
    let (killed, killed_ms) = (Instant::now(), now_ms());
    victim.kill();
    then();
    reader.until(|seen| {
        for one in &seen[looked..] {
            if one.timestamp > Some(killed_ms) {
                lanes.retain(|lane| *lane != one.partition);
            }
        }
        looked = seen.len();
        lanes.is_empty()
    });
    killed.elapsed()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the clock is set").as_millis() as i64
}

fn report(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort();
    let at = |share: usize| times[(times.len() * share).div_ceil(100) - 1];
    println!(
        "{what}: {} kills, to the next decision of every lane p50 {:?}, p99 {:?}",
        times.len(),
        at(50),
        at(99)
    );
    at(100)
}

/// One of two instances is killed again and again; the other takes its lanes over.
fn takeovers(name: &str, standby: usize) {
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    let (kills, before) = (
        number("BAILIWICK_TAKEOVERS", 1),
        number("BAILIWICK_TAKEOVER_LEADS", 2_000),
    );
    println!("seed {SEED}, {before} leads before");
    let mut deployment = deployment(&brokers);
    deployment.set(&format!("lanes.standby={standby}"));
    produce(&deployment, SEED, 0, before);
    let stop = AtomicBool::new(false);
    let times = std::thread::scope(|scope| {
        scope.spawn(|| stream(&deployment, before, &stop));
        let mut reader = Reader::new(&deployment, "assignments");
        let mut names = ["one".to_owned(), "two".to_owned()];
        let mut daemons = names.clone().map(|name| Some(deployment.daemon(&name)));
        let mut times = Vec::new();
        for round in 0..kills {
            let both = || names.iter().map(|name| lanes(&deployment, name).len());
            wait_until("both have two lanes", || both().eq([2, 2]));
            await_followed(&deployment, &names, standby);
            let at = round % 2;
            let victim = daemons[at].take().expect("it runs");
            times.push(kill(
                &mut reader,
                victim,
                lanes(&deployment, &names[at]),
                || (),
            ));
            names[at] = format!("next-{round}");
            daemons[at] = Some(deployment.daemon(&names[at]));
        }
        stop.store(true, Ordering::Relaxed);
        times
    });
    let longest = report(name, times);
    let session = Duration::from_secs(6);
    assert!(longest < session * 4, "far beyond the session: {longest:?}");
}

/// Where lanes are followed, waits until nothing of them is missing.
fn await_followed(deployment: &Deployment, names: &[String], standby: usize) {
    let followed = |name: &String| {
        let lag = diary::metric(deployment, name, "bailiwick_standby_lag_records");
        lag.len() == standby.min(2) && lag.iter().all(|(_, lag)| *lag < 1_000.0)
    };
    wait_until("the other's lanes are followed", || {
        names.iter().all(followed)
    });
}

#[test]
fn a_takeover_takes_about_a_session() {
    takeovers("a_takeover_takes_about_a_session", 0);
}

#[test]
fn a_takeover_by_a_standby_takes_about_a_session() {
    takeovers("a_takeover_by_a_standby_takes_about_a_session", 4);
}

#[test]
fn a_static_member_that_is_restarted_decides_again_long_before_its_session_ends() {
    let name = "a_static_member_that_is_restarted_decides_again";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    let (kills, before) = (
        number("BAILIWICK_TAKEOVERS", 1),
        number("BAILIWICK_TAKEOVER_LEADS", 2_000),
    );
    println!("seed {SEED}, {before} leads before");
    let mut deployment = deployment(&brokers);
    for pair in ["kafka.instance=only", "kafka.session_timeout=60s"] {
        deployment.set(pair);
    }
    produce(&deployment, SEED, 0, before);
    let stop = AtomicBool::new(false);
    let times = std::thread::scope(|scope| {
        scope.spawn(|| stream(&deployment, before, &stop));
        let mut reader = Reader::new(&deployment, "assignments");
        let mut daemon = deployment.daemon("only-0");
        let mut times = Vec::new();
        for round in 1..=kills {
            let current = format!("only-{}", round - 1);
            wait_until("it has all lanes", || {
                lanes(&deployment, &current).len() == 4
            });
            let mut heir = None;
            let next = format!("only-{round}");
            let start = || heir = Some(deployment.daemon(&next));
            times.push(kill(&mut reader, daemon, (0..4).collect(), start));
            daemon = heir.expect("it was started");
        }
        stop.store(true, Ordering::Relaxed);
        times
    });
    let longest = report(name, times);
    assert!(
        longest < Duration::from_secs(50),
        "as slow as without a name: {longest:?}"
    );
}
