//! One tenant at one moment: what deciding may read and change.

use crate::event::{Lead, RepStatus, Text, Timestamp};
use crate::plan::{Candidates, Facts, Plan, RepIx, TeamIx};

use super::body;
use super::effects::Effects;
use super::hours::Hours;
use super::life::Life;
use super::names::{Names, RepNo, TeamNo};
use super::roster::Roster;
use super::rows::Rows;

/// A tenant's plan, and the way to read a lead under it.
///
/// The state keeps leads as they came in. When one is decided again, it is read anew under
/// the plan in force, which only the holder of normaliser and router can do.
pub trait Book {
    /// The plan in force.
    fn plan(&self) -> &Plan;

    /// The lead's facts under this plan, and the territories it falls into at `now`.
    fn read<'l>(&'l self, lead: &'l Lead<'l>, now: Timestamp) -> (Facts<'l>, Candidates);
}

pub(super) struct Desk<'a> {
    pub now: Timestamp,
    pub book: &'a dyn Book,
    pub plan: &'a Plan,
    pub roster: &'a Roster,
    pub hours: &'a mut Hours,
    pub rows: &'a mut Rows,
    pub names: &'a mut Names,
    pub effects: &'a mut Effects,
    /// The lane's name in decision ids.
    pub lane: &'a str,
    /// Teams with waiting leads that got room by this record.
    pub stirred: Vec<TeamNo>,
    /// The owner of the lead that is being decided again: it is no longer his, so it takes
    /// none of his room.
    pub yielding: Option<RepNo>,
}

/// A rep's present status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Active,
    Away(Option<Timestamp>),
    Left,
}

impl Desk<'_> {
    /// What a rep's last event says, else the plan. Who left by the plan has left.
    pub fn standing(&self, ix: RepIx) -> Standing {
        let planned = self.plan.reps[ix.at()].status;
        let told = self.rows.rep(self.roster.reps[ix.at()]).status;
        let status = match planned {
            RepStatus::Left => RepStatus::Left,
            planned => told.unwrap_or(planned),
        };
        match status {
            RepStatus::Active => Standing::Active,
            RepStatus::Left => Standing::Left,
            RepStatus::Away { until: Some(until) } if until <= self.now => Standing::Active,
            RepStatus::Away { until } => Standing::Away(until),
        }
    }

    pub fn active(&self, ix: RepIx) -> bool {
        self.standing(ix) == Standing::Active
    }

    /// Reads the life's lead anew and hands it to `then`.
    pub fn reread<R>(
        &mut self,
        life: &mut Life,
        then: impl FnOnce(&mut Self, &mut Life, &Facts<'_>, &Candidates) -> R,
    ) -> R {
        let body = std::mem::take(&mut life.body);
        let id = life.id.clone();
        // A body in memory was written here or checked by restore; an unreadable one could
        // only be a lead of which nothing is known.
        let mut lead = body::read(&body).unwrap_or_default();
        lead.id = Text::Borrowed(&id);
        lead.tenant = Text::Borrowed(&self.plan.tenant);
        lead.revision = life.revision;
        let book = self.book;
        let (facts, candidates) = book.read(&lead, self.now);
        let result = then(self, life, &facts, &candidates);
        drop(facts);
        drop(lead);
        life.body = body;
        result
    }

    /// The team that an assignment to this rep counts in: the preferred one if the rep is a
    /// member, else the rep's first.
    pub fn team_of(&self, rep: RepIx, preferred: Option<TeamIx>) -> Option<TeamIx> {
        let seats = &self.roster.seats_of[rep.at()];
        let member = |team: &TeamIx| seats.iter().any(|(one, _)| one == team);
        let first = seats.first().map(|(team, _)| *team);
        preferred.filter(member).or(first)
    }

    pub fn rep_ix(&self, rep: RepNo) -> Option<RepIx> {
        self.roster.rep_ix(rep)
    }
}
