//! `route PLAN --leads FILE`: the territory of each lead, without Kafka.

mod line;
mod ndjson;

use std::path::PathBuf;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use crate::admin::LeadReader;
use crate::event::Timestamp;

use super::Frame;
use super::failure::Failure;
use super::leads::{Leads, Written, open};
use super::output::{Data, say};
use super::plans::{Compiled, compile, now, parse_moment};

use line::{Bad, Writer};

/// Match leads against a plan, without Kafka: one line out for each lead, in input order
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A line that is no lead stays in its place as {\"line\", \"lead\": null, \"error\"}; how many
there were is said at the end. Blank lines are skipped. The same becomes of a row of a
table that is not as wide as its header or has a quote that is not closed; the exit code
is then 2, after all other rows.

Examples:
  bailiwick route config/plans/acme --leads leads.ndjson > routed.ndjson
  bailiwick route plan.yaml --leads crm-export.csv --format csv > routed.csv
  zcat leads.ndjson.gz | bailiwick route plans --leads - --format csv > routed.csv
  bailiwick route plan.yaml --leads leads.ndjson | jq -r .territory | sort | uniq -c")]
pub struct Args {
    /// A plan: a folder, or one YAML file; or a folder with one plan folder a tenant
    plan: PathBuf,
    /// Leads, one JSON object a line, or a table whose name ends in .csv; - is standard input
    #[arg(long, value_name = "FILE")]
    leads: PathBuf,
    /// How leads are written, where the file's name does not say it
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: Option<Written>,
    /// How lines are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Lined,
    /// The moment that decides which territories are in effect; the present one by default
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    at: Option<Timestamp>,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Lined {
    #[default]
    Ndjson,
    /// lead,territory,path,overlays,reason,error; several values with | between
    Csv,
}

pub fn run(args: Args, frame: &Frame) -> Result<(), Failure> {
    let settings = frame.settings()?;
    let plans = compile(&args.plan)?;
    let reader = LeadReader::new(&settings.input, settings.limits.record_bytes);
    let (input, length) = open(&args.leads)?;
    let written = args.from.unwrap_or(Written::of(&args.leads));
    let mut leads = Leads::new(input, written)?;
    let mut writer = match args.format {
        Lined::Ndjson => Writer::ndjson(Data::open()),
        Lined::Csv => Writer::csv(Data::open())?,
    };
    let progress = progress(length);
    let at = args.at.unwrap_or_else(now);
    let (mut bad, mut faults) = (0, Faults::default());
    while let Some(line) = leads.next()? {
        writer.number = line.number;
        if line.number.is_multiple_of(PROGRESS_EVERY) {
            progress.set_position(line.bytes);
        }
        if let Some(fault) = line.fault {
            writer.bad(&Bad {
                lead: fault.lead.as_deref(),
                reason: "bad_csv",
                message: &fault.message,
            })?;
            faults.add(line.number, fault.message);
            continue;
        }
        bad += u64::from(!route_one(&plans, &reader, line.text, at, &mut writer)?);
    }
    progress.finish_and_clear();
    let lines_read = writer.number;
    writer.finish()?;
    if bad > 0 {
        say(format_args!(
            "{bad} of {} lines are no leads of these plans; their errors stand in their places",
            lines_read
        ));
    }
    faults.end()
}

/// Rows that are no rows of their table.
#[derive(Default)]
struct Faults {
    count: u64,
    /// The first one's line and what is wrong with it.
    first: Option<(u64, String)>,
}

impl Faults {
    fn add(&mut self, line: u64, message: String) {
        self.count += 1;
        self.first.get_or_insert((line, message));
    }

    fn end(self) -> Result<(), Failure> {
        let Some((line, message)) = self.first else {
            return Ok(());
        };
        let rows = match self.count {
            1 => "1 row of the table was not routed:".to_owned(),
            many => format!("{many} rows of the table were not routed, the first of them"),
        };
        Err(Failure::usage(format_args!(
            "{rows} line {line}: {message}"
        )))
    }
}

/// Lines between two looks at the progress bar, which costs more than routing one lead.
const PROGRESS_EVERY: u64 = 4_096;

/// A bar over the file's bytes; hidden where standard error is no terminal.
fn progress(length: Option<u64>) -> ProgressBar {
    let bar = match length {
        Some(length) => ProgressBar::new(length),
        None => ProgressBar::new_spinner(),
    };
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style)
}

/// Writes one lead's line, and says whether it was a lead of one of the plans.
fn route_one(
    plans: &Compiled,
    reader: &LeadReader,
    json: &[u8],
    at: Timestamp,
    writer: &mut Writer,
) -> Result<bool, Failure> {
    let lead = match reader.read(json, plans.default_tenant()) {
        Ok(lead) => lead,
        Err(reject) => {
            let reason = reject.reason.as_str();
            writer.bad(&Bad {
                lead: None,
                reason,
                message: &reject.message,
            })?;
            return Ok(false);
        }
    };
    let Some(snapshot) = plans.of(&lead.tenant) else {
        let message = format!(
            "no plan for this lead's tenant; there is one for {}",
            plans.tenants()
        );
        let reason = "unknown_tenant";
        writer.bad(&Bad {
            lead: Some(&lead.id),
            reason,
            message: &message,
        })?;
        return Ok(false);
    };
    let facts = snapshot.normaliser.needed_facts(&snapshot.plan, &lead);
    let candidates = snapshot.router.route(&snapshot.plan, &facts, at);
    writer.routed(&snapshot.plan, &lead.id, &facts, &candidates)?;
    Ok(true)
}
