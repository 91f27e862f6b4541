//! Which topics there must be, and whether those that are there will do.

use crate::config::{Kafka, Topics};

use super::Brokers;
use super::sink::SizeLimits;
use super::source::cluster::{
    Cluster, Counts, DEFAULT_MESSAGE_BYTES, LETTER_HEADROOM, TopicSettings, Unfit, names,
};

const MESSAGE_BYTES: &str = "max.message.bytes";
const CLEANUP: &str = "cleanup.policy";

/// Checks the topics at the daemon's start and says how many partitions all have.
///
/// # Errors
/// Missing topics, with the command that makes them, counts that differ, and a changelog that
/// the brokers would delete.
pub fn check(
    cluster: &Cluster,
    kafka: &Kafka,
    command: &str,
    brokers: Brokers,
) -> Result<(i32, SizeLimits), Unfit> {
    let partitions = count(&cluster.counts()?, &kafka.topics, command).map_err(Unfit::Topics)?;
    if brokers == Brokers::Embedded {
        return Ok((partitions, sizes(&kafka.topics, &TopicSettings::default())));
    }
    let settings = cluster.settings(&names(&kafka.topics)).unwrap_or_default();
    if let Some(fault) = deleting(&kafka.topics, &settings) {
        return Err(Unfit::Topics(format!(
            "{fault}. Mend it with:\n  {command}"
        )));
    }
    if !settings.contains_key(&kafka.topics.state) {
        tracing::warn!(
            "the settings of topic {} are not told to this user: without DescribeConfigs its {CLEANUP} is taken on \
             trust; it must be compact, without delete",
            kafka.topics.state
        );
    }
    if let Some(fault) = short_letters(&kafka.topics, &settings) {
        tracing::warn!("{fault}; `{command}` tells more");
    }
    Ok((partitions, sizes(&kafka.topics, &settings)))
}

/// The one partition count of all topics.
///
/// # Errors
/// A sentence that says which topics are missing or differ, and what to do.
pub fn count(counts: &Counts, topics: &Topics, command: &str) -> Result<i32, String> {
    let missing: Vec<&str> = names(topics)
        .into_iter()
        .filter(|name| !counts.contains_key(*name))
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "topics are missing: {}. Create them with:\n  {command}",
            missing.join(", ")
        ));
    }
    let mut distinct: Vec<i32> = counts.values().copied().collect();
    distinct.sort_unstable();
    distinct.dedup();
    match distinct[..] {
        [one] => Ok(one),
        _ => Err(unequal(counts, topics)),
    }
}

fn unequal(counts: &Counts, topics: &Topics) -> String {
    let shown = |name: &str| format!("{name} {}", counts.get(name).copied().unwrap_or_default());
    let list: Vec<String> = names(topics).into_iter().map(shown).collect();
    let most = counts.values().copied().max().unwrap_or_default();
    format!(
        "all topics must have the same number of partitions, but they have: {}. Before the first start, raise \
         all to {most} (kafka-topics --alter --partitions {most}); once there is state, a topic that was raised \
         must be recreated with the old count",
        list.join(", ")
    )
}

/// What is wrong with the topics' settings, as far as the cluster tells them.
pub fn faults(topics: &Topics, settings: &TopicSettings) -> Vec<String> {
    let deleting = deleting(topics, settings).into_iter();
    deleting.chain(short_letters(topics, settings)).collect()
}

/// A state topic that brokers clean up otherwise than by compaction alone: the daemon must not
/// even start, for what they delete is who owns which lead.
fn deleting(topics: &Topics, settings: &TopicSettings) -> Option<String> {
    let policy = told(settings, &topics.state, CLEANUP)?;
    let compacts = policy.split(',').all(|part| part.trim() == "compact");
    (!compacts).then(|| {
        format!(
            "topic {} has {CLEANUP}={policy}; it must be compact, without delete, or state is lost",
            topics.state
        )
    })
}

/// Dead letters that do not fit; they go without their value, so that the daemon starts.
fn short_letters(topics: &Topics, settings: &TopicSettings) -> Option<String> {
    let sizes = sizes(topics, settings);
    let needed = input_bytes(topics, settings) + LETTER_HEADROOM;
    (sizes.letter_bytes < needed).then(|| {
        format!(
            "topic {} takes {} bytes a record, but dead letters of the longest input need {MESSAGE_BYTES}={needed}; \
             longer ones go without their value",
            topics.deadletters, sizes.letter_bytes
        )
    })
}

