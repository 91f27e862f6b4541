//! The state as others may see it: one lead, and counts. Nothing personal but the lead's id.

use std::collections::{BTreeMap, BTreeSet};

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
            since: self.rows.told_as(life.tenant, life.since).1,
            territory: life.territory.map(|one| names.text(one).into()),
            team: life.team.map(|one| names.text(one).into()),
            rep: life.rep.map(|one| names.text(one).into()),
            pool: life.pool.map(|one| names.text(one).into()),
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

    /// Waiting leads by reason: how many, and the moment of the oldest.
    pub fn waiting(&self) -> BTreeMap<Reason, (u64, Timestamp)> {
        let reasons = self.rows.index.waiting_for.iter();
        let oldest = |alike: &BTreeSet<(Timestamp, u32)>| alike.first().map(|&(at, _)| at);
        reasons
            .filter_map(|(&reason, alike)| Some((reason, (alike.len() as u64, oldest(alike)?))))
            .collect()
    }

    /// Leads whose next deadline is over at `now` and has not fired yet.
    pub fn overdue(&self, now: Timestamp) -> u64 {
        let deadlines = self.rows.index.lead_deadlines.iter();
        deadlines.take_while(|&(at, _, _)| at <= now).count() as u64
    }
}
