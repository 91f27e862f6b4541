//! The shell round the core: records in from Kafka, through route and state, and out again in
//! one transaction.
//!
//! [`step`] is the way of a record without Kafka; `lanes` run it, one thread a partition
//! index; `source`, `sink` and `restore` speak with the brokers; [`wire`] knows the formats.

pub mod home;
mod lanes;
pub mod outbox;
pub mod reshard;
mod restore;
mod sink;
pub mod source;
pub mod step;
mod stop;
pub mod topics;
mod trouble;
pub mod wire;

pub use stop::Stop;

use std::fmt;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::board::{Board, Phase};
use crate::config::Settings;
use crate::metrics::Metrics;
use crate::route::Plans;
use crate::traces::Traces;

use lanes::{Roster, Shared};
use source::cluster::{Cluster, Unfit};
use source::{GroupConsumer, serve};
use trouble::Trouble;

/// How often the running stream looks whether it should stop.
const LOOK: Duration = Duration::from_millis(50);

/// Why the stream ended though nobody asked it to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Settings, topics or state do not fit together; the text says what to do.
    Refused(String),
    /// The brokers are away; trying again later may help.
    Away(String),
    /// The program could not do what it must.
    Internal(String),
}

impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Refused(why) | Self::Away(why) | Self::Internal(why)) = self;
        out.write_str(why)
    }
}

impl From<Trouble> for Ended {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(why) => Self::Refused(why),
            other => Self::Away(other.to_string()),
        }
    }
}

impl From<Unfit> for Ended {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Away(why) => Self::Away(why),
            Unfit::Topics(why) | Unfit::Settings(why) => Self::Refused(why),
        }
    }
}

/// What kind of cluster the stream speaks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brokers {
    Kafka,
    /// The client library's own stand-in. It knows no settings of topics, and asked for them
    /// it lets the question time out.
    Embedded,
}

/// What the stream works with. `topics_command` is the command line that makes missing topics.
pub struct Setup {
    pub settings: Settings,
    pub plans: Arc<ArcSwap<Plans>>,
    pub metrics: Metrics,
    pub board: Board,
    pub stop: Stop,
    pub topics_command: String,
    pub brokers: Brokers,
}

/// Decides leads until told to stop. Blocks; the work is done on threads of its own.
///
/// # Errors
/// Whatever keeps it from starting, and a shutdown that did not end in time.
pub fn run(setup: Setup) -> Result<(), Ended> {
    let (stop, limit) = (setup.stop.clone(), setup.settings.lanes.shutdown_timeout);
    let (tell, ended) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("group".to_owned());
    thread
        // Nobody listens any more after a second request to stop.
        .spawn(move || tell.send(live(setup)).unwrap_or_default())
        .map_err(|error| Ended::Internal(format!("cannot start a thread: {error}")))?;
    let mut asked: Option<Instant> = None;
    loop {
        match ended.recv_timeout(LOOK) {
            Ok(result) => return result,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(Ended::Internal(
                    "the group's thread ended unexpectedly".to_owned(),
                ));
            }
            Err(mpsc::RecvTimeoutError::Timeout) if stop.is_urgent() => return Ok(()),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if stop.is_asked() && asked.get_or_insert_with(Instant::now).elapsed() > limit {
            return Err(Ended::Internal(format!(
                "did not stop within lanes.shutdown_timeout, {limit:?}; what was not committed will be decided again"
            )));
        }
    }
}

/// From the first look at the cluster to the last commit.
fn live(setup: Setup) -> Result<(), Ended> {
    let Setup {
        settings,
        plans,
        metrics,
        board,
        stop,
        topics_command,
        brokers,
    } = setup;
    let cluster = Cluster::new(&settings.kafka)?;
    let reached = cluster.reach(
        settings.kafka.startup_timeout,
        &|line| tracing::warn!("{line}"),
        &|| !stop.is_asked(),
    );
    if stop.is_asked() {
        // Whoever stops it while the brokers are away gets what was asked for.
        return Ok(());
    }
    reached?;
    let (partitions, sizes) = topics::check(&cluster, &settings.kafka, &topics_command, brokers)?;
    drop(cluster);
    let instance = settings.http.listen.to_string();
    let traces = Traces::start(&settings.traces, &instance, metrics.clone())
        .map_err(|error| Ended::Internal(format!("cannot start a thread: {error}")))?;
    let shared = Arc::new(Shared::new(
        settings, plans, metrics, board, partitions, sizes, traces,
    ));
    let roster = Arc::new(Roster::new(Arc::clone(&shared)));
    let told = Arc::clone(&roster);
    let message_bytes = shared.sizes.message_bytes;
    let consumer = source::join(
        &shared.settings.kafka,
        message_bytes,
        source::Watch::new(shared.metrics.clone()),
        source::Outage::new(shared.board.clone(), &shared.settings.kafka.brokers),
        Box::new(move |what| told.rebalanced(what)),
    )
    .map_err(|error| Ended::Refused(source::refusal::told(&error)))?;
    shared.set_consumer(Some(Arc::clone(&consumer)));
    shared.board.set_phase(Phase::Running);
    let result = serve_group(&consumer, &shared, &roster, &stop);
    shared.board.set_phase(Phase::Draining);
    let in_time = roster.stop(shared.settings.lanes.shutdown_timeout);
    shared.set_consumer(None);
    if !in_time {
        // Closing would wait for the lanes' queues; the caller ends the process instead.
        std::mem::forget(consumer);
        return result.and(Err(Ended::Internal(
            "lanes did not stop in time".to_owned(),
        )));
    }
    // Dropped on the thread that polled it, which leaves the group.
    drop(consumer);
    result
}

fn serve_group(
    consumer: &GroupConsumer,
    shared: &Shared,
    roster: &Roster,
    stop: &Stop,
) -> Result<(), Ended> {
    while !stop.is_asked() {
        serve(consumer, LOOK).map_err(Ended::Refused)?;
        // Asked first: a lane says why it ends before it does.
        let dead = roster.dead();
        if let Some(why) = shared.failure() {
            return Err(Ended::Refused(why));
        }
        if let Some(partition) = dead {
            return Err(Ended::Internal(format!(
                "lane {partition} ended unexpectedly"
            )));
        }
    }
    Ok(())
}
