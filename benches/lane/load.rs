//! Open loop: leads come at their own moments, whatever became of those before them, and a
//! delay counts from the moment at which the lead was due.

use std::time::{Duration, Instant};

use bailiwick::cli::demo::traffic::Record;
use hdrhistogram::Histogram;
use rdkafka::message::{BorrowedMessage, Message};

use super::deployment::Deployment;
use super::output::{Output, Sender, gathering_producer, send};
use super::plan;
use super::{TENANT, set_further};

/// Shares of the peak at which delays are measured.
const SHARES: [f64; 4] = [0.3, 0.6, 0.8, 0.9];
const SECONDS: f64 = 5.0;
/// Leads sent as fast as they go, for the peak, of which the first half is not counted.
pub const PEAK_LEADS: usize = 600_000;

/// Sleeps are too coarse for the gaps between leads, so several are sent after each; a delay
/// counts from the moment at which its lead was due all the same.
const NAP: Duration = Duration::from_millis(1);

/// Delays at shares of the peak that the lane has while its leads are being produced.
pub fn measure(brokers: &str, leads: &[Record]) {
    let mut deployment = Deployment::new(brokers, 1);
    set_further(&mut deployment);
    plan::write(
        &deployment.plans().join(TENANT),
        TENANT,
        plan::SMALL,
        "first",
    );
    let output = Output::new(&deployment);
    let _daemon = deployment.daemon("lane");
    let (first, mut rest) = leads.split_at(PEAK_LEADS.min(leads.len() / 2));
    let peak = peak(&deployment, &output, first);
    println!("peak while leads are being produced: {peak:.0} leads/s");
    for share in SHARES {
        let rate = peak * share;
        let count = ((rate * SECONDS) as usize).min(rest.len());
        let (now, later) = rest.split_at(count);
        rest = later;
        let mut micros = histogram();
        let producer = gathering_producer(&deployment);
        open_loop(&deployment, &producer, &output, now, rate, |_, delay, _| {
            micros.saturating_record(delay.as_micros() as u64);
        });
        print(
            &format!("{:.0} % of peak, {rate:.0} leads/s", share * 100.0),
            &micros,
        );
    }
}

/// Leads a second that come out while they are sent as fast as they go.
pub fn peak(deployment: &Deployment, output: &Output, leads: &[Record]) -> f64 {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let producer = gathering_producer(deployment);
            leads
                .iter()
                .for_each(|one| send(deployment, &producer, one));
            deployment.flush(&producer);
        });
        output.skip(leads.len() / 2);
        output.rate(leads.len() - leads.len() / 2)
    })
}

/// Sends `leads` at `rate` and tells of each its number, its delay and the decision.
pub fn open_loop(
    deployment: &Deployment,
    producer: &Sender,
    output: &Output,
    leads: &[Record],
    rate: f64,
    mut tell: impl FnMut(usize, Duration, &[u8]),
) {
    let begin = Instant::now() + Duration::from_millis(500);
    let due = |number: usize| begin + Duration::from_secs_f64(number as f64 / rate);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for (number, one) in leads.iter().enumerate() {
                let ahead = due(number).saturating_duration_since(Instant::now());
                if ahead > Duration::ZERO {
                    std::thread::sleep(ahead.max(NAP));
                }
                send(deployment, producer, one);
            }
            deployment.flush(producer);
        });
        // One partition keeps the order, so the n-th decision is the n-th lead's.
        for number in 0..leads.len() {
            output.next(|message: &BorrowedMessage<'_>| {
                let decision = message.payload().unwrap_or_default();
                tell(number, due(number).elapsed(), decision);
            });
        }
    });
}

/// How late this machine wakes a thread that sleeps for a millisecond while nothing else goes
/// on: what a lead's way adds up of, which has a dozen hand-overs between threads.
pub fn lateness() -> Histogram<u64> {
    const SLEEPS: usize = 5_000;
    let mut micros = histogram();
    for _ in 0..SLEEPS {
        let due = Instant::now() + NAP;
        std::thread::sleep(NAP);
        micros.saturating_record(due.elapsed().as_micros() as u64);
    }
    micros
}

/// A longer delay than an hour counts as one: clamping needs a bound, and a histogram that
/// would grow by itself clamps to what it has.
const LONGEST_US: u64 = 3_600_000_000;

/// Delays in microseconds.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds are in order")
}

pub fn print(what: &str, micros: &Histogram<u64>) {
    let ms = |quantile| micros.value_at_quantile(quantile) as f64 / 1_000.0;
    println!(
        "{what}: p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, max {:.1} ms (of {})",
        ms(0.5),
        ms(0.99),
        ms(0.999),
        ms(1.0),
        micros.len()
    );
}
