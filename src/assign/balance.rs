//! How evenly teams share, and how full they are, as others may see it.

use crate::event::RepStatus;
use crate::plan::{Pick, Plan, Share};

use super::State;
use super::names::RepNo;
use super::records::TeamRow;
use super::roster::{Crew, Roster, UNLIMITED};
use super::rotation::SCALE;

/// One member's place in a rotation.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberView {
    pub rep: Box<str>,
    /// Leads held now.
    pub open: u32,
    /// How many turns of weight 1 the member is ahead of the one who is furthest behind.
    pub ahead: f64,
}

/// One team at this moment.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamView {
    pub team: Box<str>,
    /// Leads its members hold, whatever team brought them.
    pub open: u64,
    /// Leads its members may hold together; none if somebody has no limit.
    pub capacity: Option<u64>,
    /// How far its members are from their ideal shares, where they take turns.
    pub share: Option<Distance>,
}

/// The distance of a rotation from the ideal shares, in leads; under `share: value` in leads
/// of the mean potential.
///
/// A member stands at `weight × (pass - mean pass)`, the mean weighted too. Passes of all who
/// take turns lie between the team's clock and one turn above it, so nobody is ever more than
/// one lead above his ideal share, nor more than `weight × (members - 1) / sum of weights`
/// below it: that is the bound. Assignments that nobody's turn made (`manual_counts`), claims
/// kept through an absence (`absence: catch_up`) and the last turns taken under other weights
/// come on top, and further turns work them off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// That of the member who is furthest off.
    pub present: f64,
    pub bound: f64,
}

impl Distance {
    /// From each member's weight and pass, in turns of weight 1; `largest` is the largest
    /// lead in the unit of the shares.
    fn of(members: &[(f64, f64)], largest: f64) -> Self {
        let weights: f64 = members.iter().map(|(weight, _)| weight).sum();
        let mean = members
            .iter()
            .map(|(weight, pass)| weight * pass)
            .sum::<f64>()
            / weights;
        let off = members
            .iter()
            .map(|(weight, pass)| (weight * (pass - mean)).abs());
        let heaviest = members
            .iter()
            .map(|(weight, _)| *weight)
            .fold(0.0, f64::max);
        let behind = heaviest * (members.len() as f64 - 1.0) / weights;
        Self {
            present: off.fold(0.0, f64::max),
            bound: behind.max(1.0) * largest,
        }
    }
}

impl State {
    /// The teams of a tenant under the plan last applied, in the plan's order. It looks at
    /// every member, so ask at the pace of a scrape.
    pub fn teams(&self, plan: &Plan) -> Vec<TeamView> {
        let known = self.roster_of(&plan.tenant);
        let Some(roster) = known.filter(|roster| *roster.version == *plan.version) else {
            return Vec::new();
        };
        let crews = roster.crews.iter().zip(&plan.teams);
        crews
            .map(|(crew, rules)| TeamView {
                team: rules.id.clone(),
                open: self.held_by(crew),
                capacity: capacity(crew),
                share: (rules.pick == Pick::RoundRobin)
                    .then(|| self.distance(plan, roster, crew, rules.share)),
            })
            .collect()
    }

    fn held_by(&self, crew: &Crew) -> u64 {
        let seats = crew.seats.iter();
        seats
            .map(|seat| u64::from(self.rows.index.open_of(seat.rep)))
            .sum()
    }

    fn distance(&self, plan: &Plan, roster: &Roster, crew: &Crew, share: Share) -> Distance {
        let row = self.rows.team(crew.team);
        let stays = |rep: RepNo| {
            let planned = roster.rep_ix(rep).map(|ix| plan.reps[ix.at()].status);
            let told = self.rows.rep(rep).status;
            planned != Some(RepStatus::Left) && told != Some(RepStatus::Left)
        };
        let seats = crew.seats.iter().filter(|seat| stays(seat.rep));
        let members: Vec<(f64, f64)> = seats
            .map(|seat| {
                let pass = self.rows.pass(seat.pass).effective(row.clock);
                let turns = from_clock(pass, row.clock) / unit(row, share);
                (f64::from(seat.weight) / 1_000.0, turns)
            })
            .collect();
        if members.is_empty() {
            return Distance {
                present: 0.0,
                bound: 1.0,
            };
        }
        Distance::of(&members, largest(row, share))
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
            rep: self.names.text(seat.rep).into(),
            open: self.rows.index.open_of(seat.rep),
            ahead: (pass(seat.pass) - least.unwrap_or(0)) as f64 / SCALE as f64,
        });
        members.collect()
    }
}

fn capacity(crew: &Crew) -> Option<u64> {
    let limits = crew.seats.iter().map(|seat| seat.open);
    limits
        .map(|open| (open != UNLIMITED).then_some(u64::from(open)))
        .sum()
}

/// Turns of weight 1 that a pass is above the clock, or below it. Taken from the clock before
/// it becomes a float, as passes themselves have more digits than one.
fn from_clock(pass: u128, clock: u128) -> f64 {
    let above = pass.saturating_sub(clock) as f64;
    let below = clock.saturating_sub(pass) as f64;
    (above - below) / SCALE as f64
}

/// What one lead is in the unit of the passes.
fn unit(row: &TeamRow, share: Share) -> f64 {
    match share {
        Share::Count => 1.0,
        Share::Value => row.mean() as f64 / 1_000.0,
    }
}

/// The largest lead so far, in leads of the mean potential.
fn largest(row: &TeamRow, share: Share) -> f64 {
    match share {
        Share::Count => 1.0,
        Share::Value => (row.potential_most as f64 / row.mean() as f64).max(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_that_of_who_is_furthest_off_and_never_above_its_bound() {
        // After one lead of two equals, each is half a lead off.
        let one = Distance::of(&[(1.0, 1.0), (1.0, 0.0)], 1.0);
        assert_eq!((one.present, one.bound), (0.5, 1.0));
        // Three of weight 1 had their turns, the one of weight 7 has had none of his 2.1.
        let two = Distance::of(&[(1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (7.0, 0.0)], 1.0);
        assert!((two.present - 2.1).abs() < 1e-12, "{two:?}");
        assert!((two.bound - 2.1).abs() < 1e-12, "{two:?}");
        // A whole round leaves nobody short.
        let three = Distance::of(&[(1.0, 4.0), (3.0, 4.0)], 1.0);
        assert_eq!(three.present, 0.0);
    }
}
