//! `bailiwick topics`: creates the topics, or says whether those that are there will do.

use clap::Args as ClapArgs;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::types::RDKafkaErrorCode;

use crate::config::Kafka;
use crate::stream::source::client::{self, Voice};
use crate::stream::source::cluster::{Cluster, Counts, TopicSettings, Unfit, names};
use crate::stream::source::refusal;
use crate::stream::topics;

use super::Frame;
use super::failure::{Exit, Failure};
use super::output::{Data, Format, say};

/// Partitions of topics that nothing else decides.
const PARTITIONS: i32 = 12;

/// Creates the six topics, or checks those that are there.
///
/// Without flags it only looks, and ends with 78 if something does not fit. Running it
/// again changes nothing.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  bailiwick topics\n  bailiwick topics --create --partitions 12 --replication 3"
)]
pub struct Args {
    /// Create topics that are missing and mend settings that would lose something
    #[arg(long)]
    create: bool,
    /// Partitions of new topics; those of topics that exist already, else 12
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=10_000))]
    partitions: Option<i32>,
    /// Replicas of new topics; 3, or as many as there are brokers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=100))]
    replication: Option<i32>,
}

/// Creates or verifies.
pub fn run(args: &Args, frame: &Frame) -> Result<(), Failure> {
    let settings = frame.settings()?;
    let cluster = Cluster::new(&settings.kafka)?;
    cluster.reach(settings.kafka.command_timeout, &|line| say(line), &|| true)?;
    let before = cluster.counts()?;
    if args.create {
        create(args, &cluster, &settings.kafka, &before)?;
        mend(&cluster, &settings.kafka)?;
    }
    report(&cluster, &settings.kafka, &before, frame)
}

/// The command line that makes what is missing, for a process started with the same frame.
pub fn command(frame: &Frame) -> String {
    let mut words = vec![
        "bailiwick".to_owned(),
        "topics".to_owned(),
        "--create".to_owned(),
    ];
    if let Some(file) = &frame.config {
        words.extend(["--config".to_owned(), quoted(&file.display().to_string())]);
    }
    for pair in &frame.set {
        words.extend(["--set".to_owned(), quoted(pair)]);
    }
    words.join(" ")
}

/// As a shell must read it to get the same word.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    match !word.is_empty() && word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// Makes a state topic of that name, unless it is there, and waits until it is known.
pub fn make_state(
    kafka: &Kafka,
    cluster: &Cluster,
    name: &str,
    partitions: i32,
    replication: Option<i32>,
) -> Result<(), Failure> {
    let replication = replicas(replication, cluster)?;
    let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(replication));
    let topic = kept_by_two(topic, replication).set("cleanup.policy", "compact");
    call(kafka, async |admin, options| {
        let done = admin.create_topics([&topic], options).await?;
        Ok(done.into_iter().find_map(Result::err).map(|(_, code)| code))
    })?;
    let mut kafka = kafka.clone();
    name.clone_into(&mut kafka.topics.state);
    let cluster = Cluster::new(&kafka)?;
    await_topics(&cluster, &kafka)?;
    match cluster.counts()?.get(name) {
        Some(found) if *found == partitions => Ok(()),
        found => Err(Failure::bad_config(format!(
            "topic {name} has {} partitions and not {partitions}; delete it, or name another by --state",
            found.copied().unwrap_or_default()
        ))),
    }
}

/// Gives a topic more partitions.
pub fn raise(kafka: &Kafka, name: &str, partitions: i32) -> Result<(), Failure> {
    let count = usize::try_from(partitions).unwrap_or_default();
    call(kafka, async |admin, options| {
        let grown = [NewPartitions::new(name, count)];
        let done = admin.create_partitions(&grown, options).await?;
        Ok(done.into_iter().find_map(Result::err).map(|(_, code)| code))
    })
}

/// As many as asked for, else one a broker and three at most.
fn replicas(asked: Option<i32>, cluster: &Cluster) -> Result<i32, Failure> {
    match asked {
        Some(given) => Ok(given),
        None => Ok(i32::try_from(cluster.brokers()?)
            .unwrap_or(i32::MAX)
            .clamp(1, 3)),
    }
}

/// What is acknowledged is on two disks, where a third replica lets one broker be away.
fn kept_by_two(topic: NewTopic<'_>, replication: i32) -> NewTopic<'_> {
    match replication {
        3.. => topic.set("min.insync.replicas", "2"),
        _ => topic,
    }
}

fn create(args: &Args, cluster: &Cluster, kafka: &Kafka, counts: &Counts) -> Result<(), Failure> {
    let partitions = partitions(args, counts)?;
    let replication = replicas(args.replication, cluster)?;
    let settings = cluster
        .settings(&existing(kafka, counts))
        .unwrap_or_default();
    for name in names(&kafka.topics)
        .into_iter()
        .filter(|name| !counts.contains_key(*name))
    {
        let wanted = topics::wanted(name, &kafka.topics, &settings);
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(replication));
        let topic = kept_by_two(topic, replication);
        let topic = wanted
            .iter()
            .fold(topic, |topic, (key, value)| topic.set(key, value));
        call(kafka, async |admin, options| {
            let done = admin.create_topics([&topic], options).await?;
            Ok(done.into_iter().find_map(Result::err).map(|(_, code)| code))
        })?;
    }
    await_topics(cluster, kafka)
}

/// A topic is made before every broker knows it.
fn await_topics(cluster: &Cluster, kafka: &Kafka) -> Result<(), Failure> {
    await_cluster(kafka, || {
        Ok(cluster.counts()?.len() < names(&kafka.topics).len())
    })
}

