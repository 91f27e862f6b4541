//! One random life of a lane, decided by both engines.

use std::sync::Arc;

use bailiwick::event::{ActivityKind, CloseResult, Decision, RepStatus, Span, Text, TouchKind};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::super::assign::desk::{Desk, Log, MORNING, Shelf};
use super::fairness::{Fairness, only_turns, turns_only};
use super::invariants::Watch;
use super::naive::{Naive, Told};
use super::world::{Available, Happening, REPS, TEAMS, TERRITORIES, Target, World, happening};
use super::yaml;

/// Worlds tried; `BAILIWICK_MODEL_WORLDS` asks for more.
const WORLDS: u64 = 12;

/// Things that happen in each.
const STEPS: usize = 250;

#[test]
fn both_engines_decide_the_same_in_every_world() {
    let worlds = std::env::var("BAILIWICK_MODEL_WORLDS");
    let worlds = worlds
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(WORLDS);
    let only = std::env::var("BAILIWICK_MODEL_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seeds = only.map_or(0..worlds, |seed: u64| seed..seed + 1);
    for seed in seeds {
        live(seed, |_| ());
    }
}

#[test]
fn where_only_turns_decide_they_are_fair() {
    let pairs: usize = (50..50 + WORLDS)
        .map(|seed| live(seed, turns_only).pairs)
        .sum();
    assert!(pairs > 90, "only {pairs} turns were between equals");
}

/// Worlds in which a lead waits only for what wakes it: room, hours, a return or a plan.
/// Tries that are used up and accounts that change hands are nobody's room.
fn wait_for_room_only(world: &mut World) {
    if world.sticky_accounts {
        world.fallback = Some(Target::Pool);
    }
    for sla in world.teams.iter_mut().filter_map(|team| team.sla.as_mut()) {
        sla.then = Some(Target::Pool);
    }
}

/// One world's life; `adjust` narrows its plans.
fn live(seed: u64, adjust: fn(&mut World)) -> Fairness {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut world = World::random(&mut rng);
    wait_for_room_only(&mut world);
    adjust(&mut world);
    let mut naive = Naive::new(world.clone(), MORNING.0 / 60_000);
    let mut desk = Desk::new(&yaml::plan(&world));
    let (mut log, mut leads, mut history) = (Log::new(), 0, Vec::new());
    let (mut watch, mut fairness) = (Watch::default(), Fairness::default());
    for step in 0..STEPS {
        let mut what = happening(&mut rng, &mut leads);
        if what == Happening::Plan {
            let before = yaml::plan(&world);
            world = world.changed(&mut rng);
            wait_for_room_only(&mut world);
            adjust(&mut world);
            naive.world = world.clone();
            let after = yaml::plan(&world);
            desk.shelf = Shelf::new(&after);
            // The same content is the same version, and nothing comes into force.
            if before == after {
                what = Happening::Pass(1);
            }
            fairness.forget();
        }
        history.push(what.clone());
        naive.happens(&what);
        let ours = play(&mut desk, &what, &mut rng);
        let theirs = std::mem::take(&mut naive.told);
        let said: Vec<Told> = ours.iter().map(told).collect();
        if said != theirs {
            let at = said.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
            let trail: String = history.iter().map(|what| format!("{what:?}\n")).collect();
            panic!(
                "{trail}{}\nseed {seed}, step {step}, decision {at}\nours   {:#?}\nnaive  {:#?}",
                yaml::plan(&world),
                said.get(at),
                theirs.get(at),
            );
        }
        watch.see(seed, &world, &ours);
        let turns = std::mem::take(&mut naive.picks);
        if only_turns(&world) {
            fairness.see(seed, &world, &turns);
            if fairness.same_weights_all_along() {
                within_bounds(seed, &desk);
            }
        }
        everybody_is_somewhere(seed, &desk, &watch);
        let waits = naive.somebody_could_take();
        assert_eq!(waits, None, "seed {seed}, step {step}: it need not wait");
        assert_eq!(
            desk.effects.expired.len(),
            naive.expired,
            "seed {seed}: expired activity"
        );
        desk.changelog(&mut log);
        desk.state.commit();
        if rng.random_bool(0.05) {
            desk.restart(&log);
        }
    }
    fairness
}

/// Every lead that was decided is where its decision says: with an owner, in a pool, waiting,
/// or at its end.
fn everybody_is_somewhere(seed: u64, desk: &Desk, watch: &Watch) {
    for one in watch.standing() {
        let lead = desk.state.lead("acme", &one.lead);
        let lead = lead.unwrap_or_else(|| panic!("seed {seed}: {} is lost", one.lead));
        assert_eq!(lead.stage, one.outcome.as_str(), "seed {seed}: {one:?}");
        if lead.stage != "duplicate" {
            assert_eq!(
                (lead.rep.as_deref(), lead.pool.as_deref()),
                (one.rep.as_deref(), one.pool.as_deref()),
                "seed {seed}"
            );
        }
    }
}

/// No team's members are further from their shares than the published bound.
fn within_bounds(seed: u64, desk: &Desk) {
    for team in desk.teams() {
        let share = team.share.expect("all of them take turns");
        let within = share.present <= share.bound + 1e-9;
        assert!(within, "seed {seed}: {} {share:?}", team.team);
    }
}

/// Lets it happen, sometimes twice with an undo between.
fn play(desk: &mut Desk, what: &Happening, rng: &mut StdRng) -> Vec<Decision> {
    let (mark, now, expired) = (desk.mark(), desk.now, desk.effects.expired.len());
    act(desk, what);
    if rng.random_bool(0.1) {
        desk.state.undo();
        desk.now = now;
        let kept = desk.effects.expired[..expired].to_vec();
        desk.rewind(mark);
        desk.effects.expired = kept;
        act(desk, what);
    }
    desk.decisions()
}

fn name(lead: usize) -> Text<'static> {
    Text::Owned(format!("L{lead}"))
}

