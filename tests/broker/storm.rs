//! Instances that come and go in good order, over and over, while leads keep coming.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::kafka;

use super::exactly_once::{await_drained, deployment};
use super::instance::Instance;
use super::load::{Arrival, Load, longest_silence, quantile};
use super::takeover::prove;

const SEED: u64 = 131;
const PER_SECOND: f64 = 200.0;
const TENANTS: usize = 40;
const PARTITIONS: i32 = 4;
/// From one instance to three and back, so many times.
const ROUNDS: usize = 3;
const EVERY: Duration = Duration::from_secs(2);

fn report(what: &str, arrivals: &[Arrival]) {
    let mut took: Vec<Duration> = arrivals.iter().map(|one| one.took).collect();
    println!(
        "{what}: {} decisions, from lead to decision p50 {:.1?}, p99 {:.1?}; longest silence of a partition {:.1?}",
        took.len(),
        quantile(&mut took, 0.5),
        quantile(&mut took, 0.99),
        longest_silence(arrivals, PARTITIONS)
    );
}

#[test]
fn one_to_three_to_one_every_two_seconds_loses_nothing() {
    let Some(brokers) = kafka::brokers("one_to_three_to_one_every_two_seconds_loses_nothing")
    else {
        return;
    };
    println!("seed {SEED}");
    let deployment = Arc::new(deployment(&brokers));
    let stays = Instance::start(&deployment, "stays", &[]);
    stays.await_ready();
    let load = Load::start(&deployment, SEED, TENANTS, PER_SECOND);
    let mut next = Instant::now();
    let mut pause = || {
        next += EVERY;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    };
    for _ in 0..ROUNDS {
        pause();
        let guests = ["second", "third"].map(|name| Instance::start(&deployment, name, &[]));
        pause();
        guests.into_iter().for_each(Instance::end);
    }
    stays.await_ready();
    let (sent, arrivals) = load.finish();
    report("storm", &arrivals);
    await_drained(&deployment);
    stays.end();
    prove(&deployment, sent);
}

#[test]
fn three_instances_restarted_one_after_the_other_go_on_deciding() {
    let Some(brokers) = kafka::brokers("three_instances_restarted_one_after_the_other") else {
        return;
    };
    println!("seed {SEED}");
    let deployment = Arc::new(deployment(&brokers));
    let names = ["one", "two", "three"];
    let mut instances: Vec<Instance> = names
        .iter()
        .map(|name| Instance::start(&deployment, name, &[]))
        .collect();
    instances.iter().for_each(Instance::await_ready);
    let load = Load::start(&deployment, SEED, TENANTS, PER_SECOND);
    for name in names {
        instances.remove(0).end();
        let fresh = Instance::start(&deployment, name, &[]);
        fresh.await_ready();
        instances.push(fresh);
    }
    let (sent, arrivals) = load.finish();
    report("rolling restart", &arrivals);
    await_drained(&deployment);
    instances.into_iter().for_each(Instance::end);
    prove(&deployment, sent);
}
