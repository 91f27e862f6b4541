//! Limits: leads open at one time and leads in one day of the rep's zone.

use crate::plan::{RepIx, TeamIx};

use super::desk::Desk;
use super::names::{PoolNo, RepNo};
use super::records::RepRow;
use super::roster::{Seat, UNLIMITED};

impl RepRow {
    /// Begins the day anew if it is another one.
    fn turn_to(&mut self, day: i32) {
        if self.day != day {
            self.day = day;
            self.today = 0;
            self.claims.clear();
        }
    }

    pub fn today(&self, day: i32) -> u32 {
        if self.day == day { self.today } else { 0 }
    }

    pub fn claims_on(&self, day: i32, pool: PoolNo) -> u32 {
        let claims = self.claims.iter().find(|(one, _)| *one == pool);
        claims.map_or(0, |&(_, count)| if self.day == day { count } else { 0 })
    }
}

impl Desk<'_> {
    /// Leads the rep holds, without the one that is being taken from him.
    pub fn open_of(&self, rep: RepNo) -> u32 {
        let held = self.rows.index.open_of(rep);
        held.saturating_sub(u32::from(self.yielding == Some(rep)))
    }

    /// Whether one more lead keeps this member within all limits.
    pub fn has_room(&mut self, seat: &Seat) -> bool {
        if seat.open != UNLIMITED && self.open_of(seat.rep) >= seat.open {
            return false;
        }
        self.day_has_room(seat)
    }

    /// Whether one more lead today keeps this member within the daily limit.
    pub fn day_has_room(&mut self, seat: &Seat) -> bool {
        seat.per_day == UNLIMITED || self.today_of(seat.rep, seat.zone) < seat.per_day
    }

    fn today_of(&mut self, rep: RepNo, zone: u32) -> u32 {
        let day = self.hours.day(self.roster, zone, self.now).number;
        self.rows.rep(rep).today(day)
    }

    /// Whether the rep may have one more lead that does not come by his team's turn: within
    /// the team's limits where it counts in a team, else within his own.
    pub fn rep_has_room(&mut self, rep: RepIx, team: Option<TeamIx>) -> bool {
        let roster = self.roster;
        match team.and_then(|team| roster.seat_in(team, rep)) {
            Some(seat) => self.has_room(seat),
            None => self.own_room(rep),
        }
    }

    /// Whether the rep's own limits leave room.
    pub fn own_room(&mut self, rep: RepIx) -> bool {
        let limits = self.plan.reps[rep.at()].limits;
        let number = self.roster.reps[rep.at()];
        let open = self.open_of(number);
        if limits.open.is_some_and(|most| open >= most) {
            return false;
        }
        let Some(most) = limits.per_day else {
            return true;
        };
        self.today_of(number, self.roster.zone_of[rep.at()]) < most
    }

    /// One more lead today.
    pub fn count_today(&mut self, rep: RepIx) {
        let day = self.today_number(rep);
        self.rows.edit_rep(self.roster.reps[rep.at()], |row| {
            row.turn_to(day);
            row.today = row.today.saturating_add(1);
        });
    }

    /// One more claim today.
    pub fn count_claim(&mut self, rep: RepIx, pool: PoolNo) {
        let day = self.today_number(rep);
        self.rows.edit_rep(self.roster.reps[rep.at()], |row| {
            row.turn_to(day);
            match row.claims.iter_mut().find(|(one, _)| *one == pool) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => row.claims.push((pool, 1)),
            }
        });
    }

    pub fn today_number(&mut self, rep: RepIx) -> i32 {
        let zone = self.roster.zone_of[rep.at()];
        self.hours.day(self.roster, zone, self.now).number
    }
}
