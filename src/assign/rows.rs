//! All rows of a lane, the indexes told from them, and their way to the changelog and back.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::event::{RepStatus, Span, Timestamp};

use super::agenda::Due;
use super::errands::{EarlyRow, Errand, WorkRow};
use super::index::{Chore, Index, day_after};
use super::journal::{Dense, Sparse};
use super::keys::{self, Subject};
use super::leads::Leads;
use super::life::Life;
use super::meta::{Meta, seq};
use super::names::{Names, RepNo, TeamNo, TenantNo};
use super::pile::Pile;
use super::records::{AccountRow, Mark, PassRow, RepRow, TeamRow, TenantRow, Wake};

/// Every table of a lane.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) meta: Dense<Meta>,
    pub(super) tenants: Dense<TenantRow>,
    pub(super) reps: Dense<RepRow>,
    pub(super) teams: Dense<TeamRow>,
    pub(super) passes: Dense<PassRow>,
    pub(super) pass_keys: Vec<(TeamNo, RepNo)>,
    pass_numbers: FxHashMap<(TeamNo, RepNo), u32>,
    pub leads: Leads,
    pub marks: Sparse<u128, Mark>,
    pub accounts: Sparse<u128, AccountRow>,
    pub(super) events: Sparse<u64, Timestamp>,
    pub(super) early: Sparse<u64, EarlyRow>,
    pub(super) work: Sparse<(TenantNo, Errand), WorkRow>,
    /// Events and marks by the day on which they may be swept; entries may be stale.
    pub(super) event_days: BTreeMap<i32, Pile<u64>>,
    pub(super) mark_days: BTreeMap<i32, Pile<u128>>,
    pub index: Index,
    /// How long event ids are remembered.
    pub(super) event_memory: Span,
    buffer: Vec<u8>,
}

fn pop_due<T>(days: &mut BTreeMap<i32, Pile<T>>, today: i32) -> Option<T> {
    loop {
        let mut first = days.first_entry()?;
        if *first.key() > today {
            return None;
        }
        match first.get_mut().pop() {
            Some(one) => return Some(one),
            None => first.remove(),
        };
    }
}

impl Rows {
    pub fn new(horizon: Span, event_memory: Span) -> Self {
        let mut rows = Self {
            event_memory,
            ..Self::default()
        };
        rows.index.horizon = horizon;
        rows
    }

    pub fn meta(&self) -> &Meta {
        self.meta.get(0)
    }

    pub fn edit_meta(&mut self) -> &mut Meta {
        self.meta.edit(0)
    }

    /// A decision's number as it was told: the lane, unless it is the present one, and `seq`.
    pub fn told_as(&self, tenant: TenantNo, number: u64) -> (Option<&str>, u64) {
        match self.tenant(tenant).lane_of(number) {
            Some(past) => (Some(&past.lane), seq(number, past.first)),
            None => (None, seq(number, self.meta().first_number)),
        }
    }

    pub fn tenant(&self, tenant: TenantNo) -> &TenantRow {
        self.tenants.get(tenant.0)
    }

    pub fn edit_tenant(&mut self, tenant: TenantNo, change: impl FnOnce(&mut TenantRow)) {
        let row = self.tenants.edit(tenant.0);
        let before = row.clone();
        change(row);
        self.index.change_tenant(tenant.0, &before, row);
    }

    pub fn rep(&self, rep: RepNo) -> &RepRow {
        self.reps.get(rep.0)
    }

    pub fn edit_rep(&mut self, rep: RepNo, change: impl FnOnce(&mut RepRow)) {
        let row = self.reps.edit(rep.0);
        let returns = row.returns();
        change(row);
        if row.returns() != returns {
            let before = RepRow {
                status: returns.map(|until| RepStatus::Away { until: Some(until) }),
                ..RepRow::default()
            };
            self.index.change_rep(rep.0, &before, row);
        }
    }

    pub fn team(&self, team: TeamNo) -> &TeamRow {
        self.teams.get(team.0)
    }

    /// Changes a team's rotation, which no index follows.
    pub fn edit_rotation(&mut self, team: TeamNo) -> &mut TeamRow {
        self.teams.edit(team.0)
    }

