//! The pure engine run over the recorded input: what every output must equal, byte for byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use bailiwick::event::{Span, Timestamp, TopicRole};
use bailiwick::plan;
use bailiwick::route::{Plans, Snapshot};
use bailiwick::stream::step::{Frame, Step};
use bailiwick::stream::wire::{BatchRecord, Headers, Mapping, Record, WireLimits};

use super::deployment::{Deployment, Seen};

/// A record's content, for comparison.
type Content = (
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Vec<(String, Option<Vec<u8>>)>,
);

/// What was put out, by partition; the decisions in order, the rest sorted.
#[derive(Debug, Default, PartialEq)]
pub struct Outputs {
    pub decisions: BTreeMap<i32, Vec<Content>>,
    pub letters: BTreeMap<i32, Vec<Content>>,
    /// The last value of each row.
    pub rows: BTreeMap<(i32, Vec<u8>), Vec<u8>>,
}

/// Everything that was in the log when the daemons had stopped.
pub struct Recording {
    inputs: BTreeMap<String, Vec<Seen>>,
    batches: Vec<Seen>,
    pub written: Outputs,
}

impl Recording {
    pub fn read(deployment: &Deployment) -> Self {
        let inputs =
            ["leads", "activity"].map(|role| (deployment.topic(role), deployment.read(role)));
        let mut written = Outputs::default();
        for one in deployment.read("assignments") {
            written
                .decisions
                .entry(one.partition)
                .or_default()
                .push(content(&one));
        }
        for one in deployment.read("deadletters") {
            written
                .letters
                .entry(one.partition)
                .or_default()
                .push(content(&one));
        }
        for one in deployment.read("state") {
            keep(
                &mut written.rows,
                one.partition,
                one.key.as_deref().unwrap_or_default(),
                one.value.as_deref(),
            );
        }
        written
            .letters
            .values_mut()
            .for_each(|letters| letters.sort());
        Self {
            inputs: inputs.into(),
            batches: deployment.read("batches"),
            written,
        }
    }

    /// Batch records of one partition in order, checked to follow each other without a gap.
    fn batches(&self, partition: i32) -> Vec<BatchRecord> {
        let own = self.batches.iter().filter(|one| one.partition == partition);
        let decoded = own.map(|one| BatchRecord::decode(one.value.as_deref().unwrap_or_default()));
        let batches: Vec<BatchRecord> = decoded.map(|one| one.expect("a batch record")).collect();
        let mut next = 1;
        for batch in &batches {
            assert_eq!((batch.partition, batch.first_seq), (partition, next));
            next = batch.last_seq + 1;
        }
        batches
    }
}

fn content(seen: &Seen) -> Content {
    (seen.key.clone(), seen.value.clone(), seen.headers.clone())
}

fn keep(
    rows: &mut BTreeMap<(i32, Vec<u8>), Vec<u8>>,
    partition: i32,
    key: &[u8],
    value: Option<&[u8]>,
) {
    let key = (partition, key.to_vec());
    match value {
        Some(value) => rows.insert(key, value.to_vec()),
        None => rows.remove(&key),
    };
}

/// Replays what `recording` says was done, with the plans as they are in the folder now.
pub fn replay(deployment: &Deployment, recording: &Recording) -> Outputs {
    replay_under(&load_plans(deployment), deployment, recording)
}

/// The same with every plan that was ever in force.
pub fn replay_under(known: &Known, deployment: &Deployment, recording: &Recording) -> Outputs {
    let mut outputs = Outputs::default();
    for partition in 0..deployment.partitions {
        let mut lane = Lane::new(deployment, partition);
        for batch in recording.batches(partition) {
            lane.replay(&batch, &recording.inputs, known, &mut outputs);
        }
    }
    outputs
        .letters
        .values_mut()
        .for_each(|letters| letters.sort());
    outputs
}

/// Plans by tenant and version.
pub type Known = BTreeMap<(Box<str>, Box<str>), Arc<Snapshot>>;

