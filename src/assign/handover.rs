//! What a new owner should know: earlier owners, touches, the last stage and its value.

use crate::event::{Handover, Timestamp, TouchKind};

use super::life::{Life, Touch};
use super::names::{Names, RepNo};

/// Earlier owners kept a lead: a lead that changed hands more often is told by its latest.
const MOST_OWNERS: usize = 8;

/// Touches kept a lead: enough for a conversation, little enough for ten million rows.
const MOST_TOUCHES: usize = 16;

impl Life {
    /// Whether there is something to hand over: whoever has the lead now is not whoever had it
    /// last, also when it lay in a pool or waited between them.
    pub fn hands_over(&self) -> bool {
        let known = !self.touches.is_empty() || self.opportunity.is_some();
        let last = self.owners.last();
        last.map_or(known, |&last| Some(last) != self.rep)
    }

    pub fn remember_owner(&mut self, rep: RepNo) {
        if self.owners.last() != Some(&rep) {
            if self.owners.len() == MOST_OWNERS {
                self.owners.remove(0);
            }
            self.owners.push(rep);
        }
    }

    pub fn remember_touch(&mut self, at: Timestamp, kind: TouchKind, rep: Option<RepNo>) {
        if self.touches.len() == MOST_TOUCHES {
            self.touches.remove(0);
        }
        self.touches.push(Touch { at, kind, rep });
    }

    /// Takes over the history of a lead merged into this one.
    pub fn inherit(&mut self, other: &Self) {
        for &rep in other.owners.iter().chain(&other.rep) {
            self.remember_owner(rep);
        }
        self.touches.extend(other.touches.iter().copied());
        self.touches.sort_by_key(|touch| touch.at);
        let surplus = self.touches.len().saturating_sub(MOST_TOUCHES);
        self.touches.drain(..surplus);
        if self.opportunity.is_none() {
            self.opportunity.clone_from(&other.opportunity);
        }
    }
}

/// The word for a touch on the wire.
fn touch_word(kind: TouchKind) -> &'static str {
    match kind {
        TouchKind::Call => "call",
        TouchKind::Visit => "visit",
        TouchKind::Mail => "mail",
        TouchKind::Meeting => "meeting",
    }
}

/// The block that travels with a lead to its new owner.
pub(super) fn handover(names: &Names, life: &Life) -> Handover {
    let touches = life.touches.iter().map(|touch| {
        let rep = touch.rep.map(|rep| names.text(rep));
        (
            touch.at,
            touch_word(touch.kind),
            rep.unwrap_or_default().into(),
        )
    });
    let owners = life.owners.iter().map(|&rep| names.text(rep).into());
    Handover {
        owners: owners.collect(),
        touches: touches.collect(),
        stage: life.opportunity.as_ref().map(|(stage, _)| stage.clone()),
        open_value: life.opportunity.as_ref().and_then(|(_, value)| *value),
    }
}
