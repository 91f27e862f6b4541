//! Single calls into a histogram, with hot, warm and cold caches, and long batches for the mean.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bailiwick::plan::Facts;
use hdrhistogram::Histogram;

use super::leads::{Leads, Places};

/// Hot: the same few leads again and again, so that all they need is in the nearest caches.
const HOT_LEADS: usize = 64;
const HOT: usize = 200_000;

/// Warm: one lead after the other, none like the last. Its facts are made and read just
/// before, as in the daemon, where the record was decoded a moment ago.
const WARM: usize = 300_000;
const WARMING: usize = 50_000;

/// Cold: all caches are filled with something else before each call, which takes most of the
/// time. Of so many calls twenty lie beyond the 99th percentile.
const COLD: usize = 2_000;
const RUBBISH: usize = 64 << 20;

/// Batches for the mean without the clock.
const BATCHES: usize = 200;
const BATCH: usize = 256;

/// Something that answers.
pub type Engine<'e> = &'e dyn Fn(&Facts<'_>) -> Option<u32>;

/// What one engine took.
pub struct Timed {
    pub hot: Histogram<u64>,
    pub warm: Histogram<u64>,
    pub cold: Histogram<u64>,
    mean_ns: f64,
}

impl Timed {
    pub fn of(leads: &Leads, places: &Places, engine: Engine<'_>) -> Self {
        for at in 0..WARMING {
            black_box(engine(&leads.facts(at, places)));
        }
        let warm = singles(WARM, |at| leads.facts(at, places), engine);
        let few: Vec<Facts<'_>> = (0..HOT_LEADS).map(|at| leads.facts(at, places)).collect();
        let hot = singles(HOT, |at| few[at % HOT_LEADS].clone(), engine);
        let mean_ns = mean(leads, places, engine);
        let mut rubbish = vec![1_u8; RUBBISH];
        let cold = singles(
            COLD,
            |at| {
                for byte in rubbish.iter_mut().step_by(64) {
                    *byte = byte.wrapping_add(1);
                }
                leads.facts(at * 37, places)
            },
            engine,
        );
        Self {
            hot,
            warm,
            cold,
            mean_ns,
        }
    }

    pub fn print(&self, name: &str) {
        for (state, taken) in [
            ("hot", &self.hot),
            ("warm", &self.warm),
            ("cold", &self.cold),
        ] {
            println!(
                "  {name:<26} {state:<4} p50 {:>6} p90 {:>6} p99 {:>6} p99.9 {:>7} max {:>9} of {} calls",
                taken.value_at_quantile(0.5),
                taken.value_at_quantile(0.9),
                taken.value_at_quantile(0.99),
                taken.value_at_quantile(0.999),
                taken.max(),
                taken.len(),
            );
        }
        println!("  {name:<26} mean of warm batches {:.0}", self.mean_ns);
    }
}

fn singles<'l>(
    count: usize,
    mut facts: impl FnMut(usize) -> Facts<'l>,
    engine: Engine<'_>,
) -> Histogram<u64> {
    let mut taken = new_histogram();
    for at in 0..count {
        let facts = facts(at);
        read(&facts);
        let began = Instant::now();
        black_box(engine(black_box(&facts)));
        // A clock that went backwards would only spoil one of many values.
        let _ = taken.record(since(began).as_nanos() as u64);
    }
    taken
}

fn mean(leads: &Leads, places: &Places, engine: Engine<'_>) -> f64 {
    let mut spent = Duration::ZERO;
    for batch in 0..BATCHES {
        let facts: Vec<Facts<'_>> = (0..BATCH)
            .map(|at| leads.facts(WARM + batch * BATCH + at, places))
            .collect();
        facts.iter().for_each(read);
        let began = Instant::now();
        for one in &facts {
            black_box(engine(black_box(one)));
        }
        spent += since(began);
    }
    spent.as_nanos() as f64 / (BATCHES * BATCH) as f64
}

/// Reads the texts, which decoding would have done.
fn read(facts: &Facts<'_>) {
    let texts = [
        &facts.postal,
        &facts.street,
        &facts.industry,
        &facts.source,
        &facts.domain,
    ];
    let sum = texts
        .into_iter()
        .flatten()
        .chain(&facts.products)
        .flat_map(|text| text.bytes())
        .fold(0_u8, u8::wrapping_add);
    black_box(sum);
}

/// What the clock itself adds to a single call: median and p99.
pub fn clock() -> String {
    let mut histogram = new_histogram();
    for _ in 0..200_000 {
        let began = Instant::now();
        let _ = histogram.record(since(began).as_nanos() as u64);
    }
    let quantile = |part| histogram.value_at_quantile(part);
    format!("p50 {} p99 {}", quantile(0.5), quantile(0.99))
}

pub fn since(began: Instant) -> Duration {
    began.elapsed()
}

fn new_histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three digits are within what a histogram can hold")
}