pub fn act(desk: &mut Desk, what: &Happening) {
    let rep = |rep: &usize| Text::Borrowed(REPS[*rep]);
    let some = |rep: &Option<usize>| rep.as_ref().map(|rep| Text::Borrowed(REPS[*rep]));
    let kind = match what {
        Happening::Lead(text) => return bring(desk, text),
        Happening::Pass(minutes) => return desk.pass(Span::seconds(minutes * 60)),
        Happening::Plan => return desk.adopt(),
        Happening::Accepted(lead, by) => ActivityKind::Accepted {
            lead: name(*lead),
            rep: some(by),
        },
        Happening::Declined(lead, by) => ActivityKind::Declined {
            lead: name(*lead),
            rep: some(by),
            reason: None,
        },
        Happening::Touched(lead, by) => ActivityKind::Touched {
            lead: name(*lead),
            rep: some(by),
            kind: TouchKind::Call,
        },
        Happening::Released(lead) => ActivityKind::Released {
            lead: name(*lead),
            rep: None,
            pool: Some("public".into()),
            reason: None,
        },
        Happening::Claimed(lead, by) => ActivityKind::Claimed {
            lead: name(*lead),
            rep: rep(by),
            pool: None,
        },
        Happening::Transferred(lead, to) => ActivityKind::Transferred {
            lead: name(*lead),
            rep: rep(to),
            by: None,
        },
        Happening::Closed(lead) => ActivityKind::Closed {
            lead: name(*lead),
            result: CloseResult::Lost,
            value: None,
        },
        Happening::Withdrawn(lead) => ActivityKind::Withdrawn { lead: name(*lead) },
        Happening::Active(who) => ActivityKind::RepStatus {
            rep: rep(who),
            status: RepStatus::Active,
        },
        Happening::Away(who, minutes) => {
            let until = minutes.map(|minutes| desk.now.plus(Span::seconds(minutes * 60)));
            ActivityKind::RepStatus {
                rep: rep(who),
                status: RepStatus::Away { until },
            }
        }
        Happening::Left(who) => ActivityKind::RepStatus {
            rep: rep(who),
            status: RepStatus::Left,
        },
        Happening::Account(account, owner) => ActivityKind::AccountOwned {
            account: Text::Owned(format!("A{account}")),
            rep: some(owner),
        },
    };
    desk.act(kind);
    desk.tick();
}

fn bring(desk: &mut Desk, text: &super::world::LeadText) {
    let now = desk.now;
    desk.lead_with(&name(text.id), |lead| {
        lead.revision = text.revision;
        lead.source = Some(text.source.into());
        lead.campaign = text.big.then_some("big".into());
        lead.contact.email = text
            .email
            .map(|one| Text::Owned(format!("p{one}@example.com")));
        lead.company.account = text.account.map(|one| Text::Owned(format!("A{one}")));
        lead.contact.language = text.language.map(Text::Borrowed);
        lead.potential = text.potential.map(f64::from);
        lead.created_at = Some(now.minus(Span::seconds(text.age_minutes * 60)));
    });
    desk.tick();
}

fn told(one: &Decision) -> Told {
    let of = |id: &Option<Arc<str>>, all: &[&'static str]| {
        let id = id.as_deref()?;
        all.iter().copied().find(|other| *other == id)
    };
    let number = |id: &str| id[1..].parse::<usize>().unwrap();
    let minute = |at: bailiwick::event::Timestamp| at.0 / 60_000;
    Told {
        lead: number(&one.lead),
        outcome: one.outcome.as_str(),
        reason: one.reason.as_str(),
        rep: of(&one.rep, &REPS),
        previous: of(&one.previous_rep, &REPS),
        pooled: one.pool.is_some(),
        territory: of(&one.territory, &TERRITORIES),
        team: of(&one.team, &TEAMS),
        duplicate_of: one.duplicate_of.as_deref().map(number),
        attempt: one.attempt,
        accept_by: one.due.accept_by.map(minute),
        touch_by: one.due.touch_by.map(minute),
    }
}

/// Keeps the generator's kinds of availability in use, so that none is lost unnoticed.
#[test]
fn the_worlds_hold_every_kind_of_rule() {
    let mut seen = [0; 3];
    for seed in 0..WORLDS {
        for team in World::random(&mut StdRng::seed_from_u64(seed)).teams {
            match team.available {
                Available::Any => seen[0] += 1,
                Available::Now => seen[1] += 1,
                Available::WithinHours(_) => seen[2] += 1,
            }
        }
    }
    assert!(seen.iter().all(|&count| count > 2), "{seen:?}");
}
