//! Reps who leave, go away and come back; and walks over many leads, a piece at a time.
//!
//! A walk is a row: how far it came and when its next piece may be done. A piece is
//! [`PIECE`] leads a second, so that a rep who leaves with thousands of leads floods nobody,
//! and a restart goes on where the last commit stopped.

use crate::event::{Cause, Reason, RepStatus, Span};
use crate::plan::Absence;

use super::changelog::key_of;
use super::desk::{Desk, Standing};
use super::effects::{Announcement, Subject};
use super::errands::{Errand, WorkCause, WorkRow};
use super::life::{Life, Stage};
use super::lifecycle::Event;
use super::names::RepNo;
use super::outcome::{Motive, Word};

/// Leads of one walk decided again in a second of log time.
pub(super) const PIECE: usize = 100;
pub(super) const PAUSE: Span = Span::seconds(1);

impl WorkCause {
    pub fn cause(&self) -> Cause {
        match self {
            Self::Event(id) => Cause::Event(id.clone()),
            Self::Plan(version) => Cause::Plan(version.clone()),
        }
    }
}

impl Desk<'_> {
    /// `rep.status`, and what follows from it for the rep's leads and rotations.
    pub fn announce_status(&mut self, rep: RepNo, status: RepStatus, event: Event<'_>) {
        let over = matches!(status, RepStatus::Away { until: Some(until) } if until <= self.now);
        let status = if over { RepStatus::Active } else { status };
        self.rows.edit_rep(rep, |row| row.status = Some(status));
        let cause = WorkCause::Event(event.id.into());
        match status {
            RepStatus::Active => self.come_back(rep),
            RepStatus::Away { .. } => {
                self.keep_claims(rep);
                self.send_out(Errand::Away(rep), cause);
            }
            RepStatus::Left => {
                self.rows
                    .put_work(self.roster.tenant, Errand::Away(rep), None);
                self.send_out(Errand::Left(rep), cause);
            }
        }
    }

    /// An announced absence is over.
    pub fn returned(&mut self, rep: RepNo) {
        let status = Some(RepStatus::Active);
        self.rows.edit_rep(rep, |row| row.status = status);
        self.come_back(rep);
        self.serve_stirred();
    }

    /// The rep works again: what was still to be taken from him stays, what waits may come.
    fn come_back(&mut self, rep: RepNo) {
        let tenant = self.roster.tenant;
        self.rows.put_work(tenant, Errand::Away(rep), None);
        self.rows.put_work(tenant, Errand::Left(rep), None);
        self.each_rotation(rep, |pass, clock| pass.come_back(clock));
        self.stir(rep);
    }

    /// Under `absence: catch_up` the claim built up so far is kept.
    fn keep_claims(&mut self, rep: RepNo) {
        if self.plan.policy.absence == Absence::CatchUp {
            self.each_rotation(rep, |pass, clock| pass.leave(clock));
        }
    }

    fn each_rotation(&mut self, rep: RepNo, change: impl Fn(&mut super::records::PassRow, u128)) {
        let Some(ix) = self.rep_ix(rep) else {
            return;
        };
        let roster = self.roster;
        for &(team, seat) in &roster.seats_of[ix.at()] {
            let crew = &roster.crews[team.at()];
            let clock = self.rows.team(crew.team).clock;
            let number = crew.seats[seat as usize].pass;
            let mut pass = *self.rows.pass(number);
            change(&mut pass, clock);
            if pass != *self.rows.pass(number) {
                *self.rows.edit_pass(number) = pass;
            }
        }
    }

    /// Begins to take a rep's leads from him, and says how many before.
    pub fn send_out(&mut self, errand: Errand, cause: WorkCause) {
        let (Errand::Left(rep) | Errand::Away(rep)) = errand else {
            return;
        };
        let leads = self.taken_from(errand, rep, 0).len() as u64;
        if leads == 0 {
            return;
        }
        let id = self.names.text(rep).into();
        let subject = match errand {
            Errand::Left(_) => Subject::RepLeft(id),
            _ => Subject::RepAway(id),
        };
        self.announce(subject, leads);
        self.begin(errand, cause);
    }

    pub fn announce(&mut self, subject: Subject, leads: u64) {
        self.effects.announcements.push(Announcement {
            tenant: self.plan.tenant.clone(),
            subject,
            leads,
        });
    }

    /// Sets a walk to its start.
    pub fn begin(&mut self, errand: Errand, cause: WorkCause) {
        let row = WorkRow {
            at: self.now,
            cursor: 0,
            end: self.rows.meta().next_number,
            found: 0,
            cause,
        };
        self.rows.put_work(self.roster.tenant, errand, Some(row));
    }

    /// Leads a rep loses, with their births, in order of arrival.
    fn taken_from(&mut self, errand: Errand, rep: RepNo, cursor: u64) -> Vec<(u64, u32)> {
        let mut leads: Vec<(u64, u32)> = self
            .rows
            .index
            .held(rep)
            .iter()
            .filter_map(|&slot| Some((self.rows.life(slot)?, slot)))
            .filter(|(life, _)| life.birth > cursor)
            .map(|(life, slot)| (life.birth, slot))
            .collect();
        leads.sort_unstable();
        leads.dedup();
        // Who left loses all of them.
        if let Errand::Away(_) = errand {
            leads.retain(|&(_, slot)| self.loses(rep, slot));
        }
        leads
    }

    /// Whether a rep who is away loses the lead: if he has neither accepted nor touched it,
    /// unless he is back as soon as his team asks of whoever gets a lead
    /// (`available: {within: …}`), for then it might be given to him again.
    fn loses(&mut self, rep: RepNo, slot: u32) -> bool {
        let Some(life) = self.rows.life(slot) else {
            return false;
        };
        let begun = life.accepted || life.touched;
        life.rep == Some(rep)
            && life.stage == Stage::Owned
            && !begun
            && !self.back_in_time(&life, rep)
    }

    fn back_in_time(&mut self, life: &Life, rep: RepNo) -> bool {
        let roster = self.roster;
        let (Some(team), Some(ix)) = (self.team_ix(life.team), self.rep_ix(rep)) else {
            return false;
        };
        let (Some(seat), Standing::Away(Some(until))) =
            (roster.seat_in(team, ix), self.standing(ix))
        else {
            return false;
        };
        let available = self.plan.teams[team.at()].available;
        self.begins(available, seat, until).is_some()
    }

    /// Does the next piece of a walk over a rep's leads.
    pub fn take_piece(
        &mut self,
        errand: Errand,
        rep: RepNo,
        mut work: WorkRow,
        limit: usize,
    ) -> usize {
        if self.is_back(errand, rep) {
            self.rows.put_work(self.roster.tenant, errand, None);
            return 0;
        }
        let leads = self.taken_from(errand, rep, work.cursor);
        let piece = leads.len().min(limit).min(PIECE);
        for &(birth, slot) in &leads[..piece] {
            work.cursor = birth;
            self.take_from(errand, rep, slot, &work.cause);
        }
        let row = (piece < leads.len()).then(|| WorkRow {
            at: self.now.plus(PAUSE),
            ..work
        });
        self.rows.put_work(self.roster.tenant, errand, row);
        self.serve_stirred();
        piece
    }

    /// Whether a plan brought the rep back before all his leads were taken from him. An event
    /// that does ends the walk itself.
    fn is_back(&self, errand: Errand, rep: RepNo) -> bool {
        let standing = self.rep_ix(rep).map(|ix| self.standing(ix));
        match errand {
            Errand::Left(_) => standing.is_some_and(|one| one != Standing::Left),
            Errand::Away(_) => standing == Some(Standing::Active),
            _ => false,
        }
    }

    fn take_from(&mut self, errand: Errand, rep: RepNo, slot: u32, cause: &WorkCause) {
        let Some(life) = self.rows.life(slot) else {
            return;
        };
        let key = key_of(self.names, &life);
        let Some(mut case) = self.case(slot, key) else {
            return;
        };
        let reason = match errand {
            Errand::Left(_) => Reason::RepLeft,
            _ => Reason::RepAway,
        };
        if case.life.rep == Some(rep) && case.life.stage == Stage::Owned {
            self.cool_off(&mut case.life);
            self.reread(&mut case.life, |desk, life, facts, candidates| {
                let motive = Motive {
                    reason: Some(reason),
                    cause: Some(cause.cause()),
                    source: None,
                    always: true,
                };
                desk.settle(life, facts, candidates, motive);
            });
        } else {
            self.replace_second(&mut case.life, rep, reason, cause.cause());
        }
        self.put_down(&case);
    }

    /// The rep was a second owner only: the overlay finds another, the owner stays.
    fn replace_second(&mut self, life: &mut Life, rep: RepNo, reason: Reason, cause: Cause) {
        self.reread(life, |desk, life, facts, candidates| {
            life.overlays.retain(|overlay| overlay.rep != Some(rep));
            desk.second_owners(life, facts, candidates);
        });
        if life.stage == Stage::Owned {
            life.reason = Some(reason);
        }
        let cause = Some(cause);
        let word = Word {
            cause,
            same_owner: true,
            ..Word::default()
        };
        self.decide(life, word);
    }
}
