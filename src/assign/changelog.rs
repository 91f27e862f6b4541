//! Rows to the changelog at commit, back from it at restore, and back in time at undo.
//!
//! Keys open with a byte for the table and hold numbers and hashes only, nothing personal.

use super::codec::RowError;
use super::index::day_after;
use super::keys::{self, Subject};
use super::life::Life;
use super::names::{Kind, Names, PoolNo, RepNo, TeamNo, TenantNo, TerritoryNo};
use super::records::{EarlyRow, Errand, Mark, PassRow, Row, WorkRow};
use super::rows::Rows;

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

/// Why a row of the changelog cannot be put back. Keys are hexadecimal in the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The key is none of this program's.
    #[error("the state changelog holds a key that no table of this program has: {}", Hex(.0))]
    Key(Box<[u8]>),
    /// The value is no row of its table.
    #[error("the state changelog holds a damaged row, {error}: key {}", Hex(.key))]
    Row {
        /// The row's key.
        key: Box<[u8]>,
        /// What is wrong with its value.
        error: RowError,
    },
    /// A row uses a name that no earlier row introduced, or stands under another's key.
    #[error("the state changelog is incomplete: a row uses a name that is missing: key {}", Hex(.0))]
    Name(Box<[u8]>),
    /// Numbers of names have gaps.
    #[error("the state changelog is incomplete: rows of names are missing")]
    Gaps,
}

struct Hex<'a>(&'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// Takes a key and its row, or its removal.
pub(super) type Out<'o> = dyn FnMut(&[u8], Option<&[u8]>) + 'o;

/// Builds keys and rows in two buffers that are used again and again.
struct Emitter<'e, 'o> {
    key: Vec<u8>,
    row: Vec<u8>,
    out: &'e mut Out<'o>,
}

