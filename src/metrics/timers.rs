//! Timers that fired, how late, and missed deadlines that change nothing.

use prometheus::{Histogram, IntCounter};

use crate::assign::Counts;
use crate::event::TimerKind;

use super::register::Register;

/// From a timer's moment to its firing: one batch when the daemon runs, hours after an outage.
const LATENESS_SECONDS: [f64; 8] = [0.1, 0.5, 1.0, 5.0, 30.0, 300.0, 3_600.0, 86_400.0];

/// Metrics of timers.
pub struct Timers {
    fired: Vec<IntCounter>,
    lateness: Histogram,
    breaches_kept: IntCounter,
    deadlines_met: Vec<IntCounter>,
}

/// The deadlines that somebody can meet, in the order of [`Counts::deadlines_met`].
const DEADLINES: [TimerKind; 2] = [TimerKind::Accept, TimerKind::Touch];

impl Timers {
    pub fn new(register: &Register<'_>) -> Self {
        let kinds: Vec<&str> = TimerKind::ALL.iter().map(|one| one.as_str()).collect();
        Self {
            fired: register.closed(
                "bailiwick_timers_fired_total",
                "Timers that fell due and were acted upon, by kind.",
                "timer",
                &kinds,
            ),
            lateness: register.histogram(
                "bailiwick_timer_lateness_seconds",
                "Time by which the latest timer of a batch fired after its moment.",
                &LATENESS_SECONDS,
            ),
            breaches_kept: register.counter(
                "bailiwick_breaches_kept_total",
                "Deadlines missed where the plan says to keep the owner.",
            ),
            deadlines_met: register.closed(
                "bailiwick_deadlines_met_total",
                "Deadlines that were met: accepted or touched in time, by kind.",
                "timer",
                &DEADLINES.map(TimerKind::as_str),
            ),
        }
    }

    /// Counts the timers of one committed batch.
    pub fn observe(&self, counts: &Counts) {
        self.breaches_kept.inc_by(counts.breaches_kept);
        let fired = self.fired.iter().zip(counts.timers);
        let met = self.deadlines_met.iter().zip(counts.deadlines_met);
        fired
            .chain(met)
            .for_each(|(counter, by)| counter.inc_by(by));
        if counts.timers.iter().any(|fired| *fired > 0) {
            self.lateness
                .observe(counts.latest_ms.max(0) as f64 / 1_000.0);
        }
    }
}
