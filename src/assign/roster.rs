//! A plan's reps, teams and pools resolved to the lane's numbers, once a plan version.
//!
//! Everything a pick asks of a member stands side by side in its [`Seat`], and `eligible`
//! becomes bit sets, so that choosing among fifty members touches a few cache lines.

use std::sync::Arc;

use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::plan::{CalendarIx, Limits, Member, Plan, PoolIx, RepIx, Team, TeamIx, TerritoryIx};

use super::eligibility::Demand;
use super::names::{Names, PoolNo, RepNo, TeamNo, TenantNo, TerritoryNo};
use super::rows::Rows;

/// No limit, as a number.
pub(super) const UNLIMITED: u32 = u32::MAX;

/// One member of one team.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub rep: RepNo,
    pub ix: RepIx,
    /// The row of this member's pass.
    pub pass: u32,
    /// In thousandths.
    pub weight: u32,
    /// The lower of the team's and the rep's limits.
    pub open: u32,
    pub per_day: u32,
    /// The rep's own calendar, else the team's; round the clock if `None`.
    pub calendar: Option<CalendarIx>,
    /// Position in [`Roster::zones`].
    pub zone: u32,
}

/// One team.
#[derive(Debug)]
pub(super) struct Crew {
    pub team: TeamNo,
    /// Sorted by rep id.
    pub seats: Vec<Seat>,
    /// Of each seat, the row of its member's pass: all that is asked of most of them.
    pub passes: Vec<u32>,
    pub demands: Vec<Demand>,
    /// Whether all weights are the same.
    pub equal_weights: bool,
}

/// One plan version of one tenant.
#[derive(Debug)]
pub(super) struct Roster {
    pub tenant: TenantNo,
    pub tenant_name: Arc<str>,
    pub version: Arc<str>,
    pub reps: Vec<RepNo>,
    pub crews: Vec<Crew>,
    pub pools: Vec<PoolNo>,
    pub territories: Vec<TerritoryNo>,
    /// The distinct zones in which days are counted.
    pub zones: Vec<TimeZone>,
    /// By rep, a position in `zones`.
    pub zone_of: Vec<u32>,
    /// By rep: (team, seat).
    pub seats_of: Vec<SmallVec<[(TeamIx, u32); 2]>>,
    rep_positions: FxHashMap<RepNo, RepIx>,
    team_positions: FxHashMap<TeamNo, TeamIx>,
    pool_positions: FxHashMap<PoolNo, PoolIx>,
    territory_positions: FxHashMap<TerritoryNo, TerritoryIx>,
}

impl Roster {
    pub fn build(plan: &Plan, tenant: TenantNo, names: &mut Names, rows: &mut Rows) -> Self {
        let reps: Vec<RepNo> = number(&plan.reps, |rep| names.number(tenant, &rep.id));
        let teams: Vec<TeamNo> = number(&plan.teams, |team| names.number(tenant, &team.id));
        let pools: Vec<PoolNo> = number(&plan.pools, |pool| names.number(tenant, &pool.id));
        let territories = number(&plan.territories, |one| names.number(tenant, &one.id));
        let (zones, zone_of) = zones(plan);
        let mut roster = Self {
            tenant,
            tenant_name: names.name(tenant),
            version: (&*plan.version).into(),
            crews: Vec::with_capacity(teams.len()),
            rep_positions: positions(&reps, RepIx),
            team_positions: positions(&teams, TeamIx),
            pool_positions: positions(&pools, PoolIx),
            territory_positions: positions(&territories, TerritoryIx),
            seats_of: vec![SmallVec::new(); reps.len()],
            reps,
            pools,
            territories,
            zones,
            zone_of,
        };
        for (team, number) in plan.teams.iter().zip(teams) {
            roster.seat_team(plan, team, number, rows);
        }
        roster
    }

