//! Restore: a changelog of remembered leads on a real Kafka, and a daemon that reads it back.

use std::time::{Duration, Instant};

use bailiwick::assign::{Book, Effects, Input, State};
use bailiwick::event::{Activity, ActivityKind, CloseResult, Lead, Source, Text, Timestamp};
use bailiwick::plan::{Candidates, Facts, Plan, TerritoryIx, load_str};
use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::util::Timeout;

use super::deployment::{Deployment, PATIENCE};

/// Leads of one transaction: larger than a lane's, as only the reading is measured.
const BATCH: usize = 20_000;
const LEADS_AT: Timestamp = Timestamp(1_795_421_730_000);
const WAIT: Duration = Duration::from_millis(20);
/// A restore that takes longer is not waited for.
const LIMIT: Duration = Duration::from_secs(600);

const PLAN: &str = "
version: 1
tenant: bench
reps: [{id: li}, {id: wang}, {id: zhang}]
teams: [{id: east, members: [li, wang, zhang]}]
territories: [{id: east, where: {source: east}, team: east}]
";

/// A plan in which every lead lies in the first territory.
struct Only(Plan);

impl Book for Only {
    fn plan(&self) -> &Plan {
        &self.0
    }

    fn read<'l>(&'l self, _: &'l Lead<'l>, _: Timestamp) -> (Facts<'l>, Candidates) {
        (Facts::default(), first())
    }
}

fn first() -> Candidates {
    Candidates {
        territory: Some(TerritoryIx(0)),
        ..Candidates::default()
    }
}

/// Writes the changelog of `leads` closed leads, then lets a daemon restore it.
pub fn measure(brokers: &str, leads: usize) {
    let empty = Deployment::new(brokers, 1);
    write_plan(&empty);
    let base = restored(&empty);
    let full = Deployment::new(brokers, 1);
    write_plan(&full);
    let began = Instant::now();
    let bytes = fill(&full, leads);
    println!(
        "changelog of {leads} remembered leads, {} bytes a row, written in {:.0} s",
        bytes / leads,
        began.elapsed().as_secs_f64()
    );
    let held = restored(&full);
    let each = held.resident.saturating_sub(base.resident) as f64 / leads as f64;
    println!(
        "restored in {:.1} s, {:.0} rows/s; {each:.0} bytes a lead, {:.2} GB resident in all, {:.2} GB at the peak \
         (a daemon without leads: {:.2} GB)",
        held.seconds,
        leads as f64 / held.seconds,
        held.resident as f64 / 1e9,
        held.peak as f64 / 1e9,
        base.resident as f64 / 1e9,
    );
}

fn write_plan(deployment: &Deployment) {
    deployment.write_plans(&["bench"], &|_| PLAN.to_owned());
}

/// A daemon whose only lane is restored.
struct Held {
    seconds: f64,
    resident: usize,
    peak: usize,
}

/// Starts a daemon, waits until its log says that the lane is restored, and looks at it.
fn restored(deployment: &Deployment) -> Held {
    let mut daemon = deployment.daemon("restore");
    let line = await_restored(deployment, "restore");
    let status = format!("/proc/{}/status", daemon.child().id());
    let status = std::fs::read_to_string(status).unwrap_or_default();
    let bytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
        kilobytes.unwrap_or(0) * 1024
    };
    Held {
        seconds: took(&line).unwrap_or_else(|| panic!("no duration in {line}")),
        resident: bytes("VmRSS:"),
        peak: bytes("VmHWM:"),
    }
}

/// Waits until a daemon's log says that a lane is restored, and gives the line that says so.
pub fn await_restored(deployment: &Deployment, name: &str) -> String {
    let end = Instant::now() + LIMIT;
    loop {
        let log = std::fs::read_to_string(deployment.log(name)).unwrap_or_default();
        if let Some(line) = log.lines().find(|line| line.contains("lane restored")) {
            return line.to_owned();
        }
        assert!(Instant::now() < end, "no lane was restored: {log}");
        std::thread::sleep(WAIT);
    }
}

