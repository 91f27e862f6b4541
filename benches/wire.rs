//! The wire alone: records of several sizes and shapes decoded, decisions encoded.
//!
//! `cargo bench --bench wire`. Nanoseconds a record and megabytes a second of values, the
//! fastest of several rounds, on one core. It prints and never fails.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use bailiwick::cli::demo::traffic::{Arrivals, Kind, Life, Settings, Traffic};
use bailiwick::event::{
    Cause, Decision, Due, Handover, Outcome, OverlayOwner, Reason, Source, Timestamp, TopicRole,
};
use bailiwick::stream::wire::{
    Headers, Mapping, Record, WireLimits, decode, encode_decision, encode_id, encode_key,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

/// Different records of one shape, so that no branch is learnt by heart.
const RECORDS: usize = 2_000;
/// Rounds of which the fastest counts: the machine is shared. Each goes through all records
/// several times.
const ROUNDS: usize = 15;
const TIMES: usize = 10;

/// Lives short enough for activity to follow soon.
const LIFE: Life = Life {
    touch: 600.0,
    close: 600.0,
};

/// When the generator's stream begins.
const START: Timestamp = Timestamp(1_795_421_730_000);

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Header names and values.
type Pairs = &'static [(&'static str, &'static str)];

/// What CloudEvents in binary mode bring beside the value.
const BINARY: Pairs = &[
    ("ce_specversion", "1.0"),
    ("ce_type", "lead.created"),
    ("ce_id", "e-4711"),
    ("ce_source", "/forms/trial"),
    ("ce_time", "2026-11-23T08:15:30Z"),
    ("ce_tenant", "bench"),
    ("content-type", "application/json"),
];
const STRUCTURED: Pairs = &[("content-type", "application/cloudevents+json")];

fn main() {
    let (leads, activity) = (drawn(Kind::Lead), drawn(Kind::Activity));
    println!("decode, ns a record:");
    let small = (0..RECORDS).map(|at| format!(r#"{{"id":"L-{at}"}}"#).into_bytes());
    decoding("a lead of its id alone", TopicRole::Leads, &[], small);
    decoding("leads as generated", TopicRole::Leads, &[], leads.clone());
    let escaped = leads.iter().map(|lead| escaped(lead));
    decoding(
        "the same, other letters escaped",
        TopicRole::Leads,
        &[],
        escaped,
    );
    let long = leads.iter().map(|lead| widened(lead));
    decoding("the same and 120 attributes", TopicRole::Leads, &[], long);
    let role = TopicRole::Leads;
    decoding(
        "the same leads, CloudEvents binary",
        role,
        BINARY,
        leads.clone(),
    );
    let wrapped = leads.iter().map(|lead| wrapped(lead));
    decoding(
        "the same leads, CloudEvents structured",
        role,
        STRUCTURED,
        wrapped,
    );
    decoding("activity as generated", TopicRole::Activity, &[], activity);
    println!("refuse, ns a record:");
    let cut = leads
        .iter()
        .map(|lead| lead[..lead.len() * 9 / 10].to_vec());
    decoding("leads cut off", TopicRole::Leads, &[], cut);
    let typed = leads.iter().map(|lead| mistyped(lead));
    decoding("leads whose score is a list", TopicRole::Leads, &[], typed);
    let deep = (0..RECORDS / 100).map(|_| "[".repeat(100_000).into_bytes());
    decoding("100,000 brackets", TopicRole::Leads, &[], deep);
    let garbage = (0..RECORDS).map(|at| vec![0xff - (at % 8) as u8; 600]);
    decoding("600 bytes that are no text", TopicRole::Leads, &[], garbage);
    println!("the library on the leads as generated, ns a record:");
    library::<IgnoredAny>("everything skipped", &leads);
    library::<Value>("into its own values", &leads);
    println!("encode, ns a decision (value, key and id):");
    encoding("assigned, nothing else", &decision());
    encoding("assigned, two overlays and a path of four", &overlaid());
    encoding("realigned, with its history", &handed_over());
}

/// Realistic records of one kind.
fn drawn(kind: Kind) -> Vec<Vec<u8>> {
    let settings = Settings {
        seed: 7,
        start: START,
        tenants: vec!["bench".into()],
        arrivals: Arrivals::Steady { per_second: 100.0 },
        life: (kind == Kind::Activity).then_some(LIFE),
    };
    let records = Traffic::new(settings).filter(|one| one.kind == kind);
    records.take(RECORDS).map(|one| one.value).collect()
}

/// The lead with every letter that is not ASCII escaped, as many producers write them.
fn escaped(lead: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for letter in String::from_utf8_lossy(lead).chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text.into_bytes()
}

/// The lead with many attributes more.
fn widened(lead: &[u8]) -> Vec<u8> {
    let mut lead: Value = serde_json::from_slice(lead).expect("the generator writes JSON");
    for at in 0..120 {
        let text = format!("what somebody wrote into field number {at}");
        lead["attributes"][format!("answer_{at}")] = text.into();
    }
    lead.to_string().into_bytes()
}

/// The lead with a list for its score.
fn mistyped(lead: &[u8]) -> Vec<u8> {
    let mut lead: Value = serde_json::from_slice(lead).expect("the generator writes JSON");
    lead["score"] = Value::Array(Vec::new());
    lead.to_string().into_bytes()
}

/// The lead within a structured CloudEvent.
fn wrapped(lead: &[u8]) -> Vec<u8> {
    let mut value = br#"{"specversion":"1.0","type":"lead.created","id":"e-4711","source":"/forms/trial","time":"2026-11-23T08:15:30Z","data":"#.to_vec();
    value.extend_from_slice(lead);
    value.push(b'}');
    value
}

/// Decodes all values and says of how many there came an event.
fn decoding(name: &str, role: TopicRole, pairs: Pairs, values: impl IntoIterator<Item = Vec<u8>>) {
    let values: Vec<Vec<u8>> = values.into_iter().collect();
    let headers = Headers {
        list: pairs
            .iter()
            .map(|(name, value)| (*name, Some(value.as_bytes())))
            .collect(),
        unreadable: false,
    };
    let records: Vec<Record<'_>> = values
        .iter()
        .map(|value| Record {
            role,
            topic: "leads",
            partition: 0,
            offset: 991,
            timestamp: Some(START),
            key: None,
            value: Some(value),
            headers: headers.clone(),
        })
        .collect();
    let (limits, mapping) = (WireLimits::default(), Mapping::default());
    let read = |record| decode(record, limits, &mapping);
    let good = records.iter().filter(|one| read(one).is_ok()).count();
    let ns = fastest(records.len(), || {
        for record in &records {
            let _ = black_box(read(black_box(record)));
        }
    });
    let bytes = values.iter().map(Vec::len).sum::<usize>() / values.len();
    print(
        name,
        ns,
        bytes,
        &format!("{good} of {} are events", records.len()),
    );
}

/// What the library takes to read the same bytes into `T`.
fn library<T: DeserializeOwned>(name: &str, values: &[Vec<u8>]) {
    let ns = fastest(values.len(), || {
        for value in values {
            let _ = black_box(serde_json::from_slice::<T>(black_box(value)));
        }
    });
    let bytes = values.iter().map(Vec::len).sum::<usize>() / values.len();
    print(name, ns, bytes, "");
}

fn encoding(name: &str, decision: &Decision) {
    let (mut value, mut key, mut id) = (Vec::new(), Vec::new(), Vec::new());
    let ns = fastest(RECORDS, || {
        for _ in 0..RECORDS {
            for out in [&mut value, &mut key, &mut id] {
                out.clear();
            }
            let decision = black_box(decision);
            encode_decision(decision, "3", &mut value);
            encode_key(decision, &mut key);
            encode_id(decision, "3", &mut id);
            black_box((&value, &key, &id));
        }
    });
    print(name, ns, value.len() + key.len() + id.len(), "");
}

/// Nanoseconds of one of `count`, in the fastest round.
fn fastest(count: usize, work: impl FnMut()) -> f64 {
    let mut work = work;
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        (0..TIMES).for_each(|_| work());
        began.elapsed().as_nanos() as f64 / (count * TIMES) as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn print(name: &str, ns: f64, bytes: usize, note: &str) {
    let megabytes = bytes as f64 * 1e3 / ns;
    println!("  {name:<42} {ns:>8.0} ns of {bytes:>6} bytes, {megabytes:>6.0} MB/s  {note}");
}

/// The specification's example.
fn decision() -> Decision {
    Decision {
        tenant: "acme".into(),
        lead: "L-1001".into(),
        revision: 1,
        seq: 1842,
        outcome: Outcome::Assigned,
        reason: Reason::Territory,
        territory: Some("east-mfg-large".into()),
        path: vec!["east".into(), "east-mfg".into(), "east-mfg-large".into()],
        team: Some("east-key".into()),
        rep: Some("wang".into()),
        previous_rep: None,
        pool: None,
        duplicate_of: None,
        overlays: Vec::new(),
        due: Due {
            accept_by: Some(Timestamp(START.0 + 1_800_000)),
            touch_by: Some(Timestamp(START.0 + 14_400_000)),
        },
        attempt: 1,
        cause: None,
        plan: "3f9c2a7d90e1b254".into(),
        source: Source {
            topic: "leads".into(),
            partition: 3,
            offset: 991,
        },
        lead_at: START,
        decided_at: Timestamp(START.0 + 214),
        claimant: None,
        since: None,
        handover: None,
    }
}

fn overlaid() -> Decision {
    let overlay = |territory: &str| OverlayOwner {
        territory: territory.into(),
        team: Some("cloud".into()),
        rep: Some("zhao".into()),
    };
    let mut decision = decision();
    decision.path.push("east-mfg-large-cars".into());
    decision.overlays = vec![overlay("cloud-specialists"), overlay("strategic-accounts")];
    decision
}

fn handed_over() -> Decision {
    let mut decision = decision();
    decision.reason = Reason::Realigned;
    decision.cause = Some(Cause::Plan("90e1b2543f9c2a7d".into()));
    decision.previous_rep = Some("li".into());
    decision.handover = Some(Handover {
        owners: vec!["li".into(), "zhang".into()],
        touches: vec![(START, "call", "li".into()), (START, "email", "li".into())],
        stage: Some("qualified".into()),
        open_value: Some(250_000.0),
    });
    decision
}
