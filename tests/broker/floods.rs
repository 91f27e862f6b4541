//! Too much of one thing: nothing but poison, a lead of a mebibyte, a tenant that sends nine of ten leads.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::support::kafka;

use super::deployment::{Deployment, Reader, Seen};
use super::exactly_once::await_drained;
use super::instance::Instance;
use super::load::quantile;
use super::oracle::{self, Recording};
use super::takeover::decided;

const SEED: u64 = 1_048_576;
const PLAN: &str = include_str!("plan.yaml");
/// Records of poison, and of the busy tenant.
const FLOOD: usize = 10_000;

fn prepare(brokers: &str, partitions: i32, tenants: &[&str]) -> Deployment {
    let deployment = Deployment::new(brokers, partitions);
    deployment.write_plans(tenants, &|tenant| PLAN.replace("TENANT", tenant));
    deployment
}

fn prove(deployment: &Deployment) {
    let recording = Recording::read(deployment);
    assert!(
        oracle::replay(deployment, &recording) == recording.written,
        "the replay differs"
    );
}

fn lead(tenant: &str, id: &str) -> Vec<u8> {
    format!(r#"{{"id":"{id}","tenant":"{tenant}","address":{{"country":"CN"}}}}"#).into_bytes()
}

/// Two tenants that live on different partitions of two.
const TENANTS: [&str; 2] = ["t0", "t1"];

fn home(tenant: &str) -> i32 {
    bailiwick::stream::home::home_partition(tenant, 2)
}

#[test]
fn nothing_but_poison_on_one_partition_holds_up_nobody_else() {
    let name = "nothing_but_poison_on_one_partition_holds_up_nobody_else";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    assert_ne!(
        home(TENANTS[0]),
        home(TENANTS[1]),
        "tenants of different partitions"
    );
    let deployment = prepare(&brokers, 2, &TENANTS);
    let producer = deployment.producer();
    let (sick, well) = (home(TENANTS[0]), home(TENANTS[1]));
    let kinds: [(&str, &[u8]); 4] = [
        ("bad_json", b"{"),
        ("bad_encoding", b"{\"id\":\"\xff\"}"),
        ("no_id", b"{}"),
        ("unknown_tenant", br#"{"id":"L","tenant":"nobody"}"#),
    ];
    for number in 0..FLOOD {
        let (_, poison) = kinds[number % kinds.len()];
        deployment.send(&producer, "leads", sick, (None, Some(poison), None));
    }
    for number in 0..100 {
        for (tenant, partition) in [(TENANTS[0], sick), (TENANTS[1], well)] {
            let value = lead(tenant, &format!("{tenant}-{number}"));
            deployment.send(&producer, "leads", partition, (None, Some(&value), None));
        }
    }
    deployment.flush(&producer);
    let daemon = Instance::start(&deployment, "only", &[]);
    let began = Instant::now();
    decided(&deployment, 200);
    println!(
        "{FLOOD} records of poison and 200 leads took {:?} from the start",
        began.elapsed()
    );
    await_drained(&deployment);
    daemon.end();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for letter in deployment.read("deadletters") {
        let reason = letter.header("bailiwick-reason").expect("a reason");
        *reasons.entry(reason.to_owned()).or_default() += 1;
    }
    // A record of nobody's tenant is looked at where its tenant would live.
    let each: BTreeMap<String, usize> = kinds
        .iter()
        .map(|(reason, _)| ((*reason).to_owned(), FLOOD / kinds.len()))
        .collect();
    assert_eq!(reasons, each);
    prove(&deployment);
}

#[test]
fn a_lead_of_a_mebibyte_is_a_dead_letter_untouched_or_decided_where_that_is_allowed() {
    let name = "a_lead_of_a_mebibyte_is_a_dead_letter_untouched";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    let mut deployment = Deployment::planned(&brokers, 1);
    let longest = ("max.message.bytes", "2097152");
    kafka::create_topics(&brokers, &[(&deployment.topic("leads"), 1, &[longest])]);
    let made = deployment.bailiwick(&["topics", "--create"]);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    deployment.write_plans(&["t0"], &|tenant| PLAN.replace("TENANT", tenant));
    let long = |id: &str| {
        let text = "x".repeat(1 << 20);
        format!(r#"{{"id":"{id}","tenant":"t0","text":"{text}"}}"#).into_bytes()
    };
    let send = |id: &str, value: &[u8]| {
        let producer = long_producer(&deployment);
        deployment.send(
            &producer,
            "leads",
            0,
            (Some(id.as_bytes()), Some(value), None),
        );
        deployment.flush(&producer);
    };
    send("long", &long("long"));
    send("short", &lead("t0", "short"));
    let daemon = Instance::start(&deployment, "strict", &[]);
    decided(&deployment, 1);
    await_drained(&deployment);
    daemon.end();
    let letters = deployment.read("deadletters");
    let [letter] = &letters[..] else {
        panic!("{} dead letters", letters.len())
    };
    assert_eq!(letter.header("bailiwick-reason"), Some("too_large"));
    assert!(
        letter.value.as_deref() == Some(&long("long")),
        "its value is untouched"
    );
    prove(&deployment);

    send("long", &long("long"));
    deployment.set("limits.record_bytes=2097152");
    let daemon = Instance::start(&deployment, "patient", &[]);
    decided(&deployment, 2);
    await_drained(&deployment);
    daemon.end();
    assert_eq!(deployment.read("assignments")[1].json()["lead"], "long");
}

/// A producer that may send more than a mebibyte at once.
fn long_producer(
    deployment: &Deployment,
) -> rdkafka::producer::ThreadedProducer<rdkafka::producer::DefaultProducerContext> {
    rdkafka::ClientConfig::new()
        .set("bootstrap.servers", &deployment.brokers)
        .set("message.max.bytes", "2097152")
        .create()
        .expect("a producer can be made")
}

#[test]
fn a_tenant_with_nine_of_ten_leads_holds_up_its_own_partition_only() {
    let name = "a_tenant_with_nine_of_ten_leads_holds_up_its_own_partition_only";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    println!("seed {SEED}");
    let deployment = prepare(&brokers, 2, &TENANTS);
    let daemon = Instance::start(&deployment, "only", &[]);
    daemon.await_ready();
    let producer = deployment.producer();
    for number in 0..FLOOD {
        let tenant = TENANTS[usize::from(number % 10 == 9)];
        let value = lead(tenant, &format!("{tenant}-{number}"));
        deployment.send(&producer, "leads", home(tenant), (None, Some(&value), None));
    }
    deployment.flush(&producer);
    let mut reader = Reader::new(&deployment, "assignments");
    reader.until(|seen| seen.len() >= FLOOD);
    for tenant in TENANTS {
        report(tenant, &reader.seen);
    }
    await_drained(&deployment);
    daemon.end();
    let seen = deployment.read("assignments");
    assert_eq!(seen.len(), FLOOD);
    prove(&deployment);
}

/// Prints how long a tenant's leads waited, by the decisions' own account.
fn report(tenant: &str, seen: &[Seen]) {
    let waited = |one: &&Seen| one.json()["tenant"] == tenant;
    let own: Vec<i64> = seen
        .iter()
        .filter(waited)
        .filter_map(|one| one.timestamp)
        .collect();
    let first = own.iter().min().copied().unwrap_or_default();
    let mut after: Vec<Duration> = own
        .iter()
        .map(|moment| Duration::from_millis((moment - first).unsigned_abs()))
        .collect();
    println!(
        "{tenant}: {} decisions, the last one {:?} after the first",
        after.len(),
        quantile(&mut after, 1.0)
    );
}
