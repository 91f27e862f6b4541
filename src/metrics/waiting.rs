//! Leads that wait, by reason: how many, and how old the oldest is.

use prometheus::{GaugeVec, IntGaugeVec};

use crate::event::Reason;

use super::register::Register;

/// The reasons for which a lead can wait.
const REASONS: [Reason; 7] = [
    Reason::NoTerritory,
    Reason::NoTeam,
    Reason::NoEligibleRep,
    Reason::NobodyAvailable,
    Reason::AllAtCapacity,
    Reason::TooOld,
    Reason::RetriesExhausted,
];

/// Gauges by partition and reason.
#[derive(Clone)]
pub struct Waiting {
    leads: IntGaugeVec,
    oldest: GaugeVec,
}

impl Waiting {
    pub(super) fn new(register: &Register<'_>) -> Self {
        let labels = ["partition", "reason"];
        Self {
            leads: register.int_gauges(
                "bailiwick_waiting_leads",
                "Unassigned leads by the reason for which they wait.",
                &labels,
            ),
            oldest: register.gauges(
                "bailiwick_waiting_oldest_seconds",
                "Age of the oldest lead that waits for this reason, from its creation.",
                &labels,
            ),
        }
    }

    /// Shows one lane's waiting leads; `find` gives number and age in seconds by reason.
    pub fn show(&self, partition: &str, find: impl Fn(Reason) -> (u64, f64)) {
        for reason in REASONS {
            let labels = [partition, reason.as_str()];
            let (leads, age) = find(reason);
            let leads = i64::try_from(leads).unwrap_or(i64::MAX);
            self.leads.with_label_values(&labels).set(leads);
            self.oldest.with_label_values(&labels).set(age);
        }
    }

    pub(super) fn forget(&self, partition: &str) {
        for reason in REASONS {
            let labels = [partition, reason.as_str()];
            // A series that is not there is as good as removed.
            let _ = self.leads.remove_label_values(&labels);
            let _ = self.oldest.remove_label_values(&labels);
        }
    }
}
