//! librdkafka properties passed through from the settings, and those that may not be.

use std::collections::BTreeMap;
use std::fmt;

use super::reader::{Given, Reader};
use super::secret;
use super::sources::Origin;

/// Properties that would break a promise, and what to do instead.
const REFUSED: [(&str, &str); 27] = [
    ("bootstrap.servers", "set `kafka.brokers`"),
    ("metadata.broker.list", "set `kafka.brokers`"),
    ("group.id", "set `kafka.group`"),
    ("group.instance.id", "set `kafka.instance`"),
    (
        "transactional.id",
        "each lane has its own, made of `kafka.group` and its number, so that a takeover fences the former owner",
    ),
    ("transaction.timeout.ms", "set `kafka.transaction_timeout`"),
    ("session.timeout.ms", "set `kafka.session_timeout`"),
    (
        "message.timeout.ms",
        "a message must fail before its transaction does; it follows `kafka.transaction_timeout`",
    ),
    (
        "delivery.timeout.ms",
        "a message must fail before its transaction does; it follows `kafka.transaction_timeout`",
    ),
    (
        "enable.idempotence",
        "transactions need it; a producer without it could write a decision twice",
    ),
    (
        "acks",
        "transactions need all; with fewer a decision could be lost with one broker",
    ),
    (
        "request.required.acks",
        "transactions need all; with fewer a decision could be lost with one broker",
    ),
    (
        "retries",
        "an idempotent producer retries until its message times out; fewer would abort batches for nothing",
    ),
    (
        "message.send.max.retries",
        "an idempotent producer retries until its message times out; fewer would abort batches for nothing",
    ),
    (
        "max.in.flight",
        "more than 5 would break the order of decisions",
    ),
    (
        "max.in.flight.requests.per.connection",
        "more than 5 would break the order of decisions",
    ),
    (
        "isolation.level",
        "input and state are read committed; an aborted record must never be decided",
    ),
    (
        "enable.auto.commit",
        "offsets are committed in the transaction of their decisions, or leads would be lost",
    ),
    (
        "enable.auto.offset.store",
        "offsets are committed in the transaction of their decisions, or leads would be lost",
    ),
    (
        "auto.offset.reset",
        "a new group starts at the beginning and a lost offset is an error; skipping records would lose leads",
    ),
    (
        "partition.assignment.strategy",
        "range keeps equal partitions of all input topics together, and a lane needs them together",
    ),
    (
        "group.protocol",
        "lanes follow the classic protocol's assignment of whole partition indexes",
    ),
    (
        "group.remote.assignor",
        "range keeps equal partitions of all input topics together, and a lane needs them together",
    ),
    (
        "partitioner",
        "every record names its partition: the tenant's home",
    ),
    (
        "enable.gapless.guarantee",
        "it turns a retriable fault into a fatal one",
    ),
    (
        "allow.auto.create.topics",
        "a mistyped topic would come to be; `bailiwick topics` makes them",
    ),
    (
        "test.mock.num.brokers",
        "it replaces the real brokers by ones that keep nothing",
    ),
];

/// Parts of property names whose values are secrets.
const SECRET_WORDS: [&str; 5] = [
    "password",
    "secret",
    "ssl.key.pem",
    "oauthbearer.config",
    "private.key",
];

/// Ends the name of a property whose value is read from a file.
const FILE_SUFFIX: &str = "_file";

/// Properties by name. The values of secrets are there but never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<String, String>);

impl Properties {
    /// Names and values, sorted by name, for handing to the client library.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// One property's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Properties {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

/// Reads the properties of one section, such as `kafka.client`.
pub fn read(reader: &mut Reader<'_>, section: &str) -> Properties {
    let mut properties = Properties::default();
    for (name, given) in reader.under(section) {
        let key = format!("{section}.{name}");
        match accept(&name, &given) {
            Ok((name, value)) => {
                // The name of a secret's file is none.
                let by_file = given_by_file(&value, &given);
                let secret = Given {
                    secret: given.secret || is_secret(&name) && !by_file,
                    ..given
                };
                reader.show(&key, Some(secret.text.clone()), &secret);
                properties.0.insert(name, value);
            }
            Err(why) => reader.refuse(&key, &given.typed.origin, why),
        }
    }
    properties
}

fn accept(name: &str, given: &Given) -> Result<(String, String), String> {
    let (name, value) = match name.strip_suffix(FILE_SUFFIX).filter(|one| is_secret(one)) {
        Some(stem) => (
            stem,
            secret::read_file(&given.typed.base.join(&given.text))?,
        ),
        None => (name, given.text.clone()),
    };
    if let Some((_, why)) = REFUSED.iter().find(|(one, _)| *one == name) {
        return Err(format!("this property may not be changed: {why}"));
    }
    // A variable is as hidden as what `${env:…}` reads; files get copied and flags get listed.
    let exposed = matches!(given.typed.origin, Origin::File(_) | Origin::Flag);
    if exposed && is_secret(name) && !given.secret && !given_by_file(&value, given) {
        return Err(format!(
            "a secret may not stand here; write `${{file:PATH}}` or `${{env:NAME}}`, or name its file in `{name}{FILE_SUFFIX}`"
        ));
    }
    Ok((name.to_owned(), value))
}

/// Whether the value was read from the file that the setting names.
fn given_by_file(value: &str, given: &Given) -> bool {
    value != given.text
}

fn is_secret(name: &str) -> bool {
    SECRET_WORDS.iter().any(|word| name.contains(word))
}
