//! What the clock and a new plan bring about, minute by minute.

use super::super::world::REPS;
use super::{Lead, Naive, Place, Stage, Status};

impl Naive {
    /// One minute later: absences end, early activity expires, waiting leads are tried,
    /// deadlines pass.
    pub(super) fn minute(&mut self) {
        for rep in 0..REPS.len() {
            if self.status[rep] == Status::Away(Some(self.now)) {
                self.active(rep);
            }
        }
        let before = self.early.len();
        self.early.retain(|(until, _, _)| *until > self.now);
        self.expired += before - self.early.len();
        self.retry_waiting();
        loop {
            let due = |lead: &Lead| self.deadline(lead).is_some_and(|(at, _)| at <= self.now);
            let ids: Vec<usize> = self
                .leads
                .iter()
                .filter(|lead| due(lead))
                .map(|lead| lead.text.id)
                .collect();
            if ids.is_empty() {
                return;
            }
            for id in ids {
                if let Some(at) = self.position(id) {
                    self.fire(at);
                    self.retry_waiting();
                }
            }
        }
    }

    pub(super) fn deadline(&self, lead: &Lead) -> Option<(i64, &'static str)> {
        let all = [
            (lead.accept_by, "accept"),
            (lead.touch_by, "touch"),
            (lead.recycle.map(|(at, _)| at), "recycle"),
            (lead.give_up_at, "max_age"),
        ];
        let set = all.into_iter().filter_map(|(at, kind)| Some((at?, kind)));
        set.min_by_key(|(at, _)| *at)
    }

    pub(super) fn fire(&mut self, at: usize) {
        let Some((_, kind)) = self
            .deadline(&self.leads[at])
            .filter(|(at, _)| *at <= self.now)
        else {
            return;
        };
        match kind {
            "recycle" => self.recycle(at),
            "max_age" => self.put(at, Place::Nobody("too_old"), None),
            kind if self.sla(at).is_none_or(|sla| !sla.reassign) => {
                let lead = &mut self.leads[at];
                if kind == "accept" {
                    lead.accept_by = None;
                } else {
                    lead.touch_by = None;
                }
            }
            kind => {
                self.cool_off(at);
                let reason = if kind == "accept" {
                    "accept_timeout"
                } else {
                    "touch_timeout"
                };
                self.next_try(at, reason);
            }
        }
    }

    pub(super) fn new_plan(&mut self) {
        for at in 0..self.leads.len() {
            let lead = &self.leads[at];
            if lead.stage == Stage::Waiting && !self.too_old(lead) {
                let before = (lead.reason, lead.territory);
                let place = self.find(at);
                if let Place::Nobody(reason) = place
                    && before == (reason, self.territory(&self.leads[at].text))
                {
                    continue;
                }
                self.put(at, place, None);
            }
        }
        if self.world.realign {
            self.realign();
        }
    }

    /// Open leads whose territory is another now go where they belong.
    fn realign(&mut self) {
        for at in 0..self.leads.len() {
            let lead = &self.leads[at];
            let open = matches!(lead.stage, Stage::Owned | Stage::Pooled);
            if open && self.territory(&lead.text) != lead.territory {
                self.cool_off(at);
                self.settle(at, Some("realigned"));
            }
        }
    }

    /// Every waiting lead, in order of arrival.
    pub(super) fn retry_waiting(&mut self) {
        for at in 0..self.leads.len() {
            let lead = &self.leads[at];
            if lead.stage != Stage::Waiting || lead.reason == "too_old" {
                continue;
            }
            match self.find(at) {
                Place::Nobody(_) => {}
                place => self.put(at, place, None),
            }
        }
    }
}
