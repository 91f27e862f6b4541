//! The command line: one file a verb, and the frame they share.
//!
//! A verb is a variant of [`Verb`], a line in [`Verb::run`], and a file with `Args` (clap's
//! derive, help text with examples) and `run(args, &Frame) -> Result<(), Failure>`. Data goes
//! to standard output through [`output::Data`], everything else to standard error through
//! [`output::say`]; the exit code travels in [`failure::Failure`].

mod check;
mod completion;
mod config;
pub mod demo;
mod explain;
pub mod failure;
mod leads;
pub mod output;
pub mod plans;
mod replay;
mod reshard;
mod route;
mod run;
mod schema;
mod simulate;
pub mod test;
mod topics;
mod undo;

use std::any::Any;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Settings, Sources};
use failure::{Exit, Failure};
use output::{Format, say};

/// Decides, within microseconds, whose territory a sales lead falls into, exactly once on Kafka.
#[derive(Debug, Parser)]
#[command(name = "bailiwick", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    frame: Frame,
    #[command(subcommand)]
    verb: Verb,
}

const EXIT_CODES: &str = "\
Exit codes: 0 ok; 1 failed tests or denied warnings; 2 usage; 70 internal;
75 try again (broker away); 78 bad settings or plan.";

/// What every verb is given.
#[derive(Clone, Debug, clap::Args)]
pub struct Frame {
    /// Settings file; without it config/bailiwick.toml, if there is one
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// One setting, over file and environment; may be repeated
    #[arg(
        long,
        global = true,
        value_name = "KEY=VALUE",
        help_heading = "Settings"
    )]
    pub set: Vec<String>,
    /// How data is printed
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub output: Format,
}

impl Frame {
    /// Where this process' settings come from.
    pub fn sources(&self) -> Sources {
        Sources::of_process(self.config.clone(), self.set.clone())
    }

    /// The checked settings, or a failure that lists every fault.
    pub fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(&self.sources())?)
    }
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::Args),
    Demo(demo::Args),
    Check(check::Args),
    Route(route::Args),
    Explain(explain::Args),
    Simulate(simulate::Args),
    Test(test::Args),
    Undo(undo::Args),
    Schema(schema::Args),
    Config(config::Args),
    Completion(completion::Args),
    Topics(topics::Args),
    Reshard(reshard::Args),
}

impl Verb {
    fn run(self, frame: &Frame) -> Result<(), Failure> {
        match self {
            Self::Run(args) => run::run(&args, frame),
            Self::Demo(args) => demo::run(args, frame),
            Self::Check(args) => check::run(args, frame),
            Self::Route(args) => route::run(args, frame),
            Self::Explain(args) => explain::run(args, frame),
            Self::Simulate(args) => simulate::run(args, frame),
            Self::Test(args) => test::run(args, frame),
            Self::Undo(args) => undo::run(&args),
            Self::Schema(args) => schema::run(args, frame),
            Self::Config(args) => config::run(args, frame),
            Self::Completion(args) => completion::run(args, frame),
            Self::Topics(args) => topics::run(&args, frame),
            Self::Reshard(args) => reshard::run(&args, frame),
        }
    }
}

/// The whole program: parses the command line, runs the verb, says what went wrong.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| say(describe(panic))));
    let ended = std::panic::catch_unwind(|| match Cli::try_parse() {
        Ok(cli) => conclude(cli.verb.run(&cli.frame)),
        Err(usage) => {
            // A help text that nobody reads any more is no fault.
            let _ = usage.print();
            ExitCode::from(if usage.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            })
        }
    });
    ended.unwrap_or_else(|_: Box<dyn Any + Send>| Exit::Internal.into())
}

fn conclude(ended: Result<(), Failure>) -> ExitCode {
    match ended {
        Ok(()) => Exit::Ok.into(),
        Err(failure) => {
            if !failure.message.is_empty() {
                say(format_args!("bailiwick: {}", failure.message));
            }
            failure.exit.into()
        }
    }
}

/// Says where a panic was. A formatted message may hold a lead's data, so only one that is
/// written in the source is repeated.
fn describe(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let what = panic
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("a broken invariant");
    format!(
        "bailiwick: internal error at {place}: {what}. This is a fault of the program, not of \
         your data; nothing uncommitted was written. Please report it with this line."
    )
}