    pub fn set_wake(&mut self, team: TeamNo, wake: Option<Wake>) {
        let row = self.teams.edit(team.0);
        let before = row.clone();
        row.wake = wake;
        self.index.change_team(team.0, &before, row);
    }

    /// The number under which a member's pass is kept.
    pub fn pass_number(&mut self, team: TeamNo, rep: RepNo) -> u32 {
        let keys = &mut self.pass_keys;
        *self.pass_numbers.entry((team, rep)).or_insert_with(|| {
            keys.push((team, rep));
            keys.len() as u32 - 1
        })
    }

    pub fn pass(&self, number: u32) -> &PassRow {
        self.passes.get(number)
    }

    pub fn edit_pass(&mut self, number: u32) -> &mut PassRow {
        self.passes.edit(number)
    }

    /// The life in a slot. Rows in memory were written here or checked by restore.
    pub fn life(&self, slot: u32) -> Option<Life> {
        Life::read(self.leads.row(slot)?).ok()
    }

    pub fn insert_lead(&mut self, key: u128, life: &Life) -> u32 {
        self.pack(life);
        let slot = self.leads.insert(key, &self.buffer);
        self.index.enter_lead(slot, life);
        slot
    }

    pub fn replace_lead(&mut self, slot: u32, key: u128, life: &Life) {
        if let Some(before) = self.life(slot) {
            self.index.leave_lead(slot, &before);
        }
        self.pack(life);
        self.leads.replace(slot, key, &self.buffer);
        self.index.enter_lead(slot, life);
    }

    pub fn remove_lead(&mut self, slot: u32, key: u128) {
        if let Some(before) = self.life(slot) {
            self.index.leave_lead(slot, &before);
        }
        self.leads.remove(slot, key);
    }

    /// Writes the life's row into the buffer.
    fn pack(&mut self, life: &Life) {
        self.buffer.clear();
        life.write(&mut self.buffer);
    }

    /// Notes an event id; false if it was seen within the memory of events.
    pub fn see_event(&mut self, hash: u64, now: Timestamp) -> bool {
        let seen = self.events.get(&hash);
        if seen.is_some_and(|&at| now <= at.plus(self.event_memory)) {
            return false;
        }
        self.events.put(hash, Some(now));
        let day = day_after(now.plus(self.event_memory));
        self.event_days.entry(day).or_default().push(hash);
        true
    }

    /// The mark of a withdrawn lead, unless it is older than the horizon.
    pub fn mark(&self, key: u128, now: Timestamp) -> Option<Mark> {
        let mark = *self.marks.get(&key)?;
        (now <= mark.at.plus(self.index.horizon)).then_some(mark)
    }

    pub fn put_mark(&mut self, key: u128, mark: Option<Mark>) {
        self.marks.put(key, mark);
        if let Some(mark) = mark {
            let day = day_after(mark.at.plus(self.index.horizon));
            self.mark_days.entry(day).or_default().push(key);
        }
    }

    pub fn early(&self, number: u64) -> Option<&EarlyRow> {
        self.early.get(&number)
    }

    pub fn put_early(&mut self, number: u64, row: Option<EarlyRow>) -> Option<EarlyRow> {
        let before = self.early.put(number, row);
        let now = self.early.get(&number);
        self.index.change_early(number, before.as_ref(), now);
        before
    }

    pub fn early_count(&self) -> usize {
        self.early.len()
    }

    pub fn work(&self, tenant: TenantNo, errand: Errand) -> Option<&WorkRow> {
        self.work.get(&(tenant, errand))
    }

    pub fn put_work(&mut self, tenant: TenantNo, errand: Errand, row: Option<WorkRow>) {
        let key = (tenant, errand);
        let before = self.work.put(key, row);
        let now = self.work.get(&key);
        self.index.change_work(key, before.as_ref(), now);
    }

