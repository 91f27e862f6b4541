//! A whole step without a broker: decode, normalise, route, decide, encode, in batches.

#[path = "lane/plan.rs"]
mod plan;

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bailiwick::cli::demo::traffic::{Arrivals, Kind, Settings, Traffic};
use bailiwick::event::{Span, Timestamp, TopicRole};
use bailiwick::route::{Plans, Snapshot};
use bailiwick::stream::step::{Frame, Step};
use bailiwick::stream::wire::{Decoded, Headers, Mapping, Record, WireLimits, decode};

const TENANT: &str = "bench";
/// Leads of one measurement; each is new to the state, as on a live stream.
const LEADS: usize = 100_000;
/// Records of one batch, as a lane under load has them.
const BATCH: usize = 5_000;
/// Rounds of which the fastest counts: the machine is shared.
const ROUNDS: usize = 5;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("step-plan");
    plan::write(&folder, TENANT, plan::SMALL, "first");
    let loaded = bailiwick::plan::load(&folder)
        .plan
        .expect("the plan is good");
    let snapshot = Arc::new(Snapshot::build(loaded));
    let leads = leads();
    let bytes = leads.iter().map(Vec::len).sum::<usize>() / leads.len();
    println!(
        "{} territories, {LEADS} leads of {bytes} bytes",
        snapshot.plan.territories.len()
    );
    let plans: Arc<Plans> = Arc::new([(TENANT.into(), Arc::clone(&snapshot))].into());
    report("decode", &leads, |leads| {
        leads.iter().for_each(|lead| drop(black_box(event(lead))))
    });
    report("decode, normalise", &leads, |leads| {
        leads.iter().for_each(|lead| normalise(&snapshot, lead));
    });
    report("decode, normalise, route", &leads, |leads| {
        leads.iter().for_each(|lead| route(&snapshot, lead));
    });
    let kept = RefCell::new(Vec::new());
    report("whole step", &leads, |leads| {
        let mut step = step(&plans);
        leads
            .chunks(BATCH)
            .enumerate()
            .for_each(|(number, batch)| run(&mut step, number, batch));
        // A lane never drops its state, so that is not part of the measurement.
        kept.borrow_mut().push(step);
    });
    let kept = kept.into_inner();
    report("encode, as part of it", &leads, |leads| {
        encode(&kept[0], leads.len())
    });
}

/// Realistic leads as they come off the wire, each with an id of its own.
fn leads() -> Vec<Vec<u8>> {
    let settings = Settings {
        seed: 7,
        start: Timestamp(1_795_421_730_000),
        tenants: vec![TENANT.into()],
        arrivals: Arrivals::Steady { per_second: 100.0 },
        life: None,
    };
    let traffic = Traffic::new(settings).filter(|one| one.kind == Kind::Lead);
    traffic.take(LEADS).map(|one| one.value).collect()
}

fn report(name: &str, leads: &[Vec<u8>], work: impl Fn(&[Vec<u8>])) {
    let seconds = (0..ROUNDS).map(|_| {
        let (start, used) = (Instant::now(), processor_time());
        work(leads);
        (start.elapsed().as_secs_f64(), processor_time() - used)
    });
    let least = |one: (f64, f64), other: (f64, f64)| (one.0.min(other.0), one.1.min(other.1));
    let (wall, used) = seconds.fold((f64::INFINITY, f64::INFINITY), least);
    let each = |seconds: f64| seconds * 1e6 / leads.len() as f64;
    println!(
        "{name}: {:.2} us a lead of the processor, {:.2} us on the clock",
        each(used),
        each(wall)
    );
}

/// Seconds this thread has had a processor, where the system tells: on a shared machine the
/// clock also counts the time of others.
fn processor_time() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = told
        .split(' ')
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    first.map_or(f64::NAN, |nanos| nanos / 1e9)
}

fn record(value: &[u8], offset: i64) -> Record<'_> {
    Record {
        role: TopicRole::Leads,
        topic: "leads",
        partition: 0,
        offset,
        timestamp: Some(Timestamp(1_795_421_730_000)),
        key: None,
        value: Some(value),
        headers: Headers::default(),
    }
}

fn event(value: &[u8]) -> Decoded<'_> {
    decode(
        &record(value, 0),
        WireLimits::default(),
        &Mapping::default(),
    )
    .expect("the generator writes leads")
}

fn normalise(snapshot: &Snapshot, value: &[u8]) {
    if let Decoded::Lead(lead) = event(value) {
        black_box(snapshot.normaliser.needed_facts(&snapshot.plan, &lead));
    }
}

/// The JSON of as many decisions as there are leads, those of the last batch over and over.
fn encode(step: &Step, leads: usize) {
    let mut out = Vec::new();
    for decision in step.decisions().iter().cycle().take(leads) {
        out.clear();
        step.encode(decision, &mut out);
        black_box(&out);
    }
}

fn route(snapshot: &Snapshot, value: &[u8]) {
    if let Decoded::Lead(lead) = event(value) {
        let facts = snapshot.normaliser.needed_facts(&snapshot.plan, &lead);
        black_box(snapshot.router.route(&snapshot.plan, &facts, Timestamp(0)));
    }
}

fn step(plans: &Arc<Plans>) -> Step {
    let frame = Frame {
        partition: 0,
        partitions: 1,
        engine: "/bailiwick/bench".to_owned(),
        limits: WireLimits::default(),
        mapping: Mapping::default(),
        horizon: Span::days(180),
    };
    Step::new(frame, Arc::clone(plans))
}

/// One batch as a lane does it, the sending apart.
fn run(step: &mut Step, number: usize, batch: &[Vec<u8>]) {
    step.begin(Timestamp(1_795_421_730_000 + number as i64), 1_000);
    for (at, value) in batch.iter().enumerate() {
        step.record(&record(value, (number * BATCH + at) as i64));
        black_box(step.outbox());
        step.clear_outbox();
    }
    step.finish();
    black_box(step.outbox());
    step.clear_outbox();
    step.commit();
}
