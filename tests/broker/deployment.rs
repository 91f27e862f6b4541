//! One deployment on the shared Kafka: topics of its own, its settings, its daemons, its records.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Headers as _, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use bailiwick::config::{Settings, Sources};

use crate::support::kafka;
use crate::support::reaper::Process;

/// A test waits this long for what must happen; a broken machine gets a failure, not a hang.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Settings, topics and plans of one daemon or several that work together.
pub struct Deployment {
    pub brokers: String,
    pub partitions: i32,
    prefix: String,
    folder: PathBuf,
    extra: Vec<String>,
}

/// One record read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub partition: i32,
    pub offset: i64,
    pub timestamp: Option<i64>,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Seen {
    /// The value as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.value.as_deref().expect("a value")).expect("JSON")
    }

    /// A header's value as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(one, _)| one == name)?;
        std::str::from_utf8(value.as_deref()?).ok()
    }
}

impl Deployment {
    /// A deployment whose topics do not exist yet.
    pub fn planned(brokers: &str, partitions: i32) -> Self {
        let prefix = kafka::unique("bw");
        let folder = kafka::scratch().join(&prefix);
        std::fs::create_dir_all(&folder).expect("the scratch folder can be written");
        crate::support::reaper::remove_at_end(&folder);
        Self {
            brokers: brokers.to_owned(),
            partitions,
            prefix,
            folder,
            extra: Vec::new(),
        }
    }

    /// A deployment with its topics, made by the program itself.
    pub fn new(brokers: &str, partitions: i32) -> Self {
        let deployment = Self::planned(brokers, partitions);
        let made = deployment.bailiwick(&[
            "topics",
            "--create",
            "--partitions",
            &partitions.to_string(),
        ]);
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        deployment
    }

    /// Adds `--set` settings for everything started from here on.
    pub fn set(&mut self, pair: &str) {
        self.extra.push(pair.to_owned());
    }

    /// The name of a topic by its role's default name.
    pub fn topic(&self, role: &str) -> String {
        format!("{}.{role}", self.prefix)
    }

    /// The consumer group.
    pub fn group(&self) -> String {
        format!("{}.group", self.prefix)
    }

    /// Where this deployment keeps its plans.
    pub fn plans(&self) -> PathBuf {
        self.folder.join("plans")
    }

    /// Writes one plan a tenant, all alike but for the name.
    pub fn write_plans(&self, tenants: &[&str], plan: &dyn Fn(&str) -> String) {
        for tenant in tenants {
            let folder = self.plans().join(tenant);
            std::fs::create_dir_all(&folder).expect("the folder is ours");
            std::fs::write(folder.join("plan.yaml"), plan(tenant)).expect("the folder is ours");
        }
    }

    /// Settings as `--set` takes them.
    pub fn pairs(&self) -> Vec<String> {
        let topic = |key: &str, role: &str| format!("kafka.topics.{key}={}", self.topic(role));
        let mut pairs = vec![
            format!("kafka.brokers={}", self.brokers),
            format!("kafka.group={}", self.group()),
            topic("leads", "leads"),
            topic("activity", "activity"),
            topic("assignments", "assignments"),
            topic("deadletters", "deadletters"),
            topic("state", "state"),
            topic("batches", "batches"),
            format!("plans.path={}", self.plans().display()),
            "http.listen=127.0.0.1:0".to_owned(),
            // The broker's lower bound; a killed member is noticed sooner.
            "kafka.session_timeout=6s".to_owned(),
            "kafka.transaction_timeout=5s".to_owned(),
        ];
        pairs.extend(self.extra.iter().cloned());
        pairs
    }

    /// The same settings as the daemon reads them.
    pub fn settings(&self) -> Settings {
        let sources = Sources {
            set: self.pairs(),
            ..Sources::default()
        };
        Settings::load(&sources).expect("the test's settings are good")
    }

    /// The program with this deployment's settings.
    pub fn command(&self, verb: &[&str]) -> Command {
        // A measurement may bring a release build of its own.
        let given = std::env::var_os("BAILIWICK_TEST_PROGRAM");
        let mut command = match given {
            Some(program) => Command::new(std::path::absolute(program).expect("a path")),
            None => Command::new(env!("CARGO_BIN_EXE_bailiwick")),
        };
        command.args(verb);
        for pair in self.pairs() {
            command.args(["--set", &pair]);
        }
        command.current_dir(&self.folder);
        command
    }

    /// Runs the program to its end.
    pub fn bailiwick(&self, verb: &[&str]) -> Output {
        self.command(verb)
            .stdin(Stdio::null())
            .output()
            .expect("the program starts")
    }

    /// Starts a daemon; its log goes to a file of the deployment.
    pub fn daemon(&self, name: &str) -> Process {
        self.daemon_with(name, &[])
    }

    /// The same with settings of its own.
    pub fn daemon_with(&self, name: &str, own: &[String]) -> Process {
        self.daemon_of(name, |command| {
            for pair in own {
                command.args(["--set", pair]);
            }
        })
    }

