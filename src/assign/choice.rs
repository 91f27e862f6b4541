//! Who gets a lead: the person's rep, the account's owner, the territory's team, then
//! overflow, the parents' teams and the fallback, in that order.

use smallvec::SmallVec;

use crate::event::Reason;
use crate::plan::{Facts, PoolIx, RepIx, Target, TeamIx, TerritoryIx};

use super::desk::Desk;
use super::keys::{self, Subject};
use super::life::Life;
use super::names::{RepNo, TeamNo};
use super::pick::Wish;

/// What was found for a lead.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Rep {
        rep: RepIx,
        team: Option<TeamIx>,
        reason: Reason,
    },
    Pool {
        pool: PoolIx,
        reason: Reason,
    },
    Nobody {
        reason: Reason,
    },
}

/// One place to look for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    target: Target,
    /// The reason of an assignment made here.
    reason: Reason,
}

type Steps = SmallVec<[Step; 6]>;

/// The lead's account, in the words of whoever names accounts.
pub(super) fn account_text<'f>(desk: &'f Desk<'_>, facts: &'f Facts<'_>) -> Option<&'f str> {
    match facts.account {
        Some((ix, _)) => Some(&desk.plan.accounts[ix.at()].id),
        None => facts.account_id.as_deref(),
    }
}

