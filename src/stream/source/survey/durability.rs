//! Whether the brokers keep what they acknowledge: replicas, who may lead, and how long.

use std::collections::BTreeMap;

use crate::config::{Kafka, Topics};

use super::super::cluster::{Cluster, Layout, TopicSettings, Unfit, names};
use super::{Check, State, Survey};

/// Kafka's own topics, which say what was read and what was committed.
const OWN: [&str; 2] = ["__consumer_offsets", "__transaction_state"];
/// Input that is kept for less is lost in an outage over night.
const DAY_MS: i64 = 86_400_000;

const IN_SYNC: &str = "min.insync.replicas";
const UNCLEAN: &str = "unclean.leader.election.enable";
const CLEANUP: &str = "cleanup.policy";
const RETENTION: &str = "retention.ms";

/// Topics by what was found of them, so that what holds for all is said once.
type Findings<'t> = BTreeMap<(State, String), Vec<&'t str>>;

/// Notes what of the README's contract with the brokers does not hold. What the cluster does
/// not tell this user is not judged.
pub fn judge(survey: &mut Survey, cluster: &Cluster, kafka: &Kafka) -> Result<(), Unfit> {
    let mut layouts = BTreeMap::new();
    for name in names(&kafka.topics).into_iter().chain(OWN) {
        if let Some(layout) = cluster.layout(name)? {
            layouts.insert(name, layout);
        }
    }
    let shown: Vec<&str> = layouts.keys().copied().collect();
    let settings = cluster.settings(&shown).unwrap_or_default();
    let findings = found(&kafka.topics, &layouts, &settings);
    if findings.is_empty() && !settings.is_empty() {
        let well = "what is acknowledged survives the loss of one broker".to_owned();
        survey.note(Check::Durability, "all topics", State::Ok, well);
    }
    for ((state, said), topics) in findings {
        survey.note(Check::Durability, &topics.join(", "), state, said);
    }
    Ok(())
}

fn found<'t>(
    topics: &'t Topics,
    layouts: &BTreeMap<&'t str, Layout>,
    settings: &TopicSettings,
) -> Findings<'t> {
    let mut findings = Findings::new();
    let mut note = |topic, (state, said)| findings.entry((state, said)).or_default().push(topic);
    for topic in names(topics).into_iter().chain(OWN) {
        let Some(layout) = layouts.get(topic) else {
            continue;
        };
        let told = |key: &str| told(settings, topic, key);
        let in_sync = told(IN_SYNC).and_then(|text| text.parse().ok());
        if let Some(lack) = replication(layout.replicas, in_sync) {
            note(topic, lack);
        }
        if told(UNCLEAN) == Some("true") {
            note(topic, unclean());
        }
    }
    for topic in [&topics.leads, &topics.activity] {
        if let Some(lack) = kept_ms(settings, topic).and_then(short) {
            note(topic, lack);
        }
    }
    if let Some(lack) = unproven(topics, settings) {
        note(&topics.batches, lack);
    }
    findings
}

fn told<'s>(settings: &'s TopicSettings, topic: &str, key: &str) -> Option<&'s str> {
    Some(&settings.get(topic)?.get(key)?.value)
}

fn replication(replicas: i32, in_sync: Option<i32>) -> Option<(State, String)> {
    let warning = |said: String| Some((State::Warning, said));
    match in_sync {
        Some(least) if least > replicas => Some((
            State::Fault,
            format!(
                "{IN_SYNC}={least} and replication factor {replicas}: nothing can be written. Lower it, or add replicas"
            ),
        )),
        _ if replicas < 2 => warning(format!(
            "each partition lies on one broker: with its disk goes what was acknowledged. In production \
             have 3 replicas and {IN_SYNC}=2"
        )),
        Some(least) if least < 2 => warning(format!(
            "{IN_SYNC}={least}: a record that only one broker has is acknowledged, and goes with its disk. \
             Set {IN_SYNC}=2"
        )),
        Some(least) if least == replicas => warning(format!(
            "{IN_SYNC}={least} and replication factor {replicas}: nothing is decided while one broker is away. \
             Have {} replicas",
            least + 1
        )),
        _ => None,
    }
}

fn unclean() -> (State, String) {
    let said = format!(
        "{UNCLEAN}=true: a replica that lacks acknowledged records may lead, and they are lost. Set it to false"
    );
    (State::Warning, said)
}

/// For how long a topic keeps its records; none where it is not told or time sets no end.
fn kept_ms(settings: &TopicSettings, topic: &str) -> Option<i64> {
    let deletes = told(settings, topic, CLEANUP).is_none_or(|policy| policy.contains("delete"));
    let kept: i64 = told(settings, topic, RETENTION)?.parse().ok()?;
    (deletes && kept >= 0).then_some(kept)
}

