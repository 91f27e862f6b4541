//! Two instances that are killed again and again, at random moments and within commits.
//!
//! `BAILIWICK_SOAK_KILLS` and `BAILIWICK_SOAK_MINUTES` make it longer, `BAILIWICK_SOAK_SEED`
//! repeats a run, `BAILIWICK_SOAK_PLAIN` does without standby and static membership.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::support::proxy::{Verdict, api};

use super::deployment::{Deployment, wait_until};
use super::exactly_once::{await_drained, deployment};
use super::instance::Instance;
use super::link::Link;
use super::load::{Load, clock, quantile};
use super::takeover::prove;

/// Kills of a usual run.
const KILLS: usize = 6;
const SEED: u64 = 20_261_125;
const PER_SECOND: f64 = 60.0;
const TENANTS: usize = 40;
/// An instance without lanes commits nothing, so that there may be no commit to kill it in.
const NO_COMMIT: Duration = Duration::from_secs(2);

/// What kills may leave to be done by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Aftermath {
    /// The killed instance comes back at once.
    Restart,
    /// It comes back when the other one has taken its lanes over.
    Takeover,
}

fn number(variable: &str) -> Option<u64> {
    let given = std::env::var(variable).ok()?;
    Some(given.parse().expect("a whole number"))
}

/// When to stop: after so many kills or so much time.
struct Bound {
    kills: usize,
    until: Option<Instant>,
}

impl Bound {
    fn read() -> Self {
        let minutes = number("BAILIWICK_SOAK_MINUTES");
        let kills = number("BAILIWICK_SOAK_KILLS").map(|kills| kills as usize);
        Self {
            kills: kills.unwrap_or(if minutes.is_some() { usize::MAX } else { KILLS }),
            until: minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes)),
        }
    }

    fn is_reached(&self, kills: usize) -> bool {
        kills >= self.kills || self.until.is_some_and(|end| Instant::now() >= end)
    }
}

struct Slot {
    link: Link,
    instance: Instance,
}

impl Slot {
    fn start(deployment: &Deployment, link: Link, number: usize) -> Self {
        let instance = Instance::start(deployment, NAMES[number], &settings(&link, number));
        Self { link, instance }
    }

    fn restart(&mut self, deployment: &Deployment, number: usize) {
        let settings = settings(&self.link, number);
        self.instance = Instance::start(deployment, NAMES[number], &settings);
    }

    /// The lanes that decide here.
    fn lanes(&self) -> Vec<i32> {
        let Some(answer) = self.instance.ask("/metrics") else {
            return Vec::new();
        };
        let partition = |line: &str| {
            let rest = line.strip_prefix("bailiwick_lane_ready{partition=\"")?;
            let (number, value) = rest.split_once("\"} ")?;
            (value == "1").then(|| number.parse().ok())?
        };
        answer.body.lines().filter_map(partition).collect()
    }

    /// Kills the instance: at once, or while the end of a transaction of its is on its way.
    /// Gives the lanes it had, and when it died.
    fn kill(&mut self, within_commit: bool) -> (Vec<i32>, (Instant, i64)) {
        let lanes = self.lanes();
        if within_commit {
            self.link.proxy.judge(|frame| match frame.api {
                api::END_TXN => Verdict::Pause,
                _ => Verdict::Pass,
            });
            let end = Instant::now() + NO_COMMIT;
            while self.link.proxy.paused() == 0 && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        self.instance.kill();
        let moment = (Instant::now(), clock());
        self.link.proxy.be_good();
        self.link.proxy.go_on();
        (lanes, moment)
    }
}

const NAMES: [&str; 2] = ["one", "two"];

/// Each keeps the other's lanes warm and has a name that outlives it, unless
/// `BAILIWICK_SOAK_PLAIN` asks for neither.
fn settings(link: &Link, number: usize) -> Vec<String> {
    let mut settings = vec![format!("kafka.brokers={}", link.address())];
    if std::env::var_os("BAILIWICK_SOAK_PLAIN").is_none() {
        settings.push(format!("kafka.instance={}", NAMES[number]));
        settings.push("lanes.standby=4".to_owned());
    }
    settings
}

/// How long it took, by what followed the kill.
#[derive(Default)]
struct Times(std::collections::BTreeMap<Aftermath, Vec<Duration>>);

impl fmt::Display for Times {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, times) in &self.0 {
            let mut times = times.clone();
            let (half, most) = (quantile(&mut times, 0.5), quantile(&mut times, 0.99));
            writeln!(
                out,
                "{what:?}: {} lanes, to the next decision p50 {half:.1?}, p99 {most:.1?}",
                times.len()
            )?;
        }
        Ok(())
    }
}

#[test]
fn two_instances_killed_again_and_again_lose_and_double_nothing() {
    let name = "two_instances_killed_again_and_again_lose_and_double_nothing";
    let (Some(one), Some(two)) = (Link::take(name), Link::take(name)) else {
        return;
    };
    let seed = number("BAILIWICK_SOAK_SEED").unwrap_or(SEED);
    println!("seed {seed}");
    let deployment = Arc::new(deployment(&one.direct));
    let mut slots = [
        Slot::start(&deployment, one, 0),
        Slot::start(&deployment, two, 1),
    ];
    let load = Load::start(&deployment, seed, TENANTS, PER_SECOND);
    let (bound, mut random) = (Bound::read(), StdRng::seed_from_u64(seed));
    let (mut kills, mut within, mut times) = (0, 0, Times::default());
    while !bound.is_reached(kills) {
        for slot in &slots {
            slot.instance.await_ready();
        }
        wait_until("both instances have lanes", || {
            slots.iter().all(|slot| !slot.lanes().is_empty())
        });
        std::thread::sleep(Duration::from_millis(random.random_range(0..500)));
        let (victim, within_commit) = (random.random_range(0..2), random.random_bool(0.5));
        let aftermath = match kills % 2 {
            0 => Aftermath::Restart,
            _ => Aftermath::Takeover,
        };
        let (lanes, moment) = slots[victim].kill(within_commit);
        (kills, within) = (kills + 1, within + usize::from(within_commit));
        if aftermath == Aftermath::Restart {
            slots[victim].restart(&deployment, victim);
        }
        let took = load.next_decisions(&lanes, moment);
        times.0.entry(aftermath).or_default().extend(took);
        if aftermath == Aftermath::Takeover {
            slots[victim].restart(&deployment, victim);
        }
    }
    let (sent, arrivals) = load.finish();
    await_drained(&deployment);
    for slot in slots {
        slot.instance.end();
    }
    println!(
        "{kills} kills, {within} of them within a commit; {sent} leads in, {} decisions out",
        arrivals.len()
    );
    print!("{times}");
    prove(&deployment, sent);
}
