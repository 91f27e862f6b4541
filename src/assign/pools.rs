//! Pools: leads anybody allowed may claim, for a while, within bounds, one winner each.

use crate::event::{Outcome, Reason, Timestamp};
use crate::plan::{PoolIx, RecycleFrom, RepIx, Target, TeamIx};

use super::choice::Verdict;
use super::desk::{Desk, Standing};
use super::life::{Cooling, Life, Stage};
use super::lifecycle::{Case, Event};
use super::names::{PoolNo, RepNo};
use super::outcome::{Motive, Word};
use super::pick::Wish;

impl Desk<'_> {
    /// When the lead moves on by itself, and by which rule of the pool it lies in or was
    /// claimed from.
    pub fn recycling(&self, life: &Life, pool: PoolIx) -> Option<(Timestamp, u32)> {
        let owned = life.stage == Stage::Owned;
        // A lead that is just being decided has no decision of this stage yet.
        let since = if life.touched {
            life.decided_at
        } else {
            self.now
        };
        let rules = self.plan.pools[pool.at()].recycle.iter().enumerate();
        let due = rules.filter_map(|(at, rule)| {
            let from = match rule.of {
                RecycleFrom::Pooled => (!owned).then_some(self.now),
                RecycleFrom::Claim => owned.then_some(since),
                RecycleFrom::Touch => owned.then_some(self.now),
            }?;
            Some((from.plus(rule.after), at as u32))
        });
        due.min()
    }

    /// The rep gives the lead back.
    pub fn released(&mut self, id: &str, rep: Option<&str>, pool: Option<&str>, event: Event<'_>) {
        let case = self.take_up(id);
        let Some(mut case) = case.filter(|case| self.speaks_for_owner(&case.life, rep)) else {
            self.effects.counts.idle += 1;
            return;
        };
        match self.pool_for(&case.life, pool) {
            Some(pool) => {
                self.cool_off_from(&mut case.life, pool);
                let previous = self.leave_owner(&mut case.life);
                self.pool(&mut case.life, pool, Reason::Released);
                self.decide(&mut case.life, event.word(previous));
            }
            // Without any pool, giving back is passing on.
            None => self.pass_on(&mut case.life, event.motive(Reason::Released)),
        }
        self.put_down(&case);
    }

    /// The pool named, else the one it was claimed from, else the first that the team's
    /// overflow, its `then` or the fallback names, else the first that the team may claim from.
    fn pool_for(&self, life: &Life, named: Option<&str>) -> Option<PoolIx> {
        let named = named.and_then(|id| self.plan.pool_by_id(id));
        let claimed = || life.claimed.and_then(|pool| self.roster.pool_ix(pool));
        let team = self.team_ix(life.team).or_else(|| self.serving_team(life));
        let rules = team.map(|team| &self.plan.teams[team.at()]);
        let overflow = rules.map_or(&[][..], |rules| &rules.overflow);
        let then = rules.and_then(|rules| rules.sla.as_ref()?.then);
        let mut targets = overflow.iter().chain(&then).chain(&self.plan.fallback);
        let listed = targets.find_map(|target| match target {
            Target::Pool(pool) => Some(*pool),
            Target::Team(_) => None,
        });
        named
            .or_else(claimed)
            .or(listed)
            .or_else(|| self.first_pool_of(team?))
    }

    fn first_pool_of(&self, team: TeamIx) -> Option<PoolIx> {
        let mut pools = self.plan.pools.iter();
        let at = pools.position(|pool| pool.claimants.contains(&team))?;
        Some(PoolIx(at as u32))
    }

    /// An owner who loses a lead he had claimed may not claim it again for a while.
    pub fn cool_off(&mut self, life: &mut Life) {
        if let Some(pool) = life.claimed.and_then(|pool| self.roster.pool_ix(pool)) {
            self.cool_off_from(life, pool);
        }
    }

    /// The owner may not claim the lead from this pool for a while.
    fn cool_off_from(&mut self, life: &mut Life, pool: PoolIx) {
        if let Some(rep) = life.rep {
            self.cool(life, rep, pool);
        }
    }

    /// The rep may not claim the lead from this pool for a while.
    pub fn cool(&mut self, life: &mut Life, rep: RepNo, pool: PoolIx) {
        let Some(span) = self.plan.pools[pool.at()].claim.cool_off else {
            return;
        };
        let pool = self.roster.pools[pool.at()];
        let now = self.now;
        life.cooling
            .retain(|one| one.until > now && (one.rep, one.pool) != (rep, pool));
        let until = now.plus(span);
        life.cooling.push(Cooling { rep, pool, until });
    }

    /// A rep asks for a pooled lead. The log's order decides between several who ask.
    pub fn claimed(&mut self, id: &str, rep: &str, pool: Option<&str>, event: Event<'_>) {
        let Some(mut case) = self.take_up(id) else {
            return;
        };
        match self.may_claim(&case.life, rep, pool) {
            Err(reason) => self.reject_claim(&case.life, rep, reason, event),
            Ok((claimant, team, pool)) => {
                self.win(&mut case, claimant, team, pool, event);
                self.put_down(&case);
            }
        }
    }

    /// `named` is the pool that the claimant believes the lead to be in, if he says so.
    fn may_claim(
        &mut self,
        life: &Life,
        rep: &str,
        named: Option<&str>,
    ) -> Result<(RepIx, TeamIx, PoolIx), Reason> {
        if matches!(life.stage, Stage::Owned | Stage::Closed) {
            return Err(Reason::AlreadyOwned);
        }
        let pool = life.pool.and_then(|pool| self.roster.pool_ix(pool));
        let pool = pool.ok_or(Reason::NotAMember)?;
        if named.is_some_and(|named| *named != *self.plan.pools[pool.at()].id) {
            return Err(Reason::NotAMember);
        }
        let claimant = self.plan.rep_by_id(rep).ok_or(Reason::NotAMember)?;
        let teams = self.plan.pools[pool.at()].claimants.iter().copied();
        let mut teams = teams.filter(|&team| self.roster.seat_in(team, claimant).is_some());
        let team = teams.next().ok_or(Reason::NotAMember)?;
        if self.standing(claimant) == Standing::Left {
            return Err(Reason::NotAMember);
        }
        if life.hold.is_some_and(|until| self.now < until) {
            return Err(Reason::OnHold);
        }
        let number = self.roster.reps[claimant.at()];
        if self.cooling(life, number, self.roster.pools[pool.at()]) {
            return Err(Reason::CoolingOff);
        }
        if !self.claim_room(claimant, team, pool) {
            return Err(Reason::ClaimLimit);
        }
        Ok((claimant, team, pool))
    }

    fn cooling(&self, life: &Life, rep: RepNo, pool: PoolNo) -> bool {
        let mut all = life.cooling.iter();
        all.any(|one| one.rep == rep && one.pool == pool && self.now < one.until)
    }

    /// Whether one more claim keeps the rep within the pool's limits, the team's and his own.
    fn claim_room(&mut self, rep: RepIx, team: TeamIx, pool: PoolIx) -> bool {
        let rules = self.plan.pools[pool.at()].claim;
        let number = self.roster.reps[rep.at()];
        let pool = self.roster.pools[pool.at()];
        let held = self.rows.index.claims_of(number, pool);
        if rules.open.is_some_and(|most| held >= most) {
            return false;
        }
        if let Some(most) = rules.per_day {
            let day = self.today_number(rep);
            if self.rows.rep(number).claims_on(day, pool) >= most {
                return false;
            }
        }
        self.rep_has_room(rep, Some(team))
    }

    fn win(&mut self, case: &mut Case, rep: RepIx, team: TeamIx, pool: PoolIx, event: Event<'_>) {
        let number = self.roster.pools[pool.at()];
        self.reread(&mut case.life, |desk, life, facts, _| {
            desk.leave_owner(life);
            desk.assign(life, facts, rep, Some(team), Reason::Claimed);
            life.claimed = Some(number);
            // Whoever claims has accepted.
            life.accepted = true;
            life.timers.accept = None;
            life.timers.recycle = desk.recycling(life, pool);
            desk.decide(life, event.word(None));
        });
        self.count_claim(rep, number);
    }

    /// Tells the claimant who has the lead, and by which decision.
    fn reject_claim(&mut self, life: &Life, rep: &str, reason: Reason, event: Event<'_>) {
        let word = Word {
            claimant: Some(rep.into()),
            since: Some(self.decision_id(life.since)),
            ..event.word(None)
        };
        self.tell(life, Outcome::ClaimRejected, reason, word);
    }

    /// A recycling deadline passed: the lead moves to where the rule says.
    pub fn recycle(&mut self, life: &mut Life, rule: u32, motive: Motive) {
        let pool = life.claimed.or(life.pool);
        let pool = pool.and_then(|pool| self.roster.pool_ix(pool));
        let rules = pool.map(|pool| &self.plan.pools[pool.at()].recycle);
        let target = rules
            .and_then(|rules| rules.get(rule as usize))
            .map(|rule| rule.to);
        let (Some(pool), Some(target)) = (pool, target) else {
            // The plan no longer has the rule; the lead stays where it is.
            life.timers.recycle = None;
            return;
        };
        self.cool_off(life);
        self.reread(life, |desk, life, facts, candidates| {
            let excluded: smallvec::SmallVec<[RepNo; 4]> =
                life.excluded.iter().copied().chain(life.rep).collect();
            let wish = Wish {
                facts,
                excluded: &excluded,
                id: &life.id,
            };
            let reason = Reason::Recycled;
            let verdict = match target {
                Target::Pool(pool) => Verdict::Pool { pool, reason },
                Target::Team(team) => desk
                    .choose_in(team, wish, reason)
                    .unwrap_or(Verdict::Pool { pool, reason }),
            };
            desk.conclude(life, facts, candidates, verdict, motive);
        });
    }
}
