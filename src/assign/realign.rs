//! A new plan: waiting leads are decided again, leads of reps who are gone move on, and
//! under `realign: open` so do open leads whose territory changed.
//!
//! A territory with `effective_from` comes into force by the same way at that moment.

use crate::event::{Cause, Reason, RepStatus, Timestamp};
use crate::plan::{Plan, Realign};

use super::changelog::key_of;
use super::desk::Desk;
use super::effects::Subject;
use super::errands::{Errand, WorkCause, WorkRow};
use super::life::{Life, Stage};
use super::names::{Kind, Named as _, RepNo};
use super::outcome::Motive;
use super::redistribution::{PAUSE, PIECE};

/// The next moment at which a territory of the plan becomes effective.
fn next_switch(plan: &Plan, now: Timestamp) -> Option<Timestamp> {
    let moments = plan.territories.iter().filter_map(|one| one.effective_from);
    moments.filter(|&at| at > now).min()
}

impl Desk<'_> {
    /// Takes note of the plan; true if it is not the one decided under before.
    pub fn adopt_plan(&mut self) -> bool {
        let row = self.rows.tenant(self.roster.tenant);
        if row.plan == self.plan.version {
            return false;
        }
        let first = row.plan.is_empty();
        let switch = next_switch(self.plan, self.now);
        let version = self.plan.version.clone();
        self.rows.edit_tenant(self.roster.tenant, |row| {
            row.plan = version;
            row.switch = switch;
        });
        if !first {
            self.send_out_the_missing();
            self.look_again();
        }
        true
    }

    /// A territory of the present plan became effective.
    pub fn switch(&mut self) {
        let switch = next_switch(self.plan, self.now);
        self.rows
            .edit_tenant(self.roster.tenant, |row| row.switch = switch);
        self.look_again();
    }

    fn plan_cause(&self) -> WorkCause {
        WorkCause::Plan(self.plan.version.clone())
    }

    /// Begins the walks that follow a change of the territories.
    fn look_again(&mut self) {
        let tenant = self.roster.tenant;
        let from = (tenant, 0, 0);
        let waiting = self.rows.index.waiting.range(from..).next();
        if waiting.is_some_and(|&(other, _, _)| other == tenant) {
            self.begin(Errand::Waiting, self.plan_cause());
        }
        self.rows.put_work(tenant, Errand::Realign, None);
        self.rows.put_work(tenant, Errand::Survey, None);
        if self.plan.policy.realign == Realign::Open {
            self.begin(Errand::Survey, self.plan_cause());
        }
    }

    /// Reps who hold leads but are no longer in the plan, or have left by it.
    fn send_out_the_missing(&mut self) {
        for number in 0..self.names.count(Kind::Rep) as u32 {
            let rep = RepNo::from_number(number);
            let holds = !self.rows.index.held(rep).is_empty();
            if !holds || self.names.tenant_of(rep) != self.roster.tenant {
                continue;
            }
            let gone = self.rep_ix(rep).is_none_or(|ix| {
                let planned = self.plan.reps[ix.at()].status;
                planned == RepStatus::Left
            });
            if gone {
                self.send_out(Errand::Left(rep), self.plan_cause());
            }
        }
    }

    /// Does the next piece of the walk over waiting leads.
    pub fn reconsider_piece(&mut self, mut work: WorkRow, limit: usize) -> usize {
        let tenant = self.roster.tenant;
        let from = (tenant, work.cursor + 1, 0);
        let to = (tenant, work.end, 0);
        let range = self.rows.index.waiting.range(from..to);
        let piece: Vec<(u64, u32)> = range
            .take(limit)
            .map(|&(_, birth, slot)| (birth, slot))
            .collect();
        for &(birth, slot) in &piece {
            work.cursor = birth;
            self.reconsider(slot, work.cause.cause());
        }
        let at = self.now;
        let row = (piece.len() == limit).then_some(WorkRow { at, ..work });
        self.rows.put_work(tenant, Errand::Waiting, row);
        piece.len()
    }

    /// Does the next piece of a survey or of the move that follows it.
    ///
    /// `open` lists the tenant's open leads of the walk by birth.
    pub fn realign_piece(
        &mut self,
        errand: Errand,
        mut work: WorkRow,
        open: &[(u64, u32)],
        limit: usize,
    ) -> usize {
        let begin = open.partition_point(|&(birth, _)| birth <= work.cursor);
        let (mut seen, mut moved) = (0, 0);
        for &(birth, slot) in &open[begin..] {
            if seen == limit || moved == PIECE {
                break;
            }
            seen += 1;
            work.cursor = birth;
            if self.misplaced(slot) {
                work.found += 1;
                if errand == Errand::Realign {
                    moved += 1;
                    self.realign(slot, work.cause.cause());
                }
            }
        }
        let over = begin + seen == open.len();
        self.go_on(errand, work, over, moved == PIECE);
        self.serve_stirred();
        seen
    }

    /// Notes how far a realignment came; a survey that is over turns into the move.
    fn go_on(&mut self, errand: Errand, work: WorkRow, over: bool, rest: bool) {
        let tenant = self.roster.tenant;
        if !over {
            let at = if rest { self.now.plus(PAUSE) } else { self.now };
            self.rows
                .put_work(tenant, errand, Some(WorkRow { at, ..work }));
            return;
        }
        self.rows.put_work(tenant, errand, None);
        if errand == Errand::Survey && work.found > 0 {
            self.announce(Subject::Realign(self.plan.version.clone()), work.found);
            self.begin(Errand::Realign, work.cause);
        }
    }

    /// Whether the plan in force puts an open lead elsewhere.
    fn misplaced(&mut self, slot: u32) -> bool {
        let Some(mut life) = self.rows.life(slot) else {
            return false;
        };
        if !matches!(life.stage, Stage::Owned | Stage::Pooled) {
            return false;
        }
        self.reread(&mut life, |desk, life, _, candidates| {
            let territory = candidates.territory;
            territory.map(|ix| desk.roster.territories[ix.at()]) != life.territory
        })
    }

    fn realign(&mut self, slot: u32, cause: Cause) {
        let Some(life) = self.rows.life(slot) else {
            return;
        };
        let key = key_of(self.names, &life);
        let Some(mut case) = self.case(slot, key) else {
            return;
        };
        self.cool_off(&mut case.life);
        self.reread(&mut case.life, |desk, life, facts, candidates| {
            let motive = Motive {
                reason: Some(Reason::Realigned),
                cause: Some(cause),
                source: None,
                always: true,
            };
            desk.settle(life, facts, candidates, motive);
        });
        self.put_down(&case);
    }

    /// The tenant's leads a realignment has to look at, by birth.
    pub fn open_leads(&self, end: u64) -> Vec<(u64, u32)> {
        let lives = self.rows.leads.slots();
        let mut leads: Vec<(u64, u32)> = lives
            .filter_map(|(slot, row)| {
                let (tenant, stage, birth) = Life::glance(row).ok()??;
                let placed = matches!(stage, Stage::Owned | Stage::Pooled);
                let ours = placed && tenant == self.roster.tenant && birth < end;
                ours.then_some((birth, slot))
            })
            .collect();
        leads.sort_unstable();
        leads
    }
}
