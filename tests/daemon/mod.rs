//! The daemon without its stream: settings in, plans watched, HTTP out, in one process.

use std::path::Path;

use bailiwick::config::{Settings, Sources};
use bailiwick::daemon::{Daemon, Start};
use bailiwick::logging::LevelHandle;
use serde_json::json;

use crate::support::http::{Answer, get, post};

const LEAD: &str = r#"{"id":"L-1","tenant":"acme","contact":{"name":"Zoe Quux","email":"zoe@quux-mail.example","phone":"+1 202 555 0173"},
"address":{"country":"CN","city":"上海市","district":"徐汇区","street":"肇嘉浜路","house_number":"88","lat":31.19123,"lon":121.43456},
"company":{"industry":"C36","employees":1200},"products":["cloud"]}"#;

fn example() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("config/example")
        .display()
        .to_string()
}

fn settings(more: &[&str]) -> Settings {
    let own = [
        format!("plans.path={}", example()),
        "http.listen=127.0.0.1:0".to_owned(),
    ];
    let sources = Sources {
        set: own
            .into_iter()
            .chain(more.iter().map(ToString::to_string))
            .collect(),
        ..Sources::default()
    };
    Settings::load(&sources).unwrap()
}

fn start(more: &[&str]) -> Daemon {
    let begin = Start {
        allow_broken_plans: false,
        level: LevelHandle::none(),
    };
    Daemon::start(&settings(more), begin).unwrap()
}

fn explain(daemon: &Daemon, lead: &str) -> Answer {
    post(daemon.address(), "/api/v1/explain", None, lead)
}

#[test]
fn the_example_plan_is_shown_and_explains_leads_without_a_token() {
    let daemon = start(&[]);
    let plan = get(daemon.address(), "/api/v1/plan?tenant=acme").json();
    let version = daemon
        .plans()
        .load()
        .get("acme")
        .unwrap()
        .plan
        .version
        .to_string();
    assert_eq!(plan["plans"][0]["version"], json!(version));
    let explained = explain(&daemon, LEAD).json();
    assert_eq!(explained["territory"], "east-manufacturing-large");
    assert_eq!(explained["plan"], json!(version));
    assert_eq!(explained["reason"], "territory");
    let reps = get(daemon.address(), "/api/v1/reps").json();
    let territories = get(daemon.address(), "/api/v1/territories").json();
    let snapshot = daemon.plans().load().get("acme").unwrap().clone();
    assert_eq!(
        reps["reps"].as_array().unwrap().len(),
        snapshot.plan.reps.len()
    );
    let found = territories["territories"].as_array().unwrap();
    assert_eq!(found.len(), snapshot.plan.territories.len());
    assert!(
        found
            .iter()
            .any(|one| one["territory"] == "east" && one["parent"] == "china")
    );
    assert_eq!(
        get(daemon.address(), "/api/v1/reps?tenant=nobody").status,
        404
    );
}

#[test]
fn personal_data_is_masked_unless_it_is_switched_on() {
    let personal = ["zoe@", "555", "肇嘉浜路", "\"88\"", "31.19123", "121.43456"];
    let masked = explain(&start(&[]), LEAD).body;
    for word in personal {
        assert!(!masked.contains(word), "{word} in {masked}");
    }
    assert!(masked.contains("\"raw\":\"***\""), "{masked}");
    let shown = explain(&start(&["http.personal_data=shown"]), LEAD).body;
    for word in personal {
        assert!(shown.contains(word), "{word} not in {shown}");
    }
}

#[test]
fn a_lead_that_is_none_is_refused_with_the_reason_of_its_dead_letter() {
    let daemon = start(&["http.body_bytes=4096"]);
    for (body, status, part) in [
        ("{", 400, "bad_json: the JSON ends too early"),
        ("{\"id\":7}", 400, "wrong_type: `id` must be a text"),
        (
            "{\"id\":\"L-1\"}",
            404,
            "unknown_tenant: no plan for tenant `default`",
        ),
    ] {
        let answer = explain(&daemon, body);
        assert_eq!(answer.status, status, "{body}");
        assert!(
            answer.json()["error"].as_str().unwrap().starts_with(part),
            "{}",
            answer.body
        );
    }
}

#[test]
fn every_lead_that_would_be_decided_can_be_explained_and_a_longer_one_is_refused_in_our_form() {
    let daemon = start(&["http.body_bytes=4096", "limits.record_bytes=100000"]);
    let lead = |length: usize| {
        let head = "{\"id\":\"L-1\",\"note\":\"";
        format!("{head}{}\"}}", "x".repeat(length - head.len() - 2))
    };
    let answer = explain(&daemon, &lead(100_000));
    assert_eq!(answer.status, 404, "{}", answer.body);
    for length in [100_001, 200_000] {
        let answer = explain(&daemon, &lead(length));
        assert_eq!(answer.status, 413);
        assert!(answer.json()["error"].is_string(), "{}", answer.body);
    }
}

#[test]
fn two_daemons_live_in_one_process_and_a_taken_address_is_named() {
    let (first, second) = (start(&[]), start(&[]));
    assert_ne!(first.address(), second.address());
    assert_eq!(get(first.address(), "/readyz?verbose").status, 503);
    let taken = format!("http.listen={}", first.address());
    let begin = Start {
        allow_broken_plans: false,
        level: LevelHandle::none(),
    };
    let why = Daemon::start(&settings(&[&taken]), begin)
        .err()
        .unwrap()
        .to_string();
    assert!(
        why.starts_with(&format!(
            "http.listen: cannot listen on {}",
            first.address()
        )),
        "{why}"
    );
}
