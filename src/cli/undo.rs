//! `bailiwick undo`: the activity that gives realigned leads back to whoever had them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::Failure;
use super::leads::{self, Lines};
use super::output::{Data, say};

/// Prints the activity that undoes a realignment, one record a line, from recorded decisions
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Decisions as NDJSON, in the order they were made; `-` is standard input
    #[arg(long, value_name = "FILE")]
    decisions: PathBuf,
    /// Only what this plan version moved
    #[arg(long, value_name = "VERSION")]
    plan: Option<String>,
}

const EXAMPLES: &str = "\
A lead that was decided again after it was realigned stays where it is, and so does one that
moved from pool to pool; both are counted.

Examples:
  kcat -C -e -b broker -t lead-assignments -X isolation.level=read_committed |
    bailiwick undo --decisions - --plan 3f9c2a7d90e1b254 > undo.ndjson
  kcat -P -b broker -t lead-activity undo.ndjson";

/// What undoing needs of a decision.
#[derive(Clone, Deserialize)]
struct Decided {
    decision: String,
    tenant: String,
    lead: String,
    outcome: String,
    reason: String,
    rep: Option<String>,
    previous_rep: Option<String>,
    pool: Option<String>,
    #[serde(default)]
    cause: Option<Value>,
}

/// A lead's last decision, and where it was before if that was a realignment.
struct Standing {
    last: Decided,
    /// Its place before the realignment; `None` if the last decision was none.
    before: Option<Place>,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    Rep(String),
    Pool(String),
    /// It was decided before the recording begins, or waited.
    Unknown,
}

impl Decided {
    /// Whether a plan, if given that very one, moved the lead.
    fn realigns(&self, plan: Option<&str>) -> bool {
        let version = self.cause.as_ref().and_then(|cause| cause["plan"].as_str());
        let taken = self.outcome == "unassigned" && self.previous_rep.is_some();
        let open = taken || matches!(&*self.outcome, "assigned" | "pooled");
        let asked = version.is_some() && plan.is_none_or(|plan| version == Some(plan));
        // A lead that a realignment puts into a pool, or that finds nobody, has the reason of
        // that; one that had been waiting was nobody's and has nothing to be given back to.
        asked && open && (self.reason == "realigned" || self.outcome != "assigned")
    }

    fn place(&self) -> Place {
        match (&self.rep, &self.pool) {
            (Some(rep), _) if self.outcome == "assigned" => Place::Rep(rep.clone()),
            (_, Some(pool)) if self.outcome == "pooled" => Place::Pool(pool.clone()),
            _ => Place::Unknown,
        }
    }
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let mut lines = Lines::new(leads::open(&args.decisions)?.0);
    let mut leads: BTreeMap<(String, String), Standing> = BTreeMap::new();
    while let Some(line) = lines.next()? {
        let decided: Decided = serde_json::from_slice(line.text).map_err(|why| {
            let number = line.number;
            Failure::usage(format_args!("line {number} is no decision: {why}"))
        })?;
        note(&mut leads, decided, args.plan.as_deref());
    }
    print(&leads)
}

fn note(leads: &mut BTreeMap<(String, String), Standing>, decided: Decided, plan: Option<&str>) {
    if decided.outcome == "claim_rejected" {
        return;
    }
    let key = (decided.tenant.clone(), decided.lead.clone());
    let before = decided.realigns(plan).then(|| {
        let told = decided.previous_rep.clone().map(Place::Rep);
        let known = leads.get(&key).map(|standing| standing.last.place());
        told.or(known).unwrap_or(Place::Unknown)
    });
    let last = decided;
    leads.insert(key, Standing { last, before });
}

fn print(leads: &BTreeMap<(String, String), Standing>) -> Result<(), Failure> {
    let mut data = Data::open();
    let (mut undone, mut left) = (0_u64, 0_u64);
    for standing in leads.values() {
        let Some(before) = &standing.before else {
            continue;
        };
        match back(&standing.last, before) {
            Some(activity) => {
                data.json(&activity)?;
                undone += 1;
            }
            None => left += 1,
        }
    }
    data.finish()?;
    say(format_args!(
        "{undone} leads are given back; {left} more cannot be, as they lay in no rep's hands before"
    ));
    Ok(())
}