    fn seat_team(&mut self, plan: &Plan, team: &Team, number: TeamNo, rows: &mut Rows) {
        let at = TeamIx(self.crews.len() as u32);
        let seats: Vec<Seat> = team
            .members
            .iter()
            .map(|member| self.seat(plan, team, number, *member, rows))
            .collect();
        for (position, seat) in seats.iter().enumerate() {
            self.seats_of[seat.ix.at()].push((at, position as u32));
        }
        let demands = team.eligible.iter();
        self.crews.push(Crew {
            team: number,
            demands: demands
                .map(|(field, attribute)| Demand::build(plan, &seats, field, attribute))
                .collect(),
            passes: seats.iter().map(|seat| seat.pass).collect(),
            equal_weights: seats.windows(2).all(|two| two[0].weight == two[1].weight),
            seats,
        });
    }

    fn seat(
        &self,
        plan: &Plan,
        team: &Team,
        number: TeamNo,
        member: Member,
        rows: &mut Rows,
    ) -> Seat {
        let rep = &plan.reps[member.rep.at()];
        let limits = lower(rep.limits, team.limits);
        Seat {
            rep: self.reps[member.rep.at()],
            ix: member.rep,
            pass: rows.pass_number(number, self.reps[member.rep.at()]),
            weight: member.weight_milli.max(1),
            open: limits.open.unwrap_or(UNLIMITED),
            per_day: limits.per_day.unwrap_or(UNLIMITED),
            calendar: rep.calendar.or(team.calendar),
            zone: self.zone_of[member.rep.at()],
        }
    }

    pub fn rep_ix(&self, rep: RepNo) -> Option<RepIx> {
        self.rep_positions.get(&rep).copied()
    }

    pub fn team_ix(&self, team: TeamNo) -> Option<TeamIx> {
        self.team_positions.get(&team).copied()
    }

    pub fn pool_ix(&self, pool: PoolNo) -> Option<PoolIx> {
        self.pool_positions.get(&pool).copied()
    }

    pub fn territory_ix(&self, territory: TerritoryNo) -> Option<TerritoryIx> {
        self.territory_positions.get(&territory).copied()
    }

    /// The rep's seat in this team.
    pub fn seat_in(&self, team: TeamIx, rep: RepIx) -> Option<&Seat> {
        let seats = &self.seats_of[rep.at()];
        let (_, at) = seats.iter().find(|(one, _)| *one == team)?;
        Some(&self.crews[team.at()].seats[*at as usize])
    }
}

fn number<T, N>(all: &[T], number: impl FnMut(&T) -> N) -> Vec<N> {
    all.iter().map(number).collect()
}

fn positions<N: Copy + Eq + std::hash::Hash, I>(
    numbers: &[N],
    position: impl Fn(u32) -> I,
) -> FxHashMap<N, I> {
    let pairs = numbers.iter().enumerate();
    pairs.map(|(at, &one)| (one, position(at as u32))).collect()
}

/// The lower of two limits, where no limit is the highest.
fn lower(one: Limits, other: Limits) -> Limits {
    let least = |a: Option<u32>, b: Option<u32>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Limits {
        open: least(one.open, other.open),
        per_day: least(one.per_day, other.per_day),
    }
}

/// A rep's day begins at midnight in his own zone, else his calendar's, else the plan's.
fn zones(plan: &Plan) -> (Vec<TimeZone>, Vec<u32>) {
    let mut zones: Vec<TimeZone> = Vec::new();
    let mut zone_of = Vec::with_capacity(plan.reps.len());
    for rep in &plan.reps {
        let calendar = rep.calendar.map(|ix| &plan.calendars[ix.at()].timezone);
        let zone = rep.timezone.as_ref().or(calendar).unwrap_or(&plan.timezone);
        let known = zones.iter().position(|other| other == zone);
        let at = known.unwrap_or_else(|| {
            zones.push(zone.clone());
            zones.len() - 1
        });
        zone_of.push(at as u32);
    }
    (zones, zone_of)
}
