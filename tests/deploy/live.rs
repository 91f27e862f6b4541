//! A real Prometheus scrapes a real daemon under generated load, and answers every query we ship.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bailiwick::cli::demo::traffic::{Arrivals, Kind as RecordKind, Life, Settings, Traffic};
use bailiwick::event::Timestamp;

use super::alerts;
use super::dashboards::{self, Kind, Query};
use super::prometheus::{Prometheus, number};
use super::tool::{PROMTOOL, skip, tool};
use super::{must_be_empty, root};
use crate::broker::deployment::{Deployment, PATIENCE};
use crate::support::{http, kafka};

/// Long enough for each lane to commit many times and for some leads to be closed.
const LOAD: Duration = Duration::from_secs(15);

/// Leads a second: enough for every kind of decision, little enough for a busy machine.
const PER_SECOND: f64 = 300.0;

const PARTITIONS: i32 = 2;

/// What a sound system does not have: these may have no answer, or none that is a number.
const MAY_BE_EMPTY: [&str; 6] = [
    // Nothing is wrong.
    "overview.json: Firing and pending A",
    // The example plan has no deadline as short as the load.
    "overview.json: How late timers fire A",
    "overview.json: How late timers fire B",
    // One instance has nobody's state to keep warm.
    "runtime.json: Warm states A",
    "runtime.json: Warm states B",
    // No team of the example plan is full.
    "territories.json: Leads held by the fullest teams B",
];

/// Prometheus has a scrape's samples this many seconds after the scrape's time stamp at the
/// latest, for a scrape that takes longer than its interval is given up.
const SCRAPE_SECONDS: i64 = 2;