pub fn load_plans(deployment: &Deployment) -> Known {
    let folders = plan::discover(&deployment.plans()).expect("the plans are there");
    let load = |folder: std::path::PathBuf| plan::load(&folder).plan.expect("the plan is good");
    let snapshots = folders
        .into_iter()
        .map(load)
        .map(|plan| Arc::new(Snapshot::build(plan)));
    snapshots
        .map(|one| ((one.plan.tenant.clone(), one.plan.version.clone()), one))
        .collect()
}

struct Lane {
    step: Step,
    timers: usize,
    /// The plans given last, so that equal ones are not given anew.
    given: (BTreeMap<Box<str>, Box<str>>, Arc<Plans>),
}

/// A lane as the deployment's own settings make it.
pub fn frame(deployment: &Deployment, partition: i32) -> Frame {
    let settings = deployment.settings();
    Frame {
        partition,
        partitions: deployment.partitions,
        engine: format!("/bailiwick/{}", deployment.group()),
        limits: WireLimits {
            record_bytes: settings.limits.record_bytes,
        },
        mapping: Mapping::from(&settings.input),
        horizon: Span(settings.ledger.horizon.as_millis() as i64),
    }
}

impl Lane {
    fn new(deployment: &Deployment, partition: i32) -> Self {
        let frame = frame(deployment, partition);
        let none = Arc::new(Plans::new());
        let step = Step::new(frame, Arc::clone(&none));
        Self {
            step,
            timers: deployment.settings().lanes.batch_timers,
            given: (BTreeMap::new(), none),
        }
    }

    fn replay(
        &mut self,
        batch: &BatchRecord,
        inputs: &BTreeMap<String, Vec<Seen>>,
        plans: &Known,
        outputs: &mut Outputs,
    ) {
        if self.given.0 != batch.plans {
            self.given = (batch.plans.clone(), Arc::new(chosen(&batch.plans, plans)));
        }
        self.step.take_plans(&self.given.1);
        self.step.begin(batch.now, self.timers);
        self.put(outputs);
        for range in &batch.inputs {
            let records = &inputs[&*range.topic];
            let first = records
                .partition_point(|one| (one.partition, one.offset) < (batch.partition, range.from));
            let within = |one: &&Seen| one.partition == batch.partition && one.offset < range.to;
            for seen in records[first..].iter().take_while(within) {
                self.step.record(&record(&range.topic, seen));
                self.put(outputs);
            }
        }
        self.step.finish();
        assert_eq!(self.step.batch(), batch, "the batch's own record");
        self.put(outputs);
        self.step.commit();
    }

    fn put(&mut self, outputs: &mut Outputs) {
        for item in self.step.outbox().items() {
            let own = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
            let headers = item
                .headers()
                .map(|(name, value)| (name.to_owned(), own(value)))
                .collect();
            let content = (own(item.key), own(item.value), headers);
            match item.role {
                TopicRole::Assignments => outputs
                    .decisions
                    .entry(item.partition)
                    .or_default()
                    .push(content),
                TopicRole::Deadletters => outputs
                    .letters
                    .entry(item.partition)
                    .or_default()
                    .push(content),
                TopicRole::State => {
                    keep(
                        &mut outputs.rows,
                        item.partition,
                        item.key.unwrap_or_default(),
                        item.value,
                    );
                }
                _ => {}
            }
        }
        self.step.clear_outbox();
    }
}

/// The snapshots of the versions that a batch names.
pub fn chosen(named: &BTreeMap<Box<str>, Box<str>>, known: &Known) -> Plans {
    let found = named.iter().map(|(tenant, version)| {
        let snapshot = known.get(&(tenant.clone(), version.clone()));
        let snapshot = snapshot.unwrap_or_else(|| panic!("no plan {version} of {tenant}"));
        (tenant.clone(), Arc::clone(snapshot))
    });
    found.collect()
}

pub fn record<'a>(topic: &'a str, seen: &'a Seen) -> Record<'a> {
    let headers = seen
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_deref()));
    let role = if topic.ends_with(".activity") {
        TopicRole::Activity
    } else {
        TopicRole::Leads
    };
    Record {
        role,
        topic,
        partition: seen.partition,
        offset: seen.offset,
        timestamp: seen.timestamp.map(Timestamp),
        key: seen.key.as_deref(),
        value: seen.value.as_deref(),
        headers: Headers {
            list: headers.collect(),
            unreadable: false,
        },
    }
}
