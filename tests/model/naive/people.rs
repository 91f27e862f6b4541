//! Reps who go away, leave and come back.

use super::super::world::TEAMS;
use super::{Lead, Naive, Pass, Stage, Status};

impl Naive {
    pub(super) fn active(&mut self, rep: usize) {
        self.status[rep] = Status::Active;
        for team in 0..TEAMS.len() {
            let clock = self.clocks[team];
            let pass = &mut self.passes[team][rep];
            if pass.away {
                pass.away = false;
                pass.credit = (clock - pass.pass).max(0);
            }
        }
    }

    pub(super) fn away(&mut self, rep: usize, minutes: Option<i64>) {
        self.status[rep] = Status::Away(minutes.map(|minutes| self.now + minutes));
        if self.world.catch_up {
            for team in 0..TEAMS.len() {
                let member = self.world.teams[team]
                    .members
                    .iter()
                    .any(|one| one.0 == rep);
                let from = self.counts_from(team, rep);
                let pass = &mut self.passes[team][rep];
                if member && !pass.away {
                    *pass = Pass {
                        pass: from,
                        away: true,
                        ..*pass
                    };
                }
            }
        }
        self.take_all_from(rep, "rep_away", |naive, lead| {
            !lead.taken_up && !naive.back_in_time(lead, rep)
        });
    }

    /// Whether the team would give the lead to the absent rep even so.
    fn back_in_time(&self, lead: &Lead, rep: usize) -> bool {
        let team = lead.team.filter(|&team| self.weight(team, rep).is_some());
        team.is_some_and(|team| self.begins(team, rep).is_some())
    }

    pub(super) fn take_all_from(
        &mut self,
        rep: usize,
        reason: &'static str,
        which: impl Fn(&Self, &Lead) -> bool,
    ) {
        for at in 0..self.leads.len() {
            let lead = &self.leads[at];
            if lead.stage == Stage::Owned && lead.rep == Some(rep) && which(self, lead) {
                self.cool_off(at);
                self.settle(at, Some(reason));
            }
        }
    }
}
