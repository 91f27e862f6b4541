//! Limits: leads open at one time and leads in one day.

use super::{Lead, Naive, Stage, clock};

impl Naive {
    /// Leads the rep holds, without the one that is being decided.
    pub(super) fn open_of(&self, rep: usize, deciding: usize) -> u32 {
        let held = |lead: &Lead| lead.stage == Stage::Owned && lead.rep == Some(rep);
        let leads = self.leads.iter().enumerate();
        leads
            .filter(|(at, lead)| *at != deciding && held(lead))
            .count() as u32
    }

    pub(super) fn today(&self, counts: &[(usize, i64, u32)], rep: usize) -> u32 {
        let date = clock::date(self.world.reps[rep].zone, self.now);
        let today = counts.iter().filter(|one| one.0 == rep && one.1 == date);
        today.map(|one| one.2).sum()
    }

    pub(super) fn below(
        &self,
        at: usize,
        rep: usize,
        open: Option<u32>,
        per_day: Option<u32>,
    ) -> bool {
        open.is_none_or(|most| self.open_of(rep, at) < most)
            && per_day.is_none_or(|most| self.today(&self.days, rep) < most)
    }

    pub(super) fn has_room(&self, at: usize, rep: usize, team: Option<usize>) -> bool {
        let own = &self.world.reps[rep];
        let teams = team.map(|team| &self.world.teams[team]);
        self.below(at, rep, own.open, own.per_day)
            && teams.is_none_or(|team| self.below(at, rep, team.open, team.per_day))
    }
}
