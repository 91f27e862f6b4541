//! Where a lead goes, by sections 5 and 6 of the specification, with plain searches.

use super::super::world::{LeadText, Target};
use super::{Lead, Naive, Place, Stage, Status, clock};

impl Naive {
    pub(super) fn territory(&self, text: &LeadText) -> Option<usize> {
        match (text.source, text.big) {
            ("north", true) if self.world.big_apart => Some(1),
            ("north", _) => Some(0),
            ("south", _) => Some(2),
            ("west", _) => Some(3),
            _ => None,
        }
    }

    /// The team of a territory or of the one it lies in.
    pub(super) fn serving(&self, territory: usize) -> Option<usize> {
        let own = self.world.serves[territory];
        own.or(if territory == 1 {
            self.world.serves[0]
        } else {
            None
        })
    }

    pub(super) fn too_old(&self, lead: &Lead) -> bool {
        let fresh = lead.stage == Stage::Waiting && !lead.had_owner;
        let most = self.world.max_age_minutes.filter(|_| fresh);
        most.is_some_and(|most| self.now - lead.at > most)
    }

    /// A certain rep, if he is active, has room and has not failed the lead.
    pub(super) fn stick(&mut self, at: usize, rep: usize, reason: &'static str) -> Option<Place> {
        let lead = &self.leads[at];
        let serving = self.territory(&lead.text).and_then(|one| self.serving(one));
        let team = self.team_of(rep, serving);
        let fit = self.status[rep] == Status::Active && !lead.excluded.contains(&rep);
        if !fit || !self.has_room(at, rep, team) {
            return None;
        }
        self.count_manual(at, rep, team);
        Some(Place::Rep(rep, team, reason))
    }

    pub(super) fn count_manual(&mut self, at: usize, rep: usize, team: Option<usize>) {
        let text = self.leads[at].text.clone();
        if let Some(team) = team.filter(|_| self.world.manual_counts) {
            self.turn(team, rep, &text);
        }
    }

    /// Account owner, team, overflow, the parent's team, fallback.
    pub(super) fn find(&mut self, at: usize) -> Place {
        let owner = self.leads[at]
            .text
            .account
            .and_then(|account| self.accounts[account]);
        if let Some((rep, _)) = owner.filter(|_| self.world.sticky_accounts)
            && let Some(place) = self.stick(at, rep, "account_owner")
        {
            return place;
        }
        let (steps, mut emptied) = self.steps(at);
        for (target, reason) in steps {
            match target {
                Target::Pool => return Place::Pool(emptied.unwrap_or(reason)),
                Target::Team(team) => match self.pick(at, team, None) {
                    Ok(_) => return self.seat_in(at, team, reason).unwrap(),
                    Err(why) => emptied = emptied.or(Some(why)),
                },
            }
        }
        Place::Nobody(emptied.unwrap_or("no_territory"))
    }

    pub(super) fn steps(&self, at: usize) -> (Vec<(Target, &'static str)>, Option<&'static str>) {
        let mut steps: Vec<(Target, &'static str)> = Vec::new();
        let territory = self.territory(&self.leads[at].text);
        let team = territory.and_then(|one| self.serving(one));
        if let Some(team) = team {
            steps.push((Target::Team(team), "territory"));
            self.follow(team, "overflow", &mut steps);
            if let Some(parent) = self.world.serves[0].filter(|_| territory == Some(1)) {
                steps.push((Target::Team(parent), "overflow"));
                self.follow(parent, "overflow", &mut steps);
            }
        }
        if let Some(target) = self.world.fallback {
            steps.push((target, "fallback"));
            if let Target::Team(team) = target {
                self.follow(team, "fallback", &mut steps);
            }
        }
        let none = if territory.is_some() && team.is_none() {
            Some("no_team")
        } else {
            None
        };
        (steps, none)
    }

    /// The overflow of a team, and of those teams in turn.
    pub(super) fn follow(
        &self,
        team: usize,
        reason: &'static str,
        steps: &mut Vec<(Target, &'static str)>,
    ) {
        for target in &self.world.teams[team].overflow {
            steps.push((*target, reason));
            if let Target::Team(team) = target {
                self.follow(*team, reason, steps);
            }
        }
    }

    /// Moves the lead and tells of it.
    pub(super) fn put(&mut self, at: usize, place: Place, instead: Option<&'static str>) {
        let now = self.now;
        let territory = self.territory(&self.leads[at].text);
        let previous = self.clear(at);
        self.leads[at].territory = territory;
        match place {
            Place::Rep(rep, team, reason) => {
                self.own(at, rep, team, instead.unwrap_or(reason));
                self.tell(at, "assigned", previous);
            }
            Place::Pool(reason) => {
                if let Some(failed) = previous.filter(|rep| self.leads[at].excluded.contains(rep)) {
                    self.cool(at, failed);
                }
                self.pool(at, reason);
                self.tell(at, "pooled", previous);
            }
            Place::Nobody(reason) => {
                let most = self.world.max_age_minutes.filter(|_| reason != "too_old");
                let lead = &mut self.leads[at];
                (lead.stage, lead.reason) = (Stage::Waiting, reason);
                let at_most = most.filter(|_| !lead.had_owner).map(|most| lead.at + most);
                lead.give_up_at = at_most.filter(|at| *at > now);
                self.tell(at, "unassigned", previous);
            }
        }
    }

    /// Ends whatever held the lead; the owner it had.
    pub(super) fn clear(&mut self, at: usize) -> Option<usize> {
        let lead = &mut self.leads[at];
        let owner = lead.rep.take().filter(|_| lead.stage == Stage::Owned);
        lead.had_owner |= owner.is_some();
        lead.team = None;
        (lead.by_claim, lead.taken_up, lead.touched) = (false, false, false);
        (lead.accept_by, lead.touch_by, lead.recycle, lead.give_up_at) = (None, None, None, None);
        lead.hold_until = 0;
        owner
    }

    pub(super) fn own(&mut self, at: usize, rep: usize, team: Option<usize>, reason: &'static str) {
        let (now, date) = (self.now, clock::date(self.world.reps[rep].zone, self.now));
        let rules = team.map(|team| &self.world.teams[team]);
        let calendar = self.world.reps[rep]
            .calendar
            .or(rules.and_then(|team| team.calendar));
        let sla = rules.and_then(|team| team.sla);
        let due = |minutes: Option<i64>, working: bool| {
            minutes.map(|minutes| clock::after(calendar.filter(|_| working), now, minutes))
        };
        let lead = &mut self.leads[at];
        (lead.stage, lead.reason, lead.rep, lead.team) = (Stage::Owned, reason, Some(rep), team);
        lead.accept_by = sla.and_then(|sla| due(sla.accept, sla.working));
        lead.touch_by = sla.and_then(|sla| due(sla.touch, sla.working));
        self.days.push((rep, date, 1));
        if let Some(account) = self.leads[at]
            .text
            .account
            .filter(|_| self.world.sticky_accounts)
            && self.accounts[account].is_none_or(|(_, declared)| !declared)
        {
            self.accounts[account] = Some((rep, false));
        }
    }

    pub(super) fn settle(&mut self, at: usize, reason: Option<&'static str>) {
        let place = self.find(at);
        self.put(at, place, reason);
    }
}
