//! Whose turn it is among a team's members.

use super::super::world::{Available, LeadText, Pick};
use super::{Naive, Pass, Place, Status, Turn, clock};

impl Naive {
    pub(super) fn counts_from(&self, team: usize, rep: usize) -> i64 {
        let Pass { pass, credit, away } = self.passes[team][rep];
        if away {
            pass
        } else {
            pass.max((self.clocks[team] - credit).max(0))
        }
    }

    pub(super) fn weight(&self, team: usize, rep: usize) -> Option<u32> {
        let members = &self.world.teams[team].members;
        members.iter().find(|one| one.0 == rep).map(|one| one.1)
    }

    /// When the member begins, if that is soon enough for the team.
    pub(super) fn begins(&self, team: usize, rep: usize) -> Option<i64> {
        let rules = &self.world.teams[team];
        let calendar = self.world.reps[rep].calendar.or(rules.calendar);
        let from = match self.status[rep] {
            Status::Active => self.now,
            Status::Away(Some(until)) => until,
            Status::Away(None) | Status::Left => return None,
        };
        match rules.available {
            Available::Any => (from <= self.now).then_some(self.now),
            Available::Now => {
                (from <= self.now && clock::open(calendar, self.now)).then_some(self.now)
            }
            Available::WithinHours(hours) => {
                let begins = clock::opens(calendar, from);
                (begins <= self.now + hours * 60).then_some(begins)
            }
        }
    }

    pub(super) fn seat_in(
        &mut self,
        at: usize,
        team: usize,
        reason: &'static str,
    ) -> Option<Place> {
        let rep = self.pick(at, team, None).ok()?;
        self.picks.push(Turn {
            team,
            rep,
            considered: self.considered(at, team, None).unwrap_or_default(),
        });
        let lead = self.leads[at].text.clone();
        let from = self.turn(team, rep, &lead);
        self.clocks[team] = self.clocks[team].max(from);
        Some(Place::Rep(rep, Some(team), reason))
    }

    /// The members who may have the lead now.
    pub(super) fn considered(
        &self,
        at: usize,
        team: usize,
        not: Option<usize>,
    ) -> Result<Vec<usize>, &'static str> {
        let (lead, rules) = (&self.leads[at], &self.world.teams[team]);
        let mut reps: Vec<usize> = rules.members.iter().map(|one| one.0).collect();
        reps.retain(|&rep| {
            let speaks = lead
                .text
                .language
                .is_none_or(|one| self.world.reps[rep].languages.contains(&one));
            let fits = !rules.speaks || speaks;
            fits && self.status[rep] != Status::Left
                && !lead.excluded.contains(&rep)
                && not != Some(rep)
        });
        if reps.is_empty() {
            return Err("no_eligible_rep");
        }
        reps.retain(|&rep| self.begins(team, rep).is_some());
        if reps.is_empty() {
            return Err("nobody_available");
        }
        reps.retain(|&rep| self.has_room(at, rep, Some(team)));
        if reps.is_empty() {
            return Err("all_at_capacity");
        }
        Ok(reps)
    }

    pub(super) fn pick(
        &self,
        at: usize,
        team: usize,
        not: Option<usize>,
    ) -> Result<usize, &'static str> {
        let (reps, rules) = (self.considered(at, team, not)?, &self.world.teams[team]);
        let rank = |rep: &usize| {
            let within = matches!(rules.available, Available::WithinHours(_));
            let begins = if within {
                self.begins(team, *rep)
            } else {
                None
            };
            let loaded = rules.pick == Pick::LeastLoaded;
            let load = if loaded { self.load(at, team, *rep) } else { 0 };
            (begins, load, self.counts_from(team, *rep), *rep)
        };
        reps.into_iter().min_by_key(rank).ok_or("all_at_capacity")
    }

    /// Open leads over capacity, in parts of a common multiple of all capacities there are.
    pub(super) fn load(&self, at: usize, team: usize, rep: usize) -> u64 {
        let limits = [self.world.reps[rep].open, self.world.teams[team].open];
        let limit = limits.into_iter().flatten().min();
        let capacity = limit.unwrap_or(self.weight(team, rep).unwrap_or(1) * 1_000);
        u64::from(self.open_of(rep, at)) * 60_000 * 60 / u64::from(capacity)
    }

    /// A turn in a rotation; where it was counted from.
    pub(super) fn turn(&mut self, team: usize, rep: usize, lead: &LeadText) -> i64 {
        let Some(weight) = self.weight(team, rep) else {
            return 0;
        };
        let (sum, count) = self.potentials[team];
        let mean = sum.checked_div(count).map_or(1_000, |mean| mean.max(1));
        let value = match lead.potential {
            _ if !self.world.teams[team].by_value => 1_000,
            Some(potential) => u64::from(potential) * 1_000,
            None => mean,
        };
        if let Some(potential) = lead.potential {
            self.potentials[team] = (sum + u64::from(potential) * 1_000, count + 1);
        }
        let (clock, from) = (self.clocks[team], self.counts_from(team, rep));
        let pass = &mut self.passes[team][rep];
        pass.pass = from + value as i64 * 6 / i64::from(weight);
        pass.credit = pass.credit.min((clock.max(from) - pass.pass).max(0));
        from
    }

    /// The team an assignment without a pick counts in.
    pub(super) fn team_of(&self, rep: usize, preferred: Option<usize>) -> Option<usize> {
        let member = |team: &usize| self.weight(*team, rep).is_some();
        preferred.filter(member).or((0..3).find(member))
    }
}
