//! Rows to the changelog at commit, back from it at restore, and back in time at undo.
//!
//! Keys open with a byte for the table and hold numbers and hashes only, nothing personal.

mod restore;

use super::index::day_after;
use super::keys::{self, Subject};
use super::leads::Leads;
use super::life::Life;
use super::names::Names;
use super::records::Row;
use super::rows::Rows;

pub use restore::RestoreError;

/// The first byte of a key: which table the row belongs to.
mod tag {
    pub const NAME: u8 = b'n';
    pub const META: u8 = b'm';
    pub const TENANT: u8 = b't';
    pub const REP: u8 = b'r';
    pub const TEAM: u8 = b'g';
    pub const PASS: u8 = b'p';
    pub const LEAD: u8 = b'l';
    pub const MARK: u8 = b'k';
    pub const ACCOUNT: u8 = b'a';
    pub const EVENT: u8 = b'e';
    pub const EARLY: u8 = b'w';
    pub const WORK: u8 = b'q';
}

/// Takes a key and its row, or its removal.
pub(super) type Out<'o> = dyn FnMut(&[u8], Option<&[u8]>) + 'o;

/// Builds keys and rows in two buffers that are used again and again.
struct Emitter<'e, 'o> {
    key: Vec<u8>,
    row: Vec<u8>,
    out: &'e mut Out<'o>,
}

impl<'e, 'o> Emitter<'e, 'o> {
    fn new(out: &'e mut Out<'o>) -> Self {
        Self {
            key: Vec::with_capacity(32),
            row: Vec::with_capacity(512),
            out,
        }
    }

    fn names(&mut self, names: &Names) {
        names.fresh(|kind, number, row| {
            self.key(tag::NAME, &[kind as u32, number]);
            (self.out)(&self.key, Some(row));
        });
    }

    fn leads(&mut self, leads: &Leads) {
        for (key, row) in leads.unsent() {
            self.hashed(tag::LEAD, &key.to_be_bytes());
            (self.out)(&self.key, row);
        }
    }

    fn key(&mut self, tag: u8, parts: &[u32]) {
        self.key.clear();
        self.key.push(tag);
        for part in parts {
            self.key.extend_from_slice(&part.to_be_bytes());
        }
    }

    fn hashed(&mut self, tag: u8, hash: &[u8]) {
        self.key.clear();
        self.key.push(tag);
        self.key.extend_from_slice(hash);
    }

    fn send<R: Row>(&mut self, row: Option<&R>) {
        if let Some(row) = row {
            row.pack(&mut self.row);
        }
        (self.out)(&self.key, row.map(|_| self.row.as_slice()));
    }
}

impl Rows {
    /// Hands the last value of every touched row to `out`, but for leads that were handed out
    /// since they were touched; names come first, for the rows that follow use their numbers.
    pub fn changes(&self, names: &Names, out: &mut Out<'_>) {
        let mut emitter = Emitter::new(out);
        emitter.names(names);
        self.numbered_changes(&mut emitter);
        self.keyed_changes(&mut emitter);
        emitter.leads(&self.leads);
    }

    /// Hands out what is unlikely to be touched again before the commit: names and leads.
    pub fn early_changes(&mut self, names: &mut Names, out: &mut Out<'_>) {
        let mut emitter = Emitter::new(out);
        emitter.names(names);
        emitter.leads(&self.leads);
        names.tell();
        self.leads.sent();
    }

    fn numbered_changes(&self, emitter: &mut Emitter<'_, '_>) {
        for (number, row) in self.tenants.touched() {
            emitter.key(tag::TENANT, &[number]);
            emitter.send(Some(row));
        }
        for (number, row) in self.reps.touched() {
            emitter.key(tag::REP, &[number]);
            emitter.send(Some(row));
        }
        for (number, row) in self.teams.touched() {
            emitter.key(tag::TEAM, &[number]);
            emitter.send(Some(row));
        }
        for (number, row) in self.passes.touched() {
            let (team, rep) = self.pass_keys[number as usize];
            emitter.key(tag::PASS, &[team.0, rep.0]);
            emitter.send(Some(row));
        }
        for (_, row) in self.meta.touched() {
            emitter.key(tag::META, &[]);
            emitter.send(Some(row));
        }
    }

    fn keyed_changes(&self, emitter: &mut Emitter<'_, '_>) {
        for (key, row) in self.marks.touched() {
            emitter.hashed(tag::MARK, &key.to_be_bytes());
            emitter.send(row);
        }
        for (key, row) in self.accounts.touched() {
            emitter.hashed(tag::ACCOUNT, &key.to_be_bytes());
            emitter.send(row);
        }
        for (key, row) in self.events.touched() {
            emitter.hashed(tag::EVENT, &key.to_be_bytes());
            emitter.send(row);
        }
        for (number, row) in self.early.touched() {
            emitter.hashed(tag::EARLY, &number.to_be_bytes());
            emitter.send(row);
        }
        for ((tenant, errand), row) in self.work.touched() {
            let (kind, rep) = errand.code();
            emitter.key(tag::WORK, &[tenant.0, u32::from(kind), rep]);
            emitter.send(row);
        }
    }

    pub fn commit(&mut self) {
        self.meta.commit();
        self.tenants.commit();
        self.reps.commit();
        self.teams.commit();
        self.passes.commit();
        self.leads.commit();
        self.marks.commit();
        self.accounts.commit();
        self.events.commit();
        self.early.commit();
        self.work.commit();
    }

    /// Puts every touched row back to its value at the last commit.
    pub fn undo(&mut self) {
        let index = &mut self.index;
        self.meta.undo(|_, _, _| ());
        self.passes.undo(|_, _, _| ());
        self.tenants
            .undo(|number, now, then| index.change_tenant(number, now, then));
        self.reps
            .undo(|number, now, then| index.change_rep(number, now, then));
        self.teams
            .undo(|number, now, then| index.change_team(number, now, then));
        self.early
            .undo(|number, now, then| index.change_early(number, now, then));
        self.work
            .undo(|key, now, then| index.change_work(key, now, then));
        self.accounts.undo(|_, _, _| ());
        self.undo_leads();
        self.undo_remembered();
    }

    fn undo_leads(&mut self) {
        let index = &mut self.index;
        self.leads.undo(|slot, now, then| {
            if let Some(Ok(life)) = now.map(Life::read) {
                index.leave_lead(slot, &life);
            }
            if let Some(Ok(life)) = then.map(Life::read) {
                index.enter_lead(slot, &life);
            }
        });
    }

    /// Marks and event ids; what a sweep took out of its day goes back into it.
    fn undo_remembered(&mut self) {
        let (horizon, memory) = (self.index.horizon, self.event_memory);
        let days = &mut self.mark_days;
        self.marks.undo(|key, _, then| {
            if let Some(mark) = then {
                let day = day_after(mark.at.plus(horizon));
                days.entry(day).or_default().push(key);
            }
        });
        let days = &mut self.event_days;
        self.events.undo(|hash, _, then| {
            if let Some(at) = then {
                days.entry(day_after(at.plus(memory)))
                    .or_default()
                    .push(hash);
            }
        });
    }
}

/// The changelog key of a lead, and its place in the table's index.
pub(super) fn key_of(names: &Names, life: &Life) -> u128 {
    keys::hash(Subject::Lead, names.text(life.tenant), &life.id)
}