impl Desk<'_> {
    /// Finds somebody and takes the turn or counts the assignment.
    pub fn choose(
        &mut self,
        life: &Life,
        facts: &Facts<'_>,
        territory: Option<TerritoryIx>,
    ) -> Verdict {
        if let Some(verdict) = self.by_account(life, facts, territory) {
            return verdict;
        }
        let wish = Wish {
            facts,
            excluded: &life.excluded,
            id: &life.id,
        };
        let mut emptied = match territory {
            None => None,
            Some(ix) if self.plan.territory(ix).serving_team.is_none() => Some(Reason::NoTeam),
            Some(_) => None,
        };
        for step in self.steps(territory) {
            match step.target {
                Target::Pool(pool) => {
                    let reason = emptied.unwrap_or(step.reason);
                    return Verdict::Pool { pool, reason };
                }
                Target::Team(team) => match self.pick(team, wish) {
                    Ok(seat) => return self.seated(team, seat, facts, step.reason),
                    Err(reason) => emptied = emptied.or(Some(reason)),
                },
            }
        }
        let reason = emptied.unwrap_or(Reason::NoTerritory);
        Verdict::Nobody { reason }
    }

    fn seated(&mut self, team: TeamIx, seat: usize, facts: &Facts<'_>, reason: Reason) -> Verdict {
        self.take_turn(team, seat, facts.potential);
        Verdict::Rep {
            rep: self.roster.crews[team.at()].seats[seat].ix,
            team: Some(team),
            reason,
        }
    }

    /// The pick of one team, with its turn.
    pub fn choose_in(
        &mut self,
        team: TeamIx,
        wish: Wish<'_>,
        reason: Reason,
    ) -> Result<Verdict, Reason> {
        let seat = self.pick(team, wish)?;
        Ok(self.seated(team, seat, wish.facts, reason))
    }

    /// The named account's owner, else the account's present one.
    fn by_account(
        &mut self,
        life: &Life,
        facts: &Facts<'_>,
        territory: Option<TerritoryIx>,
    ) -> Option<Verdict> {
        let named = facts
            .account
            .and_then(|(ix, _)| self.plan.accounts[ix.at()].owner);
        if let Some(rep) = named
            && let Some(verdict) = self.stick(life, facts, rep, territory, Reason::NamedAccount)
        {
            return Some(verdict);
        }
        if !self.plan.policy.sticky_accounts {
            return None;
        }
        let owner = self.account_owner(facts)?;
        let rep = self.rep_ix(owner)?;
        self.stick(life, facts, rep, territory, Reason::AccountOwner)
    }

    /// Who owns the lead's account by events or earlier leads.
    pub fn account_owner(&self, facts: &Facts<'_>) -> Option<RepNo> {
        let text = account_text(self, facts)?;
        let key = keys::hash(Subject::Account, &self.plan.tenant, text);
        self.rows.accounts.get(&key).map(|row| row.rep)
    }

    /// Gives the lead to a certain rep, if he is active, has room and has not failed it.
    pub fn stick(
        &mut self,
        life: &Life,
        facts: &Facts<'_>,
        rep: RepIx,
        territory: Option<TerritoryIx>,
        reason: Reason,
    ) -> Option<Verdict> {
        let number = self.roster.reps[rep.at()];
        if !self.active(rep) || life.excluded.contains(&number) {
            return None;
        }
        let serving = territory.and_then(|ix| self.plan.territory(ix).serving_team);
        let team = self.team_of(rep, serving);
        if !self.rep_has_room(rep, team) {
            return None;
        }
        self.count_in_rotation(rep, team, facts.potential);
        Some(Verdict::Rep { rep, team, reason })
    }

    /// Under `manual_counts`, an assignment without a pick counts like a turn.
    pub fn count_in_rotation(&mut self, rep: RepIx, team: Option<TeamIx>, potential: Option<f64>) {
        let roster = self.roster;
        if let Some(team) = team.filter(|_| self.plan.policy.manual_counts)
            && let Some(seat) = roster.seat_in(team, rep)
        {
            self.advance(team, seat, potential);
        }
    }

    /// Where to look, in order: the team, its overflow, the parents' teams, the fallback. A
    /// team that is looked at is followed by its own overflow, however long the chain.
    fn steps(&self, territory: Option<TerritoryIx>) -> Steps {
        let mut steps = Steps::new();
        let mut reason = Reason::Territory;
        let mut next = territory;
        while let Some(ix) = next {
            let territory = self.plan.territory(ix);
            if let Some(team) = territory.serving_team {
                self.add(&mut steps, Target::Team(team), reason);
                reason = Reason::Overflow;
            }
            next = territory.parent;
        }
        if let Some(target) = self.plan.fallback {
            self.add(&mut steps, target, Reason::Fallback);
        }
        steps
    }

    /// Adds a place and its overflow, unless it was added before; what follows a pool is
    /// never reached.
    fn add(&self, steps: &mut Steps, target: Target, reason: Reason) {
        let last = steps.last().map(|step| step.target);
        let ended = matches!(last, Some(Target::Pool(_)));
        if ended || steps.iter().any(|step| step.target == target) {
            return;
        }
        steps.push(Step { target, reason });
        if let Target::Team(team) = target {
            let reason = match reason {
                Reason::Fallback => reason,
                _ => Reason::Overflow,
            };
            for &next in &self.plan.teams[team.at()].overflow {
                self.add(steps, next, reason);
            }
        }
    }

    /// The teams whose room would serve the lead.
    pub fn teams_waited_for(
        &self,
        facts: &Facts<'_>,
        territory: Option<TerritoryIx>,
    ) -> SmallVec<[TeamNo; 4]> {
        let mut teams = SmallVec::new();
        for step in self.steps(territory) {
            if let Target::Team(team) = step.target {
                teams.push(self.roster.crews[team.at()].team);
            }
        }
        let named = facts
            .account
            .and_then(|(ix, _)| self.plan.accounts[ix.at()].owner);
        let sticky = self.plan.policy.sticky_accounts;
        let owner = self.account_owner(facts).filter(|_| sticky);
        let owner = owner.and_then(|rep| self.rep_ix(rep));
        for rep in named.into_iter().chain(owner) {
            for &(team, _) in &self.roster.seats_of[rep.at()] {
                let team = self.roster.crews[team.at()].team;
                if !teams.contains(&team) {
                    teams.push(team);
                }
            }
        }
        teams
    }
}
