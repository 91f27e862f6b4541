//! Leads that nobody could take: decided again, in order of arrival, as soon as somebody can.
//!
//! A team whose room is waited for has a wake: a moment in its row. Whoever loses a lead or
//! comes back sets it to now; a calendar, an absence or a day's limit sets it to the moment
//! at which it will change. When the moment comes, the leads that wait for the team are
//! tried in order of arrival, a bounded number at a time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::event::{Cause, Timestamp};
use crate::plan::{Availability, TeamIx};

use super::changelog::key_of;
use super::choice::Verdict;
use super::desk::{Desk, Standing};
use super::index::{self, Chore};
use super::life::{Life, Stage};
use super::lifecycle::Case;
use super::names::{RepNo, TeamNo};
use super::outcome::Motive;
use super::records::Wake;
use super::roster::{Seat, UNLIMITED};

/// Waiting leads tried in the same step as the record that made room: as many as a record
/// usually frees, so that no later lead overtakes them, and no more, so that one record
/// stays cheap. The rest follows with the next tick.
const SERVED_AT_ONCE: usize = 8;

/// A waiting lead's birth and slot, and the team's place in the list of those awake.
type Entry = Reverse<(u64, u32, usize)>;

/// A team whose waiting leads are being tried.
struct Awake {
    team: TeamNo,
    ix: TeamIx,
    wake: Wake,
    /// The limit stopped it before its last lead.
    unfinished: bool,
}

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

    /// Serves the leads that wait for whoever this record made free. What is left over stands
    /// in the teams' wakes, due now.
    pub fn serve_stirred(&mut self) {
        if !self.stirred.is_empty() {
            let teams = std::mem::take(&mut self.stirred);
            self.serve(teams, SERVED_AT_ONCE);
        }
    }

    /// Serves every team of the tenant whose wake is due; returns how many leads it tried.
    pub fn wake(&mut self, limit: usize) -> usize {
        let due = self.rows.index.chores.iter();
        let due = due.take_while(|(at, _)| *at <= self.now);
        let teams = due.filter_map(|(_, chore)| match chore {
            Chore::Wake(team) => Some(*team),
            _ => None,
        });
        let tenant = self.roster.tenant;
        let ours = |team: &TeamNo| self.names.tenant_of(*team) == tenant;
        let teams = teams.filter(ours).collect();
        self.serve(teams, limit)
    }

    /// Tries the leads that wait for any of these teams, in order of arrival, at most `limit`.
    fn serve(&mut self, mut teams: Vec<TeamNo>, limit: usize) -> usize {
        // By name, because numbers may differ between two runs over the same log.
        teams.sort_unstable_by_key(|&team| self.names.text(team));
        teams.dedup();
        let mut awake: Vec<Awake> = teams.iter().filter_map(|&team| self.awake(team)).collect();
        let mut queue = BinaryHeap::new();
        for (at, one) in awake.iter().enumerate() {
            queue.extend(self.next_waiting(one.team, one.wake.cursor, at));
        }
        let (mut tried, mut last) = (0, 0);
        while let Some(Reverse((birth, slot, at))) = queue.pop() {
            let one = &mut awake[at];
            if !self.anyone_ready(one.ix) {
                continue;
            }
            if tried == limit && birth != last {
                queue.push(Reverse((birth, slot, at)));
                break;
            }
            one.wake.cursor = birth;
            let (team, wake) = (one.team, one.wake);
            // A lead that waits for several of the teams is tried once.
            if birth != last {
                (last, tried) = (birth, tried + 1);
                self.retry(slot, self.freed_by(team, wake));
            }
            queue.extend(self.next_waiting(team, birth, at));
        }
        for Reverse((_, _, at)) in queue {
            awake[at].unfinished = true;
        }
        awake.into_iter().for_each(|one| self.go_to_sleep(one));
        // Whoever got room by these very decisions comes next.
        for team in std::mem::take(&mut self.stirred) {
            let (at, cursor, rep) = (self.now, 0, None);
            self.rows.set_wake(team, Some(Wake { at, cursor, rep }));
        }
        tried
    }

    /// The team's wake, if it is due; a team that is no longer in the plan sleeps for ever.
    fn awake(&mut self, team: TeamNo) -> Option<Awake> {
        let wake = self
            .rows
            .team(team)
            .wake
            .filter(|wake| wake.at <= self.now)?;
        let Some(ix) = self.roster.team_ix(team) else {
            self.rows.set_wake(team, None);
            return None;
        };
        Some(Awake {
            team,
            ix,
            wake,
            unfinished: false,
        })
    }

    /// Goes on at once where the limit stopped it, else wakes at somebody's next chance.
    fn go_to_sleep(&mut self, one: Awake) {
        let next = if one.unfinished {
            Some(one.wake)
        } else {
            self.next_chance(one.ix)
        };
        let next = next.filter(|_| self.rows.index.waits_on(one.team));
        self.rows.set_wake(one.team, next);
    }

    fn freed_by(&self, team: TeamNo, wake: Wake) -> Cause {
        let rep = wake.rep.map(|rep| self.names.text(rep));
        Cause::Free(rep.unwrap_or_else(|| self.names.text(team)).into())
    }

    /// The next lead that waits for the team, as an entry of the queue.
    fn next_waiting(&self, team: TeamNo, cursor: u64, at: usize) -> Option<Entry> {
        let from = (team, cursor + 1, 0);
        let &(other, birth, slot) = self.rows.index.waiting_on.range(from..).next()?;
        (other == team).then_some(Reverse((birth, slot, at)))
    }

    fn anyone_ready(&mut self, team: TeamIx) -> bool {
        let roster = self.roster;
        let available = self.plan.teams[team.at()].available;
        let mut seats = roster.crews[team.at()].seats.iter();
        seats.any(|seat| self.ready(available, seat))
    }

    /// Tries a waiting lead for whoever became free; unless somebody takes it, nothing changes.
    fn retry(&mut self, slot: u32, cause: Cause) {
        let Some(mut case) = self.waiting_case(slot) else {
            return;
        };
        let placed = self.reread(&mut case.life, |desk, life, facts, candidates| {
            let territory = candidates.territory;
            let verdict = desk.choose(life, facts, territory);
            if matches!(verdict, Verdict::Nobody { .. }) {
                return false;
            }
            let motive = Motive {
                cause: Some(cause),
                ..Motive::default()
            };
            desk.conclude(life, facts, candidates, verdict, motive);
            true
        });
        if placed {
            self.put_down(&case);
        }
    }

    /// Decides a waiting lead again under a new plan; a decision follows if it says anything
    /// new.
    pub fn reconsider(&mut self, slot: u32, cause: Cause) {
        let Some(mut case) = self.waiting_case(slot) else {
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

    fn waiting_case(&self, slot: u32) -> Option<Case> {
        let life = self.rows.life(slot)?;
        if life.stage != Stage::Waiting {
            return None;
        }
        self.case(slot, key_of(self.names, &life))
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
