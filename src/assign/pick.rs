//! Which member of a team: eligible, then available, then below limits, then by the team's pick.

use crate::event::{Reason, Timestamp};
use crate::plan::{Availability, Facts, Pick, Share, TeamIx};

use super::choice::account_text;
use super::desk::{Desk, Standing};
use super::eligibility::SeatSet;
use super::hours;
use super::keys::{self, Subject};
use super::names::RepNo;
use super::roster::{Crew, Seat, UNLIMITED};
use super::rotation;

/// Why a member cannot have the lead, in the order in which it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hurdle {
    Eligible,
    Available,
    Room,
}

impl Hurdle {
    fn reason(self) -> Reason {
        match self {
            Self::Eligible => Reason::NoEligibleRep,
            Self::Available => Reason::NobodyAvailable,
            Self::Room => Reason::AllAtCapacity,
        }
    }
}

/// What orders members: the smallest is picked. Ids come last, by the order of seats.
type Rank = (Timestamp, u128, u128, usize);

/// What a pick needs to know of the lead.
#[derive(Clone, Copy)]
pub(super) struct Wish<'w> {
    pub facts: &'w Facts<'w>,
    /// Reps who must not have it again.
    pub excluded: &'w [RepNo],
    /// The lead's id, for `stable` where neither person nor account is known.
    pub id: &'w str,
}

