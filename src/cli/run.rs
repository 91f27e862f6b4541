//! `bailiwick run`: the daemon, from settings and plans to the last commit.

use clap::Args as ClapArgs;

use crate::config::Settings;
use crate::daemon::{Daemon, NotStarted, Start};
use crate::logging;
use crate::service;
use crate::signals::{self, Asked};
use crate::stream::{self, Brokers, Ended, Setup, Stop};

use super::Frame;
use super::failure::{Exit, Failure};
use super::topics;

/// Runs the daemon: decides leads until it is told to stop.
///
/// SIGTERM or SIGINT finishes the batch at hand and leaves the group; a second one ends at
/// once. SIGHUP reads the plans again.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  bailiwick run --config /etc/bailiwick/bailiwick.toml")]
pub struct Args {
    /// Begin without the tenants whose plans are broken, instead of not at all
    #[arg(long)]
    allow_broken_plans: bool,
}

/// Runs until told to stop.
pub fn run(args: &Args, frame: &Frame) -> Result<(), Failure> {
    let settings = frame.settings()?;
    let level = logging::start(&settings.log);
    let start = Start {
        allow_broken_plans: args.allow_broken_plans,
        level,
    };
    let daemon = Daemon::start(&settings, start)?;
    let stop = Stop::default();
    let (asked, board) = (stop.clone(), daemon.board());
    signals::listen(move |what| match what {
        Asked::Stop => {
            service::stopping();
            asked.ask();
        }
        // What comes of it is in the log and on the board.
        Asked::Reload => {
            if board.order_reload(false).is_none() {
                tracing::warn!("reloads are waiting already; they read what this one would");
            }
        }
    })
    .map_err(|why| Failure::internal(format!("cannot listen for signals: {why}")))?;
    service::accompany(daemon.board())
        .map_err(|why| Failure::internal(format!("cannot report to the service manager: {why}")))?;
    let urgent = stop.clone();
    stream::run(setup(settings, &daemon, stop, frame))?;
    match urgent.is_urgent() {
        true => tracing::warn!("stopped at once; what was not committed will be decided again"),
        false => tracing::info!("stopped; everything decided is committed"),
    }
    Ok(())
}

fn setup(settings: Settings, daemon: &Daemon, stop: Stop, frame: &Frame) -> Setup {
    Setup {
        settings,
        plans: daemon.plans(),
        metrics: daemon.metrics(),
        board: daemon.board(),
        stop,
        topics_command: topics::command(frame),
        brokers: Brokers::Kafka,
    }
}

impl From<NotStarted> for Failure {
    fn from(why: NotStarted) -> Self {
        Self::bad_config(why)
    }
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Refused(why) => Self::bad_config(why),
            Ended::Away(why) => Self::new(Exit::TryAgain, why),
            Ended::Internal(why) => Self::internal(why),
        }
    }
}
