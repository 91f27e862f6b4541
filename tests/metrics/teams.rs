//! Gauges of teams and waiting leads: they come, go, and stay within the bound.

use std::collections::BTreeSet;

use bailiwick::event::Reason;
use bailiwick::metrics::TeamFigures;

use super::{metrics, text};

fn team(name: &str, open: u64) -> TeamFigures {
    TeamFigures {
        tenant: "acme".into(),
        team: name.into(),
        open,
        capacity: (open > 5).then_some(40),
        share: (open > 5).then_some((0.5, 1.0)),
    }
}

#[test]
fn a_team_is_shown_while_its_lane_is_here_and_the_bound_allows() {
    let metrics = metrics(2);
    let (mut one, mut other) = (BTreeSet::new(), BTreeSet::new());
    metrics
        .teams
        .show(&mut one, &[team("east", 7), team("west", 3)]);
    metrics.teams.show(&mut other, &[team("south", 9)]);
    let shown = text(&metrics);
    for line in [
        "bailiwick_team_open_leads{team=\"east\",tenant=\"acme\"} 7",
        "bailiwick_team_open_leads{team=\"west\",tenant=\"acme\"} 3",
        "bailiwick_team_capacity_leads{team=\"east\",tenant=\"acme\"} 40",
        "bailiwick_team_share_distance_leads{team=\"east\",tenant=\"acme\"} 0.5",
        "bailiwick_team_share_bound_leads{team=\"east\",tenant=\"acme\"} 1",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    assert!(!shown.contains("bailiwick_team_capacity_leads{team=\"west\""));
    assert!(!shown.contains("south"), "two teams are the bound");
    // A lane that goes makes room for the others'.
    metrics.teams.show(&mut one, &[]);
    metrics.teams.show(&mut other, &[team("south", 9)]);
    let shown = text(&metrics);
    assert!(
        !shown.contains("east") && !shown.contains("west"),
        "{shown}"
    );
    assert!(shown.contains("bailiwick_team_open_leads{team=\"south\",tenant=\"acme\"} 9"));
}

#[test]
fn waiting_leads_are_shown_by_reason_and_go_with_their_lane() {
    let metrics = metrics(2);
    let lane = metrics.lanes.lane(3);
    lane.waiting(|reason| match reason {
        Reason::AllAtCapacity => (12, 90.5),
        _ => (0, 0.0),
    });
    let shown = text(&metrics);
    for line in [
        "bailiwick_waiting_leads{partition=\"3\",reason=\"all_at_capacity\"} 12",
        "bailiwick_waiting_oldest_seconds{partition=\"3\",reason=\"all_at_capacity\"} 90.5",
        "bailiwick_waiting_leads{partition=\"3\",reason=\"no_team\"} 0",
    ] {
        assert!(shown.contains(line), "{line}");
    }
    drop(lane);
    assert!(!text(&metrics).contains("bailiwick_waiting_leads{"));
}
