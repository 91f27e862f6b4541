//! Settings: files, drop-ins, environment and flags as typed, checked into what they mean.
//!
//! Two types: [`Raw`](sources::Raw) is what was typed, key by key, with where it stood;
//! [`Settings`] is what it means, and only that travels. Every key is read in one place
//! ([`Settings::read`]), together with its default and bounds, so a key that nothing reads
//! is unknown by construction. `config/bailiwick.toml` documents every key.
//!
//! Later wins: the file (`--config`, else `config/bailiwick.toml` if it exists), the drop-ins
//! `bailiwick.d/*.toml` beside it in the order of their names, the environment
//! (`BAILIWICK__SECTION__KEY`), `--set key=value`. A relative path starts at the folder of the
//! file that gives it; given by a variable or a flag it starts at the working folder.

pub mod certificate;
mod http;
mod kafka;
mod mapping;
mod properties;
mod reader;
mod secret;
mod sources;
mod traces;
mod units;

pub use http::{Clients, Http, HttpTls, PersonalData};
pub use kafka::{Kafka, Topics};
pub use mapping::InputMapping;
pub use properties::Properties;
pub use reader::{MASK, Shown};
pub use sources::{DEFAULT_FILE, Origin, Sources};
pub use traces::{Endpoint, Traces};
pub use units::{parse_duration, show_duration};

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reader::Reader;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// No length of time in the settings means more than this; it keeps sums of moments in range.
const LONGEST: Duration = secs(10 * 366 * 86_400);

/// Checked settings.
#[derive(Clone, Debug)]
pub struct Settings {
    pub kafka: Kafka,
    pub plans: Plans,
    pub limits: Limits,
    pub http: Http,
    pub ledger: Ledger,
    pub lanes: Lanes,
    pub metrics: MetricLimits,
    pub log: Log,
    pub traces: Traces,
    pub input: InputMapping,
    /// Every key with its value in force and its origin, secrets masked, for `config show`.
    pub shown: BTreeMap<String, Shown>,
}

/// `[plans]`: where plans are and when a new one is taken.
#[derive(Clone, Debug)]
pub struct Plans {
    /// A folder with one plan folder a tenant, or a single plan.
    pub path: PathBuf,
    /// How long the folder must be quiet before it is read again.
    pub debounce: Duration,
    /// The guard refuses a plan that leaves more than this share of recent leads without a
    /// territory that had one before.
    pub guard_unrouted: f64,
    /// The guard refuses a plan that drops more than this share of the reps.
    pub guard_reps: f64,
    /// How many recent leads a tenant's guard remembers.
    pub guard_leads: usize,
}

/// `[limits]`: what one record may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A larger record is a dead letter.
    pub record_bytes: usize,
}

/// `[ledger]`: what is remembered of past leads.
#[derive(Clone, Copy, Debug)]
pub struct Ledger {
    /// How long a closed or withdrawn lead is remembered.
    pub horizon: Duration,
}

/// `[lanes]`: when a batch ends and how lanes stop.
#[derive(Clone, Copy, Debug)]
pub struct Lanes {
    /// A batch has at most so many input records.
    pub batch_records: usize,
    /// A batch ends once its input records have so many bytes.
    pub batch_bytes: usize,
    /// A batch ends so long after its first record at the latest.
    pub batch_age: Duration,
    /// How many timers and waiting leads one batch fires at most.
    pub batch_timers: usize,
    /// How many lanes of other instances are kept warm; each costs what an own lane costs.
    pub standby: usize,
    /// How long a stopping daemon may take to finish its batches and leave the group.
    pub shutdown_timeout: Duration,
}

/// `[metrics]`: bounds on cardinality.
#[derive(Clone, Copy, Debug)]
pub struct MetricLimits {
    /// How many territories have series of their own; the rest count as `other`.
    pub territories: usize,
    /// How many teams have series of their own; the rest count as `other`.
    pub teams: usize,
}

/// `[log]`: what is logged and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// A level, or directives such as `info,bailiwick::stream=debug`.
    pub level: String,
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    Json,
    Text,
}

/// Every fault of the settings, one a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSettings(pub Vec<String>);

impl std::error::Error for BadSettings {}

impl fmt::Display for BadSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(out, "bad settings:")?,
            many => write!(out, "bad settings, {many} faults:")?,
        }
        self.0
            .iter()
            .try_for_each(|problem| write!(out, "\n  {problem}"))
    }
}

