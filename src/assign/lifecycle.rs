//! What happens to a lead after it came in: accepted, declined, touched, transferred,
//! closed, merged, withdrawn.

use crate::event::{
    Activity, ActivityKind, Cause, CloseResult, Outcome, Reason, RepStatus, Source, TouchKind,
};
use crate::plan::TeamIx;

use super::Fate;
use super::desk::{Desk, Standing};
use super::keys::{self, Subject};
use super::life::{Life, Stage, Timers};
use super::names::RepNo;
use super::outcome::{Motive, Word};
use super::records::Mark;

/// One lead taken up: its row before, and what it becomes.
pub(super) struct Case {
    pub slot: u32,
    pub key: u128,
    pub before: Life,
    pub life: Life,
}

/// An event as the cause of a decision, with the record it came in.
#[derive(Clone, Copy)]
pub(super) struct Event<'e> {
    pub id: &'e str,
    pub source: &'e Source,
}

impl Event<'_> {
    pub fn word(self, previous: Option<RepNo>) -> Word {
        Word {
            previous,
            cause: Some(Cause::Event(self.id.into())),
            source: Some(self.source.clone()),
            ..Word::default()
        }
    }

    pub fn motive(self, reason: Reason) -> Motive {
        Motive {
            reason: Some(reason),
            cause: Some(Cause::Event(self.id.into())),
            source: Some(self.source.clone()),
            always: true,
        }
    }
}

