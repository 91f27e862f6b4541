//! The daemon at full load for long, through reloads, activity and a restart: memory, descriptors, lag.
//!
//! ```console
//! $ cargo build --release
//! $ BAILIWICK_TEST_PROGRAM=target/release/bailiwick \
//!     cargo test --test main -- --ignored --nocapture broker::soak
//! ```
//! is an hour. `BAILIWICK_SOAK_SECONDS` sets another length: an hour may also be nine runs of
//! 400 s, one after the other, for each adds what it saw to `BAILIWICK_SOAK_RECORD` (a file in
//! the build folder without it) and reports all that the file holds, slice by slice and together.
//! `BAILIWICK_SOAK_RATE` sets the leads a second, 5,000 without it. It fails if something is not decided in the end, if
//! descriptors grow, or if memory grows by more than the state does: leads that ended are kept
//! to the end of the day after the horizon, so the state itself grows with every lead of a day.

mod load;
mod looks;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::deployment::{Deployment, PATIENCE, wait_until};
use super::instance::Instance;
use crate::support::kafka;
use load::Load;
use looks::{Diary, Look};

const PARTITIONS: i32 = 4;
/// Each is at home in another partition.
const TENANTS: [&str; 4] = ["acme", "larch", "rowan", "cedar"];
/// Queues, arenas and compiled plans have reached their size after this.
const SETTLED: f64 = 60.0;
const RELOAD_EVERY: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// What was forwarded last is followed by the mark that ends its transaction, of each lane in
/// each partition of both inputs; nobody commits past those.
const MARKS: i64 = 2 * (PARTITIONS * PARTITIONS) as i64;
/// Seconds of a run that are reported together.
const SLICE: f64 = 400.0;
/// Connections come and go; a leak is more.
const SPARE_DESCRIPTORS: f64 = 16.0;
/// The allocator gives and takes by pages, and reloads have two plans for a moment.
const SPARE_MEMORY: f64 = 64.0 * 1_048_576.0;
/// An hour of input is ten gigabytes; nobody reads it again, so that little of it is kept.
const KEEP_LITTLE: &str = "log.segment.bytes=67108864\nlog.retention.bytes=268435456\n\
     log.retention.check.interval.ms=10000\nlog.cleaner.backoff.ms=5000\n";

/// A number of seconds, or leads, from the environment.
fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a whole number"))
}

fn record() -> PathBuf {
    let given = std::env::var_os("BAILIWICK_SOAK_RECORD");
    given.map_or_else(|| kafka::scratch().join("soak.csv"), PathBuf::from)
}

/// The example plan of each tenant without long memories, so that memory reaches its level
/// within minutes; each number is another version.
fn write_plans(deployment: &Deployment, number: u64) {
    let example = crate::deploy::root().join("config/example/plan.yaml");
    let text = std::fs::read_to_string(example).unwrap();
    let text = text
        .replace("within: 90d", "within: 1m")
        .replace(
            "sticky: {accounts: true, persons: true}",
            "sticky: {accounts: false, persons: false}",
        )
        .replace("max_age: 30d", &format!("max_age: {}d", 30 + number));
    for tenant in TENANTS {
        let folder = deployment.plans().join(tenant);
        if number == 0 {
            crate::deploy::live::copy_plan(&folder);
        }
        let text = text.replace("tenant: acme", &format!("tenant: {tenant}"));
        std::fs::write(folder.join("plan.yaml"), text).unwrap();
    }
}

/// A daemon and since when it is ready.
struct Life {
    daemon: Instance,
    number: u32,
    since: Instant,
}

impl Life {
    fn begin(deployment: &Deployment, number: u32) -> Self {
        let daemon = Instance::start(deployment, "soak", &[]);
        daemon.await_ready();
        Self {
            daemon,
            number,
            since: Instant::now(),
        }
    }

