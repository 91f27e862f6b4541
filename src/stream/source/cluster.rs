//! What the cluster has: whether it answers, its topics, their partitions and limits.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigEntry, ConfigResource, ConfigSource, ResourceSpecifier,
};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::metadata::MetadataPartition;
use rdkafka::types::RDKafkaErrorCode;

use crate::config::{Kafka, Topics};

use super::client::{self, Voice};
use super::refusal::{self, Ear};

/// One try to reach the brokers.
const TRY: Duration = Duration::from_secs(2);
/// What is said while nothing was heard.
const NO_ANSWER: &str = "no answer yet";
/// Between two lines that say the brokers are still away.
const REMIND: Duration = Duration::from_secs(10);
/// What Kafka takes where a topic says nothing else: `message.max.bytes` of a fresh broker.
pub const DEFAULT_MESSAGE_BYTES: usize = 1_048_588;
/// A dead letter is its record plus headers; these fit in so much.
pub const LETTER_HEADROOM: usize = 16 * 1024;

/// Partition counts of the topics that are there.
pub type Counts = BTreeMap<String, i32>;

/// How a topic's partitions lie on the brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub partitions: i32,
    /// Replicas of the partition that has the fewest.
    pub replicas: i32,
    /// Partitions without a leader.
    pub leaderless: i32,
    /// Partitions with a replica that is not in sync.
    pub behind: i32,
}

/// Settings of topics: by topic, then by key.
pub type TopicSettings = BTreeMap<String, BTreeMap<String, Setting>>;

/// One setting of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    /// Set for this topic, not a default of the cluster.
    pub own: bool,
}

/// Why the cluster cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// No broker answered in time.
    Away(String),
    /// Topics are missing or do not fit together; the text says what to do.
    Topics(String),
    /// The client library refuses its settings.
    Settings(String),
}

impl fmt::Display for Unfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Away(why) | Self::Topics(why) | Self::Settings(why)) = self;
        out.write_str(why)
    }
}

/// The names of all six topics, in the order of the specification.
pub fn names(topics: &Topics) -> [&str; 6] {
    [
        &topics.leads,
        &topics.activity,
        &topics.assignments,
        &topics.deadletters,
        &topics.state,
        &topics.batches,
    ]
}

/// A connection for looking at the cluster.
pub struct Cluster {
    probe: BaseConsumer<Ear>,
    kafka: Kafka,
}

impl Cluster {
    /// Prepares a connection; nothing is sent yet.
    pub fn new(kafka: &Kafka) -> Result<Self, Unfit> {
        refusal::check(kafka).map_err(Unfit::Settings)?;
        let probe = client::base(kafka)
            .create_with_context(Ear::default())
            .map_err(|error: KafkaError| Unfit::Settings(refusal::told(&error)))?;
        Ok(Self {
            probe,
            kafka: kafka.clone(),
        })
    }

    /// Waits until a broker answers, at most for `limit`, and says why none does: soon, when
    /// more is known, and now and then. `go_on` is asked between two tries.
    pub fn reach(
        &self,
        limit: Duration,
        say: &dyn Fn(&str),
        go_on: &dyn Fn() -> bool,
    ) -> Result<(), Unfit> {
        let (began, brokers) = (Instant::now(), &self.kafka.brokers);
        let mut told: Option<(Instant, String)> = None;
        loop {
            let left = limit.saturating_sub(began.elapsed());
            let tried = TRY.min(left.max(Duration::from_millis(10)));
            if self.probe.fetch_metadata(None, tried).is_ok() {
                return Ok(());
            }
            let refusal = self.refusal();
            let why = refusal.clone().or_else(|| self.probe.context().absence());
            let why = why.unwrap_or_else(|| NO_ANSWER.to_owned());
            let left = limit.saturating_sub(began.elapsed());
            if left.is_zero() || !go_on() {
                // Brokers that were reached all the time and never let us in are not away.
                if let Some(refusal) = refusal {
                    return Err(Unfit::Settings(format!("{refusal} (brokers: {brokers})")));
                }
                let why = match &*why {
                    NO_ANSWER => {
                        "the host is away, something between drops what is sent, or what is there is no Kafka broker"
                    }
                    why => why,
                };
                return Err(Unfit::Away(format!(
                    "no broker at {brokers} answered within {limit:.0?}: {why}. Check kafka.brokers and the \
                     network, or wait longer with --set kafka.startup_timeout=1m"
                )));
            }
            if told
                .as_ref()
                .is_none_or(|(when, before)| when.elapsed() >= REMIND || *before != why)
            {
                say(&format!(
                    "cannot reach Kafka at {brokers}: {why}; trying on for {left:.0?} (kafka.startup_timeout)"
                ));
                told = Some((Instant::now(), why));
            }
            std::thread::sleep(Duration::from_millis(200).min(left));
        }
    }

