//! What a decision costs and what a lead weighs: 1,000 teams of 50 reps with calendars, limits
//! and timers; then millions of leads remembered, and millions with open timers.
//!
//! `cargo bench --bench assign` prints; it never fails. `-- memory 10000000` sets how many
//! leads the memory part holds.
#![allow(
    clippy::panic,
    reason = "a benchmark whose own plan is refused has nothing to measure"
)]

mod memory;
mod plan;

use std::time::Instant;

use bailiwick::assign::{Effects, Input, State};
use bailiwick::event::{Activity, ActivityKind, CloseResult, Source, Span, TouchKind};
use bailiwick::plan::Plan;
use hdrhistogram::Histogram;

use plan::{LEADS_AT, Prepared, TEAMS};

/// Leads decided for the figures.
const LEADS: usize = 1_000_000;

/// Records between two commits, as a busy lane has them.
const BATCH: usize = 5_000;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|one| one == "memory") {
        return memory::measure(arguments.get(at + 1).and_then(|text| text.parse().ok()));
    }
    if let Some(at) = arguments.iter().position(|one| one == "fill") {
        return memory::fill(&arguments[at + 1..]);
    }
    let began = Instant::now();
    let plan = plan::large();
    println!(
        "plan of {TEAMS} teams and {} reps read in {:.1} s",
        plan.reps.len(),
        began.elapsed().as_secs_f64()
    );
    let mut state = State::new();
    arrivals(&mut state, &plan);
    lives(&mut state, &plan);
    timers(&mut state, &plan);
    memory::measure(Some(1_000_000));
}

/// A histogram of single calls beside the clock over all of them.
struct Figures {
    name: &'static str,
    nanos: Histogram<u64>,
}

impl Figures {
    fn new(name: &'static str) -> Self {
        let nanos = Histogram::new_with_bounds(1, 100_000_000_000, 3)
            .expect("three digits between a nanosecond and a hundred seconds are in range");
        Self { name, nanos }
    }

    fn time<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let began = Instant::now();
        let result = work();
        let elapsed = began.elapsed().as_nanos();
        self.nanos.saturating_record(elapsed as u64);
        result
    }

    fn print(&self) {
        let at = |quantile| self.nanos.value_at_quantile(quantile) as f64 / 1e3;
        println!(
            "{:<28} mean {:6.2} µs  p50 {:6.2}  p99 {:7.2}  p99.9 {:7.2}  max {:9.1}  ({} calls)",
            self.name,
            self.nanos.mean() / 1e3,
            at(0.5),
            at(0.99),
            at(0.999),
            self.nanos.max() as f64 / 1e3,
            self.nanos.len(),
        );
    }
}

/// Ends a batch as a lane does; returns the bytes of its changelog.
fn commit(state: &mut State) -> usize {
    let mut bytes = 0;
    state.changes(|key, value| bytes += key.len() + value.map_or(0, <[u8]>::len));
    state.commit();
    bytes
}

fn arrivals(state: &mut State, plan: &Plan) {
    let prepared = Prepared::new(plan);
    let mut effects = Effects::default();
    let (mut apply, mut commits) = (
        Figures::new("apply, new lead"),
        Figures::new("commit, a batch of 5,000"),
    );
    let mut bytes = 0;
    for batch in 0..LEADS / BATCH {
        effects.clear();
        for number in batch * BATCH..(batch + 1) * BATCH {
            let arrival = prepared.arrival(number);
            apply.time(|| state.apply(LEADS_AT, &prepared, arrival.input(), &mut effects));
        }
        bytes += commits.time(|| commit(state));
    }
    apply.print();
    commits.print();
    println!("changelog: {} bytes a lead", bytes / LEADS);
    println!("{:?}", state.counts());
}

fn lives(state: &mut State, plan: &Plan) {
    let prepared = Prepared::new(plan);
    let mut effects = Effects::default();
    let mut figures = [
        Figures::new("apply, touched"),
        Figures::new("apply, closed"),
    ];
    for batch in 0..20 {
        effects.clear();
        for number in batch * BATCH..(batch + 1) * BATCH {
            let id = plan::lead_id(number);
            for (figure, close) in figures.iter_mut().zip([false, true]) {
                let kind = if close {
                    ActivityKind::Closed {
                        lead: id.as_str().into(),
                        result: CloseResult::Won,
                        value: None,
                    }
                } else {
                    ActivityKind::Touched {
                        lead: id.as_str().into(),
                        rep: None,
                        kind: TouchKind::Call,
                    }
                };
                let activity = Activity {
                    id: format!("e-{number}-{close}").into(),
                    tenant: plan.tenant.as_ref().into(),
                    at: None,
                    kind,
                };
                let source = Source {
                    topic: "lead-activity".into(),
                    partition: 0,
                    offset: number as i64,
                };
                let input = Input::Activity {
                    activity: &activity,
                    source: &source,
                    raw: b"",
                };
                figure.time(|| state.apply(LEADS_AT, &prepared, input, &mut effects));
            }
        }
        commit(state);
    }
    figures.iter().for_each(Figures::print);
}

fn timers(state: &mut State, plan: &Plan) {
    let prepared = Prepared::new(plan);
    let book = |_: &str| Some(&prepared as &dyn bailiwick::assign::Book);
    let mut effects = Effects::default();
    let now = LEADS_AT.plus(Span::seconds(1_800));
    let (began, mut fired) = (Instant::now(), 0);
    while fired < 100_000 {
        effects.clear();
        let done = state.tick(now, &book, 1_000, &mut effects);
        commit(state);
        if done == 0 {
            break;
        }
        fired += done;
    }
    let mean = began.elapsed().as_secs_f64() * 1e6 / fired.max(1) as f64;
    println!(
        "timers: {fired} accept deadlines missed and reassigned, {mean:.2} µs each with commit"
    );
}
