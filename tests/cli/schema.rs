//! Schemas say what the code does: closed lists, keys of decisions, keys of plans.

use std::collections::BTreeSet;

use bailiwick::event::{Decision, Due, Handover, Outcome, Reason, Source, TimerKind, Timestamp};
use bailiwick::plan;
use bailiwick::stream::wire;
use serde_json::Value;

use super::{bailiwick, run};

fn schema(kind: &str) -> Value {
    serde_json::from_slice(&run(bailiwick(&["schema", kind]), "").stdout).unwrap()
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap())
        .collect()
}

#[test]
fn closed_lists_are_those_of_the_code() {
    let decision = schema("decision");
    let properties = &decision["properties"];
    let all: Vec<&str> = Outcome::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(words(&properties["outcome"]["enum"]), all);
    let all: Vec<&str> = Reason::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(words(&properties["reason"]["enum"]), all);
    let all: Vec<&str> = TimerKind::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(
        words(&properties["cause"]["oneOf"][2]["properties"]["timer"]["enum"]),
        all
    );
}

#[test]
fn every_key_of_a_decision_is_in_its_schema_and_every_required_key_in_a_decision() {
    let mut bytes = Vec::new();
    wire::encode_decision(&full_decision(), "0", &mut bytes);
    let written: Value = serde_json::from_slice(&bytes).unwrap();
    let schema = schema("decision");
    must_agree(&written, &schema, "decision");
    for part in ["due", "source", "handover"] {
        must_agree(&written[part], &schema["properties"][part], part);
    }
}

/// The names of what a part of a schema has.
fn keys(part: &Value) -> BTreeSet<String> {
    part["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

/// What a dead letter is compared by has the two keys more that decisions lack.
#[test]
fn a_case_may_expect_every_key_of_a_decision_and_no_other() {
    let (decision, cases) = (schema("decision"), schema("cases"));
    let mut known = keys(&decision);
    known.extend(["reject", "message"].map(str::to_owned));
    assert_eq!(keys(&cases["$defs"]["expected"]), known);
    let parts = &decision["properties"];
    for (name, part) in [
        ("due", &parts["due"]),
        ("source", &parts["source"]),
        ("handover", &parts["handover"]),
        ("overlay", &parts["overlays"]["items"]),
    ] {
        assert_eq!(keys(&cases["$defs"][name]), keys(part), "{name}");
    }
    let causes = parts["cause"]["oneOf"].as_array().unwrap();
    let causes = causes.iter().filter(|one| one.get("properties").is_some());
    let causes: BTreeSet<String> = causes.flat_map(keys).collect();
    assert_eq!(keys(&cases["$defs"]["cause"]), causes);
}

fn must_agree(written: &Value, schema: &Value, what: &str) {
    let written: BTreeSet<&str> = written
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let known = schema["properties"].as_object().unwrap();
    let known: BTreeSet<&str> = known.keys().map(String::as_str).collect();
    assert_eq!(written, known, "{what}");
    assert!(
        words(&schema["required"])
            .iter()
            .all(|key| known.contains(key)),
        "{what}"
    );
}

fn full_decision() -> Decision {
    Decision {
        tenant: "acme".into(),
        lead: "L-1".into(),
        revision: 1,
        seq: 1,
        outcome: Outcome::ClaimRejected,
        reason: Reason::AlreadyOwned,
        territory: None,
        path: Vec::new(),
        team: None,
        rep: None,
        previous_rep: None,
        pool: None,
        duplicate_of: None,
        overlays: Vec::new(),
        due: Due::default(),
        attempt: 1,
        cause: None,
        plan: "0".into(),
        source: Source {
            topic: "leads".into(),
            partition: 0,
            offset: 0,
        },
        lead_at: Timestamp(0),
        decided_at: Timestamp(0),
        claimant: Some("li".into()),
        since: Some("acme/0/1".into()),
        handover: Some(Handover::default()),
    }
}

/// What the plan's reader says of a key it does not know shows whether the schema's are known.
#[test]
fn every_key_of_the_plan_schema_is_one_the_reader_knows() {
    let schema = schema("plan");
    let mut unknown = Vec::new();
    let mut check = |what: &str, keys: BTreeSet<String>, wrap: &dyn Fn(&str) -> String| {
        for key in keys {
            let problems = plan::load_str(&wrap(&key)).problems;
            let refused =
                |one: &plan::Problem| one.message.contains(&format!("has no key `{key}`"));
            if problems.iter().any(refused) {
                unknown.push(format!("{what}: {key}"));
            }
        }
    };
    check("plan", keys(&schema), &|key| format!("{key}: []\n"));
    for (list, part) in [
        ("teams", "team"),
        ("pools", "pool"),
        ("territories", "territory"),
        ("reps", "rep"),
        ("accounts", "account"),
    ] {
        check(part, keys(&schema["$defs"][part]), &|key| {
            format!("{list}:\n  - {{{key}: []}}\n")
        });
    }
    check("policy", keys(&schema["$defs"]["policy"]), &|key| {
        format!("policy: {{{key}: []}}\n")
    });
    check("calendar", keys(&schema["$defs"]["calendar"]), &|key| {
        format!("calendars: {{c: {{{key}: []}}}}\n")
    });
    check("condition", keys(&schema["$defs"]["condition"]), &|key| {
        format!("territories:\n  - {{id: a, where: {{{key}: []}}}}\n")
    });
    assert_eq!(unknown, Vec::<String>::new());
    let none = plan::load_str("nonsense: []\n").problems;
    assert!(
        none.iter()
            .any(|one| one.message.contains("has no key `nonsense`"))
    );
}