/// How much of a record goes where.
pub fn sizes(topics: &Topics, settings: &TopicSettings) -> SizeLimits {
    SizeLimits {
        message_bytes: input_bytes(topics, settings) + LETTER_HEADROOM,
        letter_bytes: message_bytes(&topics.deadletters, settings),
    }
}

fn input_bytes(topics: &Topics, settings: &TopicSettings) -> usize {
    message_bytes(&topics.leads, settings).max(message_bytes(&topics.activity, settings))
}

fn message_bytes(topic: &str, settings: &TopicSettings) -> usize {
    told(settings, topic, MESSAGE_BYTES)
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or(DEFAULT_MESSAGE_BYTES)
}

fn told<'s>(settings: &'s TopicSettings, topic: &str, key: &str) -> Option<&'s str> {
    Some(&settings.get(topic)?.get(key)?.value)
}

/// What was set for this topic itself.
pub fn own_settings<'s>(topic: &str, settings: &'s TopicSettings) -> Vec<(&'s str, &'s str)> {
    let all = settings.get(topic).into_iter().flatten();
    all.filter(|(_, one)| one.own)
        .map(|(key, one)| (key.as_str(), one.value.as_str()))
        .collect()
}

/// The settings each topic is created with, beyond the cluster's defaults.
pub fn wanted(
    topic: &str,
    topics: &Topics,
    settings: &TopicSettings,
) -> Vec<(&'static str, String)> {
    if topic == topics.state {
        return vec![(CLEANUP, "compact".to_owned())];
    }
    if topic == topics.deadletters {
        let bytes = input_bytes(topics, settings) + LETTER_HEADROOM;
        return vec![(MESSAGE_BYTES, bytes.to_string())];
    }
    Vec::new()
}

/// The topics as the settings call them where nobody says otherwise.
#[cfg(test)]
pub(in crate::stream) fn usual() -> Topics {
    Topics {
        leads: "leads".to_owned(),
        activity: "lead-activity".to_owned(),
        assignments: "lead-assignments".to_owned(),
        deadletters: "lead-deadletters".to_owned(),
        state: "bailiwick-state".to_owned(),
        batches: "bailiwick-batches".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::cluster::Setting;
    use super::*;

    fn counts(partitions: i32) -> Counts {
        names(&usual())
            .into_iter()
            .map(|name| (name.to_owned(), partitions))
            .collect()
    }

    #[test]
    fn missing_topics_are_named_with_the_command_that_makes_them() {
        let mut some = counts(4);
        some.remove("bailiwick-state");
        let said = count(&some, &usual(), "bailiwick topics --create").unwrap_err();
        assert!(
            said.contains("bailiwick-state") && said.contains("bailiwick topics --create"),
            "{said}"
        );
        assert_eq!(count(&counts(4), &usual(), ""), Ok(4));
    }

    #[test]
    fn unequal_counts_are_refused_with_each_topics_count() {
        let mut some = counts(4);
        some.insert("leads".to_owned(), 8);
        let said = count(&some, &usual(), "").unwrap_err();
        assert!(
            said.contains("leads 8") && said.contains("lead-activity 4"),
            "{said}"
        );
    }

    #[test]
    fn settings_that_would_lose_something_are_faults() {
        let set = |topic: &str, key: &str, value: &str| {
            let value = Setting {
                value: value.to_owned(),
                own: true,
            };
            TopicSettings::from([(topic.to_owned(), [(key.to_owned(), value)].into())])
        };
        for (policy, refused) in [
            ("compact", false),
            ("delete", true),
            ("compact,delete", true),
            ("delete, compact", true),
            ("", true),
        ] {
            let state = set("bailiwick-state", CLEANUP, policy);
            assert_eq!(deleting(&usual(), &state).is_some(), refused, "{policy}");
        }
        assert_eq!(deleting(&usual(), &TopicSettings::new()), None, "not told");
        let delete = set("bailiwick-state", CLEANUP, "delete");
        assert_eq!(
            faults(&usual(), &delete)[0],
            "topic bailiwick-state has cleanup.policy=delete; it must be compact, without delete, or state is lost"
        );
        assert_eq!(faults(&usual(), &delete).len(), 2);
        assert_eq!(
            faults(&usual(), &set("lead-deadletters", MESSAGE_BYTES, "1064972")),
            [""; 0]
        );
        let larger = set("leads", MESSAGE_BYTES, "2000000");
        assert!(faults(&usual(), &larger)[0].contains("2016384"));
        assert_eq!(
            wanted("lead-deadletters", &usual(), &larger),
            [(MESSAGE_BYTES, "2016384".to_owned())]
        );
    }
}