/// What is true of the whole once everything is decided and seen.
const TRUE_AT_REST: [(&str, &str); 7] = [
    ("the daemon is scraped", r#"up{job="bailiwick"} == 1"#),
    (
        "leads were read",
        r#"sum(increase(bailiwick_records_total{topic="leads"}[$__range])) > 0"#,
    ),
    (
        "activity was read",
        r#"sum(increase(bailiwick_records_total{topic="activity"}[$__range])) > 0"#,
    ),
    (
        "the change of plan is in force",
        r#"sum(increase(bailiwick_plan_reloads_total{result="changed"}[$__range])) > 0"#,
    ),
    (
        "no record waits",
        "sum(bailiwick_consumer_lag_records) == 0",
    ),
    ("no lane is behind", "max(bailiwick_lane_lag_seconds) == 0"),
    (
        "each record's time to its commit was measured",
        "sum(bailiwick_record_commit_seconds_count) == sum(bailiwick_records_total)",
    ),
];

/// Alerts about how quick the machine is, and not about whether the system is sound.
const MACHINE_ALERTS: &str = "BailiwickSlow.*|BailiwickLaneBehind|BailiwickBrokerSlow";

#[test]
fn every_query_answers_from_a_daemon_under_load() {
    let name = "every_query_answers_from_a_daemon_under_load";
    if tool(name, "prometheus", PROMTOOL).is_none() {
        return;
    }
    let Some(brokers) = kafka::brokers(name) else {
        return skip(name, "no Kafka");
    };
    let (admin, listen) = (free_address(), free_address());
    let mut deployment = Deployment::new(&brokers, PARTITIONS);
    deployment.set(&format!("http.listen={admin}"));
    copy_plan(&deployment.plans().join("acme"));
    let _daemon = deployment.daemon("one");
    until("the daemon is ready", || answers(admin, "/readyz"));
    let folder = deployment.plans().with_file_name("prometheus");
    let prometheus = Prometheus::start(&folder, admin, listen);
    until("Prometheus is ready", || prometheus.is_ready());
    // What is there at the first scrape counts as no increase, so the load comes after it.
    let begun = settled_seconds();
    until("both lanes are scraped", || {
        let lanes = format!("sum(bailiwick_lane_ready) == {PARTITIONS}");
        !prometheus.ask(&lanes, settled_seconds()).is_empty()
    });

    load(&deployment);
    for (what, truth) in TRUE_AT_REST {
        until(what, || {
            let at = settled_seconds();
            !prometheus.ask(&since(begun, at, truth), at).is_empty()
        });
    }
    let mut open = dashboards::queries();
    open.retain(|query| !MAY_BE_EMPTY.contains(&query.place.as_str()));
    // A scrape that a busy machine missed leaves one moment without an answer, not the next.
    let end = Instant::now() + PATIENCE;
    while !open.is_empty() && Instant::now() < end {
        let at = settled_seconds();
        open.retain(|query| !is_answered(&prometheus, begun, at, query));
    }
    let unanswered = open.iter();
    let unanswered = unanswered.map(|query| format!("{}: {}", query.place, query.expression));
    must_be_empty(
        "queries without an answer:",
        &unanswered.collect::<Vec<_>>(),
    );
    if let Some(promtool) = tool(name, "promtool", PROMTOOL) {
        let shown = http::get(admin, "/metrics").body;
        alerts::must_be_clean(promtool, shown.as_bytes());
    }
    let firing = format!(
        r#"ALERTS{{alertname=~"Bailiwick.*", alertname!~"{MACHINE_ALERTS}", alertstate="firing"}}"#
    );
    let firing = prometheus.ask(&firing, settled_seconds());
    assert!(
        firing.is_empty(),
        "a sound daemon under load alerts nobody: {firing:?}"
    );
}

/// The latest second whose scrapes are in.
fn settled_seconds() -> i64 {
    now().0 / 1_000 - SCRAPE_SECONDS
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

fn free_address() -> SocketAddr {
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    held.local_addr().expect("it is bound")
}

/// The example plan, in a folder that a test may change.
pub fn copy_plan(to: &Path) {
    let from = root().join("config/example");
    for entry in walkdir::WalkDir::new(&from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(&from).unwrap());
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(target).unwrap(),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn until(what: &str, mut met: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !met() {
        assert!(Instant::now() < end, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether an address answers a path with 200; nobody listening there yet is no.
fn answers(address: SocketAddr, path: &str) -> bool {
    std::net::TcpStream::connect(address).is_ok() && http::get(address, path).status == 200
}

/// Leads and what becomes of them at the pace of a quick sales force, and one change of plan.
fn load(deployment: &Deployment) {
    let producer = deployment.producer();
    let begun = Instant::now();
    let start = now();
    let traffic = Traffic::new(Settings {
        seed: 7,
        start,
        tenants: vec!["acme".into()],
        arrivals: Arrivals::Steady {
            per_second: PER_SECOND,
        },
        life: Some(Life {
            touch: 3_000.0,
            close: 30_000.0,
        }),
    });
    let changed = AtomicBool::new(false);
    for (number, record) in traffic.enumerate() {
        let due = Duration::from_millis(u64::try_from(record.at.since(start).0).unwrap());
        if due > LOAD {
            break;
        }
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        if due > LOAD / 3 && !changed.swap(true, Ordering::Relaxed) {
            change_plan(&deployment.plans().join("acme/plan.yaml"));
        }
        let role = match record.kind {
            RecordKind::Lead | RecordKind::Redelivery => "leads",
            RecordKind::Activity => "activity",
        };
        let partition = i32::try_from(number).unwrap() % PARTITIONS;
        deployment.send(
            &producer,
            role,
            partition,
            (None, Some(&record.value), None),
        );
    }
    deployment.flush(&producer);
}

fn change_plan(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let changed = text.replace("max_age: 30d", "max_age: 31d");
    assert_ne!(changed, text);
    fs::write(path, changed).unwrap();
}

/// Whether a query has an answer, and one with a number in it.
fn is_answered(prometheus: &Prometheus, begun: i64, at: i64, query: &Query) -> bool {
    let answer = prometheus.ask(&since(begun, at, &expression(query)), at);
    answer.iter().any(|series| number(series).is_some())
}

/// An expression whose windows hold the whole load, however long a busy machine took over it.
fn since(begun: i64, at: i64, expression: &str) -> String {
    let window = format!("{}s", at - begun);
    expression
        .replace("$__rate_interval", &window)
        .replace("$__range", &window)
}

/// The query as Grafana would send it, with everything selected; a variable becomes a query for
/// the labels it lists.
fn expression(query: &Query) -> String {
    let plain = query.expression.replace("$job", "bailiwick");
    let plain = ["$instance", "$tenant", "$territory", "$partition"]
        .iter()
        .fold(plain, |text, variable| text.replace(variable, ".*"));
    if query.kind != Kind::Variable {
        return plain;
    }
    let inside = plain
        .strip_prefix("label_values(")
        .unwrap()
        .strip_suffix(')')
        .unwrap();
    let (series, label) = inside.rsplit_once(", ").unwrap();
    format!("count by ({label}) ({series})")
}
