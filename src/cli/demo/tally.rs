//! What the demo saw on the output topics, counted: the other side of what it produced.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Deserialize;

use crate::event::Timestamp;

/// Decisions shown at one time.
const LAST_KEPT: usize = 40;
/// Seconds of rate shown as a line.
pub const RATE_SECONDS: usize = 60;
/// Seconds over which present delays are taken.
const DELAY_SECONDS: usize = 10;
/// A longer delay is shown as this one; it keeps the histograms small.
const DELAY_MAX_MS: u64 = 600_000;

/// The fields of a decision that the demo shows.
#[derive(Clone, Debug, Deserialize)]
pub struct Seen {
    pub lead: String,
    pub outcome: String,
    pub reason: String,
    #[serde(default)]
    pub path: Vec<String>,
    pub team: Option<String>,
    pub rep: Option<String>,
    pub pool: Option<String>,
    pub cause: Option<serde_json::Value>,
    pub lead_at: String,
    pub decided_at: String,
}

impl Seen {
    /// The first decision of its lead, as no cause led to it.
    pub const fn is_first(&self) -> bool {
        self.cause.is_none()
    }
}

/// Counts, the present rate and delays, and the last decisions.
#[derive(Debug)]
pub struct Tally {
    began: Instant,
    /// First decisions, by outcome and reason.
    pub first: BTreeMap<(String, String), u64>,
    /// Later decisions, by outcome and reason.
    pub later: BTreeMap<(String, String), u64>,
    /// Leads first assigned to each team's reps.
    pub teams: BTreeMap<String, u64>,
    /// Dead letters by reason.
    pub dead: BTreeMap<String, u64>,
    /// Output records that are no decisions; there should be none.
    pub unreadable: u64,
    /// The last decisions, latest first, with their delay in milliseconds.
    pub last: VecDeque<(Seen, u64)>,
    /// Delays of all first decisions, in milliseconds.
    pub delays: Histogram<u64>,
    recent: Ring,
}

impl Tally {
    /// Nothing seen yet at `began`.
    pub fn new(began: Instant) -> Self {
        Self {
            began,
            first: BTreeMap::new(),
            later: BTreeMap::new(),
            teams: BTreeMap::new(),
            dead: BTreeMap::new(),
            unreadable: 0,
            last: VecDeque::with_capacity(LAST_KEPT),
            delays: delays(),
            recent: Ring::new(),
        }
    }

    /// Counts one record of the output topic, read at `now` by both clocks.
    pub fn decision(&mut self, value: &[u8], now: Instant, wall: Timestamp) {
        let Ok(seen) = serde_json::from_slice::<Seen>(value) else {
            self.unreadable += 1;
            return;
        };
        let key = (seen.outcome.clone(), seen.reason.clone());
        if !seen.is_first() {
            *self.later.entry(key).or_default() += 1;
        } else {
            *self.first.entry(key).or_default() += 1;
            self.first_seen(&seen, now, wall);
        }
    }

    fn first_seen(&mut self, seen: &Seen, now: Instant, wall: Timestamp) {
        if let (Some(team), Some(_)) = (&seen.team, &seen.rep) {
            *self.teams.entry(team.clone()).or_default() += 1;
        }
        let since = Timestamp::parse(&seen.lead_at).map_or(0, |at| wall.since(at).0.max(0));
        let delay = (since as u64).min(DELAY_MAX_MS);
        self.delays.saturating_record(delay);
        let second = now.saturating_duration_since(self.began).as_secs();
        self.recent.count(second, delay);
        self.last.truncate(LAST_KEPT - 1);
        self.last.push_front((seen.clone(), delay));
    }

    /// Counts one dead letter.
    pub fn dead_letter(&mut self, reason: &str) {
        *self.dead.entry(reason.to_owned()).or_default() += 1;
    }

    /// First decisions so far.
    pub fn first_total(&self) -> u64 {
        self.first.values().sum()
    }

    /// Later decisions so far.
    pub fn later_total(&self) -> u64 {
        self.later.values().sum()
    }

    /// All decisions so far.
    pub fn total(&self) -> u64 {
        self.first_total() + self.later_total()
    }

    /// Dead letters so far.
    pub fn dead_total(&self) -> u64 {
        self.dead.values().sum()
    }

    /// First decisions in each of the last whole seconds before `now`, oldest first.
    pub fn rates(&self, now: Instant) -> Vec<u64> {
        let second = now.saturating_duration_since(self.began).as_secs();
        self.recent.rates(second)
    }

