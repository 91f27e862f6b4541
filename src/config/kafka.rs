//! `[kafka]`: brokers, group, topics and the client library's properties.

use std::time::Duration;

use super::properties::{self, Properties};
use super::reader::Reader;
use super::{LONGEST, ms, secs};

/// `[kafka]`: the brokers, the group and the topics.
#[derive(Clone, Debug)]
pub struct Kafka {
    /// `host:port`, several with commas between.
    pub brokers: String,
    /// The consumer group; `<group>.<partition>` is a lane's transactional id.
    pub group: String,
    /// A name that stays with this process over restarts (static membership); empty for none.
    pub instance: String,
    pub topics: Topics,
    /// How long `run` and `topics` try to reach the brokers before they exit with 75.
    pub startup_timeout: Duration,
    /// A lane that says nothing for so long loses its partition.
    pub session_timeout: Duration,
    /// A transaction that takes longer is aborted by the broker; below the session timeout.
    pub transaction_timeout: Duration,
    /// librdkafka properties of every client.
    pub client: Properties,
    /// librdkafka properties of consumers.
    pub consumer: Properties,
    /// librdkafka properties of producers.
    pub producer: Properties,
}

/// `[kafka.topics]`: names by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    pub leads: String,
    pub activity: String,
    pub assignments: String,
    pub deadletters: String,
    pub state: String,
    pub batches: String,
}

impl Kafka {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let seconds = |low, high| secs(low)..=secs(high);
        Self {
            brokers: reader.text("kafka.brokers", "localhost:9092"),
            group: reader.text("kafka.group", "bailiwick"),
            instance: reader.checked("kafka.instance", "", check_instance),
            topics: Topics::read(reader),
            startup_timeout: reader.duration("kafka.startup_timeout", secs(60), ms(1)..=LONGEST),
            session_timeout: reader.duration("kafka.session_timeout", secs(12), seconds(1, 1_800)),
            transaction_timeout: reader.duration(
                "kafka.transaction_timeout",
                secs(10),
                seconds(1, 900),
            ),
            client: properties::read(reader, "kafka.client"),
            consumer: properties::read(reader, "kafka.consumer"),
            producer: properties::read(reader, "kafka.producer"),
        }
    }
}

/// Kafka's rule for names of members.
fn check_instance(text: &str) -> Result<(), String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    match text.len() <= 249 && text.bytes().all(legal) && text != "." && text != ".." {
        true => Ok(()),
        false => Err("must have at most 249 letters, digits, `.`, `_` and `-`".to_owned()),
    }
}

impl Topics {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            leads: reader.text("kafka.topics.leads", "leads"),
            activity: reader.text("kafka.topics.activity", "lead-activity"),
            assignments: reader.text("kafka.topics.assignments", "lead-assignments"),
            deadletters: reader.text("kafka.topics.deadletters", "lead-deadletters"),
            state: reader.text("kafka.topics.state", "bailiwick-state"),
            batches: reader.text("kafka.topics.batches", "bailiwick-batches"),
        }
    }

    /// Names that two roles share, with the keys of both.
    pub(super) fn repeated(&self) -> Vec<(&str, &'static str, &'static str)> {
        let all = [
            ("leads", &self.leads),
            ("activity", &self.activity),
            ("assignments", &self.assignments),
            ("deadletters", &self.deadletters),
            ("state", &self.state),
            ("batches", &self.batches),
        ];
        let mut repeated = Vec::new();
        for (at, (second, name)) in all.iter().enumerate() {
            if let Some((first, _)) = all[..at].iter().find(|(_, other)| other == name) {
                repeated.push((name.as_str(), *first, *second));
            }
        }
        repeated
    }
}
