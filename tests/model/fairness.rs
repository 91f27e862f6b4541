//! Whether turns are fair: between equals, by weight, after an absence, and by the metric.

use std::collections::BTreeMap;

use bailiwick::event::{ActivityKind, RepStatus};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::super::assign::desk::Desk;
use super::naive::Turn;
use super::world::{Available, Pick, Target, World};

/// Teams that only turns decide in: no sticky owners, managers or kept absences that count.
///
/// Leads that nobody can take go to the pool here: of many that wait, the engine tries a few
/// with the record that made room and the rest after the moment's timers, the naive one all
/// at once, which is as fair but not the same order.
pub fn turns_only(world: &mut World) {
    world.manual_counts = false;
    world.catch_up = false;
    world.fallback = Some(Target::Pool);
    let roomy = |most: Option<u32>| most.map(|most| most.max(8));
    for rep in &mut world.reps {
        (rep.open, rep.per_day) = (roomy(rep.open), roomy(rep.per_day));
    }
    for team in &mut world.teams {
        team.pick = Pick::RoundRobin;
        team.by_value = false;
        (team.open, team.per_day) = (roomy(team.open), roomy(team.per_day));
        for (_, weight) in &mut team.members {
            *weight = (*weight).min(2);
        }
        if matches!(team.available, Available::WithinHours(_)) {
            team.available = Available::Now;
        }
    }
}

/// Whether turns are all that decides.
pub fn only_turns(world: &World) -> bool {
    let mut narrowed = world.clone();
    turns_only(&mut narrowed);
    format!("{narrowed:?}") == format!("{world:?}")
}

/// Whoever comes to a team counts from its clock, where the one picked last had been: a turn
/// behind that one, and before it again if ids decide.
const ONE_OF_THEM_CAME_LATER: i32 = 2;

/// Watches who gets the leads that several might have had.
#[derive(Default)]
pub struct Fairness {
    /// By team and two members of equal weight: how many leads the first is ahead since both
    /// could have each lead of the team, and whether that was always so.
    ahead: BTreeMap<(usize, usize, usize), (i32, bool)>,
    /// Turns have been taken under another plan.
    begun: bool,
    /// By team: those considered, and what each got since it was always those.
    rounds: BTreeMap<usize, (Vec<usize>, BTreeMap<usize, u32>)>,
    pub pairs: usize,
}

impl Fairness {
    /// Whether no other plan has changed weights: the turn somebody took under the old one may
    /// then be more than a lead under the new one.
    pub fn same_weights_all_along(&self) -> bool {
        !self.begun
    }

    /// Another plan: teams begin anew.
    pub fn forget(&mut self) {
        self.ahead.clear();
        self.rounds.clear();
        self.begun = true;
    }

    pub fn see(&mut self, seed: u64, world: &World, turns: &[Turn]) {
        for turn in turns {
            self.equals_stay_together(seed, world, turn);
            self.shares_stay_near_the_ideal(seed, world, turn);
        }
    }

    fn equals_stay_together(&mut self, seed: u64, world: &World, turn: &Turn) {
        let members = &world.teams[turn.team].members;
        for (at, (one, weight)) in members.iter().enumerate() {
            for (other, same) in &members[at + 1..] {
                let key = (turn.team, *one, *other);
                let both = turn.considered.contains(one) && turn.considered.contains(other);
                if weight != same || !both {
                    self.ahead.insert(key, (0, false));
                    continue;
                }
                let (ahead, always) = self.ahead.entry(key).or_insert((0, !self.begun));
                *ahead += i32::from(turn.rep == *one) - i32::from(turn.rep == *other);
                let bound = if *always { 1 } else { ONE_OF_THEM_CAME_LATER };
                let apart = ahead.abs();
                assert!(
                    apart <= bound,
                    "seed {seed}: {key:?} {apart} apart, {turn:?}"
                );
                self.pairs += 1;
            }
        }
    }

