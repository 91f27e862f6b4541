//! Metrics: conventions, series that are there from the start, bounds on cardinality.

use std::collections::BTreeMap;

use bailiwick::assign::Effects;
use bailiwick::config::Settings;
use bailiwick::event::{
    Decision, Due, Outcome, Reason, RejectReason, Source, TimerKind, Timestamp,
};
use bailiwick::metrics::{Bounds, Metrics};

fn metrics(limit: usize) -> Metrics {
    Metrics::new(Bounds {
        territories: limit,
        teams: limit,
    })
}

fn text(metrics: &Metrics) -> String {
    String::from_utf8(metrics.render()).unwrap()
}

pub fn decision(territory: &str, team: &str) -> Decision {
    Decision {
        tenant: "acme".into(),
        lead: "L-1".into(),
        revision: 0,
        seq: 1,
        outcome: Outcome::Assigned,
        reason: Reason::Territory,
        territory: Some(territory.into()),
        path: vec![territory.into()],
        team: Some(team.into()),
        rep: Some("wang".into()),
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
        lead_at: Timestamp(1_000),
        decided_at: Timestamp(1_250),
        claimant: None,
        since: None,
        handover: None,
    }
}

#[test]
fn names_and_help_texts_follow_the_conventions() {
    let text = text(&metrics(10));
    let mut types = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            types.insert(name.to_owned(), kind.to_owned());
        }
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(help.ends_with('.'), "{name}: {help}");
        }
    }
    for (name, kind) in &types {
        assert_eq!(
            name.ends_with("_total"),
            kind == "counter",
            "{name} is a {kind}"
        );
        assert!(
            name.starts_with("bailiwick_") || name.starts_with("process_"),
            "{name}"
        );
        for unit in ["_ms", "_millis", "_milliseconds", "_kib", "_percent"] {
            assert!(!name.contains(unit), "{name}: base units only");
        }
    }
}

#[test]
fn every_series_of_a_closed_label_is_there_from_the_start() {
    let text = text(&metrics(10));
    for outcome in Outcome::ALL {
        for reason in Reason::ALL {
            let line = format!(
                "bailiwick_decisions_total{{outcome=\"{}\",reason=\"{}\"}} 0",
                outcome.as_str(),
                reason.as_str()
            );
            assert!(text.contains(&line), "{line}");
        }
    }
    for reason in RejectReason::ALL {
        let line = format!(
            "bailiwick_deadletters_total{{reason=\"{}\"}} 0",
            reason.as_str()
        );
        assert!(text.contains(&line), "{line}");
    }
    for line in [
        "bailiwick_transactions_total{end=\"unknown\"} 0",
        "bailiwick_plan_reloads_total{result=\"refused\"} 0",
        "bailiwick_plan_reload_failures_total 0",
        "bailiwick_timers_fired_total{timer=\"max_age\"} 0",
        "bailiwick_batch_seconds_count{stage=\"commit\"} 0",
        "bailiwick_records_total{topic=\"activity\"} 0",
    ] {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
fn decisions_are_counted_by_reason_territory_and_team() {
    let metrics = metrics(10);
    metrics.decisions.decided(&[
        decision("east", "e"),
        decision("east", "e"),
        decision("west", "w"),
    ]);
    metrics.decisions.rejected(RejectReason::NullKey);
    let text = text(&metrics);
    for line in [
        "bailiwick_decisions_total{outcome=\"assigned\",reason=\"territory\"} 3",
        "bailiwick_decisions_total{outcome=\"withdrawn\",reason=\"withdrawn\"} 0",
        "bailiwick_territory_decisions_total{tenant=\"acme\",territory=\"east\"} 2",
        "bailiwick_team_assignments_total{team=\"w\",tenant=\"acme\"} 1",
        "bailiwick_deadletters_total{reason=\"null_key\"} 1",
        "bailiwick_deadletters_total{reason=\"bad_json\"} 0",
        "bailiwick_decision_delay_seconds_sum 0.75",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn the_effects_of_a_batch_are_counted() {
    let metrics = metrics(1);
    let mut effects = Effects {
        decisions: vec![decision("east", "e")],
        ..Effects::default()
    };
    effects.counts.idle = 3;
    effects.counts.timers[TimerKind::Touch as usize] = 2;
    effects.counts.latest_ms = 1_500;
    metrics.decisions.observe(&effects);
    let text = text(&metrics);
    for line in [
        "bailiwick_decisions_total{outcome=\"assigned\",reason=\"territory\"} 1",
        "bailiwick_idle_activity_total 3",
        "bailiwick_timers_fired_total{timer=\"touch\"} 2",
        "bailiwick_timers_fired_total{timer=\"accept\"} 0",
        "bailiwick_timer_lateness_seconds_sum 1.5",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn territories_beyond_the_bound_count_as_other() {
    let metrics = metrics(2);
    for number in 0..50 {
        metrics
            .decisions
            .decided(&[decision(&format!("t{number}"), "e")]);
    }
    let text = text(&metrics);
    let series = text
        .lines()
        .filter(|line| line.starts_with("bailiwick_territory_decisions_total{"));
    assert_eq!(series.count(), 3);
    assert!(
        text.contains("{tenant=\"other\",territory=\"other\"} 48"),
        "{text}"
    );
}

#[test]
fn a_lane_takes_its_series_with_it() {
    let metrics = metrics(1);
    let lane = metrics.lanes.lane(7);
    lane.ready.set(1);
    assert!(text(&metrics).contains("bailiwick_lane_ready{partition=\"7\"} 1"));
    drop(lane);
    assert!(!text(&metrics).contains("partition=\"7\""));
}

#[test]
fn a_plan_shows_one_version_at_a_time() {
    let metrics = metrics(1);
    metrics.plans.in_force("acme", None, "aaaa", 3, 5);
    metrics.plans.in_force("acme", Some("aaaa"), "bbbb", 4, 5);
    let text = text(&metrics);
    assert!(text.contains("bailiwick_plan_info{tenant=\"acme\",version=\"bbbb\"} 1"));
    assert!(!text.contains("aaaa"));
    assert!(text.contains("bailiwick_plan_territories{tenant=\"acme\"} 4"));
}

#[test]
fn settings_bound_the_series_by_default() {
    let settings = Settings::load(&Default::default()).unwrap();
    assert_eq!(
        (settings.metrics.territories, settings.metrics.teams),
        (2_000, 500)
    );
}