/// Waits while what was changed `is_unknown`, as long as one waits for brokers at a start.
fn await_cluster(
    kafka: &Kafka,
    is_unknown: impl Fn() -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let end = std::time::Instant::now() + kafka.startup_timeout;
    while is_unknown()? && std::time::Instant::now() < end {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Ok(())
}

fn partitions(args: &Args, counts: &Counts) -> Result<i32, Failure> {
    let found = counts.values().copied().max();
    match (args.partitions, found) {
        (Some(asked), Some(found)) if asked != found => Err(Failure::bad_config(format!(
            "topics that exist have {found} partitions, so --partitions {asked} does not fit: all must have the same"
        ))),
        (asked, found) => Ok(asked.or(found).unwrap_or(PARTITIONS)),
    }
}

fn existing<'k>(kafka: &'k Kafka, counts: &Counts) -> Vec<&'k str> {
    names(&kafka.topics)
        .into_iter()
        .filter(|name| counts.contains_key(*name))
        .collect()
}

/// Sets what topics must have and what one that exists already lacks.
fn mend(cluster: &Cluster, kafka: &Kafka) -> Result<(), Failure> {
    let settings = || cluster.settings(&names(&kafka.topics));
    let Some(told) = settings() else {
        return Ok(());
    };
    if topics::faults(&kafka.topics, &told).is_empty() {
        return Ok(());
    }
    for name in names(&kafka.topics) {
        let wanted = topics::wanted(name, &kafka.topics, &told);
        // What a topic has and does not tell would be taken from it.
        if !wanted.is_empty() && told.contains_key(name) {
            alter(kafka, name, &told, &wanted)?;
        }
    }
    // Settings are changed before every broker knows it.
    let has_faults = |told| !topics::faults(&kafka.topics, &told).is_empty();
    await_cluster(kafka, || Ok(settings().is_some_and(has_faults)))
}

/// The protocol replaces all of a topic's settings at once, so those it has go along.
fn alter(
    kafka: &Kafka,
    name: &str,
    settings: &TopicSettings,
    wanted: &[(&str, String)],
) -> Result<(), Failure> {
    let own = topics::own_settings(name, settings);
    let mut altered = AlterConfig::new(ResourceSpecifier::Topic(name));
    let kept = own
        .iter()
        .filter(|(key, _)| !wanted.iter().any(|(one, _)| one == key));
    for (key, value) in kept {
        altered = altered.set(key, value);
    }
    for (key, value) in wanted {
        altered = altered.set(key, value);
    }
    call(kafka, async |admin, options| {
        let done = admin.alter_configs([&altered], options).await?;
        Ok(done.into_iter().find_map(Result::err).map(|(_, code)| code))
    })
}

/// One administrative call; a topic that somebody else just made is no fault.
fn call(
    kafka: &Kafka,
    ask: impl AsyncFnOnce(
        &AdminClient<Voice>,
        &AdminOptions,
    ) -> Result<Option<RDKafkaErrorCode>, rdkafka::error::KafkaError>,
) -> Result<(), Failure> {
    let admin: AdminClient<Voice> = client::base(kafka)
        .create_with_context(Voice)
        .map_err(|error| Failure::bad_config(refusal::told(&error)))?;
    let options = AdminOptions::new().request_timeout(Some(kafka.startup_timeout));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::internal)?;
    match runtime.block_on(ask(&admin, &options)) {
        Ok(None | Some(RDKafkaErrorCode::TopicAlreadyExists)) => Ok(()),
        Ok(Some(code)) => Err(Failure::bad_config(format!(
            "the brokers refuse: {code}{}",
            remedy(code)
        ))),
        Err(error) => Err(Failure::new(
            Exit::TryAgain,
            format!("the brokers do not answer: {error}"),
        )),
    }
}

/// What to do about a refusal, where its name does not say it.
fn remedy(code: RDKafkaErrorCode) -> &'static str {
    match code {
        RDKafkaErrorCode::InvalidReplicationFactor => {
            "; there are fewer brokers than --replication asks to keep each record"
        }
        _ => "",
    }
}

fn report(cluster: &Cluster, kafka: &Kafka, before: &Counts, frame: &Frame) -> Result<(), Failure> {
    let counts = cluster.counts()?;
    let mut data = Data::open();
    for name in names(&kafka.topics) {
        let state = match (before.contains_key(name), counts.get(name)) {
            (_, None) => "missing",
            (true, Some(_)) => "there",
            (false, Some(_)) => "created",
        };
        let partitions = counts.get(name).copied().unwrap_or_default();
        match frame.output {
            Format::Text => {
                data.text(&format!("{name:<24} {partitions:>4} partitions  {state}\n"))?
            }
            Format::Json => data.json(&serde_json::json!({
                "topic": name, "partitions": partitions, "state": state
            }))?,
        }
    }
    data.finish()?;
    topics::count(&counts, &kafka.topics, &command(frame)).map_err(Failure::bad_config)?;
    let settings = cluster.settings(&names(&kafka.topics)).unwrap_or_default();
    match topics::faults(&kafka.topics, &settings) {
        faults if faults.is_empty() => Ok(()),
        faults => Err(Failure::bad_config(format!(
            "{}. Mend it with:\n  {}",
            faults.join("; "),
            command(frame)
        ))),
    }
}

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Away(why) => Self::new(Exit::TryAgain, why),
            Unfit::Topics(why) | Unfit::Settings(why) => Self::bad_config(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_survive_a_shell() {
        for (word, shown) in [
            ("kafka.brokers=a:1,b:2", "kafka.brokers=a:1,b:2"),
            ("x y", "'x y'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }
}
