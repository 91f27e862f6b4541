//! `bailiwick simulate`: the whole engine over recorded events in virtual time.

use std::path::PathBuf;

use serde::Deserialize;

use crate::event::{Timestamp, TopicRole};

use super::Frame;
use super::failure::Failure;
use super::leads::{self, Line, Lines};
use super::output::{Data, say};
use super::plans;
use super::replay::{Event, Output, Reading, Replay};

/// Runs leads and activity through a plan in virtual time, one decision a line
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The plan: a folder or a file
    plan: PathBuf,
    /// Leads and activity as NDJSON, in the order they are to be applied; `-` is standard input.
    /// The virtual clock follows each record's `at`, else its `time`, else its `created_at`
    #[arg(long, value_name = "FILE")]
    events: PathBuf,
    /// Fires the timers that fall due up to this moment after the last record
    #[arg(long, value_name = "TIME", value_parser = plans::parse_moment)]
    until: Option<Timestamp>,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick simulate config/example --events week.ndjson --until 2026-12-01T00:00:00Z
  kcat -C -e -b broker -t leads | bailiwick simulate config/example --events -";

/// What tells a record's moment and topic; the rest is the engine's business.
#[derive(Default, Deserialize)]
struct Marks {
    #[serde(rename = "type")]
    kind: Option<String>,
    at: Option<String>,
    time: Option<String>,
    created_at: Option<String>,
}

pub fn run(args: Args, frame: &Frame) -> Result<(), Failure> {
    let settings = frame.settings()?;
    let plans = plans::compile(&args.plan)?.into_plans();
    let mut engine = Replay::new(plans, Reading::of(&settings), Timestamp(0));
    let mut lines = Lines::new(leads::open(&args.events)?.0);
    let mut printer = Printer::new();
    while let Some(line) = lines.next()? {
        engine.apply(event(&line, &engine), &mut printer.out);
        printer.print()?;
    }
    if let Some(until) = args.until {
        engine.fire_until(until, &mut printer.out);
        printer.print()?;
    }
    printer.finish(engine.early())
}

/// The record with its moment; one without a moment comes when the clock stands.
fn event<'a>(line: &Line<'a>, engine: &Replay) -> Event<'a> {
    let marks: Marks = serde_json::from_slice(line.text).unwrap_or_default();
    let told = [&marks.at, &marks.time, &marks.created_at];
    let at = told
        .into_iter()
        .flatten()
        .find_map(|text| Timestamp::parse(text));
    Event {
        number: line.number,
        at: at.unwrap_or_else(|| engine.clock()),
        role: role(marks.kind.as_deref()),
        value: line.text,
    }
}

/// Leads come on one topic and everything else on the other.
pub fn role(kind: Option<&str>) -> TopicRole {
    match kind {
        None | Some("lead.created" | "lead.updated") => TopicRole::Leads,
        Some(_) => TopicRole::Activity,
    }
}

/// Decisions to standard output, dead letters to the person at the terminal.
struct Printer {
    data: Data,
    out: Vec<Output>,
    letters: u64,
}

impl Printer {
    fn new() -> Self {
        Self {
            data: Data::open(),
            out: Vec::new(),
            letters: 0,
        }
    }

    fn print(&mut self) -> Result<(), Failure> {
        for output in self.out.drain(..) {
            match output {
                Output::Decision(json) => {
                    self.data.bytes(&json)?;
                    self.data.text("\n")?;
                }
                Output::Announcement { reason, leads } => {
                    say(format_args!(
                        "{leads} leads are decided again from here on: {reason}"
                    ));
                }
                Output::DeadLetter {
                    number,
                    reason,
                    message,
                } => {
                    self.letters += 1;
                    let place = number.map_or(String::new(), |line| format!("line {line}: "));
                    say(format_args!("{place}{reason}: {message}"));
                }
                Output::Notice { number, message } => {
                    say(format_args!("line {number}: {message}"));
                }
            }
        }
        Ok(())
    }

    fn finish(self, waiting: u64) -> Result<(), Failure> {
        self.data.finish()?;
        if waiting > 0 {
            say(match waiting {
                1 => "1 activity still waits for its lead; --until lets time pass".to_owned(),
                many => {
                    format!("{many} activities still wait for their leads; --until lets time pass")
                }
            });
        }
        if self.letters > 0 {
            let records = if self.letters == 1 {
                "record"
            } else {
                "records"
            };
            say(format_args!(
                "{} {records} could not be decided",
                self.letters
            ));
        }
        Ok(())
    }
}
