//! The pure engine over a recording too large for memory: one partition at a time, input and
//! output read side by side, compared record by record.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::Headers as _;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use bailiwick::event::TopicRole;
use bailiwick::route::Plans;
use bailiwick::stream::step::Step;
use bailiwick::stream::wire::BatchRecord;

use super::deployment::{Deployment, Seen};
use super::oracle::{Known, chosen, frame, load_plans, record};

/// What a comparison found equal.
#[derive(Debug, Default)]
pub struct Proof {
    pub batches: usize,
    pub inputs: usize,
    pub decisions: usize,
    pub first_decisions: usize,
    pub letters: usize,
    pub rows: usize,
}

/// The committed records of one partition of one topic, in order.
struct Tape {
    consumer: BaseConsumer,
    next: Option<Seen>,
}

impl Tape {
    fn open(deployment: &Deployment, role: &str, partition: i32) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &deployment.brokers)
            .set("group.id", "unused")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .create()
            .expect("a consumer can be made");
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&deployment.topic(role), partition, Offset::Beginning)
            .expect("a valid offset");
        consumer.assign(&list).expect("the topic is there");
        let mut tape = Self {
            consumer,
            next: None,
        };
        tape.wind();
        tape
    }

    fn wind(&mut self) {
        self.next = loop {
            match self.consumer.poll(Duration::from_secs(30)) {
                Some(Ok(message)) => {
                    let own = |one: rdkafka::message::Header<'_, &[u8]>| {
                        (one.key.to_owned(), one.value.map(<[u8]>::to_vec))
                    };
                    let headers = message.headers();
                    break Some(Seen {
                        partition: message.partition(),
                        offset: message.offset(),
                        timestamp: message.timestamp().to_millis(),
                        key: message.key().map(<[u8]>::to_vec),
                        value: message.payload().map(<[u8]>::to_vec),
                        headers: headers.map_or(Vec::new(), |all| all.iter().map(own).collect()),
                    });
                }
                Some(Err(KafkaError::PartitionEOF(_))) => break None,
                Some(Err(_)) => {}
                None => panic!("the broker gives no more records"),
            }
        };
    }

    fn take(&mut self) -> Option<Seen> {
        let taken = self.next.take();
        if taken.is_some() {
            self.wind();
        }
        taken
    }

    /// The next record, if it lies before this offset.
    fn take_before(&mut self, offset: i64) -> Option<Seen> {
        let within = self.next.as_ref().is_some_and(|seen| seen.offset < offset);
        if within { self.take() } else { None }
    }
}

/// One lane's recording and the engine that goes through it.
struct Lane {
    partition: i32,
    step: Step,
    timers: usize,
    given: (BTreeMap<Box<str>, Box<str>>, Arc<Plans>),
    decisions: Tape,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    proof: Proof,
}

/// Replays every lane and compares all it put out; panics where anything differs.
pub fn replay(deployment: &Deployment) -> Proof {
    let plans = load_plans(deployment);
    let mut all = Proof::default();
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..deployment.partitions)
            .map(|partition| {
                let plans = &plans;
                scope.spawn(move || Lane::new(deployment, partition).run(deployment, plans))
            })
            .collect();
        for lane in lanes {
            let one = lane.join().expect("a lane equals its replay");
            all.batches += one.batches;
            all.inputs += one.inputs;
            all.decisions += one.decisions;
            all.first_decisions += one.first_decisions;
            all.letters += one.letters;
            all.rows += one.rows;
        }
    });
    all
}

impl Lane {
    fn new(deployment: &Deployment, partition: i32) -> Self {
        let frame = frame(deployment, partition);
        let none = Arc::new(Plans::new());
        Self {
            partition,
            step: Step::new(frame, Arc::clone(&none)),
            timers: deployment.settings().lanes.batch_timers,
            given: (BTreeMap::new(), none),
            decisions: Tape::open(deployment, "assignments", partition),
            rows: BTreeMap::new(),
            proof: Proof::default(),
        }
    }

    fn run(mut self, deployment: &Deployment, plans: &Known) -> Proof {
        let partition = self.partition;
        let tape = |role: &str| Tape::open(deployment, role, partition);
        let mut inputs: BTreeMap<String, Tape> = ["leads", "activity"]
            .map(|role| (deployment.topic(role), tape(role)))
            .into();
        let mut batches = tape("batches");
        while let Some(seen) = batches.take() {
            let batch = BatchRecord::decode(seen.value.as_deref().unwrap_or_default());
            self.batch(&batch.expect("a batch record"), &mut inputs, plans);
        }
        assert!(self.decisions.next.is_none(), "decisions without a batch");
        assert!(
            inputs.values().all(|tape| tape.next.is_none()),
            "input is left"
        );
        let mut written = BTreeMap::new();
        let mut state = tape("state");
        while let Some(seen) = state.take() {
            keep(&mut written, seen.key.unwrap_or_default(), seen.value);
        }
        assert!(written == self.rows, "partition {partition}: rows differ");
        self.proof.rows = written.len();
        self.proof
    }

    fn batch(&mut self, batch: &BatchRecord, inputs: &mut BTreeMap<String, Tape>, plans: &Known) {
        if self.given.0 != batch.plans {
            self.given = (batch.plans.clone(), Arc::new(chosen(&batch.plans, plans)));
        }
        self.step.take_plans(&self.given.1);
        self.step.begin(batch.now, self.timers);
        self.compare();
        for range in &batch.inputs {
            let tape = inputs.get_mut(&*range.topic).expect("an input topic");
            while let Some(seen) = tape.take_before(range.to) {
                assert!(seen.offset >= range.from, "a record was passed over");
                self.step.record(&record(&range.topic, &seen));
                self.proof.inputs += 1;
                self.compare();
            }
        }
        self.step.finish();
        assert_eq!(self.step.batch(), batch, "the batch's own record");
        self.compare();
        self.step.commit();
        self.proof.batches += 1;
    }

    /// What the engine just put out against what was written.
    fn compare(&mut self) {
        for item in self.step.outbox().items() {
            let own = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
            match item.role {
                TopicRole::Assignments => {
                    let seen = self.decisions.take().expect("a decision was written");
                    let headers: Vec<_> = item
                        .headers()
                        .map(|(name, value)| (name.to_owned(), own(value)))
                        .collect();
                    let ours = (own(item.key), own(item.value), headers);
                    assert!(
                        ours == (seen.key, seen.value, seen.headers),
                        "the decision at {} differs from {:?}",
                        seen.offset,
                        ours.1.as_deref().map(String::from_utf8_lossy)
                    );
                    self.proof.decisions += 1;
                    let value: serde_json::Value =
                        serde_json::from_slice(ours.1.as_deref().unwrap_or_default())
                            .expect("JSON");
                    self.proof.first_decisions += usize::from(value["cause"].is_null());
                }
                TopicRole::Deadletters => self.proof.letters += 1,
                TopicRole::State => {
                    let key = item.key.unwrap_or_default().to_vec();
                    keep(&mut self.rows, key, own(item.value));
                }
                _ => {}
            }
        }
        self.step.clear_outbox();
    }
}

fn keep(rows: &mut BTreeMap<Vec<u8>, Vec<u8>>, key: Vec<u8>, value: Option<Vec<u8>>) {
    match value {
        Some(value) => rows.insert(key, value),
        None => rows.remove(&key),
    };
}