    fn look(&self, run: u64, at: Duration) -> Look {
        let text = self.daemon.ask("/metrics").expect("it answers").body;
        let sum = |name: &str| values(&text, name).sum();
        Look {
            run,
            life: self.number,
            at: at.as_secs_f64(),
            age: self.since.elapsed().as_secs_f64(),
            memory: sum("process_resident_memory_bytes"),
            descriptors: sum("process_open_fds"),
            lag_seconds: values(&text, "bailiwick_lane_lag_seconds").fold(0.0, f64::max),
            leads: sum("bailiwick_records_total{topic=\"leads\"}"),
            rows: sum("bailiwick_lane_rows"),
            cpu_seconds: sum("process_cpu_seconds_total"),
        }
    }
}

fn values<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = f64> + 't {
    let value = move |line: &str| {
        let rest = line.strip_prefix(name)?;
        let is_this = rest.starts_with([' ', '{']);
        is_this.then(|| rest.rsplit(' ').next()?.parse().ok())?
    };
    text.lines().filter_map(value)
}

/// Positions of the inputs that the group has not committed yet.
fn behind(deployment: &Deployment) -> i64 {
    let probe: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &deployment.brokers)
        .create()
        .expect("a client can be made");
    let committed = deployment.committed();
    let of = |((role, partition), next): (&(String, i32), &i64)| {
        let topic = deployment.topic(role);
        let ends = probe.fetch_watermarks(&topic, *partition, PATIENCE);
        ends.expect("the broker answers").1 - next
    };
    committed.iter().map(of).sum()
}

#[test]
#[ignore = "minutes to an hour under load; see the head of tests/broker/soak.rs"]
fn memory_and_descriptors_stay_level_under_load() {
    assert!(
        std::env::var_os("BAILIWICK_TEST_PROGRAM").is_some(),
        "a debug build measures nothing: see the head of tests/broker/soak.rs"
    );
    let name = "memory_and_descriptors_stay_level_under_load";
    let Some(broker) = kafka::own_broker_as_shipped(name, KEEP_LITTLE) else {
        return;
    };
    let length = Duration::from_secs(from_environment("BAILIWICK_SOAK_SECONDS", 3_600));
    let rate = from_environment("BAILIWICK_SOAK_RATE", 5_000);
    let deployment = Deployment::new(&broker.address(), PARTITIONS);
    write_plans(&deployment, 0);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let load = Load::new(&deployment, &TENANTS, rate);
        let load = scope.spawn(|| load.run(&stop));
        let (life, reloads) = watch(&deployment, length);
        stop.store(true, Ordering::Release);
        let (sent, since) = (load.join().expect("all was sent"), Instant::now());
        println!(
            "{} leads, {} redeliveries, {} activity in {length:?}; {reloads} reloads, one restart",
            sent.leads, sent.again, sent.activity
        );
        wait_until("all input is committed", || behind(&deployment) <= MARKS);
        println!("all was decided {:.1?} after the load", since.elapsed());
        life.daemon.end();
    });
    let looks = looks::read(&record());
    looks::report(&looks, SETTLED, SLICE, (SPARE_DESCRIPTORS, SPARE_MEMORY));
}

/// Changes plans, restarts the daemon once under load, and looks at it now and then; gives the
/// last process and how often plans changed.
fn watch(deployment: &Deployment, length: Duration) -> (Life, u64) {
    let mut diary = Diary::open(&record());
    let run = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (began, mut reloads) = (Instant::now(), 0);
    let mut life = Life::begin(deployment, 0);
    let mut next_look = LOOK_EVERY;
    while began.elapsed() < length {
        let now = began.elapsed();
        if now >= RELOAD_EVERY * u32::try_from(reloads + 1).unwrap() {
            reloads += 1;
            write_plans(deployment, reloads);
        }
        if now >= length / 2 && life.number == 0 {
            let stopped = Instant::now();
            life.daemon.end();
            life = Life::begin(deployment, 1);
            println!("restarted under load in {:.1?}", stopped.elapsed());
        }
        if now >= next_look {
            next_look += LOOK_EVERY;
            diary.note(life.look(run.as_secs(), began.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    (life, reloads)
}
