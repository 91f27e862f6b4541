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
    /// How long `run` tries to reach the brokers before it exits with 75.
    pub startup_timeout: Duration,
    /// How long commands try that somebody waits for: as long, where that was set.
    pub command_timeout: Duration,
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

/// How long somebody at a terminal waits for brokers that are away, unless told otherwise.
const COMMAND_TIMEOUT: Duration = secs(10);

impl Kafka {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let seconds = |low, high| secs(low)..=secs(high);
        let startup_timeout = reader.duration("kafka.startup_timeout", secs(60), ms(1)..=LONGEST);
        let is_set = reader.is_set("kafka.startup_timeout");
        Self {
            brokers: reader.checked("kafka.brokers", "localhost:9092", check_brokers),
            group: reader.text("kafka.group", "bailiwick"),
            instance: reader.checked("kafka.instance", "", check_instance),
            topics: Topics::read(reader),
            startup_timeout,
            command_timeout: match is_set {
                true => startup_timeout,
                false => COMMAND_TIMEOUT,
            },
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

/// Kafka's rule for names of members and topics.
fn is_legal(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.len() <= 249 && name.bytes().all(legal) && name != "." && name != ".."
}

fn check_instance(text: &str) -> Result<(), String> {
    match is_legal(text) {
        true => Ok(()),
        false => Err("must have at most 249 letters, digits, `.`, `_` and `-`".to_owned()),
    }
}

fn check_topic(text: &str) -> Result<(), String> {
    match is_legal(text) && !text.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "`{text}` is no name of a topic: from 1 to 249 letters, digits, `.`, `_` and `-`, but not `.` or `..`"
        )),
    }
}

/// Every part is `host:port`; the client library may be given `PROTOCOL://` before it, and an
/// IPv6 address stands in brackets.
fn check_brokers(text: &str) -> Result<(), String> {
    let parts = text.split(',').map(str::trim);
    match parts.clone().find(|part| !is_broker(part)) {
        None => Ok(()),
        Some("") => {
            Err("a broker is empty; write host:port, several with commas between".to_owned())
        }
        Some(part) => Err(format!(
            "`{part}` is no broker; write host:port, such as localhost:9092, several with commas between"
        )),
    }
}

fn is_broker(part: &str) -> bool {
    let address = part.split_once("://").map_or(part, |(_, address)| address);
    let Some((host, port)) = address.rsplit_once(':') else {
        return false;
    };
    let host = host.strip_prefix('[').map_or_else(
        || (!host.contains(':')).then_some(host),
        |inner| inner.strip_suffix(']'),
    );
    let foreign =
        |letter: char| letter.is_whitespace() || letter.is_control() || "/@[]".contains(letter);
    host.is_some_and(|host| !host.is_empty() && !host.contains(foreign))
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}

impl Topics {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            leads: reader.checked("kafka.topics.leads", "leads", check_topic),
            activity: reader.checked("kafka.topics.activity", "lead-activity", check_topic),
            assignments: reader.checked(
                "kafka.topics.assignments",
                "lead-assignments",
                check_topic,
            ),
            deadletters: reader.checked(
                "kafka.topics.deadletters",
                "lead-deadletters",
                check_topic,
            ),
            state: reader.checked("kafka.topics.state", "bailiwick-state", check_topic),
            batches: reader.checked("kafka.topics.batches", "bailiwick-batches", check_topic),
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
