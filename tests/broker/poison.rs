//! Every kind of poison: its reason, its bytes untouched, its neighbours decided.

use std::collections::BTreeMap;

use rdkafka::message::{Header, OwnedHeaders};

use crate::support::kafka;

use super::deployment::{Deployment, Seen};
use super::exactly_once::await_drained;
use super::oracle::{self, Recording};

const PARTITIONS: i32 = 2;
const PLAN: &str = include_str!("plan.yaml");

struct Poison {
    reason: &'static str,
    role: &'static str,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(&'static str, Vec<u8>)>,
}

fn lead(reason: &'static str, value: impl Into<Vec<u8>>) -> Poison {
    let value = Some(value.into());
    Poison {
        reason,
        role: "leads",
        key: Some(reason.into()),
        value,
        headers: Vec::new(),
    }
}

fn event(reason: &'static str, value: &str) -> Poison {
    Poison {
        role: "activity",
        ..lead(reason, value)
    }
}

fn with(poison: Poison, name: &'static str, value: &[u8]) -> Poison {
    Poison {
        headers: vec![(name, value.to_vec())],
        ..poison
    }
}

/// One of each kind for one partition; events have ids of their own, for the same id twice
/// has one effect.
fn poisons(partition: i32) -> Vec<Poison> {
    let deep = format!(r#"{{"id":"L","x":{}{}}}"#, "[".repeat(64), "]".repeat(64));
    let orphan = format!(
        r#"{{"type":"lead.accepted","tenant":"t0","id":"e{partition}","lead":"never","rep":"ann"}}"#
    );
    let large = format!(r#"{{"id":"L","x":"{}"}}"#, "x".repeat(600_000));
    vec![
        lead("bad_encoding", b"{\"id\":\"\xff\"}".to_vec()),
        lead("bad_json", "{\"id\":"),
        lead("bad_json", ""),
        lead("bad_json", "[]"),
        lead("too_deep", deep),
        lead("too_large", large),
        lead("no_id", r#"{"tenant":"t0"}"#),
        lead("wrong_type", r#"{"id":7,"tenant":"t0"}"#),
        lead("wrong_type", r#"{"id":"L","tenant":7}"#),
        lead("wrong_type", r#"{"id":"L","tenant":"t0","revision":"one"}"#),
        lead(
            "wrong_type",
            r#"{"id":"L","tenant":"t0","created_at":"soon"}"#,
        ),
        Poison {
            key: None,
            value: None,
            ..lead("null_key", "")
        },
        lead(
            "unknown_type",
            r#"{"id":"L","tenant":"t0","type":"lead.exploded"}"#,
        ),
        lead("unknown_tenant", r#"{"id":"L","tenant":"nobody"}"#),
        lead("unsupported_schema", b"\0\0\0\0\x2a{\"id\":\"L\"}".to_vec()),
        with(
            lead("unsupported_schema", r#"{"id":"L"}"#),
            "content-type",
            b"application/avro",
        ),
        with(lead("bad_encoding", r#"{"id":"L"}"#), "ce_type", b"\xff"),
        event("unknown_type", r#"{"id":"e","tenant":"t0","lead":"L"}"#),
        event(
            "no_id",
            r#"{"type":"lead.accepted","tenant":"t0","lead":"L"}"#,
        ),
        event(
            "wrong_type",
            r#"{"type":"rep.status","tenant":"t0","id":"e","rep":"ann","status":"asleep"}"#,
        ),
        event("unknown_lead", &orphan),
    ]
}

/// Sends every poison to every partition, a good lead before and after each.
fn produce(deployment: &Deployment) -> usize {
    let producer = deployment.producer();
    let mut good = 0;
    for partition in 0..PARTITIONS {
        for poison in poisons(partition) {
            let headers = poison
                .headers
                .iter()
                .fold(OwnedHeaders::new(), |all, (key, value)| {
                    all.insert(Header {
                        key,
                        value: Some(value),
                    })
                });
            let record = (
                poison.key.as_deref(),
                poison.value.as_deref(),
                Some(headers),
            );
            deployment.send(&producer, poison.role, partition, record);
            good += 1;
            let value = format!(r#"{{"id":"good-{good}","tenant":"t0"}}"#);
            deployment.send(
                &producer,
                "leads",
                partition,
                (None, Some(value.as_bytes()), None),
            );
        }
        let value = format!(r#"{{"id":"loop-{partition}","tenant":"t{partition}"}}"#);
        for number in 0..2 {
            // Of the two tenants one is not at home here, whatever their hashes are.
            let value = value.replace(&format!("t{partition}"), &format!("t{number}"));
            let mark = OwnedHeaders::new().insert(Header {
                key: "bailiwick-forwarded-from",
                value: Some("x/9/9"),
            });
            deployment.send(
                &producer,
                "leads",
                partition,
                (None, Some(value.as_bytes()), Some(mark)),
            );
        }
    }
    deployment.flush(&producer);
    good
}

fn plan(tenant: &str) -> String {
    // Activity waits for its lead for a moment only, so that the test need not.
    PLAN.replace("TENANT", tenant)
        .replace("policy: {", "policy: {early: 1s, ")
}

#[test]
fn poison_of_every_kind_ends_as_dead_letter_and_nothing_else_suffers() {
    let Some(brokers) = kafka::brokers("poison_of_every_kind_ends_as_dead_letter") else {
        return;
    };
    let deployment = Deployment::new(&brokers, PARTITIONS);
    deployment.write_plans(&["t0", "t1"], &plan);
    let good = produce(&deployment);
    let mut daemon = deployment.daemon("poison");
    let expected = poisons(0).len() * PARTITIONS as usize;
    let letters = deployment.read_until("deadletters", |seen| {
        seen.iter()
            .filter(|one| one.header("bailiwick-reason") != Some("forwarding_loop"))
            .count()
            >= expected
    });
    await_drained(&deployment);
    for (partition, poison) in
        (0..PARTITIONS).flat_map(|one| poisons(one).into_iter().map(move |poison| (one, poison)))
    {
        let same = |one: &&Seen| {
            one.partition == partition
                && one.value == poison.value
                && one.header("bailiwick-reason") == Some(poison.reason)
        };
        // Poison that differs in its headers alone is told apart by them.
        let found: Vec<&Seen> = letters
            .iter()
            .filter(same)
            .filter(|one| has_headers(one, &poison))
            .collect();
        assert_eq!(found.len(), 1, "{} {:?}", poison.reason, poison.headers);
        check_letter(found[0], &poison, &deployment);
    }
    check_neighbours(&deployment, good);
    daemon.signal("TERM");
    assert!(daemon.child().wait().expect("it ends").success());
    let recording = Recording::read(&deployment);
    let replayed = oracle::replay(&deployment, &recording);
    assert!(
        replayed.decisions == recording.written.decisions,
        "the replay differs"
    );
}

fn has_headers(letter: &Seen, poison: &Poison) -> bool {
    let kept = |(name, value): &(&str, Vec<u8>)| {
        letter
            .headers
            .iter()
            .any(|(one, other)| one == name && other.as_ref() == Some(value))
    };
    poison.headers.iter().all(kept)
}

/// Untouched key and headers, Connect's headers, and the index it came from.
fn check_letter(letter: &Seen, poison: &Poison, deployment: &Deployment) {
    assert_eq!(letter.key, poison.key);
    assert_eq!(
        letter.header("__connect.errors.topic"),
        Some(&*deployment.topic(poison.role))
    );
    assert_eq!(
        letter.header("__connect.errors.partition"),
        Some(&*letter.partition.to_string())
    );
    assert!(
        letter
            .header("__connect.errors.offset")
            .is_some_and(|text| text.parse::<i64>().is_ok())
    );
    assert_eq!(
        letter.header("__connect.errors.exception.class.name"),
        Some(poison.reason)
    );
    assert!(
        letter
            .header("__connect.errors.exception.message")
            .is_some_and(|text| !text.is_empty())
    );
    assert!(letter.header("__connect.errors.stage").is_some());
    assert_eq!(letter.header("bailiwick-forwarded-from"), None);
}

/// Good leads between the poison, and marked records: at home decided, elsewhere a loop.
fn check_neighbours(deployment: &Deployment, good: usize) {
    let decisions = deployment.read("assignments");
    let mut leads: BTreeMap<String, usize> = BTreeMap::new();
    for one in &decisions {
        *leads
            .entry(one.json()["lead"].as_str().expect("an id").to_owned())
            .or_default() += 1;
    }
    let decided = |prefix: &str| leads.keys().filter(|id| id.starts_with(prefix)).count();
    assert_eq!(decided("good-"), good);
    assert!(leads.values().all(|count| *count <= 2));
    let letters = deployment.read("deadletters");
    let loops = letters
        .iter()
        .filter(|one| one.header("bailiwick-reason") == Some("forwarding_loop"))
        .count();
    assert_eq!(
        loops + decisions.len() - good,
        4,
        "marked records: {loops} loops"
    );
    assert!(loops >= 2);
}
