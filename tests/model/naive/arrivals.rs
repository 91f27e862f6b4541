//! Leads as they arrive: new, seen before, newer; the same person again.

use super::super::world::{Happening, LeadText};
use super::{Lead, Naive, Place, Stage};

impl Naive {
    /// A version of a lead.
    pub(super) fn lead(&mut self, text: &LeadText) {
        if let Some(at) = self.position(text.id) {
            return self.revision(at, text);
        }
        if self
            .marks
            .iter()
            .any(|one| one.0 == text.id && text.revision <= one.1)
        {
            return;
        }
        self.marks.retain(|one| one.0 != text.id);
        self.leads.push(Lead {
            text: text.clone(),
            at: self.now - text.age_minutes,
            stage: Stage::Waiting,
            reason: "",
            territory: None,
            team: None,
            rep: None,
            by_claim: false,
            had_owner: false,
            attempt: 1,
            taken_up: false,
            touched: false,
            accept_by: None,
            touch_by: None,
            recycle: None,
            give_up_at: None,
            hold_until: 0,
            excluded: Vec::new(),
            cooling: Vec::new(),
            duplicate_of: None,
            holds_person: false,
        });
        self.first(self.leads.len() - 1);
        let waiting = |one: &&(i64, usize, Happening)| one.1 == text.id;
        let waited: Vec<Happening> = self
            .early
            .iter()
            .filter(waiting)
            .map(|one| one.2.clone())
            .collect();
        self.early.retain(|one| one.1 != text.id);
        waited.iter().for_each(|what| self.of_lead(what));
    }

    /// Duplicate, known person, too old, or whatever the territory says.
    pub(super) fn first(&mut self, at: usize) {
        let persons = self.world.dedupe_minutes.is_some() || self.world.sticky_persons;
        let lead = &self.leads[at];
        let (id, when, email) = (lead.text.id, lead.at, lead.text.email.filter(|_| persons));
        let same = |one: &&Lead| one.holds_person && one.text.email == email && one.text.id != id;
        let known = self
            .leads
            .iter()
            .find(|one| email.is_some() && same(one))
            .cloned();
        if let Some(first) = &known
            && self
                .world
                .dedupe_minutes
                .is_some_and(|most| (when - first.at).abs() <= most)
        {
            self.clear(at);
            let sticky = self.world.sticky_persons;
            let lead = &mut self.leads[at];
            (lead.stage, lead.reason, lead.holds_person) = (Stage::Duplicate, "duplicate", false);
            (lead.rep, lead.duplicate_of) = (first.rep.filter(|_| sticky), Some(first.text.id));
            lead.territory = None;
            self.tell(at, "duplicate", None);
            self.leads[at].attempt = 1;
            return;
        }
        let rep = known
            .and_then(|known| known.rep)
            .filter(|_| self.world.sticky_persons);
        let place = if self.too_old(&self.leads[at]) {
            Place::Nobody("too_old")
        } else {
            let same = rep.and_then(|rep| self.stick(at, rep, "same_person"));
            same.unwrap_or_else(|| self.find(at))
        };
        self.put(at, place, None);
        self.hold_person(at, email);
    }

    /// From now on this lead stands for the person.
    pub(super) fn hold_person(&mut self, at: usize, email: Option<usize>) {
        for lead in &mut self.leads {
            if email.is_some() && lead.text.email == email {
                lead.holds_person = false;
            }
        }
        self.leads[at].holds_person = email.is_some();
    }

    pub(super) fn revision(&mut self, at: usize, text: &LeadText) {
        let lead = &mut self.leads[at];
        if text.revision <= lead.text.revision {
            return;
        }
        if lead.stage == Stage::Closed {
            lead.text.revision = text.revision;
            return;
        }
        let moved = self.territory(text) != self.leads[at].territory;
        let persons = self.world.dedupe_minutes.is_some() || self.world.sticky_persons;
        let stage = self.leads[at].stage;
        self.leads[at].text = text.clone();
        self.leads[at].holds_person = false;
        match stage {
            Stage::Owned | Stage::Pooled if self.world.reroute && moved => {
                self.settle(at, None);
                self.hold_person(at, text.email.filter(|_| persons));
            }
            Stage::Owned => self.hold_person(at, text.email.filter(|_| persons)),
            Stage::Duplicate if self.still_repeats(at) => {}
            Stage::Duplicate => {
                let lead = &mut self.leads[at];
                (lead.duplicate_of, lead.rep, lead.attempt) = (None, None, 1);
                lead.stage = Stage::Waiting;
                self.first(at);
            }
            _ => self.first(at),
        }
    }

    pub(super) fn still_repeats(&self, at: usize) -> bool {
        let lead = &self.leads[at];
        let most = self.world.dedupe_minutes;
        let first = self.leads.iter().find(|one| {
            one.holds_person && one.text.email == lead.text.email && lead.text.email.is_some()
        });
        first.is_some_and(|first| {
            let within = most.is_some_and(|most| (lead.at - first.at).abs() <= most);
            within && lead.duplicate_of == Some(first.text.id)
        })
    }
}
