//! Leads and what happens to them together, at a steady rate, with a kill in the middle; and
//! everything that was put out is what the pure engine makes of the recorded input.
//!
//! `cargo test` runs it small. The full run, with a release build of the program:
//!
//! ```text
//! cargo build --release
//! BAILIWICK_TEST_PROGRAM=$PWD/target/release/bailiwick BAILIWICK_RUSH_RATE=20000 \
//!   BAILIWICK_RUSH_SECONDS=300 cargo test --test main -- --nocapture broker::rush
//! ```

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::producer::{DefaultProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use bailiwick::stream::home::home_partition;

use crate::support::kafka;

use super::deployment::Deployment;
use super::population::{Produced, leads, tenants};
use super::rush_oracle;

/// Events a second and seconds where the environment says nothing.
const RATE: usize = 800;
const SECONDS: usize = 6;

const TENANTS: usize = 40;
const PARTITIONS: i32 = 4;
const SEED: u64 = 20_261_125;
const PLAN: &str = include_str!("rush.yaml");

/// Something happens to a lead so many leads after it came; a few of them are still on their
/// way then, as upstream topics keep no order between them.
const LATER: usize = 400;

/// Every so many events a record is keyed to a partition that is not its home.
const STRAY: usize = 16;

/// Events are sent in portions of this length.
const PORTION: Duration = Duration::from_millis(10);

/// The longest wait for the backlog after the last event.
const PATIENCE: Duration = Duration::from_secs(900);

fn setting(name: &str, otherwise: usize) -> usize {
    let given = std::env::var(name).ok();
    given.map_or(otherwise, |text| text.parse().expect("a number"))
}

/// What happens to the lead of this number.
fn activity(number: usize, tenant: &str) -> Vec<u8> {
    let id = format!("e-{number}");
    let rest = match number % 16 {
        0..3 => r#""type":"lead.accepted""#,
        3..6 => r#""type":"lead.touched","kind":"call""#,
        6..12 => r#""type":"lead.closed","result":"won","value":100"#,
        12 => r#""type":"lead.declined""#,
        13 => r#""type":"lead.claimed","rep":"ann""#,
        14 => r#""type":"lead.released","pool":"public""#,
        _ if number % 4_096 == 15 => return status(&id, tenant, "away"),
        _ if number % 4_096 == 2_063 => return status(&id, tenant, "active"),
        _ => r#""type":"lead.transferred","rep":"eve","by":"boss""#,
    };
    format!(r#"{{"id":"{id}","tenant":"{tenant}","lead":"L-{number}",{rest}}}"#).into_bytes()
}

fn status(id: &str, tenant: &str, status: &str) -> Vec<u8> {
    let kind = r#""type":"rep.status","rep":"ben""#;
    format!(r#"{{"id":"{id}","tenant":"{tenant}",{kind},"status":"{status}"}}"#).into_bytes()
}

/// Sends leads and activity in turn.
struct Rush<'d> {
    deployment: &'d Deployment,
    producer: ThreadedProducer<DefaultProducerContext>,
    leads: Box<dyn Iterator<Item = Produced> + Send>,
    tenants: Vec<String>,
    sent: usize,
}

impl Rush<'_> {
    fn send(&mut self) {
        let number = self.sent / 2;
        let (role, tenant, key, value) = if self.sent.is_multiple_of(2) {
            let lead = self.leads.next().expect("the stream is endless");
            (
                "leads",
                &self.tenants[number % TENANTS],
                lead.id,
                lead.value,
            )
        } else {
            // One in 32 is about a lead that is yet to come.
            let ahead = if number.is_multiple_of(32) {
                2 * LATER
            } else {
                0
            };
            let about = number.saturating_sub(LATER) + ahead;
            let tenant = &self.tenants[about % TENANTS];
            (
                "activity",
                tenant,
                format!("L-{about}"),
                activity(about, tenant),
            )
        };
        let home = home_partition(tenant, PARTITIONS);
        let stray = i32::from(self.sent.is_multiple_of(STRAY));
        let partition = (home + stray) % PARTITIONS;
        let record = (Some(key.as_bytes()), Some(&*value), None);
        self.deployment
            .send(&self.producer, role, partition, record);
        self.sent += 1;
    }

    /// Sends `rate` events a second until `events` are sent; how long it took.
    fn run(&mut self, events: usize, rate: usize) -> Duration {
        let began = Instant::now();
        while self.sent < events {
            let due = began.elapsed().as_secs_f64() * rate as f64;
            while self.sent < events.min(due as usize) {
                self.send();
            }
            std::thread::sleep(PORTION);
        }
        self.deployment.flush(&self.producer);
        began.elapsed()
    }
}

/// Whether no input record lies beyond what the group has committed.
fn drained(deployment: &Deployment) -> bool {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &deployment.brokers)
        .set("group.id", "unused")
        .set("isolation.level", "read_committed")
        .set("enable.partition.eof", "true")
        .create()
        .expect("a consumer can be made");
    let mut list = TopicPartitionList::new();
    for ((role, partition), offset) in deployment.committed() {
        list.add_partition_offset(&deployment.topic(&role), partition, Offset::Offset(offset))
            .expect("a valid offset");
    }
    consumer.assign(&list).expect("the topics are there");
    let mut ended = 0;
    while ended < list.count() {
        match consumer.poll(Duration::from_secs(5)) {
            Some(Err(KafkaError::PartitionEOF(_))) => ended += 1,
            Some(Ok(_)) | None => return false,
            Some(Err(_)) => {}
        }
    }
    true
}

