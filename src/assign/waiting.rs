//! Leads that nobody could take: decided again, in order of arrival, as soon as somebody can.
//!
//! A team whose room is waited for has a wake: a moment in its row. Whoever loses a lead or
//! comes back sets it to now; a calendar, an absence or a day's limit sets it to the moment
//! at which it will change. When the moment comes, the leads that wait for the team are
//! tried in order of arrival, a bounded number at a time.

use crate::event::{Cause, Timestamp};
use crate::plan::{Availability, TeamIx};

use super::changelog::key_of;
use super::desk::{Desk, Standing};
use super::index;
use super::life::{Life, Stage};
use super::names::{RepNo, TeamNo};
use super::outcome::Motive;
use super::records::Wake;
use super::roster::{Seat, UNLIMITED};

/// Waiting leads tried in the same step as the record that made room: as many as a record
/// usually frees, so that no later lead overtakes them, and no more, so that one record
/// stays cheap. The rest follows with the next tick.
const SERVED_AT_ONCE: usize = 8;

impl Desk<'_> {
    /// A lead begins to wait for this team: wake no later than somebody's next chance.
    pub fn watch(&mut self, team: TeamNo) {
        let Some(ix) = self.roster.team_ix(team) else {
            return;
        };
        let Some(chance) = self.next_chance(ix) else {
            return;
        };
        let wake = self.rows.team(team).wake;
        if wake.is_none_or(|wake| chance.at < wake.at) {
            self.rows.set_wake(team, Some(chance));
        }
    }

    /// Every rep who held the lead before and does not now has room.
    pub fn note_room(&mut self, before: &Life, now: Option<&Life>) {
        for rep in index::holders(before) {
            let holds = now.is_some_and(|now| index::holders(now).any(|other| other == rep));
            if !holds {
                self.stir(rep);
            }
        }
    }

    /// This rep may take leads that he could not take before.
    pub fn stir(&mut self, rep: RepNo) {
        let Some(ix) = self.rep_ix(rep) else {
            return;
        };
        for &(team, _) in &self.roster.seats_of[ix.at()] {
            let team = self.roster.crews[team.at()].team;
            if self.rows.index.waits_on(team) {
                self.rows.set_wake(
                    team,
                    Some(Wake {
                        at: self.now,
                        cursor: 0,
                        rep: Some(rep),
                    }),
                );
                self.stirred.push(team);
            }
        }
    }

    /// Serves the leads that wait for whoever this record made free.
    pub fn serve_stirred(&mut self) {
        let mut left = SERVED_AT_ONCE;
        while let Some(team) = self.stirred.pop() {
            left -= self.wake(team, left);
            if left == 0 {
                // The wakes of the others stand in their rows, due now.
                self.stirred.clear();
            }
        }
    }

    /// Tries at most `limit` leads that wait for the team; returns how many it tried.
    pub fn wake(&mut self, team: TeamNo, limit: usize) -> usize {
        let Some(wake) = self.rows.team(team).wake.filter(|wake| wake.at <= self.now) else {
            return 0;
        };
        let Some(ix) = self.roster.team_ix(team) else {
            self.rows.set_wake(team, None);
            return 0;
        };
        let (mut cursor, mut tried) = (wake.cursor, 0);
        while let Some((birth, slot)) = self.next_waiting(team, cursor) {
            if !self.anyone_ready(ix) {
                break;
            }
            if tried == limit {
                self.rows.set_wake(team, Some(Wake { cursor, ..wake }));
                return tried;
            }
            cursor = birth;
            tried += 1;
            self.retry(slot, self.freed_by(team, wake));
        }
        let next = self
            .next_chance(ix)
            .filter(|_| self.rows.index.waits_on(team));
        self.rows.set_wake(team, next);
        tried
    }

    fn freed_by(&self, team: TeamNo, wake: Wake) -> Cause {
        let rep = wake.rep.map(|rep| self.names.boxed(rep));
        Cause::Free(rep.unwrap_or_else(|| self.names.boxed(team)))
    }

    fn next_waiting(&self, team: TeamNo, cursor: u64) -> Option<(u64, u32)> {
        let from = (team, cursor + 1, 0);
        let &(other, birth, slot) = self.rows.index.waiting_on.range(from..).next()?;
        (other == team).then_some((birth, slot))
    }

    fn anyone_ready(&mut self, team: TeamIx) -> bool {
        let roster = self.roster;
        let available = self.plan.teams[team.at()].available;
        let mut seats = roster.crews[team.at()].seats.iter();
        seats.any(|seat| self.ready(available, seat))
    }

    /// Decides a waiting lead again; a decision follows only if something came of it.
    pub fn retry(&mut self, slot: u32, cause: Cause) {
        let Some(life) = self
            .rows
            .life(slot)
            .filter(|life| life.stage == Stage::Waiting)
        else {
            return;
        };
        let key = key_of(self.names, &life);
        let Some(mut case) = self.case(slot, key) else {
            return;
        };
        let motive = Motive {
            cause: Some(cause),
            ..Motive::default()
        };
        self.decide_waiting(&mut case.life, motive);
        if case.life != case.before {
            self.put_down(&case);
        }
    }

    /// The team's next moment at which somebody's situation changes by itself.
    fn next_chance(&mut self, team: TeamIx) -> Option<Wake> {
        let roster = self.roster;
        let available = self.plan.teams[team.at()].available;
        let mut next: Option<Wake> = None;
        for seat in &roster.crews[team.at()].seats {
            let Some(at) = self.seat_changes(available, seat) else {
                continue;
            };
            let rep = Some(seat.rep);
            next = match next {
                Some(wake) if wake.at < at => next,
                // Several at one moment: it is the team that begins work.
                Some(wake) if wake.at == at => Some(Wake { rep: None, ..wake }),
                _ => Some(Wake { at, cursor: 0, rep }),
            };
        }
        next
    }

    /// When a member who cannot take leads now may be able to, by the clock alone.
    fn seat_changes(&mut self, available: Availability, seat: &Seat) -> Option<Timestamp> {
        let now = self.now;
        let present = match self.standing(seat.ix) {
            Standing::Left | Standing::Away(None) => return None,
            Standing::Away(Some(until)) => until,
            Standing::Active => now,
        };
        let begins = match available {
            Availability::Any => present,
            Availability::Now => self.next_begin(seat, present)?,
            // Whoever begins within the span counts already, so the chance comes that much
            // earlier.
            Availability::Within(span) => self.next_begin(seat, present)?.minus(span).max(now),
        };
        let full = seat.per_day != UNLIMITED && !self.day_has_room(seat);
        let day_ends = if full {
            self.hours.day(self.roster, seat.zone, now).ends
        } else {
            now
        };
        let at = begins.max(day_ends);
        (at > now).then_some(at)
    }
}
