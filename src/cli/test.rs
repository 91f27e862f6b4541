//! `bailiwick test`: a plan's own test cases, run through the whole engine.

pub mod case;
mod coverage;
mod report;
pub mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;

use crate::plan::case_problems;
use crate::route::Plans;

use super::Frame;
use super::failure::{Exit, Failure};
use super::output::{Data, Format, colors, say};
use super::plans;
use case::CaseFile;
use coverage::{Coverage, Reached};
use verdict::{Tested, Verdict};

/// Runs the cases in a plan's *.test.yaml files
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The plan: a folder with *.test.yaml files in it, or a file beside them
    plan: PathBuf,
    /// Only cases whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// How results are reported, instead of -o
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Form>,
}

/// How results are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
    /// JUnit XML, for CI systems
    Junit,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick test config/example
  bailiwick test config/example --only Suzhou
  bailiwick test config/example --format junit > plan-tests.xml";

/// One file's verdicts.
struct Suite {
    path: PathBuf,
    verdicts: Vec<Verdict>,
}

/// Everything that was run, and what of the plan it reached.
struct Report {
    suites: Vec<Suite>,
    coverage: Vec<Coverage>,
}

impl Report {
    fn cases(&self) -> usize {
        self.suites.iter().map(|suite| suite.verdicts.len()).sum()
    }

    fn failed(&self) -> usize {
        let verdicts = self.suites.iter().flat_map(|suite| &suite.verdicts);
        verdicts
            .filter(|verdict| !verdict.faults.is_empty())
            .count()
    }
}

pub fn run(args: Args, frame: &Frame) -> Result<(), Failure> {
    let plans = plans::compile(&args.plan)?.into_plans();
    let suites = suites(&args, &plans)?;
    let report = measure(suites, &plans);
    let form = args.format.unwrap_or(match frame.output {
        Format::Text => Form::Text,
        Format::Json => Form::Json,
    });
    let mut data = Data::open();
    match form {
        Form::Text => data.text(&report::text(&report))?,
        Form::Json => data.json_pretty(&report::json(&report))?,
        Form::Junit => data.text(&report::junit(&report))?,
    }
    data.finish()?;
    match (report.cases(), report.failed()) {
        (0, _) => Err(no_cases(&args)),
        (_, 0) => Ok(()),
        (cases, failed) => Err(Failure::new(
            Exit::Failed,
            format_args!("{failed} of {cases} cases failed"),
        )),
    }
}

/// A green run of nothing would be a lie.
fn no_cases(args: &Args) -> Failure {
    let place = args.plan.display();
    let what = match &args.only {
        Some(only) => format!("no case in {place} has `{only}` in its name"),
        None => format!("{place} has no cases; write some into a *.test.yaml file in it"),
    };
    Failure::new(Exit::Failed, what)
}

/// The plan's files of cases, in path order.
fn files(plan: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = if plan.is_dir() {
        plan
    } else {
        plan.parent().unwrap_or(plan)
    };
    let hidden = |entry: &walkdir::DirEntry| {
        entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
    };
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| !hidden(entry))
    {
        let entry = entry.map_err(Failure::bad_config)?;
        if entry.file_name().to_string_lossy().ends_with(".test.yaml") {
            found.push(entry.into_path());
        }
    }
    found.sort();
    Ok(found)
}

/// Every file's verdicts, or what is wrong with all files that cannot be read.
fn suites(args: &Args, plans: &Arc<Plans>) -> Result<Vec<Suite>, Failure> {
    let paths = files(&args.plan)?;
    let (read, broken): (Vec<_>, Vec<_>) = paths
        .into_iter()
        .map(|path| read(&path).map(|file| (path, file)))
        .partition(Result::is_ok);
    let faults: Vec<String> = broken.into_iter().filter_map(Result::err).collect();
    if !faults.is_empty() {
        say(faults.join("\n\n"));
        return Err(Failure::silent(Exit::BadConfig));
    }
    let read = read.into_iter().filter_map(Result::ok);
    read.map(|(path, file)| suite(path, &file, plans, args.only.as_deref()))
        .collect()
}

/// The cases of a file, or everything that is wrong with it as text.
fn read(path: &Path) -> Result<CaseFile, String> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|why| format!("{name}: {why}"))?;
    let problems = case_problems(&name, &text);
    if problems.has_errors() {
        let text = problems.render_text(colors(&std::io::stderr()));
        return Err(text.trim_end().to_owned());
    }
    // The two readers differ in what they take for YAML, so that one may say nothing.
    serde_saphyr::from_str(&text).map_err(|why| format!("{name}: {why}"))
}

fn suite(
    path: PathBuf,
    file: &CaseFile,
    plans: &Arc<Plans>,
    only: Option<&str>,
) -> Result<Suite, Failure> {
    let tested = Tested {
        plans: Arc::clone(plans),
        others: others(&path, file)?,
    };
    let wanted = file
        .cases
        .iter()
        .filter(|case| only.is_none_or(|part| case.name.contains(part)));
    let verdicts = wanted
        .map(|case| verdict::judge(&tested, file, case))
        .collect();
    Ok(Suite { path, verdicts })
}

/// The plans that cases bring into force, by their path from the file of cases.
fn others(path: &Path, file: &CaseFile) -> Result<BTreeMap<String, Arc<Plans>>, Failure> {
    let folder = path.parent().unwrap_or(path);
    let names: BTreeSet<&str> = file.plan_names().collect();
    let compiled = names.into_iter().map(|name| {
        let plans = plans::compile(&folder.join(name))?.into_plans();
        Ok((name.to_owned(), plans))
    });
    compiled.collect()
}

fn measure(suites: Vec<Suite>, plans: &Plans) -> Report {
    let mut reached = Reached::default();
    let verdicts = suites.iter().flat_map(|suite| &suite.verdicts);
    verdicts.for_each(|verdict| reached.add(&verdict.reached));
    Report {
        coverage: coverage::measure(plans, &reached),
        suites,
    }
}
