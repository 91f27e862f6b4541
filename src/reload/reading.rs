//! One plan folder read and checked, and what to say if it is not valid.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::plan::{self, Plan, Problem, Problems};

use super::files::{self, Fingerprint};

/// So many errors of a broken plan are told in log and status; `check` tells all.
const TOLD_ERRORS: usize = 20;

/// A plan folder read and checked, but not in force.
pub struct Read {
    pub folder: PathBuf,
    pub fingerprint: Option<Fingerprint>,
    /// The plan, or why there is none, one error a line.
    pub plan: Result<Plan, String>,
    pub problems: Problems,
    /// How long that took.
    pub took: Duration,
}

impl Read {
    /// Reads the plan in a folder.
    pub fn of(folder: PathBuf) -> Self {
        let began = Instant::now();
        // Taken before the files are read: a change in between is then seen next time.
        let fingerprint = files::fingerprint(&folder);
        let loaded = plan::load(&folder);
        Self {
            folder,
            fingerprint,
            plan: loaded.plan.ok_or_else(|| in_short(&loaded.problems)),
            problems: loaded.problems,
            took: began.elapsed(),
        }
    }

    /// Why the plan is not valid, with the lines that are wrong.
    pub fn at_length(&self) -> Option<String> {
        let why = self.plan.as_ref().err()?;
        Some(match self.problems.has_errors() {
            true => self.problems.render_text(false).trim_end().to_owned(),
            false => why.clone(),
        })
    }
}

/// A single problem with its lines.
pub fn told(problem: Problem) -> String {
    let text = Problems::new(vec![problem]).render_text(false);
    text.trim_end().to_owned()
}

/// The errors of a broken plan, one a line.
fn in_short(problems: &Problems) -> String {
    let line = |problem: &Problem| format!("{problem}; {}", problem.remedy());
    let mut lines: Vec<String> = problems.errors().take(TOLD_ERRORS).map(line).collect();
    let more = problems.errors().count() - lines.len();
    if more > 0 {
        lines.push(format!("and {more} more; `bailiwick check` tells all"));
    }
    lines.join("\n")
}

/// Of several folders with plans of one tenant, all but the first are broken. `first` are
/// the tenants of folders that were not read this time.
pub fn refuse_repeated(mut reads: Vec<Read>, mut first: BTreeMap<Box<str>, PathBuf>) -> Vec<Read> {
    for read in &mut reads {
        let Ok(plan) = &read.plan else { continue };
        let tenant = plan.tenant.clone();
        if let Some(other) = first.get(&tenant) {
            read.plan = Err(format!(
                "{}: tenant `{tenant}` has its plan in {} already; give one of them another tenant",
                read.folder.display(),
                other.display()
            ));
        } else {
            first.insert(tenant, read.folder.clone());
        }
    }
    reads
}
