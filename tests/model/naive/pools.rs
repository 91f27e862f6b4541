//! Pools: claims, returns, recycling.

use super::super::world::Target;
use super::{Lead, Naive, Place, Stage, Status, clock, told};

impl Naive {
    pub(super) fn pool(&mut self, at: usize, reason: &'static str) {
        let (now, pool) = (self.now, &self.world.pool);
        let rules = pool
            .recycle
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.1 == "pooled");
        let recycle = rules.map(|(rule, one)| (now + one.0, rule)).min();
        let hold = pool.hold.map_or(0, |minutes| now + minutes);
        let lead = &mut self.leads[at];
        (lead.stage, lead.reason, lead.hold_until) = (Stage::Pooled, reason, hold);
        lead.recycle = recycle;
    }

    pub(super) fn cool_off(&mut self, at: usize) {
        if let Some(rep) = self.leads[at].rep.filter(|_| self.leads[at].by_claim) {
            self.cool(at, rep);
        }
    }

    pub(super) fn cool(&mut self, at: usize, rep: usize) {
        let (now, span) = (self.now, self.world.pool.cool_off);
        let lead = &mut self.leads[at];
        if let Some(span) = span {
            lead.cooling.retain(|one| one.0 != rep);
            lead.cooling.push((rep, now + span));
        }
    }

    pub(super) fn release(&mut self, at: usize) {
        let owner = self.leads[at].rep.expect("he gives it back");
        self.cool(at, owner);
        let previous = self.clear(at);
        self.pool(at, "released");
        self.tell(at, "pooled", previous);
    }

    pub(super) fn claim(&mut self, at: usize, rep: usize) {
        match self.may_claim(at, rep) {
            Err(reason) => {
                let lead = &self.leads[at];
                let told = told(lead, "claim_rejected", reason);
                self.told.push(told);
            }
            Ok(team) => {
                let (now, date) = (self.now, clock::date(self.world.reps[rep].zone, self.now));
                self.clear(at);
                self.own(at, rep, Some(team), "claimed");
                let rules = self.world.pool.recycle.iter().enumerate();
                let rules = rules.filter(|(_, rule)| rule.1 == "claim");
                let lead = &mut self.leads[at];
                lead.recycle = rules.map(|(rule, one)| (now + one.0, rule)).min();
                (lead.by_claim, lead.taken_up, lead.accept_by) = (true, true, None);
                self.claims.push((rep, date, 1));
                self.tell(at, "assigned", None);
            }
        }
    }

    pub(super) fn may_claim(&self, at: usize, rep: usize) -> Result<usize, &'static str> {
        let (lead, pool) = (&self.leads[at], &self.world.pool);
        if matches!(lead.stage, Stage::Owned | Stage::Closed) {
            return Err("already_owned");
        }
        let team = pool
            .claimants
            .iter()
            .copied()
            .find(|&team| self.weight(team, rep).is_some());
        let member =
            team.filter(|_| lead.stage == Stage::Pooled && self.status[rep] != Status::Left);
        let team = member.ok_or("not_a_member")?;
        if self.now < lead.hold_until {
            return Err("on_hold");
        }
        if lead
            .cooling
            .iter()
            .any(|one| one.0 == rep && self.now < one.1)
        {
            return Err("cooling_off");
        }
        let mine =
            |lead: &&Lead| lead.stage == Stage::Owned && lead.by_claim && lead.rep == Some(rep);
        let held = self.leads.iter().filter(mine).count() as u32;
        let room = pool.open.is_none_or(|most| held < most)
            && pool
                .per_day
                .is_none_or(|most| self.today(&self.claims, rep) < most)
            && self.has_room(at, rep, Some(team));
        if room { Ok(team) } else { Err("claim_limit") }
    }

    pub(super) fn recycle(&mut self, at: usize) {
        let rule = self.leads[at].recycle.map_or(0, |(_, rule)| rule);
        let target = self.world.pool.recycle[rule].2;
        self.cool_off(at);
        let owner = self.leads[at].rep;
        let place = match target {
            Target::Pool => Place::Pool("recycled"),
            Target::Team(team) => match self.pick(at, team, owner) {
                Err(_) => Place::Pool("recycled"),
                Ok(_) => self.seat_in(at, team, "recycled").unwrap(),
            },
        };
        self.put(at, place, None);
    }
}
