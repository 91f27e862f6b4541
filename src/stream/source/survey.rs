//! A look at a live cluster with the eyes of a daemon: brokers, topics, rights, durability, lag.
//!
//! Nothing that readers of committed records can see is changed: what needs to be written to
//! be proven is written in transactions that are aborted.

mod durability;
mod lag;
mod rights;

use crate::config::Kafka;
use crate::stream::topics;

use super::cluster::{Cluster, Counts, Layout, Unfit, names};

pub use lag::Lag;

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    Brokers,
    Topics,
    Rights,
    Durability,
    Lag,
}

impl Check {
    /// The word for people and programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Brokers => "brokers",
            Self::Topics => "topics",
            Self::Rights => "rights",
            Self::Durability => "durability",
            Self::Lag => "lag",
        }
    }
}

/// How it was found. The worst of all decides how the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Ok,
    /// The daemon starts, but somebody should look.
    Warning,
    /// The daemon would not start or not work, until somebody changes something.
    Fault,
    /// Something is away and may come back by itself.
    Away,
}

impl State {
    /// The word for people and programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
            Self::Away => "away",
        }
    }
}

/// One thing that was looked at, and what to do if it is not well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    /// What it is about, such as a topic's name.
    pub subject: String,
    pub state: State,
    pub message: String,
}

/// Everything that was found.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    pub findings: Vec<Finding>,
    /// How far the group is behind, by topic and partition.
    pub lag: Vec<Lag>,
}

impl Survey {
    /// Looks at everything. `command` is the command line that makes missing topics; `say`
    /// is told now and then that no broker answers yet.
    pub fn of(kafka: &Kafka, command: &str, say: &dyn Fn(&str)) -> Self {
        let mut survey = Self::default();
        if let Err(unfit) = survey.look(kafka, command, say) {
            let state = match unfit {
                Unfit::Away(_) => State::Away,
                Unfit::Topics(_) | Unfit::Settings(_) => State::Fault,
            };
            survey.note(Check::Brokers, &kafka.brokers, state, unfit.to_string());
        }
        survey
    }

    /// The worst state that was found.
    pub fn worst(&self) -> State {
        let states = self.findings.iter().map(|one| one.state);
        states.max().unwrap_or(State::Ok)
    }

    fn look(&mut self, kafka: &Kafka, command: &str, say: &dyn Fn(&str)) -> Result<(), Unfit> {
        let cluster = Cluster::new(kafka)?;
        cluster.reach(kafka.command_timeout, say, &|| true)?;
        let brokers = cluster.brokers()?;
        let answer = format!("{brokers} in the cluster");
        self.note(Check::Brokers, &kafka.brokers, State::Ok, answer);
        let counts = self.topics(&cluster, kafka, command)?;
        rights::prove(self, kafka, &counts)?;
        // After the rights, whose proof makes Kafka's own topics where there were none.
        durability::judge(self, &cluster, kafka)?;
        self.lag = lag::of(self, kafka, &counts)?;
        Ok(())
    }

    fn topics(&mut self, cluster: &Cluster, kafka: &Kafka, command: &str) -> Result<Counts, Unfit> {
        let mut counts = Counts::new();
        for name in names(&kafka.topics) {
            match cluster.layout(name)? {
                None => {
                    let why = format!(
                        "missing, or this user may not see it. Create what is missing with:\n  {command}"
                    );
                    self.note(Check::Topics, name, State::Fault, why);
                }
                Some(layout) => {
                    counts.insert(name.to_owned(), layout.partitions);
                    let (state, said) = judge(layout);
                    self.note(Check::Topics, name, state, said);
                }
            }
        }
        if counts.len() == names(&kafka.topics).len() {
            if let Err(why) = topics::count(&counts, &kafka.topics, command) {
                self.note(Check::Topics, "partitions", State::Fault, why);
            }
            self.settings(cluster, kafka, command);
        }
        Ok(counts)
    }

    fn settings(&mut self, cluster: &Cluster, kafka: &Kafka, command: &str) {
        let settings = cluster.settings(&names(&kafka.topics)).unwrap_or_default();
        let untold = |name: &&str| !settings.contains_key(*name);
        for name in names(&kafka.topics).into_iter().filter(untold) {
            let why = "settings are not told to this user: without DescribeConfigs on the topic its \
                       limits and clean-up are taken on trust";
            self.note(Check::Topics, name, State::Warning, why.to_owned());
        }
        if settings.is_empty() {
            return;
        }
        let faults = topics::faults(&kafka.topics, &settings);
        for fault in &faults {
            let why = format!("{fault}. Mend it with:\n  {command}");
            self.note(Check::Topics, "settings", State::Fault, why);
        }
        if faults.is_empty() {
            let fit = "clean-up and limits fit".to_owned();
            self.note(Check::Topics, "settings", State::Ok, fit);
        }
    }

    fn note(&mut self, check: Check, subject: &str, state: State, message: String) {
        self.findings.push(Finding {
            check,
            subject: subject.to_owned(),
            state,
            message,
        });
    }
}

fn judge(layout: Layout) -> (State, String) {
    let Layout {
        partitions,
        replicas,
        leaderless,
        behind,
    } = layout;
    match (leaderless, behind) {
        (1.., _) => (
            State::Away,
            format!(
                "{leaderless} of {partitions} partitions have no leader: bring their brokers back"
            ),
        ),
        (_, 1..) => (
            State::Warning,
            format!(
                "{behind} of {partitions} partitions lack a replica in sync: one more broker lost may stop commits"
            ),
        ),
        _ => (
            State::Ok,
            format!("{partitions} partitions, each on {replicas} brokers"),
        ),
    }
}
