//! The state as others may see it: one lead, and counts. Nothing personal but the lead's id.

use std::collections::BTreeMap;

use crate::event::{Due, Handover, Reason, Timestamp};

use super::State;
use super::life::{Life, Stage};

/// What is known of one lead.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadView {
    pub stage: &'static str,
    pub reason: Option<Reason>,
    pub revision: u64,
    /// `seq` of the decision by which it came to where it is.
    pub since: u64,
    pub territory: Option<Box<str>>,
    pub team: Option<Box<str>>,
    pub rep: Option<Box<str>>,
    pub pool: Option<Box<str>>,
    pub duplicate_of: Option<Box<str>>,
    pub attempt: u32,
    pub due: Due,
    pub lead_at: Timestamp,
    pub decided_at: Timestamp,
    pub history: Handover,
}

/// How many leads stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeadCounts {
    pub waiting: u64,
    pub owned: u64,
    pub pooled: u64,
    pub duplicates: u64,
    pub closed: u64,
    /// Activity that waits for its lead.
    pub early: u64,
    /// Timers and other chores that are set.
    pub timers: u64,
}

/// One member's place in a rotation.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberView {
    pub rep: Box<str>,
    /// Leads held now.
    pub open: u32,
    /// How many turns of weight 1 the member is ahead of the one who is furthest behind.
    pub ahead: f64,
}

fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => "unassigned",
        Stage::Owned => "assigned",
        Stage::Pooled => "pooled",
        Stage::Duplicate => "duplicate",
        Stage::Closed => "closed",
    }
}

impl State {
    /// What is known of a lead.
    pub fn lead(&self, tenant: &str, id: &str) -> Option<LeadView> {
        let number = self.names.find_tenant(tenant)?;
        let name = super::leads::LeadName::new(tenant, number, id);
        let slot = self.rows.leads.find(&name)?;
        Some(self.view(&self.rows.life(slot)?))
    }

    fn view(&self, life: &Life) -> LeadView {
        let names = &self.names;
        LeadView {
            stage: word(life.stage),
            reason: life.reason,
            revision: life.revision,
            since: life.since,
            territory: life.territory.map(|one| names.boxed(one)),
            team: life.team.map(|one| names.boxed(one)),
            rep: life.rep.map(|one| names.boxed(one)),
            pool: life.pool.map(|one| names.boxed(one)),
            duplicate_of: life.duplicate_of.clone(),
            attempt: life.attempt,
            due: Due {
                accept_by: life.timers.accept,
                touch_by: life.timers.touch,
            },
            lead_at: life.lead_at,
            decided_at: life.decided_at,
            history: super::handover::handover(names, life),
        }
    }

    pub fn counts(&self) -> LeadCounts {
        let index = &self.rows.index;
        LeadCounts {
            waiting: index.count(Stage::Waiting),
            owned: index.count(Stage::Owned),
            pooled: index.count(Stage::Pooled),
            duplicates: index.count(Stage::Duplicate),
            closed: index.count(Stage::Closed),
            early: self.rows.early_count() as u64,
            timers: (index.lead_deadlines.len() + index.chores.len()) as u64,
        }
    }

    /// How many leads have a row, wherever they stand.
    pub fn remembered_leads(&self) -> u64 {
        let counts = self.counts();
        counts.waiting + counts.owned + counts.pooled + counts.duplicates + counts.closed
    }

    /// Waiting leads by reason: how many, and the moment of the oldest. It reads every
    /// waiting lead, so ask at the pace of a scrape.
    pub fn waiting(&self) -> BTreeMap<Reason, (u64, Timestamp)> {
        let mut reasons = BTreeMap::new();
        for &(_, _, slot) in &self.rows.index.waiting {
            let Some(life) = self.rows.life(slot) else {
                continue;
            };
            let reason = life.reason.unwrap_or(Reason::NoTerritory);
            let (count, oldest) = reasons.entry(reason).or_insert((0, life.lead_at));
            *count += 1;
            *oldest = life.lead_at.min(*oldest);
        }
        reasons
    }

    /// The rotation of a team under the plan last applied, in the order of rep ids.
    pub fn rotation(&self, tenant: &str, team: &str) -> Vec<MemberView> {
        let Some(roster) = self.roster_of(tenant) else {
            return Vec::new();
        };
        let number = self.names.find(roster.tenant, team);
        let Some(ix) = number.and_then(|team| roster.team_ix(team)) else {
            return Vec::new();
        };
        let crew = &roster.crews[ix.at()];
        let clock = self.rows.team(crew.team).clock;
        let pass = |number: u32| self.rows.pass(number).effective(clock);
        let least = crew.seats.iter().map(|seat| pass(seat.pass)).min();
        let members = crew.seats.iter().map(|seat| MemberView {
            rep: self.names.boxed(seat.rep),
            open: self.rows.index.open_of(seat.rep),
            ahead: (pass(seat.pass) - least.unwrap_or(0)) as f64 / super::rotation::SCALE as f64,
        });
        members.collect()
    }
}