#[test]
fn leads_and_activity_through_a_kill_equal_the_replay() {
    let Some(brokers) = kafka::brokers("leads_and_activity_through_a_kill_equal_the_replay") else {
        return;
    };
    let rate = setting("BAILIWICK_RUSH_RATE", RATE);
    let seconds = setting("BAILIWICK_RUSH_SECONDS", SECONDS);
    let events = rate * seconds;
    println!("seed {SEED}, {events} events at {rate}/s");
    let deployment = Deployment::new(&brokers, PARTITIONS);
    let names = tenants(TENANTS);
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    deployment.write_plans(&texts, &|tenant| PLAN.replace("TENANT", tenant));
    let mut rush = Rush {
        deployment: &deployment,
        producer: deployment.producer(),
        leads: Box::new(leads(SEED, &names)),
        tenants: names,
        sent: 0,
    };
    let mut first = deployment.daemon("first");
    let (mut second, began) = std::thread::scope(|scope| {
        let sender = scope.spawn(|| rush.run(events, rate));
        std::thread::sleep(Duration::from_millis(seconds as u64 * 500));
        first.kill();
        let killed = Instant::now();
        let second = deployment.daemon("second");
        let took = sender.join().expect("everything is sent");
        println!(
            "sent in {:.1} s, {:.0} events/s; killed {:.1} s before the end",
            took.as_secs_f64(),
            events as f64 / took.as_secs_f64(),
            killed.elapsed().as_secs_f64()
        );
        (second, Instant::now())
    });
    while !drained(&deployment) {
        assert!(began.elapsed() < PATIENCE, "the input was not drained");
        std::thread::sleep(Duration::from_millis(100));
    }
    println!(
        "drained {:.1} s after the last event",
        began.elapsed().as_secs_f64()
    );
    second.signal("TERM");
    assert!(second.child().wait().expect("it ends").success());
    let replayed = Instant::now();
    let proof = rush_oracle::replay(&deployment);
    println!(
        "replayed in {:.1} s: {proof:?}",
        replayed.elapsed().as_secs_f64()
    );
    assert_eq!(
        proof.first_decisions,
        events.div_ceil(2),
        "each lead is decided once"
    );
    assert_eq!(proof.letters, 0, "nothing is undecided: {proof:?}");
}
