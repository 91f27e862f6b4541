//! A real Prometheus scrapes a real daemon under generated load, and answers every query we ship.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bailiwick::cli::demo::traffic::{Arrivals, Kind as RecordKind, Life, Settings, Traffic};
use bailiwick::event::{Span, Timestamp};

use super::dashboards::{self, Kind, Query};
use super::tool::{PROMTOOL, must_pass, skip, tool};
use super::{deploy, must_be_empty, root};
use crate::broker::deployment::Deployment;
use crate::support::{http, kafka, reaper};

/// Long enough for rates over ten seconds, and for each lane to commit many times.
const LOAD: Duration = Duration::from_secs(15);

/// Leads a second: enough for every kind of decision, little enough for a busy machine.
const PER_SECOND: f64 = 300.0;

const PARTITIONS: i32 = 2;

/// What a sound system does not have: these may have no answer, or none that is a number.
const MAY_BE_EMPTY: [&str; 3] = [
    // Nothing is wrong.
    "overview.json: Firing and pending A",
    // The example plan has no deadline as short as the load.
    "overview.json: How late timers fire A",
    "overview.json: How late timers fire B",
];

/// What the metrics must come to once everything is decided.
const TRUE_AT_REST: [(&str, &str); 3] = [
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

#[test]
fn every_query_answers_from_a_daemon_under_load() {
    let name = "every_query_answers_from_a_daemon_under_load";
    if tool(name, "prometheus", PROMTOOL).is_none() || tool(name, "promtool", PROMTOOL).is_none() {
        return;
    }
    let Some(brokers) = kafka::brokers(name) else {
        return skip(name, "no Kafka");
    };
    let (admin, prometheus) = (free_address(), free_address());
    let mut deployment = Deployment::new(&brokers, PARTITIONS);
    deployment.set(&format!("http.listen={admin}"));
    copy_plan(&deployment.plans().join("acme"));
    let _daemon = deployment.daemon("one");
    until("the daemon is ready", || answers(admin, "/readyz"));
    let _prometheus = start_prometheus(&deployment, admin, prometheus);
    until("Prometheus is ready", || answers(prometheus, "/-/ready"));

    let ended = load(&deployment);
    let faults: Vec<String> = dashboards::queries()
        .iter()
        .filter(|query| !MAY_BE_EMPTY.contains(&query.place.as_str()))
        .filter_map(|query| fault(prometheus, ended, query))
        .collect();
    must_be_empty("queries without an answer:", &faults);
    let firing = ask(
        prometheus,
        r#"ALERTS{alertname=~"Bailiwick.*", alertstate="firing"}"#,
    );
    assert_eq!(firing, "", "a sound daemon under load alerts nobody");
    for (what, truth) in TRUE_AT_REST {
        until(what, || !ask(prometheus, truth).is_empty());
    }
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
    let end = Instant::now() + crate::broker::deployment::PATIENCE;
    while !met() {
        assert!(Instant::now() < end, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether an address answers a path with 200; nobody listening there yet is no.
fn answers(address: SocketAddr, path: &str) -> bool {
    std::net::TcpStream::connect(address).is_ok() && http::get(address, path).status == 200
}

/// Our own rules, and a scrape each second instead of four a minute.
fn start_prometheus(
    deployment: &Deployment,
    admin: SocketAddr,
    listen: SocketAddr,
) -> reaper::Process {
    let folder = deployment.plans().with_file_name("prometheus");
    fs::create_dir_all(&folder).unwrap();
    let rules = |file: &str| -> PathBuf { deploy("prometheus").join(file) };
    let configuration = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
         rule_files: ['{}', '{}']\n\
         scrape_configs:\n  - job_name: bailiwick\n    static_configs: [{{targets: ['{admin}']}}]\n",
        rules("recording.yml").display(),
        rules("alerts.yml").display(),
    );
    fs::write(folder.join("prometheus.yml"), configuration).unwrap();
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut command = Command::new("prometheus");
    command
        .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
        .arg(format!("--web.listen-address={listen}"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    reaper::Process::spawn(&mut command)
}

/// Leads and what becomes of them at the pace of a quick sales force, and one change of plan.
/// Says when it ended.
fn load(deployment: &Deployment) -> Timestamp {
    let producer = deployment.producer();
    let begun = Instant::now();
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let start = Timestamp(i64::try_from(start.as_millis()).unwrap());
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
    // The last scrape and evaluation.
    std::thread::sleep(Duration::from_secs(3));
    start.plus(Span(i64::try_from(begun.elapsed().as_millis()).unwrap()))
}

fn change_plan(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(
        path,
        text + "\nbands: {enormous: {employees: {min: 100000}}}\n",
    )
    .unwrap();
}

/// What is wrong with a query's answer, if anything is.
fn fault(prometheus: SocketAddr, at: Timestamp, query: &Query) -> Option<String> {
    // All at one moment: a busy machine takes longer over the questions than a rate looks back.
    let at = format!("--time={}", at.0 / 1_000);
    let answer = promtool(prometheus, &["query", "instant", &at], &expression(query));
    let numbers = answer.lines().filter(|line| !line.contains("=> NaN @"));
    (numbers.count() == 0).then(|| format!("{}: {}\n    {answer}", query.place, query.expression))
}

/// The query as Grafana would send it, with everything selected; a variable becomes a query for
/// the labels it lists.
fn expression(query: &Query) -> String {
    let plain = query
        .expression
        .replace("$__rate_interval", "10s")
        .replace("$__range", "1m")
        .replace("$job", "bailiwick");
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

/// The answer's lines; an error fails the test.
fn ask(prometheus: SocketAddr, expression: &str) -> String {
    promtool(prometheus, &["query", "instant"], expression)
}

fn promtool(prometheus: SocketAddr, verb: &[&str], expression: &str) -> String {
    let mut promtool = Command::new("promtool");
    promtool
        .args(verb)
        .arg(format!("http://{prometheus}"))
        .arg(expression);
    must_pass(&mut promtool, root()).trim().to_owned()
}