impl Desk<'_> {
    /// The seat that gets the lead, or why nobody can. No turn is taken yet.
    pub fn pick(&mut self, team: TeamIx, wish: Wish<'_>) -> Result<usize, Reason> {
        let roster = self.roster;
        let crew = &roster.crews[team.at()];
        let rules = &self.plan.teams[team.at()];
        let mut admitted = SeatSet::full(crew.seats.len());
        for demand in &crew.demands {
            demand.narrow(wish.facts, &mut admitted);
        }
        let clock = self.rows.team(crew.team).clock;
        if rules.pick == Pick::RoundRobin && !matches!(rules.available, Availability::Within(_)) {
            return self.pick_by_turn(rules.available, crew, &admitted, wish.excluded, clock);
        }
        let key = match rules.pick {
            Pick::Stable => self.stable_key(wish),
            _ => String::new(),
        };
        let mut best: Option<Rank> = None;
        let mut furthest = Hurdle::Eligible;
        for (at, seat) in crew.seats.iter().enumerate() {
            let pass = self.rows.pass(seat.pass).effective(clock);
            if !admitted.contains(at) || wish.excluded.contains(&seat.rep) {
                continue;
            }
            match self.try_seat(rules.available, seat) {
                Err(hurdle) => furthest = furthest.max(hurdle),
                Ok(moment) => {
                    let rank = (moment, self.measure(rules.pick, crew, seat, &key), pass, at);
                    best = Some(best.map_or(rank, |best| best.min(rank)));
                }
            }
        }
        best.map(|rank| rank.3).ok_or_else(|| furthest.reason())
    }

    /// Of members who take turns, the one of lowest pass who can have the lead. Whoever is not
    /// next is asked nothing, as what there is to ask lies far apart in memory.
    fn pick_by_turn(
        &mut self,
        available: Availability,
        crew: &Crew,
        admitted: &SeatSet,
        excluded: &[RepNo],
        clock: u128,
    ) -> Result<usize, Reason> {
        let Some(first) = self.turns(crew, admitted, excluded, clock).min() else {
            return Err(Hurdle::Eligible.reason());
        };
        let mut furthest = match self.try_seat(available, &crew.seats[first.1]) {
            Ok(_) => return Ok(first.1),
            Err(hurdle) => hurdle,
        };
        // Only now is it worth knowing who comes after whom.
        let others = self.turns(crew, admitted, excluded, clock);
        let mut queue: Vec<_> = others.filter(|next| *next != first).collect();
        queue.sort_unstable();
        for (_, at) in queue {
            match self.try_seat(available, &crew.seats[at]) {
                Ok(_) => return Ok(at),
                Err(hurdle) => furthest = furthest.max(hurdle),
            }
        }
        Err(furthest.reason())
    }

    /// The pass and the seat of every member who may be asked.
    fn turns(
        &self,
        crew: &Crew,
        admitted: &SeatSet,
        excluded: &[RepNo],
        clock: u128,
    ) -> impl Iterator<Item = (u128, usize)> {
        let passes = crew.passes.iter().enumerate();
        let may = |at: usize| {
            admitted.contains(at)
                && (excluded.is_empty() || !excluded.contains(&crew.seats[at].rep))
        };
        let passes = passes.filter(move |&(at, _)| may(at));
        passes.map(move |(at, &pass)| (self.rows.pass(pass).effective(clock), at))
    }

    /// Whether the member could take some lead now.
    pub fn ready(&mut self, available: Availability, seat: &Seat) -> bool {
        self.try_seat(available, seat).is_ok()
    }

    /// When the member could begin, or the first hurdle he fails at.
    fn try_seat(&mut self, available: Availability, seat: &Seat) -> Result<Timestamp, Hurdle> {
        let from = match self.standing(seat.ix) {
            Standing::Left => return Err(Hurdle::Eligible),
            Standing::Active => self.now,
            Standing::Away(until) => until.ok_or(Hurdle::Available)?,
        };
        let moment = self
            .begins(available, seat, from)
            .ok_or(Hurdle::Available)?;
        if self.has_room(seat) {
            Ok(moment)
        } else {
            Err(Hurdle::Room)
        }
    }

    /// When a member who is present from `from` on begins work, if that is soon enough. Only
    /// `within` tells moments apart, so all others begin now.
    pub fn begins(
        &mut self,
        available: Availability,
        seat: &Seat,
        from: Timestamp,
    ) -> Option<Timestamp> {
        let now = self.now;
        match available {
            Availability::Any => (from <= now).then_some(now),
            Availability::Now => {
                let present = from <= now;
                let opens = self.hours.next_open(self.plan, seat.calendar, now);
                (present && opens == Some(now)).then_some(now)
            }
            Availability::Within(span) => {
                let begins = self.next_begin(seat, from)?;
                (begins <= now.plus(span)).then_some(begins)
            }
        }
    }

    /// The member's first working moment from `from` on.
    pub fn next_begin(&mut self, seat: &Seat, from: Timestamp) -> Option<Timestamp> {
        if from <= self.now {
            return self.hours.next_open(self.plan, seat.calendar, self.now);
        }
        hours::opens(self.plan, seat.calendar, from)
    }

    /// The part of the rank that depends on the way to pick.
    fn measure(&self, pick: Pick, crew: &Crew, seat: &Seat, key: &str) -> u128 {
        match pick {
            Pick::RoundRobin => 0,
            Pick::LeastLoaded => self.load(seat),
            Pick::Stable => {
                let rep = &self.plan.reps[seat.ix.at()].id;
                rendezvous(key, rep, seat.weight, crew.equal_weights)
            }
        }
    }

    /// Open leads over capacity as a fraction of 2^64, which tells all fractions of 32-bit
    /// numbers apart. Without a limit the weight stands for the capacity.
    fn load(&self, seat: &Seat) -> u128 {
        let capacity = match seat.open {
            UNLIMITED => seat.weight,
            most => most.max(1),
        };
        let open = self.open_of(seat.rep);
        (u128::from(open) << 64) / u128::from(capacity)
    }

    /// What `stable` hashes: the account, else the person, else the lead.
    fn stable_key(&self, wish: Wish<'_>) -> String {
        let facts = wish.facts;
        let person = || facts.email.as_deref().or(facts.phone.as_deref());
        let known = account_text(self, facts).or_else(person);
        known.unwrap_or(wish.id).to_owned()
    }

    /// Takes the turn of the seat that was picked.
    pub fn take_turn(&mut self, team: TeamIx, seat: usize, potential: Option<f64>) {
        let roster = self.roster;
        let crew = &roster.crews[team.at()];
        let taken_at = self.advance(team, &crew.seats[seat], potential);
        let row = self.rows.edit_rotation(crew.team);
        row.clock = row.clock.max(taken_at);
    }

    /// Counts a lead in a member's rotation; the team's clock stays.
    pub fn advance(&mut self, team: TeamIx, seat: &Seat, potential: Option<f64>) -> u128 {
        let crew = self.roster.crews[team.at()].team;
        let row = self.rows.team(crew);
        let clock = row.clock;
        let value = match self.plan.teams[team.at()].share {
            Share::Count => rotation::ONE,
            Share::Value => potential.map_or_else(|| row.mean(), rotation::milli),
        };
        if let Some(potential) = potential {
            let milli = rotation::milli(potential);
            self.rows.edit_rotation(crew).note_potential(milli);
        }
        let pass = self.rows.edit_pass(seat.pass);
        pass.advance(clock, value, seat.weight)
    }
}