/// The seconds in a log line's field `took`, written as `1.5s` or `20ms`.
fn took(line: &str) -> Option<f64> {
    let (_, rest) = line.split_once("took")?;
    let rest = rest.trim_start_matches(['=', ':', '"', ' ']);
    let number = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (value, unit) = rest.split_at(number);
    let scale = match unit {
        unit if unit.starts_with("ms") => 1e-3,
        unit if unit.starts_with('µ') => 1e-6,
        unit if unit.starts_with("ns") => 1e-9,
        _ => 1.0,
    };
    Some(value.parse::<f64>().ok()? * scale)
}

/// Decides and closes `leads` leads as a lane does and writes the rows in transactions;
/// returns the bytes of all rows.
fn fill(deployment: &Deployment, leads: usize) -> usize {
    let loaded = load_str(PLAN);
    let problems = loaded.problems.render_text(false);
    let book = Only(loaded.plan.unwrap_or_else(|| panic!("{problems}")));
    let log = Changelog::open(deployment);
    let mut state = State::new();
    let mut effects = Effects::default();
    let mut bytes = 0;
    state.set_partitions(1);
    for batch in 0..leads.div_ceil(BATCH) {
        log.begin();
        for number in batch * BATCH..((batch + 1) * BATCH).min(leads) {
            bring(&mut state, &book, &mut effects, number);
        }
        effects.clear();
        state.changes(|key, value| {
            bytes += key.len() + value.map_or(0, <[u8]>::len);
            log.put(key, value);
        });
        state.commit();
        log.commit();
    }
    bytes
}

fn bring(state: &mut State, book: &Only, effects: &mut Effects, number: usize) {
    let id = format!("L-{number:08}");
    let lead = Lead {
        id: id.as_str().into(),
        tenant: "bench".into(),
        revision: 1,
        ..Lead::default()
    };
    let source = Source {
        topic: "leads".into(),
        partition: 0,
        offset: number as i64,
    };
    let (facts, candidates) = (Facts::default(), first());
    let input = Input::Lead {
        lead: &lead,
        facts: &facts,
        candidates: &candidates,
        source: &source,
        lead_at: LEADS_AT,
    };
    state.apply(LEADS_AT, book, input, effects);
    // Without an id of its own, so that remembered events do not weigh in.
    let activity = Activity {
        id: Text::default(),
        tenant: "bench".into(),
        at: None,
        kind: ActivityKind::Closed {
            lead: id.as_str().into(),
            result: CloseResult::Won,
            value: None,
        },
    };
    let input = Input::Activity {
        activity: &activity,
        source: &source,
        raw: b"",
    };
    state.apply(LEADS_AT, book, input, effects);
}

/// The state topic, written by a transactional producer as a lane's is.
struct Changelog {
    producer: ThreadedProducer<DefaultProducerContext>,
    topic: String,
}

impl Changelog {
    fn open(deployment: &Deployment) -> Self {
        let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
            .set("bootstrap.servers", &deployment.brokers)
            .set("transactional.id", format!("{}.0", deployment.group()))
            .set("compression.codec", "lz4")
            .set("linger.ms", "2")
            .create()
            .expect("a producer can be made");
        producer
            .init_transactions(PATIENCE)
            .expect("the broker answers");
        Self {
            producer,
            topic: deployment.topic("state"),
        }
    }

    fn begin(&self) {
        self.producer.begin_transaction().expect("it may begin");
    }

    fn put(&self, key: &[u8], value: Option<&[u8]>) {
        let mut record = BaseRecord::<[u8], [u8]>::to(&self.topic)
            .partition(0)
            .key(key);
        record.payload = value;
        while let Err((error, back)) = self.producer.send(record) {
            let full = KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull);
            assert_eq!(error, full);
            record = back;
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn commit(&self) {
        while self.producer.in_flight_count() > 0 {
            std::thread::sleep(Duration::from_micros(100));
        }
        self.producer
            .commit_transaction(Timeout::Never)
            .expect("the broker answers");
    }
}