    /// Why a broker that was reached did not let us in, if that is so: a look-up that fails
    /// says no more than that it took too long.
    fn refusal(&self) -> Option<String> {
        // A poll without time passes one report on, and log lines are reports too.
        const LISTEN: Duration = Duration::from_millis(50);
        // The library repeats by the dozen that all brokers are down.
        const ERRORS: usize = 4_096;
        for _ in 0..ERRORS {
            if self.probe.poll(LISTEN).is_none() {
                break;
            }
        }
        self.probe.context().heard(&self.kafka)
    }

    /// Partition counts of those of our topics that exist.
    pub fn counts(&self) -> Result<Counts, Unfit> {
        let mut counts = Counts::new();
        for name in names(&self.kafka.topics) {
            let seen = self
                .probe
                .fetch_metadata(Some(name), TRY * 5)
                .map_err(|error| away(&error))?;
            let topic = seen.topics().iter().find(|one| one.name() == name);
            if let Some(topic) =
                topic.filter(|one| one.error().is_none() && !one.partitions().is_empty())
            {
                counts.insert(name.to_owned(), topic.partitions().len() as i32);
            }
        }
        Ok(counts)
    }

    /// How a topic's partitions lie on the brokers; `None` where it is not there or not shown.
    pub fn layout(&self, name: &str) -> Result<Option<Layout>, Unfit> {
        let seen = self
            .probe
            .fetch_metadata(Some(name), TRY * 5)
            .map_err(|error| away(&error))?;
        let topic = seen.topics().iter().find(|one| one.name() == name);
        let shown = topic.filter(|one| one.error().is_none() && !one.partitions().is_empty());
        Ok(shown.map(|topic| {
            let partitions = topic.partitions();
            let number = |counted: usize| i32::try_from(counted).unwrap_or(i32::MAX);
            let replicas = partitions.iter().map(|one| one.replicas().len());
            let lacks = |one: &&MetadataPartition| one.isr().len() < one.replicas().len();
            Layout {
                partitions: number(partitions.len()),
                replicas: number(replicas.min().unwrap_or_default()),
                leaderless: number(partitions.iter().filter(|one| one.leader() < 0).count()),
                behind: number(partitions.iter().filter(lacks).count()),
            }
        }))
    }

    /// How many brokers the cluster has.
    pub fn brokers(&self) -> Result<usize, Unfit> {
        let seen = self
            .probe
            .fetch_metadata(None, TRY * 5)
            .map_err(|error| away(&error))?;
        Ok(seen.brokers().len())
    }

    /// Settings of topics, by topic and key, of those that the cluster tells; `None` where it
    /// does not answer.
    pub fn settings(&self, topics: &[&str]) -> Option<TopicSettings> {
        let admin: AdminClient<Voice> =
            client::base(&self.kafka).create_with_context(Voice).ok()?;
        let asked: Vec<ResourceSpecifier<'_>> = topics
            .iter()
            .map(|name| ResourceSpecifier::Topic(name))
            .collect();
        let options = AdminOptions::new().request_timeout(Some(TRY * 5));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .ok()?;
        let told = runtime
            .block_on(admin.describe_configs(&asked, &options))
            .ok()?;
        let told = topics.iter().zip(told).filter_map(|(name, resource)| {
            let entries = entries(resource.ok()?);
            // Without the right to see them the library says that there are none.
            (!entries.is_empty()).then(|| ((*name).to_owned(), entries))
        });
        Some(told.collect())
    }
}

fn entries(resource: ConfigResource) -> BTreeMap<String, Setting> {
    let given = resource.entries.into_iter();
    let setting = |entry: ConfigEntry| {
        let own = entry.source == ConfigSource::DynamicTopic;
        Some((
            entry.name,
            Setting {
                value: entry.value?,
                own,
            },
        ))
    };
    given.filter_map(setting).collect()
}

fn away(error: &KafkaError) -> Unfit {
    match error.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed,
        ) => Unfit::Settings(format!("the brokers refuse access: {error}")),
        _ => Unfit::Away(format!("the brokers do not answer: {error}")),
    }
}
