//! The daemon at full load for long, through reloads, activity and a restart: memory, descriptors, lag.
//!
//! ```console
//! $ cargo build --release
//! $ BAILIWICK_SOAK_SECONDS=3600 BAILIWICK_SOAK_BINARY=target/release/bailiwick \
//!     cargo test --test main -- --ignored --nocapture broker::soak
//! ```
//! `BAILIWICK_SOAK_RATE` sets the leads a second, 5,000 without it. What is printed is the
//! result; the test fails only if something was lost, descriptors grow, or the lag stays.

use std::collections::{BTreeMap, VecDeque};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bailiwick::cli::demo::traffic::{Arrivals, Record, Settings, Traffic};
use bailiwick::event::Timestamp;
use rdkafka::producer::{DefaultProducerContext, ThreadedProducer};

use super::deployment::{Deployment, PATIENCE, wait_until};
use crate::support::{http, kafka, reaper::Process};

const PARTITIONS: i32 = 4;
/// Every lead is touched and closed so long after it came, so that what is open stays bounded.
const TOUCHED: Duration = Duration::from_secs(5);
const CLOSED: Duration = Duration::from_secs(15);
/// Closed leads are remembered for so long; after twice the time memory has had its fill.
const HORIZON: Duration = Duration::from_secs(60);
const RELOAD_EVERY: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Connections come and go; a leak is more.
const SPARE_DESCRIPTORS: f64 = 16.0;

/// A number from the environment.
fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// One look at the daemon.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// Seconds since the beginning.
    at: f64,
    memory: f64,
    descriptors: f64,
    lag_seconds: f64,
    leads: f64,
}

struct Soak {
    deployment: Deployment,
    admin: SocketAddr,
    begun: Instant,
    looks: Vec<Look>,
}

impl Soak {
    fn daemon(&self) -> Process {
        let binary = std::env::var_os("BAILIWICK_SOAK_BINARY");
        let binary = binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_bailiwick").into());
        let binary = std::path::absolute(binary).unwrap();
        let mut command = Command::new(binary);
        command.arg("run");
        for pair in self.deployment.pairs() {
            command.args(["--set", &pair]);
        }
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.deployment.log("soak"))
            .unwrap();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let daemon = Process::spawn(&mut command);
        wait_until("the daemon is ready", || {
            std::net::TcpStream::connect(self.admin).is_ok()
                && http::get(self.admin, "/readyz").status == 200
        });
        daemon
    }

    fn look(&mut self) -> Look {
        let text = http::get(self.admin, "/metrics").body;
        let sum = |name: &str| sum(&text, name);
        let look = Look {
            at: self.begun.elapsed().as_secs_f64(),
            memory: sum("process_resident_memory_bytes"),
            descriptors: sum("process_open_fds"),
            lag_seconds: largest(&text, "bailiwick_lane_lag_seconds"),
            leads: sum("bailiwick_records_total{topic=\"leads\"}"),
        };
        self.looks.push(look);
        look
    }
}

fn values<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = f64> + 't {
    text.lines()
        .filter(move |line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with([' ', '{']))
        })
        .filter_map(|line| line.rsplit(' ').next()?.parse().ok())
}

fn sum(text: &str, name: &str) -> f64 {
    values(text, name).sum()
}

fn largest(text: &str, name: &str) -> f64 {
    values(text, name).fold(0.0, f64::max)
}

/// Leads at a steady pace, each touched and closed in its time.
struct Load {
    traffic: std::iter::Peekable<Traffic>,
    start: Timestamp,
    follow_ups: [VecDeque<(Duration, String)>; 2],
    producer: ThreadedProducer<DefaultProducerContext>,
    leads: u64,
    again: u64,
    activity: u64,
}

