//! What must hold of any decisions, whatever the plan: checked from the decisions and the plan
//! alone, without asking how the engine came to them.

use std::collections::BTreeMap;

use bailiwick::event::{Cause, Decision, Outcome, Reason, TimerKind};

use super::naive::clock;
use super::world::{REPS, TEAMS, World};

/// Watches the decisions of one lane.
#[derive(Default)]
pub struct Watch {
    last_seq: u64,
    /// By lead: the decision it stands by, gone when it is withdrawn.
    standing: BTreeMap<Box<str>, Decision>,
    /// By lead: whoever had it last.
    owners: BTreeMap<Box<str>, Box<str>>,
    /// Leads given to a rep on a day of his, and those of them that he claimed.
    days: BTreeMap<(usize, i64), (u32, u32)>,
}

fn rep_of(one: &Decision) -> Option<usize> {
    let rep = one.rep.as_deref()?;
    REPS.iter().position(|other| *other == rep)
}

impl Watch {
    pub fn see(&mut self, seed: u64, world: &World, decisions: &[Decision]) {
        for one in decisions {
            assert_eq!(one.seq, self.last_seq + 1, "seed {seed}: seq has no gap");
            self.last_seq = one.seq;
            self.first_or_caused(seed, one);
            self.claims_have_one_winner(seed, one);
            self.timers_fire_in_time_and_once(seed, one);
            self.history_is_handed_over(seed, one);
            place_or_reason(seed, one);
            self.stand(one);
            self.nobody_is_over_a_limit(seed, world, one);
        }
    }

    /// The decisions that known leads stand by.
    pub fn standing(&self) -> impl Iterator<Item = &Decision> {
        self.standing.values()
    }

    fn stand(&mut self, one: &Decision) {
        match one.outcome {
            Outcome::ClaimRejected => return,
            Outcome::Withdrawn => {
                self.standing.remove(&one.lead);
                self.owners.remove(&one.lead);
                return;
            }
            Outcome::Assigned => {
                let rep = one.rep.as_deref().expect("an owner");
                self.owners.insert(one.lead.clone(), rep.into());
            }
            _ => {}
        }
        self.standing.insert(one.lead.clone(), one.clone());
    }

    /// A first decision has no cause, every later one has; a withdrawn lead may begin anew.
    fn first_or_caused(&self, seed: u64, one: &Decision) {
        let first = !self.standing.contains_key(&one.lead);
        assert!(
            first != one.cause.is_some(),
            "seed {seed}: cause of {one:?}"
        );
        if let Some(Cause::Event(id)) = &one.cause {
            assert!(!id.is_empty(), "seed {seed}: an event has an id");
        }
    }

    /// A claim is granted only on a lead in the pool, so the second of two comes too late; and
    /// whoever is too late is told who has the lead, and by which decision.
    fn claims_have_one_winner(&self, seed: u64, one: &Decision) {
        let before = self.standing.get(&one.lead);
        if one.outcome == Outcome::Assigned && one.reason == Reason::Claimed {
            let pooled = before.is_some_and(|before| before.outcome == Outcome::Pooled);
            assert!(pooled, "seed {seed}: {one:?}");
        }
        if one.outcome == Outcome::ClaimRejected {
            let before = before.expect("a lead is known before it can be claimed");
            let since = format!("acme/0/{}", before.seq);
            assert_eq!(one.since.as_deref(), Some(&*since), "seed {seed}: {one:?}");
            assert_eq!(one.rep, before.rep, "seed {seed}: {one:?}");
        }
    }

    /// What a timer caused comes at the moment that the lead's last decision named, and that
    /// decision is used up by it.
    fn timers_fire_in_time_and_once(&self, seed: u64, one: &Decision) {
        let Some(Cause::Timer(kind)) = one.cause else {
            return;
        };
        let before = &self.standing[&one.lead];
        let named = match kind {
            TimerKind::Accept => before.due.accept_by,
            TimerKind::Touch => before.due.touch_by,
            _ => return,
        };
        assert_eq!(named, Some(one.decided_at), "seed {seed}: {one:?}");
    }

    /// Whoever gets a lead that another had before is told of it, also after a pool or a wait.
    fn history_is_handed_over(&self, seed: u64, one: &Decision) {
        if one.outcome != Outcome::Assigned {
            assert!(one.handover.is_none(), "seed {seed}: {one:?}");
            return;
        }
        let last = self.owners.get(&one.lead);
        if let Some(last) = last.filter(|last| Some(&***last) != one.rep.as_deref()) {
            let handover = one.handover.as_ref();
            let told = handover.and_then(|handover| handover.owners.last());
            assert_eq!(told, Some(last), "seed {seed}: {one:?}");
        }
    }

    /// Nobody is given a lead beyond a limit, but by a manager, who may.
    fn nobody_is_over_a_limit(&mut self, seed: u64, world: &World, one: &Decision) {
        let Some(rep) = rep_of(one).filter(|_| one.outcome == Outcome::Assigned) else {
            return;
        };
        let claimed = one.reason == Reason::Claimed;
        let minute = one.decided_at.0 / 60_000;
        let date = clock::date(world.reps[rep].zone, minute);
        let today = self.days.entry((rep, date)).or_default();
        *today = (today.0 + 1, today.1 + u32::from(claimed));
        let today = *today;
        let mine = |other: &&Decision| {
            other.outcome == Outcome::Assigned && other.rep.as_deref() == Some(REPS[rep])
        };
        let held = self.standing.values().filter(mine);
        let (open, by_claim) = held.fold((0, 0), |(open, by_claim), other| {
            (
                open + 1,
                by_claim + u32::from(other.reason == Reason::Claimed),
            )
        });
        let own = &world.reps[rep];
        // A claim is bounded by the pool besides.
        let team = one.team.as_deref();
        let team = TEAMS.iter().position(|other| Some(*other) == team);
        let team = team.map(|team| &world.teams[team]);
        let opens = [own.open, team.and_then(|team| team.open)];
        let days = [own.per_day, team.and_then(|team| team.per_day)];
        let within =
            |count: u32, limits: &[Option<u32>]| limits.iter().flatten().all(|&most| count <= most);
        let free = one.reason == Reason::Manual;
        let fits = free || (within(open, &opens) && within(today.0, &days));
        assert!(fits, "seed {seed}: {open} open, {today:?} today, {one:?}");
        let pool = &world.pool;
        let fits = !claimed || (within(by_claim, &[pool.open]) && within(today.1, &[pool.per_day]));
        assert!(fits, "seed {seed}: {by_claim} claimed, {today:?}, {one:?}");
    }
}

/// Each outcome says where the lead is.
fn place_or_reason(seed: u64, one: &Decision) {
    let (rep, pool) = (one.rep.is_some(), one.pool.is_some());
    let fits = match one.outcome {
        Outcome::Assigned => rep && !pool,
        Outcome::Pooled => pool && !rep,
        Outcome::Unassigned => !rep && !pool,
        Outcome::Duplicate => one.duplicate_of.is_some(),
        Outcome::ClaimRejected => one.claimant.is_some() && one.since.is_some(),
        Outcome::Closed | Outcome::Withdrawn => true,
    };
    assert!(fits, "seed {seed}: {one:?}");
}
