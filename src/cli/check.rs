//! `check PLAN`: every problem of a plan at once, for people, editors and pipelines.

mod codes;
mod github;
mod live;
mod sarif;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::plan::{self, Loaded, Location, Plan, Problem, Problems, Severity};
use crate::route;

use super::Frame;
use super::failure::{Exit, Failure};
use super::output::{self, Data, colors};

/// Check a plan, or every plan in a folder, and report all problems at once
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 valid; 1 warnings under --deny-warnings; 75 brokers away; 78 errors.

Examples:
  bailiwick check config/plans/acme
  bailiwick check plans --deny-warnings
  bailiwick check plans -o json | jq '.problems[] | select(.severity == \"error\")'
  bailiwick check plans --format sarif > plans.sarif
  bailiwick check --live --set kafka.brokers=kafka:9092
  bailiwick check --codes")]
pub struct Args {
    /// A plan: a folder, or one YAML file; or a folder with one plan folder a tenant
    #[arg(required_unless_present_any = ["codes", "live"])]
    plan: Option<PathBuf>,
    /// List every problem's code, what it stands for and what to do, and check nothing
    #[arg(long, conflicts_with_all = ["plan", "live"])]
    codes: bool,
    /// Look at the brokers of the settings as well: topics, their settings, rights, lag. Rights
    /// to write are proven in transactions that are aborted
    #[arg(long, conflicts_with = "format")]
    live: bool,
    /// Warnings fail the check with exit code 1
    #[arg(long)]
    deny_warnings: bool,
    /// How problems are reported, instead of -o
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Report>,
}

/// How problems are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Report {
    Text,
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands that annotate a pull request
    Github,
}

/// One plan as it was read.
struct Checked {
    path: PathBuf,
    plan: Option<Plan>,
    problems: Problems,
}

pub fn run(args: Args, frame: &Frame) -> Result<(), Failure> {
    if args.codes {
        return codes::list(frame.output);
    }
    let checked = args.plan.as_deref().map_or_else(Vec::new, check);
    let survey = args.live.then(|| live::look(frame)).transpose()?;
    let format = args.format.unwrap_or(match frame.output {
        output::Format::Text => Report::Text,
        output::Format::Json => Report::Json,
    });
    let mut data = Data::open();
    match format {
        Report::Text => {
            data.text(&text(&checked, colors(&std::io::stdout())))?;
            data.text(&survey.as_ref().map_or_else(String::new, live::text))?;
        }
        Report::Json => {
            let mut object = object(&checked);
            if let Some(survey) = &survey {
                object["live"] = live::object(survey);
            }
            data.json_pretty(&object)?;
        }
        Report::Sarif => data.json_pretty(&sarif::log(all(&checked)))?,
        Report::Github => data.text(&github::commands(all(&checked)))?,
    }
    data.finish()?;
    let live = survey.map_or(Exit::Ok, |survey| live::exit(&survey, args.deny_warnings));
    match (exit(&checked, args.deny_warnings), live) {
        (Exit::Ok, Exit::Ok) => Ok(()),
        // A fault of the plan stays one when the brokers come back.
        (Exit::BadConfig, _) => Err(Failure::silent(Exit::BadConfig)),
        (plan, Exit::Ok) => Err(Failure::silent(plan)),
        (_, live) => Err(Failure::silent(live)),
    }
}

fn exit(checked: &[Checked], deny_warnings: bool) -> Exit {
    match totals(checked) {
        (0, 0) => Exit::Ok,
        (0, _) if !deny_warnings => Exit::Ok,
        (0, _) => Exit::Failed,
        _ => Exit::BadConfig,
    }
}

fn check(path: &Path) -> Vec<Checked> {
    match plan::discover(path) {
        Ok(folders) => folders.into_iter().map(check_one).collect(),
        Err(problem) => vec![Checked {
            path: path.to_owned(),
            plan: None,
            problems: Problems::new(vec![problem]),
        }],
    }
}

fn check_one(path: PathBuf) -> Checked {
    let Loaded {
        plan,
        mut problems,
        places,
    } = plan::load(&path);
    if let Some(plan) = &plan {
        problems.extend(route::survey(plan, &places));
    }
    Checked {
        path,
        plan,
        problems,
    }
}

fn all(checked: &[Checked]) -> impl Iterator<Item = &Problem> {
    checked.iter().flat_map(|one| one.problems.iter())
}

fn totals(checked: &[Checked]) -> (usize, usize) {
    let errors = checked
        .iter()
        .map(|one| one.problems.errors().count())
        .sum();
    let warnings = checked
        .iter()
        .map(|one| one.problems.warnings().count())
        .sum();
    (errors, warnings)
}

fn text(checked: &[Checked], color: bool) -> String {
    let mut text = String::new();
    for one in checked {
        let problems = one.problems.render_text(color);
        if !problems.is_empty() {
            text.push_str(problems.trim_end());
            text.push_str("\n\n");
        }
    }
    for one in checked {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", summary(one));
    }
    text
}

/// Such as `plan acme 3f9c2a7d90e1b254: 812 territories, 40 teams, 212 reps, 0 errors, 2 warnings`.
fn summary(one: &Checked) -> String {
    let errors = count(one.problems.errors().count(), "error", "errors");
    let warnings = count(one.problems.warnings().count(), "warning", "warnings");
    let Some(plan) = &one.plan else {
        return format!("plan at {}: {errors}, {warnings}", one.path.display());
    };
    let territories = count(plan.territories.len(), "territory", "territories");
    let teams = count(plan.teams.len(), "team", "teams");
    let reps = count(plan.reps.len(), "rep", "reps");
    let (tenant, version) = (&plan.tenant, &plan.version);
    format!("plan {tenant} {version}: {territories}, {teams}, {reps}, {errors}, {warnings}")
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn object(checked: &[Checked]) -> Value {
    let (errors, warnings) = totals(checked);
    json!({
        "plans": checked.iter().map(plan_object).collect::<Vec<_>>(),
        "problems": all(checked).map(problem_object).collect::<Vec<_>>(),
        "errors": errors,
        "warnings": warnings,
    })
}

fn plan_object(one: &Checked) -> Value {
    let plan = one.plan.as_ref();
    json!({
        "path": one.path.display().to_string(),
        "tenant": plan.map(|plan| &plan.tenant),
        "version": plan.map(|plan| &plan.version),
        "territories": plan.map(|plan| plan.territories.len()),
        "teams": plan.map(|plan| plan.teams.len()),
        "reps": plan.map(|plan| plan.reps.len()),
        "errors": one.problems.errors().count(),
        "warnings": one.problems.warnings().count(),
    })
}

fn problem_object(problem: &Problem) -> Value {
    let related = problem.related.iter().map(|(place, note)| {
        let mut related = place_object(place);
        related["message"] = json!(note);
        related
    });
    let mut object = place_object(&problem.location);
    object["severity"] = json!(word(problem));
    object["code"] = json!(problem.code.text());
    object["message"] = json!(problem.message);
    object["help"] = json!(problem.remedy());
    object["related"] = related.collect();
    object
}

fn place_object(place: &Location) -> Value {
    json!({
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "length": place.length,
    })
}

fn word(problem: &Problem) -> &'static str {
    match problem.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