    /// Median and 99th percentile of the delays of the last seconds.
    pub fn recent_delays(&self, now: Instant) -> (u64, u64) {
        let second = now.saturating_duration_since(self.began).as_secs();
        quantiles(&self.recent.delays(second))
    }

    /// How long the demo has been counting.
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }
}

/// Median and 99th percentile.
pub fn quantiles(delays: &Histogram<u64>) -> (u64, u64) {
    (
        delays.value_at_quantile(0.5),
        delays.value_at_quantile(0.99),
    )
}

fn delays() -> Histogram<u64> {
    Histogram::new_with_max(DELAY_MAX_MS, 2)
        // Two digits and a maximum above two are always a valid histogram.
        .unwrap_or_else(|_| Histogram::new_with_bounds(1, 2, 1).expect("bounds 1 to 2 are valid"))
}

/// Counts and delays by second, for as long as they are shown.
#[derive(Debug)]
struct Ring {
    counts: VecDeque<(u64, u64)>,
    delays: VecDeque<(u64, Histogram<u64>)>,
}

impl Ring {
    fn new() -> Self {
        Self {
            counts: VecDeque::new(),
            delays: VecDeque::new(),
        }
    }

    fn count(&mut self, second: u64, delay: u64) {
        if self.counts.back().is_none_or(|(last, _)| *last < second) {
            self.counts.push_back((second, 0));
            self.delays.push_back((second, delays()));
            if self.counts.len() > RATE_SECONDS + 1 {
                self.counts.pop_front();
            }
            if self.delays.len() > DELAY_SECONDS {
                self.delays.pop_front();
            }
        }
        if let (Some((_, count)), Some((_, histogram))) =
            (self.counts.back_mut(), self.delays.back_mut())
        {
            *count += 1;
            histogram.saturating_record(delay);
        }
    }

    fn rates(&self, second: u64) -> Vec<u64> {
        let first = second.saturating_sub(RATE_SECONDS as u64);
        let mut rates = vec![0; (second - first) as usize];
        for &(at, count) in &self.counts {
            if (first..second).contains(&at) {
                rates[(at - first) as usize] = count;
            }
        }
        rates
    }

    fn delays(&self, second: u64) -> Histogram<u64> {
        let mut sum = delays();
        let since = second.saturating_sub(DELAY_SECONDS as u64);
        for (at, histogram) in &self.delays {
            if *at >= since {
                // Both have the same bounds, so that adding cannot fail.
                let _ = sum.add(histogram);
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(outcome: &str, rep: &str, cause: &str) -> Vec<u8> {
        format!(
            r#"{{"lead":"L-1","outcome":"{outcome}","reason":"territory","path":["a","b"],
                "team":"east","rep":{rep},"pool":null,"plan":"00","cause":{cause},
                "lead_at":"1970-01-01T00:00:01Z","decided_at":"1970-01-01T00:00:01.004Z"}}"#
        )
        .into_bytes()
    }

    #[test]
    fn first_and_later_decisions_are_counted_apart() {
        let began = Instant::now();
        let mut tally = Tally::new(began);
        let wall = Timestamp(1_010);
        tally.decision(&decision("assigned", "\"wang\"", "null"), began, wall);
        tally.decision(
            &decision("assigned", "\"li\"", r#"{"timer":"touch"}"#),
            began,
            wall,
        );
        tally.decision(&decision("pooled", "null", "null"), began, wall);
        tally.decision(b"[]", began, wall);
        tally.dead_letter("no_id");
        assert_eq!((tally.first_total(), tally.later_total()), (2, 1));
        assert_eq!((tally.dead_total(), tally.unreadable), (1, 1));
        assert_eq!(tally.teams, BTreeMap::from([("east".to_owned(), 1)]));
        assert_eq!(quantiles(&tally.delays), (10, 10));
        assert_eq!(tally.last[0].0.outcome, "pooled");
    }

    #[test]
    fn rates_are_of_whole_seconds_and_old_ones_go() {
        let began = Instant::now();
        let mut tally = Tally::new(began);
        let at = |seconds| began + Duration::from_secs(seconds);
        for second in [0, 0, 1, 3, 100] {
            tally.decision(
                &decision("assigned", "\"wang\"", "null"),
                at(second),
                Timestamp(1_010),
            );
        }
        assert_eq!(tally.rates(at(4)), [2, 1, 0, 1]);
        let later = tally.rates(at(101));
        assert_eq!(
            (later.len(), later[RATE_SECONDS - 1], later[0]),
            (RATE_SECONDS, 1, 0)
        );
    }
}
