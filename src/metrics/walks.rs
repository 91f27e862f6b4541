//! Leads that were announced to be decided again: a rep left or is away, or a plan realigns.

use prometheus::IntCounter;

use crate::assign::Effects;

use super::register::Register;

const SUBJECTS: [&str; 3] = ["rep_left", "rep_away", "realigned"];

/// Counters by the reason that the decisions which follow will have.
pub struct Walks(Vec<IntCounter>);

impl Walks {
    pub fn new(register: &Register<'_>) -> Self {
        Self(register.closed(
            "bailiwick_announced_leads_total",
            "Leads announced to be decided again at a bounded rate, by the reason they will have.",
            "reason",
            &SUBJECTS,
        ))
    }

    /// Counts what one committed batch announced.
    pub fn observe(&self, effects: &Effects) {
        for one in &effects.announcements {
            let reason = one.subject.reason().as_str();
            let place = SUBJECTS.iter().position(|subject| *subject == reason);
            if let Some(place) = place {
                self.0[place].inc_by(one.leads);
            }
        }
    }
}
