//! Single calls into a histogram, and long batches for the mean.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bailiwick::plan::Facts;
use hdrhistogram::Histogram;

use super::leads::{Leads, Places};

/// Calls timed one by one, and in batches. Facts are made just before, as in the daemon,
/// where the record was read a moment ago.
const SINGLE: usize = 400_000;
const BATCHES: usize = 400;
const BATCH: usize = 512;

/// Calls before timing starts.
const WARM: usize = 50_000;

/// What one engine took.
pub struct Timed {
    single: Histogram<u64>,
    mean_ns: f64,
}

impl Timed {
    pub fn of(leads: &Leads, places: &Places, engine: &dyn Fn(&Facts<'_>) -> Option<u32>) -> Self {
        for at in 0..WARM.min(leads.len()) {
            black_box(engine(&leads.facts(at, places)));
        }
        let mut single = new_histogram();
        for at in 0..SINGLE {
            let facts = leads.facts(at, places);
            let began = Instant::now();
            black_box(engine(black_box(&facts)));
            // A clock that went backwards would only spoil one of many values.
            let _ = single.record(since(began).as_nanos() as u64);
        }
        let mut spent = Duration::ZERO;
        for batch in 0..BATCHES {
            let facts: Vec<Facts<'_>> = (0..BATCH)
                .map(|at| leads.facts(SINGLE + batch * BATCH + at, places))
                .collect();
            let began = Instant::now();
            for one in &facts {
                black_box(engine(black_box(one)));
            }
            spent += since(began);
        }
        Self {
            single,
            mean_ns: spent.as_nanos() as f64 / (BATCHES * BATCH) as f64,
        }
    }

    pub fn print(&self, name: &str) {
        println!(
            "  {name:<28} single p50 {:>6} p90 {:>6} p99 {:>6} p99.9 {:>7} max {:>9}   batch mean {:>7.0}",
            self.single.value_at_quantile(0.5),
            self.single.value_at_quantile(0.9),
            self.single.value_at_quantile(0.99),
            self.single.value_at_quantile(0.999),
            self.single.max(),
            self.mean_ns,
        );
    }
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
