//! Wire to wire: one lane of the daemon on a real Kafka beside a bare transactional relay of
//! the same bytes, in one run. It prints and never fails.
//!
//! `BAILIWICK_BENCH_LEADS` sets the number of leads (default 400,000).
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark without its broker, and what it shares with the tests, stops where it is"
)]

#[path = "../../tests/broker/deployment.rs"]
#[allow(dead_code, reason = "shared with the broker tests, which use the rest")]
mod deployment;
mod plan;
mod relay;
#[path = "../../tests/support/mod.rs"]
#[allow(dead_code, reason = "shared with the broker tests, which use the rest")]
mod support;

use std::time::{Duration, Instant};

use bailiwick::cli::demo::traffic::{Arrivals, Kind, Record, Settings, Traffic};
use bailiwick::event::Timestamp;
use hdrhistogram::Histogram;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use deployment::Deployment;
use relay::Relay;

const TENANT: &str = "bench";
const ROUNDS: usize = 3;
const IDLE_LEADS: usize = 400;
const IDLE_GAP: Duration = Duration::from_millis(25);

fn main() {
    let Some(broker) = support::kafka::own_broker("benches/lane") else {
        return;
    };
    let count = std::env::var("BAILIWICK_BENCH_LEADS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(400_000);
    let leads = leads(count + IDLE_LEADS);
    let (load, idle) = leads.split_at(count);
    let bytes: usize = load.iter().map(|one| one.value.len()).sum();
    println!("{count} leads of {} bytes on average", bytes / count);
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let relayed = round_of(&broker.address(), "relay", load, idle);
        let decided = round_of(&broker.address(), "lane", load, idle);
        println!("round {round}: lane / relay = {:.2}", decided / relayed);
        ratios.push(decided / relayed);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.2}", ratios[ratios.len() / 2]);
}

fn leads(count: usize) -> Vec<Record> {
    let settings = Settings {
        seed: 7,
        start: Timestamp(1_795_421_730_000),
        tenants: vec![TENANT.into()],
        arrivals: Arrivals::Steady { per_second: 100.0 },
        life: None,
    };
    Traffic::new(settings)
        .filter(|one| one.kind == Kind::Lead)
        .take(count)
        .collect()
}

/// Loads topics of its own, runs one program over them, and returns its rate.
fn round_of(brokers: &str, who: &str, load: &[Record], idle: &[Record]) -> f64 {
    let deployment = Deployment::new(brokers, 1);
    plan::write(&deployment.plans().join(TENANT), TENANT);
    produce(&deployment, load);
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
    print_idle(who, &latencies(&deployment, &output, idle));
    rate
}

fn produce(deployment: &Deployment, load: &[Record]) {
    let producer = deployment.producer();
    for one in load {
        let record = (Some(one.lead.as_bytes()), Some(&one.value[..]), None);
        deployment.send(&producer, "leads", 0, record);
    }
    deployment.flush(&producer);
}

/// Open loop: each lead is sent at its own moment, and its latency counts from that moment.
fn latencies(deployment: &Deployment, output: &Output, idle: &[Record]) -> Histogram<u64> {
    let mut micros = Histogram::new(3).expect("three digits are possible");
    let producer = deployment.producer();
    let begin = Instant::now() + IDLE_GAP;
    for (number, one) in idle.iter().enumerate() {
        let due = begin + IDLE_GAP * number as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let record = (Some(one.lead.as_bytes()), Some(&one.value[..]), None);
        deployment.send(&producer, "leads", 0, record);
        output.next();
        micros.saturating_record(due.elapsed().as_micros() as u64);
    }
    micros
}

fn print_idle(who: &str, micros: &Histogram<u64>) {
    let ms = |quantile| micros.value_at_quantile(quantile) as f64 / 1_000.0;
    let (p50, p99, max) = (ms(0.5), ms(0.99), ms(1.0));
    println!("{who:>6}: one idle lead p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.1} ms");
}

/// A reader of what was committed.
struct Output(BaseConsumer);

impl Output {
    fn new(deployment: &Deployment) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &deployment.brokers)
            .set("group.id", "unused")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .create()
            .expect("a consumer can be made");
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&deployment.topic("assignments"), 0, Offset::Beginning)
            .expect("a valid offset");
        consumer.assign(&list).expect("the topic is there");
        Self(consumer)
    }

    /// Waits for the next record.
    fn next(&self) {
        let end = Instant::now() + deployment::PATIENCE;
        while Instant::now() < end {
            if let Some(Ok(message)) = self.0.poll(Duration::from_millis(100)) {
                // The payload was fetched; looking at it keeps the reader honest.
                std::hint::black_box(message.payload());
                return;
            }
        }
        panic!("no record came");
    }

    /// Records a second, from the first to the last of `count`.
    fn rate(&self, count: usize) -> f64 {
        self.next();
        let began = Instant::now();
        for _ in 1..count {
            self.next();
        }
        count as f64 / began.elapsed().as_secs_f64()
    }
}
