//! One engine alone: its answers compared, then its caches warmed, then single calls and batches.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// Where comparing ends although not all leads were compared.
const COMPARING: Duration = Duration::from_secs(20);

/// Each phase ends after so many calls or so long a time.
const WARMING: (usize, Duration) = (50_000, Duration::from_secs(1));
const SINGLES: (usize, Duration) = (200_000, Duration::from_secs(5));
const BATCHES: (usize, Duration) = (300, Duration::from_secs(3));
const BATCH: usize = 256;

/// Leads in the form that an engine takes, with the right answers.
pub trait Asked {
    type Lead;

    fn count(&self) -> usize;

    fn lead(&self, at: usize) -> Self::Lead;

    fn answer(&self, at: usize) -> Option<u32>;

    /// Reads a lead's texts, which decoding would have done a moment ago.
    fn read(lead: &Self::Lead) -> usize;
}

/// Compares an engine's answers, then times it with nothing else between its calls than making
/// and reading the next lead.
pub fn time<A: Asked>(name: &str, asked: &A, engine: impl Fn(&A::Lead) -> Option<u32>) {
    let (compared, differ) = compare(asked, &engine);
    if differ > 0 {
        println!("  {name:<42} {differ} of {compared} answers differ, so it is not timed");
        return;
    }
    let read = |at: usize| {
        let lead = asked.lead(at % asked.count());
        black_box(A::read(&lead));
        lead
    };
    within(WARMING, |at| {
        black_box(engine(&read(at)));
    });
    let mut taken = Histogram::<u64>::new(3).expect("three digits are within what it can hold");
    within(SINGLES, |at| {
        let lead = read(at);
        let began = Instant::now();
        black_box(engine(black_box(&lead)));
        let _ = taken.record(began.elapsed().as_nanos() as u64);
    });
    let (spent, leads) = batches(read, &engine, taken.value_at_quantile(0.5));
    println!(
        "  {name:<42} p50 {:>9} p99 {:>9} of {:>6} calls; {:>9.0} leads/s in batches; {compared} \
         answers compared",
        taken.value_at_quantile(0.5),
        taken.value_at_quantile(0.99),
        taken.len(),
        leads as f64 / spent.as_secs_f64(),
    );
}

fn compare<A: Asked>(asked: &A, engine: &impl Fn(&A::Lead) -> Option<u32>) -> (usize, usize) {
    let (mut compared, mut differ) = (0, 0);
    within((asked.count(), COMPARING), |at| {
        compared += 1;
        differ += usize::from(engine(&asked.lead(at)) != asked.answer(at));
    });
    (compared, differ)
}

/// The time of whole batches, whose leads are made and read before, and how many leads that
/// were. An engine that takes long for one gets smaller batches.
fn batches<L>(
    read: impl Fn(usize) -> L,
    engine: &impl Fn(&L) -> Option<u32>,
    one_ns: u64,
) -> (Duration, usize) {
    let fitting = BATCHES.1.as_nanos() as u64 / 4 / one_ns.max(1);
    let size = BATCH.min(fitting as usize).max(1);
    let (mut spent, mut leads) = (Duration::ZERO, 0);
    within(BATCHES, |batch| {
        let batch: Vec<L> = (0..size).map(|at| read(batch * size + at)).collect();
        let began = Instant::now();
        for lead in &batch {
            black_box(engine(black_box(lead)));
        }
        spent += began.elapsed();
        leads += size;
    });
    (spent, leads)
}

fn within((count, time): (usize, Duration), mut work: impl FnMut(usize)) {
    let began = Instant::now();
    for at in 0..count {
        work(at);
        if began.elapsed() > time {
            break;
        }
    }
}
