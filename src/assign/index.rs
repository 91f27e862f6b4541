//! What can be told from the rows and is kept only to find them: deadlines, who holds what,
//! who waits for whom, which lead stands for a person.
//!
//! Nothing here is journalled. Every change of a row passes through `enter` and `leave`, so
//! undo and restore rebuild it by the same two steps. No order of a list in here reaches an
//! output: whoever reads one sorts by birth.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::event::{Reason, Span, Timestamp};

use super::deadlines::Deadlines;
use super::errands::{EarlyRow, Errand, WorkRow};
use super::finder::Finder;
use super::life::{Life, Stage};
use super::names::{PoolNo, RepNo, TeamNo, TenantNo};
use super::pile::Pile;
use super::records::{RepRow, TeamRow, TenantRow};

/// What can fall due besides a lead's own timers, in the order in which one moment's are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Chore {
    /// A rep's absence ends.
    Return(RepNo),
    /// A territory becomes effective.
    Switch(TenantNo),
    /// Early activity has waited long enough.
    Early(u64),
    /// A walk over many leads goes on.
    Work(TenantNo, Errand),
    /// A team's waiting leads are tried.
    Wake(TeamNo),
}

impl Chore {
    /// Sorts before every other chore.
    pub const FIRST: Self = Self::Return(RepNo(0));
}

/// Milliseconds of a day, the grain in which old rows are swept.
const DAY_MS: i64 = 86_400_000;

/// The first day on which everything of this moment is over.
pub(super) fn day_after(moment: Timestamp) -> i32 {
    i32::try_from(moment.0.div_euclid(DAY_MS) + 1).unwrap_or(i32::MAX)
}

#[derive(Default)]
pub(super) struct Index {
    /// How long a closed lead is remembered.
    pub horizon: Span,
    /// The earliest timer of each lead that has one, with the lead's birth, so that leads due
    /// at one moment come in order of arrival, and its slot.
    pub lead_deadlines: Deadlines,
    pub chores: BTreeSet<(Timestamp, Chore)>,
    held: Vec<Vec<u32>>,
    claimed: FxHashMap<(RepNo, PoolNo), u32>,
    pub waiting: BTreeSet<(TenantNo, u64, u32)>,
    pub waiting_on: BTreeSet<(TeamNo, u64, u32)>,
    /// Waiting leads by reason and age, for whoever watches how long they wait.
    pub waiting_for: BTreeMap<Reason, BTreeSet<(Timestamp, u32)>>,
    persons: Finder,
    /// Closed leads by the day after which they are forgotten; entries may be stale.
    pub forgotten_on: BTreeMap<i32, Pile<u32>>,
    /// Early activity by lead.
    pub early: BTreeSet<(u128, u64)>,
    stages: [u64; 5],
}

impl Index {
    /// Slots of the leads this rep holds, as owner or second owner, in no order.
    pub fn held(&self, rep: RepNo) -> &[u32] {
        self.held.get(rep.at()).map_or(&[], Vec::as_slice)
    }

    pub fn open_of(&self, rep: RepNo) -> u32 {
        self.held(rep).len() as u32
    }

    /// Leads this rep holds by a claim on this pool.
    pub fn claims_of(&self, rep: RepNo, pool: PoolNo) -> u32 {
        self.claimed.get(&(rep, pool)).copied().unwrap_or(0)
    }

    pub fn count(&self, stage: Stage) -> u64 {
        self.stages[stage as usize]
    }

    pub fn waits_on(&self, team: TeamNo) -> bool {
        let from = (team, 0, 0);
        let next = self.waiting_on.range(from..).next();
        next.is_some_and(|&(other, _, _)| other == team)
    }

    /// Slots of leads that may stand for the person with this hash.
    pub fn persons(&self, hash: u64) -> impl Iterator<Item = u32> {
        self.persons.find(hash as u32)
    }

    /// The day after which a lead that has ended is forgotten.
    pub fn forget_day(&self, life: &Life) -> Option<i32> {
        let ended = matches!(life.stage, Stage::Closed | Stage::Duplicate);
        ended.then(|| day_after(life.decided_at.plus(self.horizon)))
    }

