//! `schema KIND`: JSON Schemas of what goes in and what comes out.

use clap::ValueEnum;

use crate::plan::schema;

use super::Frame;
use super::failure::Failure;
use super::output::Data;

/// Print the JSON Schema of a record or of a plan file, for editors, validators and generators
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bailiwick schema lead > lead.schema.json
  bailiwick schema plan > .vscode/bailiwick-plan.schema.json
  bailiwick schema decision | jq -r '.properties.reason.enum[]'")]
pub struct Args {
    /// What the schema is of
    #[arg(value_enum)]
    kind: Kind,
}

/// What there are schemas of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A record of the topic `leads`
    Lead,
    /// A record of the topic `lead-activity`
    Activity,
    /// A record of the topic `lead-assignments`
    Decision,
    /// A record of the topic `bailiwick-batches`
    Batch,
    /// A YAML file of a plan
    Plan,
    /// A row of a plan's CSV of reps
    Reps,
    /// A row of a plan's CSV of accounts
    Accounts,
    /// A row of a plan's gazetteer
    Gazetteer,
    /// A row of a plan's CSV of holidays
    Holidays,
    /// A file of a plan's test cases
    Cases,
}

const fn text(kind: Kind) -> &'static str {
    match kind {
        Kind::Lead => include_str!("schema/lead.json"),
        Kind::Activity => include_str!("schema/activity.json"),
        Kind::Decision => include_str!("schema/decision.json"),
        Kind::Batch => include_str!("schema/batch.json"),
        Kind::Plan => schema::PLAN,
        Kind::Reps => schema::REPS,
        Kind::Accounts => schema::ACCOUNTS,
        Kind::Gazetteer => schema::GAZETTEER,
        Kind::Holidays => schema::HOLIDAYS,
        Kind::Cases => schema::CASES,
    }
}

pub fn run(args: Args, _frame: &Frame) -> Result<(), Failure> {
    let mut data = Data::open();
    data.text(text(args.kind))?;
    data.finish()
}
