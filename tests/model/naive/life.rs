//! What happens to a lead that is known: touched, declined, transferred, withdrawn.

use super::super::world::{Happening, REPS, Sla, Target};
use super::{Naive, Place, Stage, Status, Told, told};

impl Naive {
    pub(super) fn known(&mut self, at: usize, what: &Happening) {
        let lead = self.leads[at].clone();
        let speaks = |rep: &Option<usize>| {
            lead.stage == Stage::Owned && rep.is_none_or(|rep| lead.rep == Some(rep))
        };
        match what {
            Happening::Accepted(_, rep) if speaks(rep) => {
                self.leads[at].taken_up = true;
                self.leads[at].accept_by = None;
            }
            Happening::Declined(_, rep) if speaks(rep) => {
                self.cool_off(at);
                self.next_try(at, "declined");
            }
            Happening::Touched(_, rep) if speaks(rep) => self.touch(at),
            Happening::Released(_) if speaks(&None) => self.release(at),
            Happening::Claimed(_, rep) => self.claim(at, *rep),
            Happening::Transferred(_, rep) => self.transfer(at, *rep),
            Happening::Closed(_) if lead.stage != Stage::Closed => {
                let lead = &mut self.leads[at];
                lead.stage = Stage::Closed;
                lead.reason = "lost";
                (lead.accept_by, lead.touch_by) = (None, None);
                (lead.recycle, lead.give_up_at) = (None, None);
                self.tell(at, "closed", None);
                let lead = &mut self.leads[at];
                (lead.territory, lead.team, lead.attempt) = (None, None, 1);
            }
            Happening::Withdrawn(id) => self.withdraw(at, *id),
            _ => {}
        }
    }

    pub(super) fn touch(&mut self, at: usize) {
        let lead = &mut self.leads[at];
        (lead.taken_up, lead.touched) = (true, true);
        (lead.accept_by, lead.touch_by) = (None, None);
    }

    pub(super) fn withdraw(&mut self, at: usize, id: usize) {
        let lead = self.leads.remove(at);
        let open = matches!(lead.stage, Stage::Waiting | Stage::Owned | Stage::Pooled);
        let previous = lead.rep.filter(|_| open).map(|rep| REPS[rep]);
        self.told.push(Told {
            rep: None,
            previous,
            pooled: false,
            accept_by: None,
            touch_by: None,
            ..told(&lead, "withdrawn", "withdrawn")
        });
        self.marks.retain(|(other, _)| *other != id);
        self.marks.push((id, lead.text.revision));
    }

    pub(super) fn sla(&self, at: usize) -> Option<Sla> {
        self.world.teams[self.leads[at].team?].sla
    }

    pub(super) fn next_try(&mut self, at: usize, reason: &'static str) {
        let sla = self.sla(at);
        let owner = self.leads[at].rep;
        let lead = &mut self.leads[at];
        if let Some(owner) = owner.filter(|owner| !lead.excluded.contains(owner)) {
            lead.excluded.push(owner);
        }
        match sla.filter(|sla| self.leads[at].attempt >= sla.attempts) {
            None => {
                self.leads[at].attempt += 1;
                self.settle(at, Some(reason));
            }
            Some(sla) => {
                let reason = "retries_exhausted";
                let place = match sla.then {
                    Some(Target::Pool) => Place::Pool(reason),
                    Some(Target::Team(team)) => self
                        .seat_in(at, team, reason)
                        .unwrap_or(Place::Nobody(reason)),
                    None => Place::Nobody(reason),
                };
                self.put(at, place, None);
            }
        }
    }

    pub(super) fn transfer(&mut self, at: usize, rep: usize) {
        let lead = &self.leads[at];
        let open = matches!(lead.stage, Stage::Waiting | Stage::Owned | Stage::Pooled);
        if !open
            || self.status[rep] == Status::Left
            || (lead.stage == Stage::Owned && lead.rep == Some(rep))
        {
            return;
        }
        self.cool_off(at);
        let serving = self.leads[at].territory.and_then(|one| self.serving(one));
        let team = self.team_of(rep, serving);
        self.count_manual(at, rep, team);
        let previous = self.clear(at);
        self.own(at, rep, team, "manual");
        self.tell(at, "assigned", previous);
    }
}
