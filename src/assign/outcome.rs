//! From a verdict to the lead's new place, its row and the decision that tells of it.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::event::{Cause, Decision, Due, Outcome, OverlayOwner, Reason, Source};
use crate::plan::{Candidates, Clock, Facts, PoolIx, RepIx, TeamIx, TerritoryIx};

use super::choice::Verdict;
use super::desk::Desk;
use super::handover::handover;
use super::life::{Life, Overlay, Overlays, Stage, Timers};
use super::names::{RepNo, TeamNo, TerritoryNo};
use super::pick::Wish;

/// Why a lead is decided, beyond what the plan says of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Motive {
    /// The reason of an assignment, where the plan's own reason would not tell why now.
    pub reason: Option<Reason>,
    pub cause: Option<Cause>,
    /// The record that led to it; the lead's own if `None`.
    pub source: Option<Source>,
    /// Give a decision even if it says what the last one said.
    pub always: bool,
}

/// What a decision says beyond the lead's own state.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub previous: Option<RepNo>,
    pub cause: Option<Cause>,
    pub source: Option<Source>,
    pub claimant: Option<Box<str>>,
    pub since: Option<Box<str>>,
    /// The owner stays and needs to be told nothing.
    pub same_owner: bool,
}

impl Desk<'_> {
    /// Finds a place for the lead, moves it there and decides.
    pub fn settle(
        &mut self,
        life: &mut Life,
        facts: &Facts<'_>,
        candidates: &Candidates,
        motive: Motive,
    ) {
        let territory = candidates.territory;
        self.yielding = life.rep.filter(|_| life.stage == Stage::Owned);
        let verdict = self.choose(life, facts, territory);
        self.conclude(life, facts, candidates, verdict, motive);
        self.yielding = None;
    }

    /// Moves the lead to where the verdict says and decides.
    pub fn conclude(
        &mut self,
        life: &mut Life,
        facts: &Facts<'_>,
        candidates: &Candidates,
        verdict: Verdict,
        motive: Motive,
    ) {
        let territory = candidates.territory;
        let waited = (life.stage == Stage::Waiting && life.birth != 0).then(|| stand(life));
        let previous = self.leave_owner(life);
        self.set_territory(life, territory);
        match verdict {
            Verdict::Rep { rep, team, reason } => {
                self.assign(life, facts, rep, team, motive.reason.unwrap_or(reason));
            }
            Verdict::Pool { pool, reason } => {
                // Whoever failed a lead may not claim it a moment later.
                if let Some(failed) = previous.filter(|rep| life.excluded.contains(rep)) {
                    self.cool(life, failed, pool);
                }
                self.pool(life, pool, reason);
            }
            Verdict::Nobody { reason } => self.wait(life, facts, territory, reason),
        }
        self.second_owners(life, facts, candidates);
        let waits_on = waited.is_some_and(|before| before == stand(life));
        if waits_on && !motive.always {
            return;
        }
        let word = Word {
            previous,
            cause: motive.cause,
            source: motive.source,
            ..Word::default()
        };
        self.decide(life, word);
    }

    /// Takes the lead from its owner, who becomes history.
    pub fn leave_owner(&mut self, life: &mut Life) -> Option<RepNo> {
        let owner = life.rep.take().filter(|_| life.stage == Stage::Owned);
        if let Some(rep) = owner {
            life.remember_owner(rep);
        }
        life.claimed = None;
        life.accepted = false;
        life.touched = false;
        life.timers = Timers::default();
        life.hold = None;
        life.team = None;
        life.pool = None;
        life.waits.clear();
        owner
    }

    pub fn set_territory(&mut self, life: &mut Life, territory: Option<TerritoryIx>) {
        life.territory = territory.map(|ix| self.roster.territories[ix.at()]);
    }

    /// Gives the lead to a rep and starts his deadlines.
    pub fn assign(
        &mut self,
        life: &mut Life,
        facts: &Facts<'_>,
        rep: RepIx,
        team: Option<TeamIx>,
        reason: Reason,
    ) {
        let number = self.roster.reps[rep.at()];
        life.stage = Stage::Owned;
        life.reason = Some(reason);
        life.rep = Some(number);
        life.team = team.map(|team| self.roster.crews[team.at()].team);
        life.timers = self.deadlines(rep, team);
        self.count_today(rep);
        self.learn_account(facts, number);
    }

    /// The deadlines of a new owner, on the wall or his working clock.
    pub fn deadlines(&mut self, rep: RepIx, team: Option<TeamIx>) -> Timers {
        let (plan, now) = (self.plan, self.now);
        let Some(team) = team.map(|team| &plan.teams[team.at()]) else {
            return Timers::default();
        };
        let Some(sla) = &team.sla else {
            return Timers::default();
        };
        let own = plan.reps[rep.at()].calendar.or(team.calendar);
        let calendar = own.filter(|_| sla.clock == Clock::Working);
        let mut due = |span| self.hours.deadline(plan, calendar, now, span);
        Timers {
            accept: sla.accept.and_then(&mut due),
            touch: sla.touch.and_then(due),
            ..Timers::default()
        }
    }

    /// Lets the lead wait for whoever could take it.
    fn wait(
        &mut self,
        life: &mut Life,
        facts: &Facts<'_>,
        territory: Option<TerritoryIx>,
        reason: Reason,
    ) {
        life.stage = Stage::Waiting;
        life.reason = Some(reason);
        if reason == Reason::TooOld {
            return;
        }
        life.waits = self.teams_waited_for(facts, territory);
        let max_age = self.plan.policy.max_age.filter(|_| life.owners.is_empty());
        let outlives = max_age.map(|span| life.lead_at.plus(span));
        life.timers.max_age = outlives.filter(|&at| at > self.now);
        let waits = life.waits.clone();
        for team in waits {
            self.watch(team);
        }
    }

    /// Puts the lead into a pool.
    pub fn pool(&mut self, life: &mut Life, pool: PoolIx, reason: Reason) {
        let rules = &self.plan.pools[pool.at()];
        life.stage = Stage::Pooled;
        life.reason = Some(reason);
        life.pool = Some(self.roster.pools[pool.at()]);
        life.hold = rules.claim.hold.map(|span| self.now.plus(span));
        life.timers.recycle = self.recycling(life, pool);
    }

    /// Keeps second owners whose territory still holds the lead, and finds the missing ones.
    pub fn second_owners(&mut self, life: &mut Life, facts: &Facts<'_>, candidates: &Candidates) {
        if candidates.overlays.is_empty() && life.overlays.is_empty() {
            return;
        }
        let before = std::mem::take(&mut life.overlays);
        for &territory in &candidates.overlays {
            let number = self.roster.territories[territory.at()];
            let kept = before.iter().find(|one| one.territory == number);
            let kept = kept.filter(|one| one.rep.is_some_and(|rep| self.still_here(rep)));
            let overlay = match kept {
                Some(&overlay) => overlay,
                None => self.second_owner(life, facts, territory),
            };
            life.overlays.push(overlay);
        }
    }

    fn still_here(&self, rep: RepNo) -> bool {
        self.rep_ix(rep).is_some_and(|ix| self.active(ix))
    }

    fn second_owner(&mut self, life: &Life, facts: &Facts<'_>, ix: TerritoryIx) -> Overlay {
        let team = self.plan.territory(ix).serving_team;
        // One person twice on one lead would be no second owner.
        let seconds = life.overlays.iter().filter_map(|overlay| overlay.rep);
        let excluded: SmallVec<[RepNo; 4]> = life.rep.into_iter().chain(seconds).collect();
        let wish = Wish {
            facts,
            excluded: &excluded,
            id: &life.id,
        };
        let seat = team.and_then(|team| Some((team, self.pick(team, wish).ok()?)));
        let rep = seat.map(|(team, seat)| {
            self.take_turn(team, seat, facts.potential);
            self.roster.crews[team.at()].seats[seat].ix
        });
        if let Some(rep) = rep {
            self.count_today(rep);
        }
        Overlay {
            territory: self.roster.territories[ix.at()],
            team: team.map(|team| self.roster.crews[team.at()].team),
            rep: rep.map(|rep| self.roster.reps[rep.at()]),
        }
    }

    /// Gives the lead's present state out as a decision, with the next number.
    pub fn decide(&mut self, life: &mut Life, word: Word) {
        let number = self.rows.meta().next_number;
        if life.birth == 0 {
            life.birth = number;
        }
        life.since = number;
        life.decided_at = self.now;
        let outcome = match life.stage {
            Stage::Owned => Outcome::Assigned,
            Stage::Pooled => Outcome::Pooled,
            Stage::Waiting => Outcome::Unassigned,
            Stage::Duplicate => Outcome::Duplicate,
            Stage::Closed => Outcome::Closed,
        };
        let reason = life.reason.unwrap_or(Reason::NoTerritory);
        self.tell(life, outcome, reason, word);
    }

    /// Gives out a decision that leaves the lead as it is.
    pub fn tell(&mut self, life: &Life, outcome: Outcome, reason: Reason, word: Word) {
        let meta = self.rows.edit_meta();
        let seq = meta.next_seq();
        meta.next_number += 1;
        let moved = outcome == Outcome::Assigned && !word.same_owner && life.hands_over();
        let source = word.source.unwrap_or_else(|| self.origin(life));
        let decision = Decision {
            tenant: Arc::clone(&self.roster.tenant_name),
            lead: life.id.clone(),
            revision: life.revision,
            seq,
            outcome,
            reason,
            territory: life.territory.map(|one| self.names.name(one)),
            path: self.path(life),
            team: life.team.map(|one| self.names.name(one)),
            rep: life.rep.map(|one| self.names.name(one)),
            previous_rep: word.previous.map(|one| self.names.name(one)),
            pool: life.pool.map(|one| self.names.name(one)),
            duplicate_of: life.duplicate_of.clone(),
            overlays: life.overlays.iter().map(|one| self.overlay(one)).collect(),
            due: Due {
                accept_by: life.timers.accept,
                touch_by: life.timers.touch,
            },
            // An ended lead remembers its tries no more; the first is the least there was.
            attempt: life.attempt.max(1),
            cause: word.cause,
            plan: Arc::clone(&self.roster.version),
            source,
            lead_at: life.lead_at,
            decided_at: self.now,
            claimant: word.claimant,
            since: word.since,
            handover: moved.then(|| handover(self.names, life)),
        };
        self.effects.decisions.push(decision);
    }

    fn origin(&self, life: &Life) -> Source {
        Source {
            topic: self.names.name(life.origin.topic),
            partition: life.origin.partition,
            offset: life.origin.offset,
        }
    }

    fn path(&self, life: &Life) -> Vec<Arc<str>> {
        let territory = life.territory.and_then(|one| self.roster.territory_ix(one));
        let Some(mut ix) = territory else {
            return Vec::new();
        };
        let depth = usize::from(self.plan.territory(ix).depth);
        let mut path = Vec::with_capacity(depth + 1);
        loop {
            path.push(self.names.name(self.roster.territories[ix.at()]));
            match self.plan.territory(ix).parent {
                Some(parent) => ix = parent,
                None => break,
            }
        }
        path.reverse();
        path
    }

    fn overlay(&self, one: &Overlay) -> OverlayOwner {
        OverlayOwner {
            territory: self.names.name(one.territory),
            team: one.team.map(|team| self.names.name(team)),
            rep: one.rep.map(|rep| self.names.name(rep)),
        }
    }

    /// Writes the lead's row, and notes the teams of every rep who got room by it.
    pub fn save(
        &mut self,
        slot: Option<u32>,
        key: u128,
        before: Option<&Life>,
        life: &Life,
    ) -> u32 {
        let slot = match slot {
            Some(slot) => {
                self.rows.replace_lead(slot, key, life);
                slot
            }
            None => self.rows.insert_lead(key, life),
        };
        if let Some(before) = before {
            self.note_room(before, Some(life));
        }
        slot
    }

    /// The id of a decision of this tenant, made by this lane or by one before a reshard.
    pub fn decision_id(&self, number: u64) -> Box<str> {
        let (before, seq) = self.rows.told_as(self.roster.tenant, number);
        let lane = before.unwrap_or(self.lane);
        format!("{}/{lane}/{seq}", self.plan.tenant).into()
    }

    pub fn team_ix(&self, team: Option<TeamNo>) -> Option<TeamIx> {
        self.roster.team_ix(team?)
    }

    /// Whether the lead is older than the plan allows for one that never found anybody.
    pub fn too_old(&self, life: &Life) -> bool {
        let fresh = life.stage == Stage::Waiting && life.owners.is_empty();
        let max_age = self.plan.policy.max_age.filter(|_| fresh);
        max_age.is_some_and(|most| self.now.since(life.lead_at) > most)
    }
}

/// What a lead that waits on would say again.
fn stand(life: &Life) -> (Stage, Option<Reason>, Option<TerritoryNo>, Overlays) {
    let overlays = life.overlays.clone();
    (life.stage, life.reason, life.territory, overlays)
}
