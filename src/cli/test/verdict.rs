//! Runs one case through the engine and says what came out otherwise than expected.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::cli::replay::{Event, Output, Reading, Replay};
use crate::cli::simulate::role;
use crate::route::Plans;

use super::case::{Case, CaseFile, What, differs};
use super::coverage::Reached;

/// How one case ended.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub name: String,
    /// What is wrong, one sentence each; none if the case passed.
    pub faults: Vec<String>,
    /// What decisions of the case named.
    pub reached: Reached,
    pub milliseconds: f64,
}

/// The plan under test, and the plans that cases bring into force by name.
#[derive(Clone, Debug)]
pub struct Tested {
    pub plans: Arc<Plans>,
    pub others: BTreeMap<String, Arc<Plans>>,
}

/// Runs a case against a plan.
pub fn judge(tested: &Tested, file: &CaseFile, case: &Case) -> Verdict {
    let began = std::time::Instant::now();
    let mut reached = Reached::default();
    let found = outputs(tested, file, case);
    let faults = found.and_then(|out| faults(case, &out, &mut reached));
    let faults = faults.unwrap_or_else(|fault| vec![fault]);
    Verdict {
        name: case.name.clone(),
        faults,
        reached,
        milliseconds: began.elapsed().as_secs_f64() * 1_000.0,
    }
}

/// What came out otherwise than expected, and then also what was said of events.
fn faults(case: &Case, out: &[Output], reached: &mut Reached) -> Result<Vec<String>, String> {
    let found: Vec<Value> = out
        .iter()
        .filter_map(shown)
        .collect::<Result<_, String>>()?;
    found.iter().for_each(|one| reached.note(one));
    let mut faults = compare(case, &found);
    if !faults.is_empty() {
        faults.extend(out.iter().filter_map(said));
    }
    Ok(faults)
}

fn said(output: &Output) -> Option<String> {
    match output {
        Output::Notice { number, message } => Some(format!("event {number}: {message}")),
        _ => None,
    }
}

/// Everything the engine puts out for a case.
fn outputs(tested: &Tested, file: &CaseFile, case: &Case) -> Result<Vec<Output>, String> {
    let start = case.start(file)?;
    let end = case.end(start)?;
    let mut engine = Replay::new(Arc::clone(&tested.plans), Reading::default(), start);
    let mut out = Vec::new();
    for (number, happening) in (1..).zip(case.happenings(start)?) {
        let at = happening.at;
        match happening.what {
            What::Record { kind, value } => {
                let role = role(kind.as_deref());
                let value = &value;
                let event = Event {
                    number,
                    at,
                    role,
                    value,
                };
                engine.apply(event, &mut out);
            }
            What::Plan(name) => {
                let plans = tested.others.get(&name);
                let plans = plans.ok_or_else(|| format!("there is no plan `{name}`"))?;
                engine.take_plans(at, plans, &mut out);
            }
        }
    }
    if let Some(end) = end {
        engine.fire_until(end, &mut out);
    }
    Ok(out)
}

/// What a case may expect: decisions as they are, dead letters as `reject`.
fn shown(output: &Output) -> Option<Result<Value, String>> {
    Some(match output {
        Output::Decision(json) => serde_json::from_slice(json)
            .map_err(|why| format!("the engine wrote a decision that is no JSON: {why}")),
        Output::DeadLetter {
            reason, message, ..
        } => Ok(json!({"reject": reason, "message": message})),
        Output::Announcement { .. } | Output::Notice { .. } => return None,
    })
}

fn compare(case: &Case, found: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, wanted) in case.expect.iter().enumerate() {
        let Some(one) = found.get(number) else {
            let wanted = Value::Object(wanted.clone());
            faults.push(format!(
                "decision {}: none came, expected {wanted}",
                number + 1
            ));
            continue;
        };
        if let Some(difference) = differs(&Value::Object(wanted.clone()), one, "") {
            faults.push(format!("decision {}: {difference}", number + 1));
        }
    }
    let unexpected = found.iter().enumerate().skip(case.expect.len());
    faults.extend(
        unexpected.map(|(at, one)| format!("decision {}: not expected: {}", at + 1, brief(one))),
    );
    faults.extend(
        case.same
            .iter()
            .filter_map(|(field, leads)| unlike(field, leads, found)),
    );
    faults
}

/// What a reader needs of a decision that should not be there.
fn brief(decision: &Value) -> Value {
    let shown = [
        "lead",
        "outcome",
        "reason",
        "territory",
        "team",
        "rep",
        "pool",
        "cause",
        "reject",
    ];
    let mut brief = Map::new();
    for key in shown {
        if let Some(value) = decision.get(key).filter(|value| !value.is_null()) {
            brief.insert(key.to_owned(), value.clone());
        }
    }
    Value::Object(brief)
}

/// Says which leads' last decisions do not agree in a field.
fn unlike(field: &str, leads: &Value, found: &[Value]) -> Option<String> {
    let last = |lead: &Value| {
        let mine = found
            .iter()
            .rev()
            .find(|decision| &decision["lead"] == lead);
        mine.map_or(Value::Null, |decision| decision[field].clone())
    };
    let values: Vec<Value> = leads.as_array()?.iter().map(last).collect();
    let same = values.windows(2).all(|pair| pair[0] == pair[1]) && !values.contains(&Value::Null);
    (!same).then(|| {
        format!(
            "{field} of {leads} is not the same: {}",
            Value::Array(values)
        )
    })
}
