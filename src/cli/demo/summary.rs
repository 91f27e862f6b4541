//! The demo's last word: what went in, what came out, and whether the numbers add up.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Serialize;

use super::broker::Produced;
use super::tally::{Tally, quantiles};

/// Both sides of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What was produced, counted by the producer.
    pub produced: Produced,
    /// What was read from the output topic: first decisions by outcome and reason.
    pub first_decisions: BTreeMap<String, u64>,
    /// Decisions after a lead's first, by outcome and reason.
    pub later_decisions: BTreeMap<String, u64>,
    /// What was read from the dead-letter topic, by reason.
    pub dead_letters: BTreeMap<String, u64>,
    /// Leads known already, which cause no decision, counted by the daemon.
    pub redeliveries: u64,
    /// Records that the daemon took, each counted once.
    pub records_read: u64,
    /// Decisions that the daemon committed.
    pub decisions_committed: u64,
    /// Leads assigned to a rep of each team.
    pub teams: BTreeMap<String, u64>,
    /// Records on the output topic that were no decisions.
    pub unreadable: u64,
    /// From a lead's creation until its decision was read back, in milliseconds.
    pub delay_p50_ms: u64,
    pub delay_p99_ms: u64,
    /// Leads decided a second, from the first record to the last.
    pub leads_per_second: u64,
}

impl Summary {
    /// Puts both sides together.
    pub fn new(produced: Produced, tally: &Tally, daemon: Daemon, seconds: f64) -> Self {
        let (delay_p50_ms, delay_p99_ms) = quantiles(&tally.delays);
        let named = |counts: &BTreeMap<(String, String), u64>| {
            let pairs = counts.iter();
            pairs
                .map(|((outcome, reason), &n)| (format!("{outcome}/{reason}"), n))
                .collect()
        };
        Self {
            produced,
            first_decisions: named(&tally.first),
            later_decisions: named(&tally.later),
            dead_letters: tally.dead.clone(),
            redeliveries: daemon.redeliveries,
            records_read: daemon.records_read,
            decisions_committed: daemon.decisions,
            teams: tally.teams.clone(),
            unreadable: tally.unreadable,
            delay_p50_ms,
            delay_p99_ms,
            leads_per_second: (tally.first_total() as f64 / seconds.max(0.001)) as u64,
        }
    }

    /// Every sum that does not come out, as a sentence.
    pub fn faults(&self) -> Vec<String> {
        let first: u64 = self.first_decisions.values().sum();
        let dead: u64 = self.dead_letters.values().sum();
        let sent = self.produced.leads + self.produced.redeliveries;
        let answered = first + self.redeliveries + dead;
        let mut faults = Vec::new();
        if sent != answered {
            faults.push(format!(
                "{sent} leads were produced, but {answered} are accounted for"
            ));
        }
        let (records, read) = (self.produced.all(), self.records_read);
        if records != read {
            faults.push(format!(
                "{records} records were produced, but {read} were read"
            ));
        }
        let later: u64 = self.later_decisions.values().sum();
        let committed = self.decisions_committed;
        if first + later != committed {
            let seen = first + later;
            faults.push(format!(
                "{committed} decisions were committed, but {seen} were read back"
            ));
        }
        if self.unreadable > 0 {
            faults.push(format!(
                "{} output records are no decisions",
                self.unreadable
            ));
        }
        faults
    }
}

/// What only the daemon knows, from its metrics.
#[derive(Clone, Copy, Debug, Default)]
pub struct Daemon {
    pub redeliveries: u64,
    pub records_read: u64,
    pub decisions: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: u64 = self.first_decisions.values().sum();
        let later: u64 = self.later_decisions.values().sum();
        let dead: u64 = self.dead_letters.values().sum();
        let mut text = String::new();
        let row = |text: &mut String, count: u64, what: &str| writeln!(text, "{count:>10}  {what}");
        writeln!(text, "produced")?;
        row(&mut text, self.produced.leads, "leads")?;
        row(&mut text, self.produced.redeliveries, "of them once more")?;
        row(&mut text, self.produced.activity, "activity events")?;
        writeln!(text, "read back")?;
        for (name, &count) in &self.first_decisions {
            row(&mut text, count, &format!("first decision {name}"))?;
        }
        row(&mut text, self.redeliveries, "known already, no decision")?;
        row(&mut text, dead, "dead letters")?;
        row(
            &mut text,
            first + self.redeliveries + dead,
            "leads accounted for",
        )?;
        row(&mut text, later, "later decisions, by timer or event")?;
        writeln!(text, "assigned by team")?;
        for (team, &count) in &self.teams {
            row(&mut text, count, team)?;
        }
        writeln!(
            text,
            "{} leads/s; from creation to read back p50 {} ms, p99 {} ms",
            self.leads_per_second, self.delay_p50_ms, self.delay_p99_ms
        )?;
        match self.faults().as_slice() {
            [] => writeln!(text, "The numbers add up.")?,
            faults => {
                for fault in faults {
                    writeln!(text, "The numbers do not add up: {fault}.")?;
                }
            }
        }
        out.write_str(&text)
    }
}