    /// Sets something that is due to a later moment.
    pub fn put_off(&mut self, names: &Names, due: Due, until: Timestamp) {
        match due {
            Due::Lead { slot, .. } => self.put_off_lead(names, slot, until),
            Due::Chore(Chore::Return(rep)) => self.edit_rep(rep, |row| {
                let until = Some(until);
                row.status = Some(RepStatus::Away { until });
            }),
            Due::Chore(Chore::Switch(tenant)) => {
                self.edit_tenant(tenant, |row| row.switch = Some(until));
            }
            Due::Chore(Chore::Early(number)) => {
                if let Some(row) = self.early.get(&number).cloned() {
                    self.put_early(number, Some(EarlyRow { until, ..row }));
                }
            }
            Due::Chore(Chore::Work(tenant, errand)) => {
                if let Some(row) = self.work(tenant, errand).cloned() {
                    self.put_work(tenant, errand, Some(WorkRow { at: until, ..row }));
                }
            }
            Due::Chore(Chore::Wake(team)) => {
                let wake = self.team(team).wake;
                self.set_wake(team, wake.map(|wake| Wake { at: until, ..wake }));
            }
        }
    }

    fn put_off_lead(&mut self, names: &Names, slot: u32, until: Timestamp) {
        let Some(mut life) = self.life(slot) else {
            return;
        };
        let timers = &mut life.timers;
        for timer in [&mut timers.accept, &mut timers.touch, &mut timers.max_age] {
            *timer = timer.map(|at| at.max(until));
        }
        timers.recycle = timers.recycle.map(|(at, rule)| (at.max(until), rule));
        let key = keys::hash(Subject::Lead, names.text(life.tenant), &life.id);
        self.replace_lead(slot, key, &life);
    }

    /// Removes at most `limit` rows whose time of remembrance is over. It only frees memory:
    /// every look-up already treats such rows as gone.
    pub fn sweep(&mut self, names: &Names, now: Timestamp, limit: usize) {
        let today = day_after(now) - 1;
        for _ in 0..limit {
            if !(self.sweep_lead(names, today) || self.sweep_event(today) || self.sweep_mark(today))
            {
                return;
            }
        }
    }

    /// Forgets days that are long over, of rows that whoever writes the lane sweeps. A state
    /// that only follows never sweeps, and its lists of days would grow for ever.
    pub fn trim(&mut self) {
        /// Whoever sweeps is never further behind than this, or a few rows stay in memory.
        const KEPT_DAYS: i32 = 7;
        let first = day_after(self.meta().clock) - KEPT_DAYS;
        self.event_days = self.event_days.split_off(&first);
        self.mark_days = self.mark_days.split_off(&first);
        self.index.forgotten_on = self.index.forgotten_on.split_off(&first);
    }

    fn sweep_lead(&mut self, names: &Names, today: i32) -> bool {
        let Some(slot) = pop_due(&mut self.index.forgotten_on, today) else {
            return false;
        };
        let life = self.life(slot);
        let over = |life: &Life| self.index.forget_day(life).is_some_and(|day| day <= today);
        if let Some(life) = life.filter(over) {
            let key = keys::hash(Subject::Lead, names.text(life.tenant), &life.id);
            self.remove_lead(slot, key);
        }
        true
    }

    fn sweep_event(&mut self, today: i32) -> bool {
        let Some(hash) = pop_due(&mut self.event_days, today) else {
            return false;
        };
        let day = |at: &Timestamp| day_after(at.plus(self.event_memory));
        if self.events.get(&hash).is_some_and(|at| day(at) <= today) {
            self.events.put(hash, None);
        }
        true
    }

    fn sweep_mark(&mut self, today: i32) -> bool {
        let Some(key) = pop_due(&mut self.mark_days, today) else {
            return false;
        };
        let day = |mark: &Mark| day_after(mark.at.plus(self.index.horizon));
        if self.marks.get(&key).is_some_and(|mark| day(mark) <= today) {
            self.marks.put(key, None);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_only_follows_forgets_the_days_that_are_over() {
        let day = |number: i64| Timestamp(number * 86_400_000);
        let mut rows = Rows::new(Span::days(180), Span::days(7));
        for number in 0..100 {
            rows.see_event(number as u64, day(number));
        }
        rows.edit_meta().clock = day(99);
        rows.trim();
        // Day 99 ends on day 100; a week before it is kept, and all that is still to come.
        let kept: Vec<i32> = rows.event_days.keys().copied().collect();
        assert_eq!(kept, (93..=107).collect::<Vec<_>>());
        assert_eq!(rows.events.len(), 100, "rows go when their removal comes");
    }
}