fn short(kept: i64) -> Option<(State, String)> {
    (kept < DAY_MS).then(|| {
        let said = format!(
            "{RETENTION}={kept}, less than a day: in a longer outage records are deleted before they are \
             read. Set it longer than the longest outage"
        );
        (State::Warning, said)
    })
}

/// Decisions of which the input is still there and the record of the batch is not.
fn unproven(topics: &Topics, settings: &TopicSettings) -> Option<(State, String)> {
    let batches = kept_ms(settings, &topics.batches)?;
    let known = |topic: &&String| told(settings, topic, RETENTION).is_some();
    let inputs = [&topics.leads, &topics.activity];
    let longest = inputs.iter().filter(|topic| known(topic));
    // Input that is kept for ever is kept longer than anything.
    let longest = longest.map(|topic| kept_ms(settings, topic).unwrap_or(i64::MAX));
    (batches < longest.max()?).then(|| {
        let said = format!(
            "{RETENTION}={batches}, less than the inputs': decisions cannot be proven by a replay for as long \
             as their input is kept. Set it to the longest of theirs"
        );
        (State::Warning, said)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::cluster::Setting;
    use super::*;
    use crate::stream::topics::usual;

    /// What is found of topics of so many replicas that have all these settings, but for those
    /// that one topic has of its own.
    fn check(
        replicas: i32,
        all: &[(&str, &str)],
        own: &[(&str, &str, &str)],
        expected: &[(State, &str, usize)],
    ) {
        let topics = usual();
        let layout = Layout {
            partitions: 4,
            replicas,
            leaderless: 0,
            behind: 0,
        };
        let every = || names(&topics).into_iter().chain(OWN);
        let layouts = every().map(|name| (name, layout)).collect();
        let setting = |value: &str| Setting {
            value: value.to_owned(),
            own: true,
        };
        let mut settings: TopicSettings = every()
            .map(|name| {
                let pairs = all.iter();
                let pairs = pairs.map(|(key, value)| ((*key).to_owned(), setting(value)));
                (name.to_owned(), pairs.collect())
            })
            .collect();
        for (topic, key, value) in own {
            let of = settings.entry((*topic).to_owned()).or_default();
            of.insert((*key).to_owned(), setting(value));
        }
        let findings = found(&topics, &layouts, &settings);
        let seen: Vec<(State, &str, usize)> = findings
            .iter()
            .map(|((state, said), of)| (*state, said.split([':', ',']).next().unwrap(), of.len()))
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn replicas_and_those_in_sync_are_held_against_the_contract() {
        use State::{Fault, Warning};
        check(3, &[(IN_SYNC, "2")], &[], &[]);
        check(
            3,
            &[(IN_SYNC, "1")],
            &[],
            &[(Warning, "min.insync.replicas=1", 8)],
        );
        check(
            1,
            &[(IN_SYNC, "1")],
            &[],
            &[(Warning, "each partition lies on one broker", 8)],
        );
        let all = "min.insync.replicas=3 and replication factor 3";
        check(3, &[(IN_SYNC, "3")], &[], &[(Warning, all, 8)]);
        let none = "min.insync.replicas=2 and replication factor 1";
        check(1, &[(IN_SYNC, "2")], &[], &[(Fault, none, 8)]);
        // Not told, not judged.
        check(3, &[], &[], &[]);
    }

    #[test]
    fn leaders_and_retention_are_held_against_the_contract() {
        use State::Warning;
        let week = (RETENTION, "604800000");
        let well = [(IN_SYNC, "2"), (UNCLEAN, "false"), week];
        check(3, &well, &[], &[]);
        let lax = ("bailiwick-state", UNCLEAN, "true");
        let said = "unclean.leader.election.enable=true";
        check(3, &well, &[lax], &[(Warning, said, 1)]);
        let hour = ("leads", RETENTION, "3600000");
        check(3, &well, &[hour], &[(Warning, "retention.ms=3600000", 1)]);
        let day = ("bailiwick-batches", RETENTION, "86400000");
        check(3, &well, &[day], &[(Warning, "retention.ms=86400000", 1)]);
        let ever = ("leads", RETENTION, "-1");
        check(3, &well, &[ever], &[(Warning, "retention.ms=604800000", 1)]);
        // A compacted topic deletes nothing by time.
        check(
            3,
            &well,
            &[hour, ("leads", CLEANUP, "compact")],
            &[(Warning, "retention.ms=604800000", 1)],
        );
    }
}