/// A rendezvous hash as a rank: the smallest wins. With unequal weights it is an
/// exponential deviate over the weight, so each member wins in proportion to his weight,
/// and a member who joins or leaves moves only the keys that are his.
fn rendezvous(key: &str, rep: &str, weight: u32, equal: bool) -> u128 {
    let hash = keys::short(Subject::Rendezvous, rep, key);
    if equal {
        return u128::from(!hash);
    }
    // -log2((hash + 1) / 2^64) in 1/2^40, over the weight. Integer arithmetic only, because
    // logarithms of floating-point libraries differ in the last place between machines.
    let negative_log = (64_u128 << LOG_BITS).saturating_sub(log2(u128::from(hash) + 1));
    (negative_log << 32) / u128::from(weight)
}

const LOG_BITS: u32 = 40;

/// The binary logarithm of a positive number in units of 2^-40, rounded down.
fn log2(value: u128) -> u128 {
    let whole = value.ilog2();
    let mut result = u128::from(whole) << LOG_BITS;
    // The mantissa in [1, 2) with 62 fractional bits, squared once for each bit wanted.
    let mut mantissa = if whole > 62 {
        value >> (whole - 62)
    } else {
        value << (62 - whole)
    };
    for bit in (0..LOG_BITS).rev() {
        mantissa = (mantissa * mantissa) >> 62;
        if mantissa >> 63 != 0 {
            mantissa >>= 1;
            result |= 1 << bit;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_agree_with_the_library_to_ten_places() {
        for value in [
            1_u128,
            2,
            3,
            10,
            1 << 40,
            (1 << 63) + 12_345,
            u128::from(u64::MAX),
        ] {
            let ours = log2(value) as f64 / (1_u64 << LOG_BITS) as f64;
            assert!(
                (ours - (value as f64).log2()).abs() < 1e-10,
                "log2({value})"
            );
        }
    }

    #[test]
    fn weighted_rendezvous_shares_by_weight_and_moves_only_what_it_must() {
        let weights = [("li", 2_000), ("wang", 1_000), ("zhang", 1_000)];
        let winner = |key: &str, members: &[(&str, u32)]| {
            let rank = |&&(rep, weight): &&(&str, u32)| rendezvous(key, rep, weight, false);
            members
                .iter()
                .min_by_key(rank)
                .map(|&(rep, _)| rep.to_owned())
        };
        let keys: Vec<String> = (0..4_000).map(|n| format!("a-{n}")).collect();
        let of_li = keys
            .iter()
            .filter(|key| winner(key, &weights).as_deref() == Some("li"));
        let share = of_li.count();
        assert!((1_900..2_100).contains(&share), "li has {share} of 4000");
        for key in &keys {
            let before = winner(key, &weights);
            if before.as_deref() != Some("zhang") {
                assert_eq!(winner(key, &weights[..2]), before);
            }
        }
    }
}