impl Settings {
    /// Reads and checks the settings, or says everything that is wrong with them.
    pub fn load(sources: &Sources) -> Result<Self, BadSettings> {
        let mut reader = Reader::new(sources);
        let mut settings = Self::read(&mut reader);
        settings.cross_check(&mut reader);
        reader.refuse_unknown(&SECTIONS);
        match reader.problems.is_empty() {
            true => {
                settings.shown = reader.shown;
                Ok(settings)
            }
            false => Err(BadSettings(reader.problems)),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            kafka: Kafka::read(reader),
            plans: Plans::read(reader),
            limits: Limits {
                record_bytes: reader.bytes("limits.record_bytes", 512 << 10, 1..=64 << 20),
            },
            http: Http::read(reader),
            ledger: Ledger::read(reader),
            lanes: Lanes::read(reader),
            metrics: MetricLimits {
                territories: reader.count("metrics.territories", 2_000, 0..=100_000) as usize,
                teams: reader.count("metrics.teams", 500, 0..=100_000) as usize,
            },
            log: Log::read(reader),
            traces: Traces::read(reader),
            input: mapping::read(reader),
            shown: BTreeMap::new(),
        }
    }

    /// Faults that need more than one key to see.
    fn cross_check(&self, reader: &mut Reader<'_>) {
        let Kafka {
            session_timeout,
            transaction_timeout,
            topics,
            ..
        } = &self.kafka;
        if transaction_timeout >= session_timeout {
            let keys = ["kafka.transaction_timeout", "kafka.session_timeout"];
            let (transaction, session) = (
                show_duration(*transaction_timeout),
                show_duration(*session_timeout),
            );
            reader.refuse_either(keys, |_| {
                format!(
                    "transaction_timeout, {transaction}, must be below session_timeout, {session}, or a lost lane \
                     could still write"
                )
            });
        }
        for (name, first, second) in topics.repeated() {
            let keys = [second, first].map(|role| format!("kafka.topics.{role}"));
            reader.refuse_either([&keys[0], &keys[1]], |other| {
                format!("`{name}` is also {other}; each needs a topic of its own")
            });
        }
    }
}

/// Section names, so that a mistyped one is recognised though no key is called so.
const SECTIONS: [&str; 3] = ["kafka.client.", "kafka.consumer.", "kafka.producer."];

impl Plans {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            path: reader.path_or("plans.path", "plans"),
            debounce: reader.duration("plans.debounce", ms(300), ms(1)..=secs(60)),
            guard_unrouted: reader.share("plans.guard_unrouted", 0.2),
            guard_reps: reader.share("plans.guard_reps", 0.5),
            guard_leads: reader.count("plans.guard_leads", 1_000, 0..=100_000) as usize,
        }
    }
}

impl Ledger {
    fn read(reader: &mut Reader<'_>) -> Self {
        let half_a_year = secs(180 * 86_400);
        Self {
            horizon: reader.duration("ledger.horizon", half_a_year, ms(1)..=LONGEST),
        }
    }
}

impl Lanes {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            batch_records: reader.count("lanes.batch_records", 10_000, 1..=100_000) as usize,
            batch_bytes: reader.bytes("lanes.batch_bytes", 8 << 20, 1 << 10..=256 << 20),
            batch_age: reader.duration("lanes.batch_age", ms(200), ms(1)..=secs(5)),
            batch_timers: reader.count("lanes.batch_timers", 1_000, 1..=100_000) as usize,
            standby: reader.count("lanes.standby", 0, 0..=10_000) as usize,
            shutdown_timeout: reader.duration(
                "lanes.shutdown_timeout",
                secs(25),
                ms(1)..=secs(600),
            ),
        }
    }
}

impl Log {
    fn read(reader: &mut Reader<'_>) -> Self {
        let formats = [
            ("auto", LogFormat::Auto),
            ("json", LogFormat::Json),
            ("text", LogFormat::Text),
        ];
        Self {
            level: reader.checked("log.level", "info", check_level),
            format: reader.choice("log.format", LogFormat::Auto, &formats),
        }
    }
}

/// Accepts `info` and directives such as `info,bailiwick::stream=debug`.
pub fn check_level(text: &str) -> Result<(), String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    for part in text.split(',') {
        let level = part.rsplit('=').next().unwrap_or(part).trim();
        if !LEVELS.contains(&level.to_ascii_lowercase().as_str()) {
            return Err(format!("`{level}` is none of {}", LEVELS.join(", ")));
        }
    }
    Ok(())
}