impl Emitter<'_, '_> {
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
    /// Hands the last value of every touched row to `out`; names come first, for the rows
    /// that follow use their numbers.
    pub fn changes(&self, names: &Names, out: &mut Out<'_>) {
        let mut emitter = Emitter {
            key: Vec::with_capacity(32),
            row: Vec::with_capacity(512),
            out,
        };
        names.fresh(|kind, number, row| {
            emitter.key(tag::NAME, &[kind as u32, number]);
            (emitter.out)(&emitter.key, Some(row));
        });
        self.numbered_changes(&mut emitter);
        self.keyed_changes(&mut emitter);
        for (key, row) in self.leads.touched() {
            emitter.hashed(tag::LEAD, &key.to_be_bytes());
            (emitter.out)(&emitter.key, row);
        }
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

    /// Puts one row of the changelog back.
    pub fn restore(
        &mut self,
        names: &mut Names,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), RestoreError> {
        let unknown = || RestoreError::Key(key.into());
        let damaged = |error| RestoreError::Row {
            key: key.into(),
            error,
        };
        let (&table, rest) = key.split_first().ok_or_else(unknown)?;
        match (table, rest.len()) {
            (tag::LEAD, 16) => return self.restore_lead(names, key, value),
            (tag::NAME, 8) => {
                let [kind, number] = numbers(rest);
                let kind = u8::try_from(kind).ok().and_then(Kind::from_byte);
                let row = value.unwrap_or(&[]);
                return names
                    .restore(kind.ok_or_else(unknown)?, number, row)
                    .map_err(damaged);
            }
            (tag::TENANT | tag::REP | tag::TEAM, 4) | (tag::PASS, 8) | (tag::META, 0) => {
                if !self.known(names, table, rest) {
                    return Err(RestoreError::Name(key.into()));
                }
                self.restore_numbered(table, rest, value)
            }
            (tag::MARK | tag::ACCOUNT, 16) | (tag::EVENT | tag::EARLY, 8) | (tag::WORK, 12) => {
                self.restore_keyed(names, table, rest, value)
            }
            _ => return Err(unknown()),
        }
        .map_err(damaged)
    }

    /// Whether the numbers in a key were introduced.
    fn known(&self, names: &Names, table: u8, rest: &[u8]) -> bool {
        let below = |number: u32, kind| (number as usize) < names.count(kind);
        match table {
            tag::TENANT => below(numbers::<1>(rest)[0], Kind::Tenant),
            tag::REP => below(numbers::<1>(rest)[0], Kind::Rep),
            tag::TEAM => below(numbers::<1>(rest)[0], Kind::Team),
            tag::PASS => {
                let [team, rep] = numbers(rest);
                below(team, Kind::Team) && below(rep, Kind::Rep)
            }
            _ => true,
        }
    }

    fn restore_numbered(
        &mut self,
        table: u8,
        rest: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), RowError> {
        match table {
            tag::TENANT => {
                let [number] = numbers(rest);
                let row = unpack_or_default(value)?;
                self.index
                    .change_tenant(number, self.tenants.get(number), &row);
                self.tenants.set(number, row);
            }
            tag::REP => {
                let [number] = numbers(rest);
                let row = unpack_or_default(value)?;
                self.index.change_rep(number, self.reps.get(number), &row);
                self.reps.set(number, row);
            }
            tag::TEAM => {
                let [number] = numbers(rest);
                let row = unpack_or_default(value)?;
                self.index.change_team(number, self.teams.get(number), &row);
                self.teams.set(number, row);
            }
            tag::PASS => {
                let [team, rep] = numbers(rest);
                let row: PassRow = unpack_or_default(value)?;
                let number = self.pass_number(TeamNo(team), RepNo(rep));
                self.passes.set(number, row);
            }
            _ => self.meta.set(0, unpack_or_default(value)?),
        }
        Ok(())
    }

    fn restore_keyed(
        &mut self,
        names: &Names,
        table: u8,
        rest: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), RowError> {
        match table {
            tag::MARK => self.restore_mark(wide(rest), value)?,
            tag::ACCOUNT => {
                let row = unpack::<super::records::AccountRow>(value)?;
                let known =
                    |row: &super::records::AccountRow| row.rep.at() < names.count(Kind::Rep);
                if row.as_ref().is_some_and(|row| !known(row)) {
                    return Err(RowError::Range);
                }
                self.accounts.set(wide(rest), row);
            }
            tag::EVENT => self.restore_event(wide(rest) as u64, value)?,
            tag::EARLY => {
                let number = wide(rest) as u64;
                let row = unpack::<EarlyRow>(value)?;
                let before = self.early.set(number, row.clone());
                self.index
                    .change_early(number, before.as_ref(), row.as_ref());
            }
            _ => self.restore_work(rest, value)?,
        }
        Ok(())
    }

    fn restore_mark(&mut self, key: u128, value: Option<&[u8]>) -> Result<(), RowError> {
        let mark = unpack::<Mark>(value)?;
        if let Some(mark) = mark {
            let day = day_after(mark.at.plus(self.index.horizon));
            self.mark_days.entry(day).or_default().push(key);
        }
        self.marks.set(key, mark);
        Ok(())
    }

    fn restore_event(&mut self, hash: u64, value: Option<&[u8]>) -> Result<(), RowError> {
        let at = unpack(value)?;
        if let Some(at) = at {
            let day = day_after(crate::event::Timestamp::plus(at, self.event_memory));
            self.event_days.entry(day).or_default().push(hash);
        }
        self.events.set(hash, at);
        Ok(())
    }

    fn restore_work(&mut self, rest: &[u8], value: Option<&[u8]>) -> Result<(), RowError> {
        let [tenant, kind, rep] = numbers(rest);
        let kind = u8::try_from(kind).map_err(|_| RowError::Range)?;
        let errand = Errand::from_code(kind, rep).ok_or(RowError::Range)?;
        let key = (TenantNo(tenant), errand);
        let row = unpack::<WorkRow>(value)?;
        let before = self.work.set(key, row.clone());
        self.index.change_work(key, before.as_ref(), row.as_ref());
        Ok(())
    }

    fn restore_lead(
        &mut self,
        names: &Names,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), RestoreError> {
        let hash = wide(&key[1..]);
        let mut erased = None;
        let slot = self.leads.erase(hash, |row| {
            erased = Life::read(row)
                .ok()
                .filter(|life| key_of(names, life) == hash);
            erased.is_some()
        });
        if let (Some(slot), Some(life)) = (slot, erased) {
            self.index.leave_lead(slot, &life);
        }
        let Some(row) = value else { return Ok(()) };
        let life = Life::read(row).map_err(|error| RestoreError::Row {
            key: key.into(),
            error,
        })?;
        if !numbers_known(names, &life) || key_of(names, &life) != hash {
            return Err(RestoreError::Name(key.into()));
        }
        let slot = self.leads.place(hash, row.into());
        self.index.enter_lead(slot, &life);
        Ok(())
    }
}

/// The changelog key of a lead, and its place in the table's index.
pub(super) fn key_of(names: &Names, life: &Life) -> u128 {
    keys::hash(Subject::Lead, names.text(life.tenant), &life.id)
}

/// Whether every number in a restored life was introduced.
fn numbers_known(names: &Names, life: &Life) -> bool {
    let rep = |rep: &RepNo| rep.at() < names.count(Kind::Rep);
    let team = |team: &TeamNo| team.at() < names.count(Kind::Team);
    let pool = |pool: &PoolNo| pool.at() < names.count(Kind::Pool);
    let territory = |one: &TerritoryNo| one.at() < names.count(Kind::Territory);
    let overlays = &life.overlays;
    life.tenant.at() < names.count(Kind::Tenant)
        && life
            .rep
            .iter()
            .chain(&life.excluded)
            .chain(&life.owners)
            .all(rep)
        && life
            .touches
            .iter()
            .filter_map(|touch| touch.rep.as_ref())
            .all(rep)
        && overlays
            .iter()
            .filter_map(|overlay| overlay.rep.as_ref())
            .all(rep)
        && overlays
            .iter()
            .filter_map(|overlay| overlay.team.as_ref())
            .all(team)
        && overlays
            .iter()
            .map(|overlay| &overlay.territory)
            .all(territory)
        && life.team.iter().chain(&life.waits).all(team)
        && life.pool.iter().chain(&life.claimed).all(pool)
        && life
            .cooling
            .iter()
            .all(|one| rep(&one.rep) && pool(&one.pool))
        && life.territory.iter().all(territory)
        && life.origin.topic.at() < names.count(Kind::Text).max(1)
}

fn unpack<R: Row>(value: Option<&[u8]>) -> Result<Option<R>, RowError> {
    value.map(R::unpack).transpose()
}

fn unpack_or_default<R: Row + Default>(value: Option<&[u8]>) -> Result<R, RowError> {
    Ok(unpack(value)?.unwrap_or_default())
}

/// Big-endian numbers of a key whose length was checked.
fn numbers<const N: usize>(rest: &[u8]) -> [u32; N] {
    std::array::from_fn(|at| {
        let part = rest.get(at * 4..at * 4 + 4).unwrap_or(&[]);
        part.iter().fold(0, |sum, &byte| sum << 8 | u32::from(byte))
    })
}

fn wide(rest: &[u8]) -> u128 {
    rest.iter()
        .fold(0, |sum, &byte| sum << 8 | u128::from(byte))
}
