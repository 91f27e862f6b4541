//! Metrics: conventions, series that are there from the start, bounds on cardinality.

mod teams;

use std::collections::BTreeMap;

use bailiwick::assign::Effects;
use bailiwick::config::Settings;
use bailiwick::event::{
    Decision, Due, Outcome, OverlayOwner, Reason, RejectReason, Source, TimerKind, Timestamp,
};
use bailiwick::metrics::{Bounds, Metrics, PlanNames};

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
        "bailiwick_deadlines_met_total{timer=\"touch\"} 0",
        "bailiwick_kafka_producers{state=\"committing\"} 0",
        "bailiwick_territory_decisions_total{tenant=\"other\",territory=\"other\"} 0",
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
    effects.counts.deadlines_met = [4, 5];
    metrics.decisions.observe(&effects);
    let text = text(&metrics);
    for line in [
        "bailiwick_decisions_total{outcome=\"assigned\",reason=\"territory\"} 1",
        "bailiwick_idle_activity_total 3",
        "bailiwick_timers_fired_total{timer=\"touch\"} 2",
        "bailiwick_timers_fired_total{timer=\"accept\"} 0",
        "bailiwick_timer_lateness_seconds_sum 1.5",
        "bailiwick_deadlines_met_total{timer=\"accept\"} 4",
        "bailiwick_deadlines_met_total{timer=\"touch\"} 5",
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

/// The names of a plan with so many territories, overlays and teams.
fn names(number: usize) -> [Vec<String>; 3] {
    let named = |stem: &str| (0..number).map(|one| format!("{stem}{one}")).collect();
    [named("t"), named("o"), named("e")]
}

fn announce(metrics: &Metrics, tenant: &str, [territories, overlays, teams]: &[Vec<String>; 3]) {
    fn given(names: &[String]) -> Vec<&str> {
        names.iter().map(String::as_str).collect()
    }
    let names = PlanNames {
        territories: given(territories),
        overlays: given(overlays),
        teams: given(teams),
    };
    metrics.decisions.announce(tenant, &names);
}

#[test]
fn a_plans_names_are_there_before_their_first_decision() {
    let metrics = metrics(10);
    announce(&metrics, "acme", &names(2));
    let before = text(&metrics);
    for line in [
        "bailiwick_territory_decisions_total{tenant=\"acme\",territory=\"t1\"} 0",
        "bailiwick_territory_decisions_total{tenant=\"acme\",territory=\"none\"} 0",
        "bailiwick_overlay_decisions_total{tenant=\"acme\",territory=\"o0\"} 0",
        "bailiwick_team_assignments_total{team=\"e1\",tenant=\"acme\"} 0",
    ] {
        assert!(before.contains(line), "{line} in\n{before}");
    }
    let mut one = decision("t1", "e1");
    one.overlays = vec![OverlayOwner {
        territory: "o0".into(),
        team: Some("e0".into()),
        rep: None,
    }];
    metrics.decisions.decided(&[one]);
    // The next plan lacks t1, o1 and e1; what stays goes on counting.
    announce(&metrics, "acme", &names(1));
    let after = text(&metrics);
    assert!(
        after.contains("bailiwick_overlay_decisions_total{tenant=\"acme\",territory=\"o0\"} 1")
    );
    for gone in ["\"t1\"", "\"o1\"", "\"e1\""] {
        assert!(!after.contains(gone), "{gone} in\n{after}");
    }
    metrics.decisions.forget("acme");
    assert!(!text(&metrics).contains("acme"));
}

/// Whatever plans and leads there are, a family with an open label has as many series as its
/// bound allows and one for the rest.
#[test]
fn the_number_of_series_is_bounded() {
    let series = |metrics: &Metrics, family: &str| {
        let start = format!("{family}{{");
        text(metrics)
            .lines()
            .filter(|line| line.starts_with(&start))
            .count()
    };
    let metrics = metrics(20);
    let at_start = text(&metrics).lines().count();
    for round in 0..3 {
        for tenant in 0..40 {
            let tenant = format!("tenant{tenant}");
            announce(&metrics, &tenant, &names(30 + round));
            let mut one = decision(&format!("unheard-of-{round}"), "nobody");
            one.tenant = tenant.as_str().into();
            metrics.decisions.decided(&[one]);
        }
    }
    for family in [
        "bailiwick_territory_decisions_total",
        "bailiwick_overlay_decisions_total",
        "bailiwick_team_assignments_total",
    ] {
        assert_eq!(series(&metrics, family), 20 + 1, "{family}");
    }
    // Three families of 20 series more than the one each began with.
    assert_eq!(text(&metrics).lines().count(), at_start + 3 * 20);
    for tenant in 0..40 {
        metrics.decisions.forget(&format!("tenant{tenant}"));
    }
    assert_eq!(text(&metrics).lines().count(), at_start);
    announce(&metrics, "acme", &names(3));
    assert_eq!(
        series(&metrics, "bailiwick_territory_decisions_total"),
        // Three territories, none at all, and the rest.
        3 + 1 + 1
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
