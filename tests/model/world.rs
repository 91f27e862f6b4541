//! Random worlds: plans as plain tables, which the naive engine reads as they are and the
//! real one as YAML; and random events over them.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

pub const REPS: [&str; 6] = ["ann", "bob", "cid", "dee", "eve", "fay"];
pub const ZONES: [&str; 3] = ["Asia/Shanghai", "America/New_York", "UTC"];
pub const TEAMS: [&str; 3] = ["alpha", "beta", "gamma"];
pub const TERRITORIES: [&str; 4] = ["north", "north-big", "south", "west"];

#[derive(Clone, Debug)]
pub struct Rep {
    pub zone: usize,
    pub open: Option<u32>,
    pub per_day: Option<u32>,
    pub calendar: Option<usize>,
    pub languages: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    Team(usize),
    Pool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pick {
    RoundRobin,
    LeastLoaded,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Available {
    Any,
    Now,
    WithinHours(i64),
}

#[derive(Clone, Copy, Debug)]
pub struct Sla {
    pub accept: Option<i64>,
    pub touch: Option<i64>,
    pub working: bool,
    pub reassign: bool,
    pub attempts: u32,
    pub then: Option<Target>,
}

#[derive(Clone, Debug)]
pub struct Team {
    /// Rep and weight, sorted by rep.
    pub members: Vec<(usize, u32)>,
    pub pick: Pick,
    pub by_value: bool,
    pub speaks: bool,
    pub available: Available,
    pub open: Option<u32>,
    pub per_day: Option<u32>,
    pub calendar: Option<usize>,
    pub sla: Option<Sla>,
    pub overflow: Vec<Target>,
}

#[derive(Clone, Debug)]
pub struct Pool {
    pub claimants: Vec<usize>,
    pub open: Option<u32>,
    pub per_day: Option<u32>,
    pub cool_off: Option<i64>,
    pub hold: Option<i64>,
    /// (minutes, of claim or pooled, to)
    pub recycle: Vec<(i64, &'static str, Target)>,
}

#[derive(Clone, Debug)]
pub struct World {
    pub reps: Vec<Rep>,
    pub teams: Vec<Team>,
    pub pool: Pool,
    /// The team of each territory of [`TERRITORIES`]; `north-big` lies in `north`.
    pub serves: [Option<usize>; 4],
    /// Whether `north-big` takes the big leads of the north, or leaves them to it.
    pub big_apart: bool,
    pub realign: bool,
    pub fallback: Option<Target>,
    pub dedupe_minutes: Option<i64>,
    pub sticky_persons: bool,
    pub sticky_accounts: bool,
    pub reroute: bool,
    pub manual_counts: bool,
    pub catch_up: bool,
    pub max_age_minutes: Option<i64>,
}

fn maybe<T>(rng: &mut StdRng, chance: f64, value: impl FnOnce(&mut StdRng) -> T) -> Option<T> {
    rng.random_bool(chance).then(|| value(rng))
}

impl World {
    pub fn random(rng: &mut StdRng) -> Self {
        let teams = (0..TEAMS.len())
            .map(|team| random_team(rng, team))
            .collect();
        Self {
            reps: REPS.iter().map(|_| random_rep(rng)).collect(),
            teams,
            pool: random_pool(rng),
            serves: [
                maybe(rng, 0.9, |rng| rng.random_range(0..3)),
                maybe(rng, 0.6, |rng| rng.random_range(0..3)),
                maybe(rng, 0.9, |rng| rng.random_range(0..3)),
                None,
            ],
            big_apart: rng.random_bool(0.8),
            realign: rng.random_bool(0.5),
            fallback: maybe(rng, 0.5, random_target),
            dedupe_minutes: maybe(rng, 0.5, |_| 24 * 60),
            sticky_persons: rng.random_bool(0.5),
            sticky_accounts: rng.random_bool(0.5),
            reroute: rng.random_bool(0.5),
            manual_counts: rng.random_bool(0.5),
            catch_up: rng.random_bool(0.5),
            max_age_minutes: maybe(rng, 0.4, |_| 2 * 24 * 60),
        }
    }

    /// The same world with some of its rules changed.
    pub fn changed(&self, rng: &mut StdRng) -> Self {
        let mut other = self.clone();
        let team = rng.random_range(0..TEAMS.len());
        match rng.random_range(0..6) {
            0 => other.teams[team] = random_team(rng, team),
            1 => other.serves[2] = Some(team),
            2 | 3 => other.big_apart = !other.big_apart,
            4 => other.fallback = maybe(rng, 0.5, random_target),
            _ => other.teams[team].open = None,
        }
        other
    }
}

fn random_rep(rng: &mut StdRng) -> Rep {
    Rep {
        zone: rng.random_range(0..ZONES.len()),
        open: maybe(rng, 0.3, |rng| rng.random_range(1..6)),
        per_day: maybe(rng, 0.2, |rng| rng.random_range(1..6)),
        calendar: maybe(rng, 0.3, |rng| rng.random_range(0..2)),
        languages: match rng.random_range(0..3) {
            0 => vec!["en"],
            1 => vec!["zh"],
            _ => vec!["en", "zh"],
        },
    }
}

fn random_target(rng: &mut StdRng) -> Target {
    match rng.random_range(0..4) {
        3 => Target::Pool,
        team => Target::Team(team),
    }
}

fn random_team(rng: &mut StdRng, team: usize) -> Team {
    let mut members: Vec<(usize, u32)> = Vec::new();
    for rep in 0..REPS.len() {
        if rng.random_bool(0.5) {
            members.push((rep, rng.random_range(1..4)));
        }
    }
    if members.is_empty() {
        members.push((0, 1));
    }
    Team {
        members,
        pick: if rng.random_bool(0.7) {
            Pick::RoundRobin
        } else {
            Pick::LeastLoaded
        },
        by_value: rng.random_bool(0.3),
        speaks: rng.random_bool(0.3),
        available: match rng.random_range(0..5) {
            0 => Available::Now,
            1 => Available::WithinHours(rng.random_range(1..20)),
            _ => Available::Any,
        },
        open: maybe(rng, 0.5, |rng| rng.random_range(1..5)),
        per_day: maybe(rng, 0.2, |rng| rng.random_range(1..4)),
        calendar: maybe(rng, 0.5, |rng| rng.random_range(0..2)),
        sla: maybe(rng, 0.5, random_sla),
        // Only to later teams, because a plan with a circle is refused.
        overflow: match rng.random_range(0..4) {
            0 => vec![Target::Pool],
            1 if team < 2 => vec![Target::Team(team + 1)],
            _ => Vec::new(),
        },
    }
}

fn random_sla(rng: &mut StdRng) -> Sla {
    Sla {
        accept: maybe(rng, 0.7, |rng| rng.random_range(10..120)),
        touch: Some(rng.random_range(60..600)),
        working: rng.random_bool(0.4),
        reassign: rng.random_bool(0.8),
        attempts: rng.random_range(1..4),
        then: maybe(rng, 0.6, random_target),
    }
}

fn random_pool(rng: &mut StdRng) -> Pool {
    let mut recycle = Vec::new();
    if rng.random_bool(0.5) {
        recycle.push((rng.random_range(600..3000), "claim", Target::Pool));
    }
    if rng.random_bool(0.5) {
        let team = rng.random_range(0..3);
        recycle.push((rng.random_range(600..3000), "pooled", Target::Team(team)));
    }
    Pool {
        claimants: (0..3)
            .filter(|team| *team == 0 || rng.random_bool(0.6))
            .collect(),
        open: maybe(rng, 0.5, |rng| rng.random_range(1..3)),
        per_day: maybe(rng, 0.3, |rng| rng.random_range(1..3)),
        cool_off: maybe(rng, 0.5, |rng| rng.random_range(60..3000)),
        hold: maybe(rng, 0.5, |rng| rng.random_range(10..200)),
        recycle,
    }
}

/// What a lead says, as far as the model cares.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadText {
    pub id: usize,
    pub revision: u64,
    pub source: &'static str,
    pub big: bool,
    pub email: Option<usize>,
    pub account: Option<usize>,
    pub language: Option<&'static str>,
    pub potential: Option<u32>,
    pub age_minutes: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    Lead(LeadText),
    Accepted(usize, Option<usize>),
    Declined(usize, Option<usize>),
    Touched(usize, Option<usize>),
    Released(usize),
    Claimed(usize, usize),
    Transferred(usize, usize),
    Closed(usize),
    Withdrawn(usize),
    Active(usize),
    Away(usize, Option<i64>),
    Left(usize),
    Account(usize, Option<usize>),
    /// Minutes go by.
    Pass(i64),
    /// Another plan comes into force.
    Plan,
}

/// One thing that happens; leads are numbered from 0 as they come.
pub fn happening(rng: &mut StdRng, leads: &mut usize) -> Happening {
    let some_lead = |rng: &mut StdRng, leads: usize| rng.random_range(0..leads.max(1));
    let some_rep = |rng: &mut StdRng| rng.random_range(0..REPS.len());
    let lead = some_lead(rng, *leads);
    match rng.random_range(0..100) {
        0..34 => {
            *leads += 1;
            Happening::Lead(lead_text(rng, *leads - 1, 1))
        }
        34..38 if *leads > 0 => {
            let revision = rng.random_range(1..4);
            Happening::Lead(lead_text(rng, lead, revision))
        }
        _ if *leads == 0 => Happening::Pass(rng.random_range(1..100)),
        38..44 => Happening::Accepted(lead, maybe(rng, 0.3, some_rep)),
        44..50 => Happening::Declined(lead, maybe(rng, 0.2, some_rep)),
        50..56 => Happening::Touched(lead, maybe(rng, 0.3, some_rep)),
        56..60 => Happening::Released(lead),
        60..66 => Happening::Claimed(lead, some_rep(rng)),
        66..69 => Happening::Transferred(lead, some_rep(rng)),
        69..77 => Happening::Closed(lead),
        77..78 => Happening::Withdrawn(lead),
        78..81 => Happening::Active(some_rep(rng)),
        81..84 => Happening::Away(
            some_rep(rng),
            maybe(rng, 0.7, |rng| rng.random_range(1..2000)),
        ),
        84..85 => Happening::Left(some_rep(rng)),
        85..86 => Happening::Account(rng.random_range(0..3), maybe(rng, 0.7, some_rep)),
        86..88 => Happening::Plan,
        _ => Happening::Pass(*[1, 7, 30, 60, 240, 900].choose(rng).unwrap_or(&1)),
    }
}

fn lead_text(rng: &mut StdRng, id: usize, revision: u64) -> LeadText {
    LeadText {
        id,
        revision,
        source: ["north", "south", "west", "nowhere"]
            .choose(rng)
            .unwrap_or(&"north"),
        big: rng.random_bool(0.4),
        email: maybe(rng, 0.5, |rng| rng.random_range(0..12)),
        account: maybe(rng, 0.3, |rng| rng.random_range(0..3)),
        language: maybe(
            rng,
            0.5,
            |rng| if rng.random_bool(0.5) { "en" } else { "zh" },
        ),
        potential: maybe(rng, 0.5, |rng| rng.random_range(1..500)),
        age_minutes: if rng.random_bool(0.1) {
            rng.random_range(0..4000)
        } else {
            0
        },
    }
}