impl Desk<'_> {
    /// One activity record.
    pub fn happen(&mut self, activity: &Activity<'_>, source: &Source, raw: &[u8]) -> Fate {
        if !activity.id.is_empty() {
            let event = keys::short(Subject::Event, &self.plan.tenant, &activity.id);
            if !self.rows.see_event(event, self.now) {
                self.effects.counts.redelivered += 1;
                return Fate::Redelivered;
            }
        }
        let decisions = self.effects.decisions.len();
        match activity.kind.lead() {
            Some(lead) if !self.knows(lead) => return self.too_early(lead, activity, source, raw),
            Some(lead) => {
                if let Some(into) = self.unknown_target(lead, &activity.kind) {
                    return self.too_early(into, activity, source, raw);
                }
                self.carry_out(lead, activity, source);
            }
            None => self.carry_out("", activity, source),
        }
        if self.effects.decisions.len() > decisions {
            Fate::Decided
        } else {
            Fate::Changed
        }
    }

    /// The lead that another is to be merged into, while it is not known.
    pub fn unknown_target<'k>(&self, lead: &str, kind: &'k ActivityKind<'_>) -> Option<&'k str> {
        match kind {
            ActivityKind::Merged { into, .. } if **into != *lead && !self.knows(into) => Some(into),
            _ => None,
        }
    }

    fn knows(&self, id: &str) -> bool {
        let slot = self.rows.leads.find(&self.lead_name(id));
        let life = slot.and_then(|slot| self.rows.life(slot));
        life.is_some_and(|life| !self.forgotten(&life))
    }

    /// A withdrawal leaves its mark at once; everything else waits for the lead.
    fn too_early(
        &mut self,
        id: &str,
        activity: &Activity<'_>,
        source: &Source,
        raw: &[u8],
    ) -> Fate {
        let key = self.lead_name(id).key;
        if let ActivityKind::Withdrawn { .. } = activity.kind {
            if self.rows.mark(key, self.now).is_none() {
                let at = self.now;
                self.rows.put_mark(key, Some(Mark { revision: None, at }));
            }
            return Fate::Changed;
        }
        self.keep_early(key, activity, source, raw);
        Fate::Waiting
    }

    /// Does what the activity says, now that its lead, if it names one, is known.
    pub fn carry_out(&mut self, lead: &str, activity: &Activity<'_>, source: &Source) {
        let event = Event {
            id: &activity.id,
            source,
        };
        match &activity.kind {
            ActivityKind::Accepted { rep, .. } => self.accepted(lead, rep.as_deref()),
            ActivityKind::Declined { rep, .. } => self.declined(lead, rep.as_deref(), event),
            ActivityKind::Touched { rep, kind, .. } => self.touched(lead, rep.as_deref(), *kind),
            ActivityKind::Released { rep, pool, .. } => {
                self.released(lead, rep.as_deref(), pool.as_deref(), event);
            }
            ActivityKind::Claimed { rep, pool, .. } => {
                self.claimed(lead, rep, pool.as_deref(), event);
            }
            ActivityKind::Transferred { rep, .. } => self.transferred(lead, rep, event),
            ActivityKind::Closed { result, .. } => self.closed(lead, *result, event),
            ActivityKind::Merged { into, .. } => self.merged(lead, into, event),
            ActivityKind::Withdrawn { .. } => self.withdrawn(lead, event),
            ActivityKind::RepStatus { rep, status } => self.rep_status(rep, *status, event),
            ActivityKind::AccountOwned { account, rep } => {
                self.account_owned(account, rep.as_deref())
            }
            ActivityKind::OpportunityStaged { stage, value, .. } if !lead.is_empty() => {
                self.staged(lead, stage, *value);
            }
            // Money and visits concern the indicators, not who owns what.
            ActivityKind::OpportunityStaged { .. }
            | ActivityKind::OrderBooked { .. }
            | ActivityKind::InvoiceIssued { .. }
            | ActivityKind::PaymentReceived { .. }
            | ActivityKind::VisitLogged { .. } => {}
        }
        self.serve_stirred();
    }

    pub fn take_up(&self, id: &str) -> Option<Case> {
        let name = self.lead_name(id);
        let slot = self.rows.leads.find(&name)?;
        self.case(slot, name.key)
    }

    pub fn case(&self, slot: u32, key: u128) -> Option<Case> {
        let before = self.rows.life(slot)?;
        Some(Case {
            slot,
            key,
            life: before.clone(),
            before,
        })
    }

    pub fn put_down(&mut self, case: &Case) {
        self.save(Some(case.slot), case.key, Some(&case.before), &case.life);
    }

    /// Whether the event may speak for the owner: it names nobody, or him.
    pub fn speaks_for_owner(&self, life: &Life, rep: Option<&str>) -> bool {
        let owner = life.rep.filter(|_| life.stage == Stage::Owned);
        owner.is_some_and(|owner| rep.is_none_or(|rep| self.names.text(owner) == rep))
    }

    fn idle(&mut self) {
        self.effects.counts.idle += 1;
    }

    fn accepted(&mut self, id: &str, rep: Option<&str>) {
        match self.take_up(id) {
            Some(mut case) if self.speaks_for_owner(&case.life, rep) => {
                case.life.accepted = true;
                let accept = &mut case.life.timers.accept;
                self.effects.counts.meet([accept, &mut None]);
                self.put_down(&case);
            }
            _ => self.idle(),
        }
    }

    fn declined(&mut self, id: &str, rep: Option<&str>, event: Event<'_>) {
        match self.take_up(id) {
            Some(mut case) if self.speaks_for_owner(&case.life, rep) => {
                self.cool_off(&mut case.life);
                self.next_try(&mut case.life, event.motive(Reason::Declined));
                self.put_down(&case);
            }
            _ => self.idle(),
        }
    }

    /// A touch counts for the deadline if the owner made it, and is remembered in any case.
    fn touched(&mut self, id: &str, rep: Option<&str>, kind: TouchKind) {
        let Some(mut case) = self.take_up(id).filter(|case| case.life.open()) else {
            return self.idle();
        };
        let by = match rep {
            Some(rep) => self.names.find(self.roster.tenant, rep),
            None => case.life.rep,
        };
        case.life.remember_touch(self.now, kind, by);
        if self.speaks_for_owner(&case.life, rep) {
            case.life.accepted = true;
            case.life.touched = true;
            let timers = &mut case.life.timers;
            let deadlines = [&mut timers.accept, &mut timers.touch];
            self.effects.counts.meet(deadlines);
            if let Some(pool) = case.life.claimed.and_then(|pool| self.roster.pool_ix(pool)) {
                case.life.timers.recycle = self.recycling(&case.life, pool);
            }
        }
        self.put_down(&case);
    }

    fn staged(&mut self, id: &str, stage: &str, value: Option<f64>) {
        let Some(mut case) = self.take_up(id).filter(|case| case.life.open()) else {
            return self.idle();
        };
        case.life.opportunity = Some((stage.into(), value));
        self.put_down(&case);
    }

    /// A manager decides: neither limits nor hours stand against it, only an unknown rep or
    /// one who left.
    fn transferred(&mut self, id: &str, rep: &str, event: Event<'_>) {
        let number = self.names.find::<RepNo>(self.roster.tenant, rep);
        let rep = number.and_then(|rep| self.rep_ix(rep));
        let rep = rep.filter(|&rep| self.standing(rep) != Standing::Left);
        let case = self.take_up(id).filter(|case| case.life.open());
        let (Some(rep), Some(mut case)) = (rep, case) else {
            return self.idle();
        };
        if case.life.stage == Stage::Owned && case.life.rep == number {
            return self.idle();
        }
        let preferred = self.serving_team(&case.life);
        let life = &mut case.life;
        self.cool_off(life);
        self.reread(life, |desk, life, facts, _| {
            let team = desk.team_of(rep, preferred);
            desk.count_in_rotation(rep, team, facts.potential);
            let previous = desk.leave_owner(life);
            desk.assign(life, facts, rep, team, Reason::Manual);
            desk.decide(life, event.word(previous));
        });
        self.put_down(&case);
    }

    /// The team of the lead's territory.
    pub fn serving_team(&self, life: &Life) -> Option<TeamIx> {
        let territory = self.roster.territory_ix(life.territory?)?;
        self.plan.territory(territory).serving_team
    }

    fn closed(&mut self, id: &str, result: CloseResult, event: Event<'_>) {
        let reason = match result {
            CloseResult::Won => Reason::Won,
            CloseResult::Lost => Reason::Lost,
            CloseResult::Invalid => Reason::Invalid,
        };
        match self.take_up(id) {
            Some(mut case) if case.life.stage != Stage::Closed => {
                self.end(&mut case.life, reason, event);
                self.put_down(&case);
            }
            _ => self.idle(),
        }
    }

    /// The lead ends with a decision and shrinks to what recognises it again.
    fn end(&mut self, life: &mut Life, reason: Reason, event: Event<'_>) {
        life.stage = Stage::Closed;
        life.reason = Some(reason);
        life.timers = Timers::default();
        life.pool = None;
        self.decide(life, event.word(None));
        life.shrink();
    }

    /// The lead is the same as another, which takes over its history and its person.
    fn merged(&mut self, id: &str, into: &str, event: Event<'_>) {
        let case = self
            .take_up(id)
            .filter(|case| case.life.stage != Stage::Closed);
        // What was merged itself goes on no more, and two would go round in a circle.
        let target = self
            .take_up(into)
            .filter(|target| id != into && target.life.reason != Some(Reason::Merged));
        let (Some(mut case), Some(mut target)) = (case, target) else {
            return self.idle();
        };
        case.life.duplicate_of = Some(into.into());
        let ended = case.life.clone();
        self.end(&mut case.life, Reason::Merged, event);
        case.life.persons.clear();
        self.put_down(&case);
        for &hash in &ended.persons {
            if !target.life.persons.contains(&hash) {
                target.life.persons.push(hash);
            }
        }
        if target.life.open() {
            target.life.inherit(&ended);
        }
        self.put_down(&target);
    }

    /// The lead is forgotten: the owner is told, and a mark without anything personal stays.
    fn withdrawn(&mut self, id: &str, event: Event<'_>) {
        let Some(case) = self.take_up(id) else {
            return self.idle();
        };
        let mut told = case.life.clone();
        told.timers = Timers::default();
        told.pool = None;
        let owner = told.rep.take().filter(|_| case.life.open());
        self.tell(
            &told,
            Outcome::Withdrawn,
            Reason::Withdrawn,
            event.word(owner),
        );
        self.rows.remove_lead(case.slot, case.key);
        self.note_room(&case.before, None);
        let mark = Mark {
            revision: Some(case.life.revision),
            at: self.now,
        };
        self.rows.put_mark(case.key, Some(mark));
    }

    fn rep_status(&mut self, rep: &str, status: RepStatus, event: Event<'_>) {
        let number: RepNo = self.names.number(self.roster.tenant, rep);
        self.announce_status(number, status, event);
    }
}