    /// However long a round of the same members lasts, nobody strays from his share by more
    /// than he may at its two ends.
    fn shares_stay_near_the_ideal(&mut self, seed: u64, world: &World, turn: &Turn) {
        let round = self.rounds.entry(turn.team).or_default();
        if round.0 != turn.considered {
            *round = (turn.considered.clone(), BTreeMap::new());
        }
        *round.1.entry(turn.rep).or_default() += 1;
        let members = &world.teams[turn.team].members;
        let weight = |rep: usize| {
            let member = members.iter().find(|one| one.0 == rep);
            f64::from(member.expect("a member").1)
        };
        let all: f64 = round.0.iter().map(|&rep| weight(rep)).sum();
        let leads: u32 = round.1.values().sum();
        for &rep in &round.0 {
            let had = f64::from(round.1.get(&rep).copied().unwrap_or(0));
            let off = (had - f64::from(leads) * weight(rep) / all).abs();
            let bound = 1.0 + weight(rep) * (round.0.len() as f64 - 1.0) / all;
            assert!(
                off < bound + 1e-9,
                "seed {seed}: {rep} is {off} off, {round:?}"
            );
        }
    }
}

fn team_of(weights: &[u32]) -> String {
    let member = |(at, weight): (usize, &u32)| format!("{{rep: r{at}, weight: {weight}}}");
    let members: Vec<String> = weights.iter().enumerate().map(member).collect();
    let reps: Vec<String> = (0..weights.len())
        .map(|at| format!("{{id: r{at}}}"))
        .collect();
    format!(
        "version: 1\ntenant: acme\nreps: [{}]\nteams: [{{id: one, members: [{}]}}]\n\
         territories: [{{id: all, where: {{source: web}}, team: one}}]\n",
        reps.join(", "),
        members.join(", ")
    )
}

/// The next lead's owner, as a position in the team.
fn next_owner(desk: &mut Desk, number: usize) -> usize {
    desk.lead_with(&format!("L{number}"), |lead| {
        lead.source = Some("web".into())
    });
    let decisions = desk.decisions();
    let rep = decisions[0].rep.as_deref().expect("somebody");
    rep[1..].parse().expect("a number")
}

#[test]
fn weighted_shares_are_exact_after_whole_rounds_and_bounded_between() {
    let mut rng = StdRng::seed_from_u64(6);
    for _ in 0..8 {
        let weights: Vec<u32> = (0..rng.random_range(2..7))
            .map(|_| rng.random_range(1..8))
            .collect();
        let all: u32 = weights.iter().sum();
        let heaviest = f64::from(*weights.iter().max().expect("a member"));
        let behind = heaviest * (weights.len() as f64 - 1.0) / f64::from(all);
        let mut desk = Desk::new(&team_of(&weights));
        let mut had = vec![0_u32; weights.len()];
        for number in 0..all as usize * 20 {
            had[next_owner(&mut desk, number)] += 1;
            let leads = number as u32 + 1;
            let mut furthest = 0.0_f64;
            for (had, weight) in had.iter().zip(&weights) {
                let ideal = f64::from(leads * weight) / f64::from(all);
                let off = f64::from(*had) - ideal;
                assert!(
                    off < 1.0 && off >= -behind - 1e-9,
                    "{weights:?} {leads} {off}"
                );
                assert!(
                    !leads.is_multiple_of(all) || off.abs() < 1e-9,
                    "{weights:?} {leads}"
                );
                furthest = furthest.max(off.abs());
            }
            let shown = desk.share("one");
            assert!(
                (shown.present - furthest).abs() < 1e-6,
                "{weights:?} {shown:?} {furthest}"
            );
            assert!(
                (shown.bound - behind.max(1.0)).abs() < 1e-9,
                "{weights:?} {shown:?}"
            );
        }
    }
}

#[test]
fn nobody_is_flooded_on_coming_back() {
    let mut rng = StdRng::seed_from_u64(7);
    for _ in 0..10 {
        let mut desk = Desk::new(&team_of(&[1, 1, 1, 1]));
        let mut number = 0;
        let status = |desk: &mut Desk, status| {
            let rep = "r2".into();
            desk.act(ActivityKind::RepStatus { rep, status });
            desk.decisions();
        };
        for _ in 0..rng.random_range(0..9) {
            next_owner(&mut desk, number);
            number += 1;
        }
        desk.accept_all(number);
        status(&mut desk, RepStatus::Away { until: None });
        for _ in 0..rng.random_range(1..200) {
            assert_ne!(next_owner(&mut desk, number), 2);
            number += 1;
        }
        status(&mut desk, RepStatus::Active);
        let mut since = [0_i32; 4];
        for _ in 0..40 {
            since[next_owner(&mut desk, number)] += 1;
            number += 1;
            let apart = since.iter().map(|had| (since[2] - had).abs()).max();
            assert!(apart <= Some(ONE_OF_THEM_CAME_LATER), "{since:?}");
        }
    }
}
