//! Rows of the changelog put back, and everything that is wrong with them said.

use super::super::codec::RowError;
use super::super::errands::{EarlyRow, Errand, WorkRow};
use super::super::index::day_after;
use super::super::life::Life;
use super::super::names::{Kind, Names, PoolNo, RepNo, TeamNo, TenantNo, TerritoryNo};
use super::super::records::{AccountRow, Mark, PassRow, Row};
use super::super::rows::Rows;
use super::{key_of, tag};
use crate::event::Timestamp;

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
    /// Rows of leads were lost or added.
    #[error(
        "the state changelog is damaged: it should hold {noted} leads, but holds {found}. Restore the topic from a backup"
    )]
    Leads {
        /// How many the lane had at its last commit.
        noted: u64,
        /// How many came back.
        found: u64,
    },
}

struct Hex<'a>(&'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl Rows {
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
                let row = unpack::<AccountRow>(value)?;
                let known = |row: &AccountRow| row.rep.at() < names.count(Kind::Rep);
                if row.as_ref().is_some_and(|row| !known(row)) {
                    return Err(RowError::Range);
                }
                self.accounts.set(wide(rest), row);
            }
            tag::EVENT => self.restore_event(wide(rest) as u64, value)?,
            tag::EARLY => {
                let number = wide(rest) as u64;
                let row = unpack::<EarlyRow>(value)?;
                let known = |row: &EarlyRow| row.tenant.at() < names.count(Kind::Tenant);
                if row.as_ref().is_some_and(|row| !known(row)) {
                    return Err(RowError::Range);
                }
                let before = self.early.set(number, row.clone());
                self.index
                    .change_early(number, before.as_ref(), row.as_ref());
            }
            _ => self.restore_work(names, rest, value)?,
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
            let day = day_after(Timestamp::plus(at, self.event_memory));
            self.event_days.entry(day).or_default().push(hash);
        }
        self.events.set(hash, at);
        Ok(())
    }

    fn restore_work(
        &mut self,
        names: &Names,
        rest: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), RowError> {
        let [tenant, kind, rep] = numbers(rest);
        let kind = u8::try_from(kind).map_err(|_| RowError::Range)?;
        let errand = Errand::from_code(kind, rep).ok_or(RowError::Range)?;
        let known = (tenant as usize) < names.count(Kind::Tenant)
            && (rep as usize) < names.count(Kind::Rep).max(1);
        if !known {
            return Err(RowError::Range);
        }
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
        let slot = self.leads.place(hash, row);
        self.index.enter_lead(slot, &life);
        Ok(())
    }
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
