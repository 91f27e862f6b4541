//! `bailiwick demo`: the daemon in one process with an embedded broker and generated leads.
//!
//! The broker is librdkafka's mock cluster, everything else is what `run` runs. What was
//! produced is counted by the producer, what came out by a reader of the output topics, and
//! the summary compares the two.

mod broker;
mod example;
mod moves;
mod picture;
mod screen;
mod session;
mod show;
mod summary;
mod tally;
pub mod traffic;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::signals::{self, Asked};

use super::Frame;
use super::failure::{Exit, Failure};
use super::output::{Data, Format};
use example::Place;
use session::Session;
use show::Show;

/// Show everything in one process: an embedded broker, generated leads, the example plan
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The plan to run with, edited while it runs; the checkout's config/example, else a copy
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Leads a second, on average
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    rate: u32,
    /// End by itself after so many leads, with a summary
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    leads: Option<u64>,
    /// The seed of the traffic: the same seed draws the same leads
    #[arg(long, value_name = "N", default_value_t = 2)]
    seed: u64,
    /// Partitions of every topic
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(i32).range(1..=64))]
    partitions: i32,
    /// Leads only, without the activity that follows them
    #[arg(long)]
    no_activity: bool,
    /// Plain lines, also on a terminal
    #[arg(long)]
    plain: bool,
}

const EXAMPLES: &str = "\
On a terminal it shows a live view; q or Ctrl-C ends it with a summary. Edit the plan's files
meanwhile: the view shows the new version and what it changes.

Examples:
  bailiwick demo
  bailiwick demo --leads 10000 --rate 2000 -o json
  bailiwick demo --plan plans/acme --rate 50

Exit codes: 0 the numbers add up; 1 they do not.";

pub fn run(args: Args, frame: &Frame) -> Result<(), Failure> {
    let place = Place::choose(args.plan.clone())
        .map_err(|why| Failure::internal(format_args!("cannot write the example plan: {why}")))?;
    let stop = stop_flag()?;
    let mut session = Session::start(&args, frame, place.path())?;
    let shown = watch_it(&mut session, &args, &stop);
    let summary = session.end()?;
    shown?;
    let mut data = Data::open();
    match frame.output {
        Format::Text => data.text(&summary.to_string())?,
        Format::Json => data.json_pretty(&summary)?,
    }
    data.finish()?;
    match summary.faults().is_empty() {
        true => Ok(()),
        false => Err(Failure::silent(Exit::Failed)),
    }
}

/// Shows pictures until everything is done or the user has seen enough.
fn watch_it(session: &mut Session, args: &Args, stop: &AtomicBool) -> Result<(), Failure> {
    let mut show = if args.plain {
        Show::Lines
    } else {
        Show::open()?
    };
    loop {
        session.look(show.is_lines());
        let asked = show.show(&session.picture(), stop)?;
        if asked || session.is_done()? {
            return Ok(());
        }
    }
}

/// Raised by SIGINT and SIGTERM.
fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    signals::listen(move |asked| {
        if asked == Asked::Stop {
            raised.store(true, Ordering::Relaxed);
        }
    })
    .map_err(|why| Failure::internal(format_args!("cannot listen for signals: {why}")))?;
    Ok(stop)
}