/// The event that puts the lead back, if one can.
fn back(last: &Decided, before: &Place) -> Option<Value> {
    let id = format!("undo-{}", last.decision);
    match (before, &last.rep) {
        (Place::Rep(rep), now) if now.as_ref() != Some(rep) => Some(json!({
            "type": "lead.transferred", "id": id, "tenant": last.tenant, "lead": last.lead,
            "rep": rep, "by": "undo",
        })),
        (Place::Pool(pool), Some(_)) => Some(json!({
            "type": "lead.released", "id": id, "tenant": last.tenant, "lead": last.lead,
            "pool": pool, "reason": "undo",
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(lead: &str, seq: u32, rest: Value) -> Decided {
        let mut decision = json!({
            "decision": format!("acme/0/{seq}"), "tenant": "acme", "lead": lead,
            "outcome": "assigned", "reason": "territory", "rep": null, "previous_rep": null,
            "pool": null, "cause": null,
        });
        for (key, value) in rest.as_object().into_iter().flatten() {
            decision[key] = value.clone();
        }
        serde_json::from_value(decision).unwrap()
    }

    fn undo(decisions: Vec<Decided>, plan: Option<&str>) -> Vec<Option<Value>> {
        let mut leads = BTreeMap::new();
        for one in decisions {
            note(&mut leads, one, plan);
        }
        let standing = leads.values();
        standing
            .filter_map(|one| Some(back(&one.last, one.before.as_ref()?)))
            .collect()
    }

    fn moved(lead: &str, seq: u32, plan: &str) -> Decided {
        let fields = json!({
            "reason": "realigned", "rep": "bob", "previous_rep": "ann", "cause": {"plan": plan}
        });
        decided(lead, seq, fields)
    }

    #[test]
    fn a_realigned_lead_goes_back_to_whoever_had_it_unless_something_came_after() {
        let given_back = json!({
            "type": "lead.transferred", "id": "undo-acme/0/2", "tenant": "acme", "lead": "L-1",
            "rep": "ann", "by": "undo",
        });
        let first = decided("L-1", 1, json!({"rep": "ann"}));
        let both = vec![first.clone(), moved("L-1", 2, "new")];
        assert_eq!(undo(both.clone(), Some("new")), [Some(given_back)]);
        assert!(undo(both.clone(), Some("other")).is_empty());
        let mut later = both;
        later.push(decided(
            "L-1",
            3,
            json!({"outcome": "closed", "reason": "won", "rep": "bob"}),
        ));
        assert!(undo(later, Some("new")).is_empty());
    }

    #[test]
    fn a_lead_that_found_nobody_goes_back_to_whoever_it_was_taken_from() {
        let fields = json!({
            "outcome": "unassigned", "reason": "nobody_available", "previous_rep": "ann",
            "cause": {"plan": "new"},
        });
        let decisions = vec![
            decided("L-1", 1, json!({"rep": "ann"})),
            decided("L-1", 2, fields),
        ];
        let given_back = json!({
            "type": "lead.transferred", "id": "undo-acme/0/2", "tenant": "acme", "lead": "L-1",
            "rep": "ann", "by": "undo",
        });
        assert_eq!(undo(decisions, None), [Some(given_back)]);
        let waited = json!({
            "outcome": "unassigned", "reason": "nobody_available", "cause": {"plan": "new"},
        });
        assert!(undo(vec![decided("L-2", 3, waited)], None).is_empty());
    }

    #[test]
    fn a_lead_taken_out_of_a_pool_is_released_into_it_again() {
        let fields = json!({"outcome": "pooled", "reason": "fallback", "pool": "public"});
        let moved = json!({"reason": "realigned", "rep": "bob", "cause": {"plan": "new"}});
        let decisions = vec![decided("L-1", 1, fields), decided("L-1", 2, moved)];
        let released = json!({
            "type": "lead.released", "id": "undo-acme/0/2", "tenant": "acme", "lead": "L-1",
            "pool": "public", "reason": "undo",
        });
        assert_eq!(undo(decisions, None), [Some(released)]);
    }
}
