//! Wire to wire: one lane of the daemon on a real Kafka, beside a bare transactional relay of
//! the same bytes in the same run. It prints and never fails.
//!
//! `cargo bench --bench lane` measures throughput and single leads beside the relay;
//! `-- load`, `-- swap` and `-- restore` measure instead delays at shares of the peak,
//! swaps of a plan of 100,000 territories, and the restore of remembered leads.
//! `BAILIWICK_BENCH_LEADS` sets the number of leads, `BAILIWICK_BENCH_ROUNDS` that of rounds,
//! `BAILIWICK_BENCH_IDLE_RATE` how many single leads come in a second,
//! `BAILIWICK_BENCH_SET` further settings of the daemon, one `key=value` a word.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark without its broker, and what it shares with the tests, stops where it is"
)]

#[path = "../../tests/broker/deployment.rs"]
#[allow(dead_code, reason = "shared with the broker tests, which use the rest")]
mod deployment;
mod load;
mod output;
mod plan;
mod relay;
mod restore;
#[path = "../../tests/support/mod.rs"]
#[allow(dead_code, reason = "shared with the broker tests, which use the rest")]
mod support;
mod swap;

use bailiwick::cli::demo::traffic::Record;

use deployment::Deployment;
use output::{Output, eager_producer, leads, send};
use relay::Relay;

const TENANT: &str = "bench";
const ROUNDS: usize = 3;
const LEADS: usize = 400_000;
/// The broker's virtual machine compiles for about so long; with 200,000 it still took an
/// eighth of both processors in the first round.
const WARM_UP_LEADS: usize = 400_000;
const LOADED_LEADS: usize = 3_000_000;
const REMEMBERED_LEADS: usize = 10_000_000;
const IDLE_LEADS: usize = 800;
/// Single leads a second, each at its own moment whatever became of those before it.
const IDLE_RATE: usize = 40;

fn main() {
    let Some(broker) = support::kafka::own_broker_as_shipped("benches/lane", "") else {
        return;
    };
    let address = broker.address();
    let count = |default| number("BAILIWICK_BENCH_LEADS", default);
    let verbs: Vec<String> = std::env::args().collect();
    let has = |verb: &str| verbs.iter().any(|one| one == verb);
    match () {
        () if has("restore") => restore::measure(&address, count(REMEMBERED_LEADS)),
        () if has("swap") => swap::measure(&address, &leads(count(LOADED_LEADS))),
        () if has("load") => load::measure(&address, &leads(count(LOADED_LEADS))),
        () => beside_relay(&address, count(LEADS)),
    }
}

/// The number in an environment variable.
fn number(name: &str, default: usize) -> usize {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Adds the settings that the environment asks for.
fn set_further(deployment: &mut Deployment) {
    let further = std::env::var("BAILIWICK_BENCH_SET").unwrap_or_default();
    further
        .split_whitespace()
        .for_each(|pair| deployment.set(pair));
}

fn beside_relay(brokers: &str, count: usize) {
    let leads = leads(count + IDLE_LEADS);
    let (load, idle) = leads.split_at(count);
    let bytes: usize = load.iter().map(|one| one.value.len()).sum();
    println!("{count} leads of {} bytes on average", bytes / count);
    // The broker's virtual machine compiles what it runs often; that belongs to neither.
    for who in ["relay", "lane"] {
        println!("warming the broker up, which does not count:");
        round_of(brokers, who, &load[..count.min(WARM_UP_LEADS)], idle);
    }
    load::print("a sleep of 1 ms ends late by", &load::lateness());
    let mut ratios = Vec::new();
    for round in 1..=number("BAILIWICK_BENCH_ROUNDS", ROUNDS) {
        let relayed = round_of(brokers, "relay", load, idle);
        let decided = round_of(brokers, "lane", load, idle);
        println!("round {round}: lane / relay = {:.2}", decided / relayed);
        ratios.push(decided / relayed);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.2}", ratios[ratios.len() / 2]);
}

/// Loads topics of its own, runs one program over them, and returns its rate.
fn round_of(brokers: &str, who: &str, load: &[Record], idle: &[Record]) -> f64 {
    let mut deployment = Deployment::new(brokers, 1);
    plan::write(
        &deployment.plans().join(TENANT),
        TENANT,
        plan::SMALL,
        "first",
    );
    set_further(&mut deployment);
    let producer = deployment.producer();
    load.iter()
        .for_each(|one| send(&deployment, &producer, one));
    deployment.flush(&producer);
    drop(producer);
    let output = Output::new(&deployment);
    let _relay;
    let _daemon;
    if who == "relay" {
        let (from, to) = (deployment.topic("leads"), deployment.topic("assignments"));
        _relay = Relay::start(brokers, &from, &to);
    } else {
        _daemon = deployment.daemon("lane");
    }
    let rate = output.rate(load.len());
    println!("{who:>6}: {rate:>8.0} leads/s");
    if idle.is_empty() {
        return rate;
    }
    let mut micros = load::histogram();
    let producer = eager_producer(&deployment);
    load::open_loop(
        &deployment,
        &producer,
        &output,
        idle,
        number("BAILIWICK_BENCH_IDLE_RATE", IDLE_RATE) as f64,
        |_, delay, _| {
            micros.saturating_record(delay.as_micros() as u64);
        },
    );
    load::print(&format!("{who:>6}: one idle lead"), &micros);
    rate
}
