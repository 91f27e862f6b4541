//! One line of output for each lead, as NDJSON or CSV.

use serde::Serialize;

use crate::admin::explanation::reason;
use crate::plan::{Candidates, Facts, Plan};

use crate::cli::failure::Failure;
use crate::cli::output::Data;

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
    Ndjson(Data),
    Csv(Box<csv::Writer<Data>>),
}

#[derive(Serialize)]
struct Routed<'r> {
    lead: &'r str,
    territory: Option<&'r str>,
    path: Vec<&'r str>,
    overlays: Vec<Overlay<'r>>,
    reason: &'static str,
}

#[derive(Serialize)]
struct Overlay<'r> {
    territory: &'r str,
    path: Vec<&'r str>,
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
        let sink = Sink::Ndjson(data);
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
        let routed = describe(plan, lead, facts, candidates);
        match &mut self.sink {
            Sink::Ndjson(data) => data.json(&routed),
            Sink::Csv(csv) => csv.write_record(routed.cells()).map_err(of_csv),
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
            Sink::Ndjson(data) => {
                let error = Fault { reason, message };
                data.json(&Broken { line, lead, error })
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
            Sink::Ndjson(data) => data.finish(),
            Sink::Csv(csv) => match csv.into_inner() {
                Ok(data) => data.finish(),
                Err(why) => Err(Failure::of_output(why.error())),
            },
        }
    }
}

impl Routed<'_> {
    fn cells(&self) -> [String; 6] {
        let overlays: Vec<&str> = self.overlays.iter().map(|one| one.territory).collect();
        [
            self.lead.to_owned(),
            self.territory.unwrap_or("").to_owned(),
            self.path.join(BETWEEN),
            overlays.join(BETWEEN),
            self.reason.to_owned(),
            String::new(),
        ]
    }
}

fn of_csv(why: csv::Error) -> Failure {
    match why.into_kind() {
        csv::ErrorKind::Io(why) => Failure::of_output(&why),
        other => Failure::internal(format_args!("cannot write CSV: {other:?}")),
    }
}

fn describe<'r>(
    plan: &'r Plan,
    lead: &'r str,
    facts: &Facts<'_>,
    candidates: &Candidates,
) -> Routed<'r> {
    let id = |ix| &*plan.territory(ix).id;
    let path = |ix| plan.path(ix).into_iter().map(id).collect();
    let overlays = candidates.overlays.iter().map(|&ix| Overlay {
        territory: id(ix),
        path: path(ix),
    });
    Routed {
        lead,
        territory: candidates.territory.map(id),
        path: candidates.territory.map(path).unwrap_or_default(),
        overlays: overlays.collect(),
        reason: reason(plan, facts, candidates).as_str(),
    }
}
