//! One line of output for each lead, as NDJSON or CSV.

use serde::Serialize;

use crate::admin::explanation::reason;
use crate::plan::{Candidates, Facts, Plan, TerritoryIx};

use crate::cli::failure::Failure;
use crate::cli::output::Data;

use super::ndjson::Ndjson;

/// What is between several values in a CSV cell, as in plans.
const BETWEEN: &str = "|";

/// A line that is no lead.
pub struct Bad<'b> {
    pub lead: Option<&'b str>,
    /// As on a dead letter.
    pub reason: &'static str,
    pub message: &'b str,
}

/// Writes lines.
pub struct Writer {
    sink: Sink,
    /// The number of the present line of input.
    pub number: u64,
}

enum Sink {
    Ndjson(Ndjson),
    Csv(Box<csv::Writer<Data>>),
}

#[derive(Serialize)]
struct Broken<'b> {
    line: u64,
    lead: Option<&'b str>,
    error: Fault<'b>,
}

#[derive(Serialize)]
struct Fault<'b> {
    reason: &'b str,
    message: &'b str,
}

impl Writer {
    pub fn ndjson(data: Data) -> Self {
        let sink = Sink::Ndjson(Ndjson::new(data));
        Self { sink, number: 0 }
    }

    /// Begins with the header line.
    pub fn csv(data: Data) -> Result<Self, Failure> {
        let mut csv = csv::Writer::from_writer(data);
        let header = ["lead", "territory", "path", "overlays", "reason", "error"];
        csv.write_record(header).map_err(of_csv)?;
        let sink = Sink::Csv(Box::new(csv));
        Ok(Self { sink, number: 0 })
    }

    /// Writes where a lead falls.
    pub fn routed(
        &mut self,
        plan: &Plan,
        lead: &str,
        facts: &Facts<'_>,
        candidates: &Candidates,
    ) -> Result<(), Failure> {
        let reason = reason(plan, facts, candidates).as_str();
        match &mut self.sink {
            Sink::Ndjson(lines) => lines.routed(plan, lead, candidates, reason),
            Sink::Csv(csv) => {
                let cells = cells(plan, lead, candidates, reason);
                csv.write_record(cells).map_err(of_csv)
            }
        }
    }

    /// Writes why a line has no answer.
    pub fn bad(&mut self, bad: &Bad<'_>) -> Result<(), Failure> {
        let Bad {
            lead,
            reason,
            message,
        } = *bad;
        let line = self.number;
        match &mut self.sink {
            Sink::Ndjson(lines) => {
                let error = Fault { reason, message };
                lines.data.json(&Broken { line, lead, error })
            }
            Sink::Csv(csv) => {
                let error = format!("line {line}: {message}");
                let cells = [lead.unwrap_or(""), "", "", "", reason, &error];
                csv.write_record(cells).map_err(of_csv)
            }
        }
    }

    pub fn finish(self) -> Result<(), Failure> {
        match self.sink {
            Sink::Ndjson(lines) => lines.data.finish(),
            Sink::Csv(csv) => match csv.into_inner() {
                Ok(data) => data.finish(),
                Err(why) => Err(Failure::of_output(why.error())),
            },
        }
    }
}

fn cells(plan: &Plan, lead: &str, candidates: &Candidates, reason: &str) -> [String; 6] {
    let id = |ix: TerritoryIx| plan.territory(ix).id.to_string();
    let path = candidates
        .territory
        .map(|ix| plan.path(ix))
        .unwrap_or_default();
    let join = |list: &[TerritoryIx]| {
        list.iter()
            .map(|ix| id(*ix))
            .collect::<Vec<_>>()
            .join(BETWEEN)
    };
    [
        lead.to_owned(),
        candidates.territory.map(id).unwrap_or_default(),
        join(&path),
        join(&candidates.overlays),
        reason.to_owned(),
        String::new(),
    ]
}

fn of_csv(why: csv::Error) -> Failure {
    match why.into_kind() {
        csv::ErrorKind::Io(why) => Failure::of_output(&why),
        other => Failure::internal(format_args!("cannot write CSV: {other:?}")),
    }
}
