//! What the demo shows at one moment, as plain values that a screen or a line is made of.

use std::time::{Duration, Instant};

use crate::event::Timestamp;

use super::broker::Produced;
use super::tally::{self, Tally};

/// Teams and reasons listed at most; the rest would not fit a screen.
const LISTED: usize = 18;

/// One moment of the demo.
#[derive(Clone, Debug)]
pub struct Picture {
    pub age: Duration,
    pub produced: Produced,
    /// Leads to be produced in all, if there is an end.
    pub goal: Option<u64>,
    pub decided: u64,
    pub later: u64,
    pub dead: u64,
    /// Leads produced and not yet answered.
    pub in_flight: u64,
    /// First decisions in each of the last seconds, oldest first.
    pub rates: Vec<u64>,
    /// Median and 99th percentile over the last seconds, in milliseconds.
    pub delays: (u64, u64),
    /// Leads assigned by team, most first.
    pub teams: Vec<(String, u64)>,
    /// First decisions by outcome and reason, most first.
    pub reasons: Vec<(String, u64)>,
    /// The last decisions, latest first.
    pub last: Vec<LastDecision>,
    /// What happened to plans, latest last.
    pub plans: Vec<String>,
    /// Version in force.
    pub version: String,
    /// Where the metrics are.
    pub metrics: String,
    /// The folder to edit.
    pub plan_path: String,
}

/// One decision as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDecision {
    pub clock: String,
    pub lead: String,
    pub outcome: String,
    pub reason: String,
    /// Territories from the root down, and then who has it.
    pub owner: String,
    pub path: String,
    pub delay_ms: u64,
}

/// What does not come from the tally.
#[derive(Clone, Debug)]
pub struct Surroundings {
    pub produced: Produced,
    pub goal: Option<u64>,
    /// Records known as redeliveries, which cause no decision.
    pub redelivered: u64,
    pub plans: Vec<String>,
    pub version: String,
    pub metrics: String,
    pub plan_path: String,
}

impl Picture {
    /// The picture at `now`.
    pub fn take(tally: &Tally, around: Surroundings, now: Instant) -> Self {
        let decided = tally.first_total();
        let dead = tally.dead_total();
        let sent = around.produced.leads + around.produced.redeliveries;
        Self {
            age: tally.age(now),
            produced: around.produced,
            goal: around.goal,
            decided,
            later: tally.later_total(),
            dead,
            in_flight: sent.saturating_sub(decided + around.redelivered + dead),
            rates: tally.rates(now),
            delays: tally.recent_delays(now),
            teams: most(tally.teams.iter().map(|(team, &n)| (team.clone(), n))),
            reasons: most(
                tally
                    .first
                    .iter()
                    .map(|((outcome, reason), &n)| (named(outcome, reason), n)),
            ),
            last: tally
                .last
                .iter()
                .map(|(seen, ms)| shown(seen, *ms))
                .collect(),
            plans: around.plans,
            version: around.version,
            metrics: around.metrics,
            plan_path: around.plan_path,
        }
    }

    /// First decisions in the last whole second.
    pub fn rate(&self) -> u64 {
        self.rates.last().copied().unwrap_or(0)
    }
}

/// `assigned` alone says less than `assigned: overflow`, `duplicate: duplicate` no more.
fn named(outcome: &str, reason: &str) -> String {
    if outcome == reason {
        outcome.to_owned()
    } else {
        format!("{outcome}: {reason}")
    }
}

fn most(counts: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut sorted: Vec<(String, u64)> = counts.collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sorted.truncate(LISTED);
    sorted
}

fn shown(seen: &tally::Seen, delay_ms: u64) -> LastDecision {
    let owner = match (&seen.team, &seen.rep, &seen.pool) {
        (Some(team), Some(rep), _) => format!("{rep} ({team})"),
        (_, Some(rep), _) => rep.clone(),
        (_, _, Some(pool)) => format!("pool {pool}"),
        _ => "nobody yet".to_owned(),
    };
    LastDecision {
        clock: clock(&seen.decided_at),
        lead: seen.lead.clone(),
        outcome: seen.outcome.clone(),
        reason: seen.reason.clone(),
        owner,
        path: seen.path.join(" › "),
        delay_ms,
    }
}

/// `08:15:30.214` of `2026-11-23T08:15:30.214Z`.
fn clock(moment: &str) -> String {
    let time = moment.split('T').nth(1).unwrap_or(moment);
    let time = time.trim_end_matches('Z');
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
    // Zeros at its end are not written in a decision, and a column of times wants them.
    format!("{seconds}.{fraction:0<3.3}")
}

/// `08:15:30` of a moment, in UTC.
pub fn time_of_day(at: Timestamp) -> String {
    clock(&at.to_string()).chars().take(8).collect()
}