impl Load {
    fn new(deployment: &Deployment, rate: u64) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let start = Timestamp(i64::try_from(since.as_millis()).unwrap());
        let traffic = Traffic::new(Settings {
            seed: 8,
            start,
            tenants: vec!["acme".into()],
            arrivals: Arrivals::Steady {
                per_second: rate as f64,
            },
            life: None,
        });
        Self {
            traffic: traffic.peekable(),
            start,
            follow_ups: Default::default(),
            producer: deployment.producer(),
            leads: 0,
            again: 0,
            activity: 0,
        }
    }

    /// Sends what is due by `now`, since the load began.
    fn send_due(&mut self, deployment: &Deployment, now: Duration) {
        let at = |start: Timestamp, record: &Record| {
            Duration::from_millis(record.at.since(start).0.max(0).unsigned_abs())
        };
        let start = self.start;
        while let Some(record) = self.traffic.next_if(|record| at(start, record) <= now) {
            use bailiwick::cli::demo::traffic::Kind;
            match record.kind {
                Kind::Lead => {
                    self.leads += 1;
                    let when = at(start, &record);
                    let lead = record.lead.to_string();
                    self.follow_ups[0].push_back((when + TOUCHED, lead.clone()));
                    self.follow_ups[1].push_back((when + CLOSED, lead));
                }
                Kind::Redelivery | Kind::Activity => self.again += 1,
            }
            let partition = i32::try_from((self.leads + self.again) % 4).unwrap();
            let value = Some(&*record.value);
            deployment.send(&self.producer, "leads", partition, (None, value, None));
        }
        for (which, kind) in ["touched", "closed"].into_iter().enumerate() {
            while self.follow_ups[which]
                .front()
                .is_some_and(|(due, _)| *due <= now)
            {
                let (_, lead) = self.follow_ups[which].pop_front().unwrap();
                let more = match kind {
                    "touched" => "\"kind\": \"call\"",
                    _ => "\"result\": \"lost\"",
                };
                let event = format!(
                    "{{\"type\": \"lead.{kind}\", \"id\": \"{lead}/{kind}\", \"tenant\": \"acme\", \"lead\": \"{lead}\", {more}}}"
                );
                self.activity += 1;
                let partition = i32::try_from(self.activity % 4).unwrap();
                let value = Some(event.as_bytes());
                deployment.send(&self.producer, "activity", partition, (None, value, None));
            }
        }
    }
}

/// Bytes a second, by least squares.
fn slope(looks: &[Look]) -> f64 {
    let number = looks.len() as f64;
    let mean = |of: &dyn Fn(&Look) -> f64| looks.iter().map(of).sum::<f64>() / number;
    let (at, memory) = (mean(&|one| one.at), mean(&|one| one.memory));
    let over: f64 = looks
        .iter()
        .map(|one| (one.at - at) * (one.memory - memory))
        .sum();
    let under: f64 = looks.iter().map(|one| (one.at - at).powi(2)).sum();
    over / under
}

/// The example plan without long memories, so that memory reaches its level within minutes.
fn write_plan(deployment: &Deployment, number: u64) {
    let folder = deployment.plans().join("acme");
    if number == 0 {
        crate::deploy::live::copy_plan(&folder);
    }
    let example = crate::deploy::root().join("config/example/plan.yaml");
    let text = std::fs::read_to_string(example).unwrap();
    let text = text.replace("within: 90d", "within: 1m").replace(
        "sticky: {accounts: true, persons: true}",
        "sticky: {accounts: false, persons: false}",
    );
    let text = text.replace("max_age: 30d", &format!("max_age: {}d", 30 + number));
    std::fs::write(folder.join("plan.yaml"), text).unwrap();
}