    /// The same with something more, such as variables.
    pub fn daemon_of(&self, name: &str, more: impl FnOnce(&mut Command)) -> Process {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log(name))
            .expect("the folder is ours");
        let mut command = self.command(&["run"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        more(&mut command);
        Process::spawn(&mut command)
    }

    /// The daemon's log file.
    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// A producer for input records.
    pub fn producer(&self) -> ThreadedProducer<DefaultProducerContext> {
        ClientConfig::new()
            .set("bootstrap.servers", &self.brokers)
            .set("queue.buffering.max.messages", "1000000")
            .set("linger.ms", "1")
            .create()
            .expect("a producer can be made")
    }

    /// Sends one record; `partition` is chosen by the test, not by a partitioner.
    pub fn send(
        &self,
        producer: &ThreadedProducer<DefaultProducerContext>,
        role: &str,
        partition: i32,
        (key, value, headers): (Option<&[u8]>, Option<&[u8]>, Option<OwnedHeaders>),
    ) {
        let topic = self.topic(role);
        let mut record = BaseRecord::<[u8], [u8]>::to(&topic).partition(partition);
        (record.key, record.payload, record.headers) = (key, value, headers);
        loop {
            match producer.send(record) {
                Ok(()) => return,
                Err((
                    KafkaError::MessageProduction(rdkafka::types::RDKafkaErrorCode::QueueFull),
                    back,
                )) => {
                    record = back;
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err((error, _)) => panic!("cannot produce: {error}"),
            }
        }
    }

    /// Waits until everything sent has arrived.
    pub fn flush(&self, producer: &ThreadedProducer<DefaultProducerContext>) {
        producer.flush(PATIENCE).expect("records arrive");
    }

    /// All committed records of a topic, by partition and in order, up to its present end.
    pub fn read(&self, role: &str) -> Vec<Seen> {
        let mut reader = Reader::new(self, role);
        reader.finish();
        reader.seen.sort_by_key(|one| (one.partition, one.offset));
        reader.seen
    }

    /// Reads a topic until `enough` is true of what came, or panics.
    pub fn read_until(&self, role: &str, enough: impl FnMut(&[Seen]) -> bool) -> Vec<Seen> {
        let mut reader = Reader::new(self, role);
        reader.until(enough);
        reader.seen
    }

    /// The next offsets the group committed, by topic role and partition.
    pub fn committed(&self) -> BTreeMap<(String, i32), i64> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.brokers)
            .set("group.id", self.group())
            .set("isolation.level", "read_committed")
            .create()
            .expect("a consumer can be made");
        let mut list = TopicPartitionList::new();
        for role in ["leads", "activity"] {
            for partition in 0..self.partitions {
                list.add_partition(&self.topic(role), partition);
            }
        }
        let found = consumer
            .committed_offsets(list, Duration::from_secs(30))
            .expect("the broker answers");
        let offset = |one: Offset| match one {
            Offset::Offset(offset) => offset,
            _ => 0,
        };
        let elements = found.elements();
        let role = |topic: &str| topic[self.prefix.len() + 1..].to_owned();
        elements
            .iter()
            .map(|one| ((role(one.topic()), one.partition()), offset(one.offset())))
            .collect()
    }
}

/// A committed reader of one topic.
pub struct Reader {
    consumer: BaseConsumer,
    pub seen: Vec<Seen>,
    ended: std::collections::BTreeSet<i32>,
    partitions: i32,
    topic: String,
}

impl Reader {
    pub fn new(deployment: &Deployment, role: &str) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &deployment.brokers)
            .set("group.id", "unused")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("fetch.wait.max.ms", "50")
            .create()
            .expect("a consumer can be made");
        let topic = deployment.topic(role);
        let mut list = TopicPartitionList::new();
        for partition in 0..deployment.partitions {
            list.add_partition_offset(&topic, partition, Offset::Beginning)
                .expect("a valid offset");
        }
        consumer.assign(&list).expect("the topic is there");
        let ended = std::collections::BTreeSet::new();
        Self {
            consumer,
            seen: Vec::new(),
            ended,
            partitions: deployment.partitions,
            topic,
        }
    }

    /// Waits for one record or the end of one partition.
    pub fn step(&mut self) {
        match self.consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                let headers = message.headers().map(|headers| {
                    let own = |one: rdkafka::message::Header<'_, &[u8]>| {
                        (one.key.to_owned(), one.value.map(<[u8]>::to_vec))
                    };
                    headers.iter().map(own).collect()
                });
                self.ended.remove(&message.partition());
                self.seen.push(Seen {
                    partition: message.partition(),
                    offset: message.offset(),
                    timestamp: message.timestamp().to_millis(),
                    key: message.key().map(<[u8]>::to_vec),
                    value: message.payload().map(<[u8]>::to_vec),
                    headers: headers.unwrap_or_default(),
                });
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                self.ended.insert(partition);
            }
            Some(Err(_)) | None => {}
        }
    }

    pub fn finish(&mut self) {
        let end = Instant::now() + PATIENCE;
        while self.ended.len() < self.partitions as usize {
            self.step();
            assert!(
                Instant::now() < end,
                "{} was not read to its end",
                self.topic
            );
        }
    }

    /// Reads until `enough` is true of what came. A busy machine may take long over many
    /// records; only when none comes for as long as a test waits is it in vain.
    pub fn until(&mut self, mut enough: impl FnMut(&[Seen]) -> bool) {
        let (mut heard, mut came) = (Instant::now(), self.seen.len());
        while !enough(&self.seen) {
            self.step();
            if self.seen.len() > came {
                (heard, came) = (Instant::now(), self.seen.len());
            }
            assert!(
                heard.elapsed() < PATIENCE,
                "{}: waited in vain, {came} records came",
                self.topic,
            );
        }
    }
}

/// Waits until `is_so`, or panics saying what was waited for.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