    pub fn enter_lead(&mut self, slot: u32, life: &Life) {
        self.stages[life.stage as usize] += 1;
        for rep in holders(life) {
            if self.held.len() <= rep.at() {
                self.held.resize(rep.at() + 1, Vec::new());
            }
            self.held[rep.at()].push(slot);
        }
        if let Some(claim) = claim(life) {
            *self.claimed.entry(claim).or_default() += 1;
        }
        if life.stage == Stage::Waiting {
            let alike = self.waiting_for.entry(waits_for(life)).or_default();
            alike.insert((life.lead_at, slot));
            self.waiting.insert((life.tenant, life.birth, slot));
            for &team in &life.waits {
                self.waiting_on.insert((team, life.birth, slot));
            }
        }
        for &hash in &life.persons {
            self.persons.insert(hash as u32, slot);
        }
        if let Some(at) = life.timers.earliest() {
            self.lead_deadlines.insert((at, life.birth, slot));
        }
        if let Some(day) = self.forget_day(life) {
            self.forgotten_on.entry(day).or_default().push(slot);
        }
    }

    pub fn leave_lead(&mut self, slot: u32, life: &Life) {
        self.stages[life.stage as usize] -= 1;
        for rep in holders(life) {
            let held = &mut self.held[rep.at()];
            if let Some(at) = held.iter().rposition(|&other| other == slot) {
                held.swap_remove(at);
            }
        }
        if let Some(claim) = claim(life) {
            self.unclaim(claim);
        }
        if life.stage == Stage::Waiting {
            if let Some(alike) = self.waiting_for.get_mut(&waits_for(life)) {
                alike.remove(&(life.lead_at, slot));
            }
            self.waiting.remove(&(life.tenant, life.birth, slot));
            for &team in &life.waits {
                self.waiting_on.remove(&(team, life.birth, slot));
            }
        }
        for &hash in &life.persons {
            self.persons.remove(hash as u32, slot);
        }
        if let Some(at) = life.timers.earliest() {
            self.lead_deadlines.remove((at, life.birth, slot));
        }
    }

    fn unclaim(&mut self, claim: (RepNo, PoolNo)) {
        if let Some(count) = self.claimed.get_mut(&claim) {
            *count -= 1;
            if *count == 0 {
                self.claimed.remove(&claim);
            }
        }
    }

    /// Moves a chore from one moment to another.
    fn reschedule(&mut self, chore: Chore, before: Option<Timestamp>, now: Option<Timestamp>) {
        if before == now {
            return;
        }
        if let Some(at) = before {
            self.chores.remove(&(at, chore));
        }
        if let Some(at) = now {
            self.chores.insert((at, chore));
        }
    }

    pub fn change_rep(&mut self, rep: u32, before: &RepRow, now: &RepRow) {
        let chore = Chore::Return(RepNo(rep));
        self.reschedule(chore, before.returns(), now.returns());
    }

    pub fn change_team(&mut self, team: u32, before: &TeamRow, now: &TeamRow) {
        let at = |row: &TeamRow| row.wake.map(|wake| wake.at);
        self.reschedule(Chore::Wake(TeamNo(team)), at(before), at(now));
    }

    pub fn change_tenant(&mut self, tenant: u32, before: &TenantRow, now: &TenantRow) {
        let chore = Chore::Switch(TenantNo(tenant));
        self.reschedule(chore, before.switch, now.switch);
    }

    pub fn change_work(
        &mut self,
        (tenant, errand): (TenantNo, Errand),
        before: Option<&WorkRow>,
        now: Option<&WorkRow>,
    ) {
        let at = |row: Option<&WorkRow>| row.map(|row| row.at);
        self.reschedule(Chore::Work(tenant, errand), at(before), at(now));
    }

    pub fn change_early(&mut self, number: u64, before: Option<&EarlyRow>, now: Option<&EarlyRow>) {
        let until = |row: Option<&EarlyRow>| row.map(|row| row.until);
        self.reschedule(Chore::Early(number), until(before), until(now));
        if let Some(row) = before {
            self.early.remove(&(row.lead, number));
        }
        if let Some(row) = now {
            self.early.insert((row.lead, number));
        }
    }
}

/// Reps whose capacity the lead takes.
pub(super) fn holders(life: &Life) -> impl Iterator<Item = RepNo> {
    let owner = (life.stage == Stage::Owned).then_some(life.rep).flatten();
    let seconds = life.overlays.iter().filter_map(|overlay| overlay.rep);
    let seconds = life.open().then_some(seconds).into_iter().flatten();
    owner.into_iter().chain(seconds)
}

fn waits_for(life: &Life) -> Reason {
    life.reason.unwrap_or(Reason::NoTerritory)
}

fn claim(life: &Life) -> Option<(RepNo, PoolNo)> {
    let owned = life.stage == Stage::Owned;
    Some((life.rep.filter(|_| owned)?, life.claimed?))
}

impl RepRow {
    /// When an announced absence ends.
    pub fn returns(&self) -> Option<Timestamp> {
        match self.status {
            Some(crate::event::RepStatus::Away { until }) => until,
            _ => None,
        }
    }
}