#[test]
#[ignore = "minutes to an hour under load; see the head of tests/broker/soak.rs"]
fn memory_and_descriptors_stay_level_under_load() {
    let Some(brokers) = kafka::brokers("memory_and_descriptors_stay_level_under_load") else {
        return;
    };
    let length = Duration::from_secs(from_environment("BAILIWICK_SOAK_SECONDS", 3_600));
    let rate = from_environment("BAILIWICK_SOAK_RATE", 5_000);
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let admin = held.local_addr().unwrap();
    drop(held);
    let mut deployment = Deployment::new(&brokers, PARTITIONS);
    deployment.set(&format!("http.listen={admin}"));
    deployment.set(&format!("ledger.horizon={}s", HORIZON.as_secs()));
    write_plan(&deployment, 0);
    let mut soak = Soak {
        deployment,
        admin,
        begun: Instant::now(),
        looks: Vec::new(),
    };
    let mut daemon = soak.daemon();
    let mut load = Load::new(&soak.deployment, rate);
    soak.begun = Instant::now();
    let restart_at = length / 2;
    let (mut reloads, mut restarted_at, mut leads_before) = (0, None, 0.0);
    let mut next_look = LOOK_EVERY;
    while soak.begun.elapsed() < length {
        let now = soak.begun.elapsed();
        load.send_due(&soak.deployment, now);
        if now >= RELOAD_EVERY * (reloads + 1) {
            reloads += 1;
            write_plan(&soak.deployment, reloads.into());
        }
        if now >= restart_at && restarted_at.is_none() {
            leads_before = stop(&mut soak, &mut daemon);
            daemon = soak.daemon();
            restarted_at = Some(soak.begun.elapsed());
        }
        if now >= next_look {
            next_look += LOOK_EVERY;
            soak.look();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    soak.deployment.flush(&load.producer);
    let sent = (load.leads + load.again) as f64;
    let caught_up = Instant::now();
    let end = Instant::now() + PATIENCE.max(length / 4);
    while leads_before + soak.look().leads < sent {
        assert!(
            Instant::now() < end,
            "the daemon does not catch up: {:?}",
            soak.looks.last()
        );
        std::thread::sleep(Duration::from_secs(1));
    }
    let caught_up = caught_up.elapsed();
    report(
        &soak,
        &load,
        reloads,
        restarted_at.unwrap(),
        caught_up,
        length,
    );
}

/// Ends the daemon as a service manager does; says how many leads it had read.
fn stop(soak: &mut Soak, daemon: &mut Process) -> f64 {
    // What is read between this look and the end is counted by nobody, so the load waits.
    let end = Instant::now() + PATIENCE;
    let mut before = soak.look().leads;
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let now = soak.look().leads;
        if now == before && soak.looks.last().unwrap().lag_seconds == 0.0 {
            break;
        }
        assert!(
            Instant::now() < end,
            "the daemon does not catch up before its restart"
        );
        before = now;
    }
    daemon.signal("TERM");
    let status = daemon.child().wait().unwrap();
    assert!(status.success(), "{status}");
    before
}

fn report(
    soak: &Soak,
    load: &Load,
    reloads: u32,
    restarted_at: Duration,
    caught_up: Duration,
    length: Duration,
) {
    let mut runs: BTreeMap<&str, Vec<Look>> = BTreeMap::new();
    let settled = HORIZON.as_secs_f64() * 2.0;
    for look in &soak.looks {
        let (run, began) = match look.at < restarted_at.as_secs_f64() {
            true => ("before the restart", 0.0),
            false => ("after the restart", restarted_at.as_secs_f64()),
        };
        if look.at - began >= settled && look.at <= length.as_secs_f64() {
            runs.entry(run).or_default().push(*look);
        }
    }
    let seconds = soak.looks.last().unwrap().at;
    println!(
        "{} leads, {} redeliveries, {} activity in {seconds:.0} s; {reloads} reloads, one restart; \
         caught up {:.1} s after the load",
        load.leads,
        load.again,
        load.activity,
        caught_up.as_secs_f64()
    );
    for look in soak.looks.iter().step_by(6) {
        println!(
            "{:>6.0} s  {:>7.1} MiB  {:>4} descriptors  lag {:>6.2} s  {:>10} leads",
            look.at,
            look.memory / 1_048_576.0,
            look.descriptors,
            look.lag_seconds,
            look.leads
        );
    }
    for (run, looks) in &runs {
        let of = |of: &dyn Fn(&Look) -> f64| -> (f64, f64) {
            let all = || looks.iter().map(of);
            (
                all().fold(f64::INFINITY, f64::min),
                all().fold(f64::NEG_INFINITY, f64::max),
            )
        };
        let (least, most) = of(&|one| one.descriptors);
        let (_, lag) = of(&|one| one.lag_seconds);
        let (low, high) = of(&|one| one.memory / 1_048_576.0);
        println!(
            "{run}, from {settled:.0} s on: memory {low:.1} to {high:.1} MiB, slope {:+.2} MiB an hour; \
             descriptors {least} to {most}; largest lag {lag:.2} s; {} looks",
            slope(looks) * 3_600.0 / 1_048_576.0,
            looks.len()
        );
        assert!(most - least <= SPARE_DESCRIPTORS, "descriptors grow");
    }
}
