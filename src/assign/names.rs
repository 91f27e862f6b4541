//! Names as small numbers, one list a lane, so that rows and counters hold numbers only.
//!
//! A name keeps its number for ever. Numbers given while a batch was later undone stay
//! given: they are announced with the next batch that commits, and mean nothing until a row
//! uses them.

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use super::codec::{Reader, RowError, Writer};

macro_rules! numbers {
    ($($(#[$meta:meta])* $name:ident = $kind:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) struct $name(pub u32);

        impl $name {
            pub const fn at(self) -> usize {
                self.0 as usize
            }
        }

        impl Named for $name {
            const KIND: Kind = Kind::$kind;
            fn from_number(number: u32) -> Self {
                Self(number)
            }
            fn number(self) -> u32 {
                self.0
            }
        }
    )+};
}

/// What a number stands for.
pub(super) trait Named: Copy {
    const KIND: Kind;
    fn from_number(number: u32) -> Self;
    fn number(self) -> u32;
}

numbers! {
    TenantNo = Tenant,
    RepNo = Rep,
    TeamNo = Team,
    PoolNo = Pool,
    TerritoryNo = Territory,
    /// A topic or any other text that many rows share.
    TextNo = Text,
}

/// The kinds of names, each numbered for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Tenant,
    Rep,
    Team,
    Pool,
    Territory,
    Text,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Tenant,
        Self::Rep,
        Self::Team,
        Self::Pool,
        Self::Territory,
        Self::Text,
    ];

    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }
}

/// Names without a tenant (tenants themselves, topics) stand under this one.
pub(super) const NO_TENANT: TenantNo = TenantNo(u32::MAX);

#[derive(Default)]
struct Roll {
    entries: Vec<Entry>,
    numbers: HashTable<u32>,
}

#[derive(Clone, Default)]
struct Entry {
    tenant: TenantNo,
    /// `None` only between two rows of a restore.
    text: Option<Arc<str>>,
}

fn hash_of(tenant: TenantNo, text: &str) -> u64 {
    FxBuildHasher.hash_one((tenant.0, text))
}

impl Roll {
    fn find(&self, tenant: TenantNo, text: &str) -> Option<u32> {
        let entries = &self.entries;
        let same = |&number: &u32| {
            let entry = &entries[number as usize];
            entry.tenant == tenant && entry.text.as_deref() == Some(text)
        };
        self.numbers.find(hash_of(tenant, text), same).copied()
    }

    fn set(&mut self, number: u32, tenant: TenantNo, text: Arc<str>) {
        let at = number as usize;
        if at >= self.entries.len() {
            self.entries.resize(at + 1, Entry::default());
        }
        let hash = hash_of(tenant, &text);
        self.entries[at] = Entry {
            tenant,
            text: Some(text),
        };
        let entries = &self.entries;
        self.numbers.insert_unique(hash, number, |&other| {
            let entry = &entries[other as usize];
            hash_of(entry.tenant, entry.text.as_deref().unwrap_or(""))
        });
    }
}

/// Every name the lane has met, and which of them no committed batch has announced yet.
#[derive(Default)]
pub(super) struct Names {
    rolls: [Roll; 6],
    fresh: Vec<(Kind, u32)>,
    /// How many of the fresh ones were handed out since the last commit.
    told: usize,
}

/// How many names of one kind a lane may have: more means a number was misread.
const MOST_NAMES: u32 = 1 << 26;

impl Names {
    pub fn find<N: Named>(&self, tenant: TenantNo, text: &str) -> Option<N> {
        let number = self.rolls[N::KIND as usize].find(tenant, text)?;
        Some(N::from_number(number))
    }

    /// The number of this name, given now if it has none.
    pub fn number<N: Named>(&mut self, tenant: TenantNo, text: &str) -> N {
        if let Some(known) = self.find(tenant, text) {
            return known;
        }
        let roll = &mut self.rolls[N::KIND as usize];
        let number = roll.entries.len() as u32;
        roll.set(number, tenant, text.into());
        self.fresh.push((N::KIND, number));
        N::from_number(number)
    }

    pub fn find_tenant(&self, text: &str) -> Option<TenantNo> {
        self.find(NO_TENANT, text)
    }

    pub fn tenant(&mut self, text: &str) -> TenantNo {
        self.number(NO_TENANT, text)
    }

    pub fn shared(&mut self, text: &str) -> TextNo {
        self.number(NO_TENANT, text)
    }

    /// The text of a number; empty for one that was never given, which restore refuses.
    pub fn text<N: Named>(&self, number: N) -> &str {
        let entries = &self.rolls[N::KIND as usize].entries;
        let entry = entries.get(number.number() as usize);
        entry.and_then(|entry| entry.text.as_deref()).unwrap_or("")
    }

    /// The text of a number as decisions share it.
    pub fn name<N: Named>(&self, number: N) -> Arc<str> {
        let entries = &self.rolls[N::KIND as usize].entries;
        let entry = entries.get(number.number() as usize);
        let text = entry.and_then(|entry| entry.text.as_ref());
        text.map_or_else(|| "".into(), Arc::clone)
    }

    pub fn tenant_of<N: Named>(&self, number: N) -> TenantNo {
        let entries = &self.rolls[N::KIND as usize].entries;
        let entry = entries.get(number.number() as usize);
        entry.map_or(NO_TENANT, |entry| entry.tenant)
    }

    /// Every number of one kind.
    pub fn all<N: Named>(&self) -> impl Iterator<Item = N> + use<N> {
        let count = self.count(N::KIND) as u32;
        (0..count).map(N::from_number)
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.rolls[kind as usize].entries.len()
    }

    /// Names that the next commit must announce and that were not told yet, as (kind, number,
    /// row).
    pub fn fresh(&self, mut out: impl FnMut(Kind, u32, &[u8])) {
        let mut row = Vec::new();
        for &(kind, number) in &self.fresh[self.told..] {
            let entry = &self.rolls[kind as usize].entries[number as usize];
            row.clear();
            let mut writer = Writer(&mut row);
            writer.byte(VERSION);
            writer.uint(u64::from(entry.tenant.0));
            writer.text(entry.text.as_deref().unwrap_or(""));
            out(kind, number, &row);
        }
    }

    /// Whether every name was announced.
    pub fn settled(&self) -> bool {
        self.fresh.is_empty()
    }

    /// Notes that all fresh names were handed out, though not committed.
    pub fn tell(&mut self) {
        self.told = self.fresh.len();
    }

    /// What was handed out was undone with its transaction.
    pub fn untell(&mut self) {
        self.told = 0;
    }

    pub fn announced(&mut self) {
        self.fresh.clear();
        self.told = 0;
    }

    pub fn restore(&mut self, kind: Kind, number: u32, row: &[u8]) -> Result<(), RowError> {
        let mut input = Reader(row);
        input.version(VERSION)?;
        let tenant = TenantNo(input.small()?);
        let text = input.text()?;
        input.end()?;
        let roll = &mut self.rolls[kind as usize];
        if number >= MOST_NAMES || roll.find(tenant, text).is_some_and(|known| known != number) {
            return Err(RowError::Range);
        }
        if roll.find(tenant, text).is_none() {
            roll.set(number, tenant, text.into());
        }
        Ok(())
    }

    /// Whether every number below the highest has its name.
    pub fn complete(&self) -> bool {
        let full = |roll: &Roll| roll.entries.iter().all(|entry| entry.text.is_some());
        self.rolls.iter().all(full)
    }
}

/// The version of a name's row.
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_and_tenants_do_not_share_reps() {
        let mut names = Names::default();
        let (acme, zeta) = (names.tenant("acme"), names.tenant("zeta"));
        let wang: RepNo = names.number(acme, "wang");
        let other: RepNo = names.number(zeta, "wang");
        assert_ne!(wang, other);
        assert_eq!(names.number::<RepNo>(acme, "wang"), wang);
        assert_eq!(names.text(other), "wang");
        assert_eq!(names.tenant_of(other), zeta);
        assert_eq!(names.find::<TeamNo>(acme, "wang"), None);
    }

    #[test]
    fn announced_names_restore_to_the_same_numbers_and_gaps_show() {
        let mut names = Names::default();
        let acme = names.tenant("acme");
        let li: RepNo = names.number(acme, "li");
        let mut rows = Vec::new();
        names.fresh(|kind, number, row| rows.push((kind, number, row.to_vec())));
        let mut again = Names::default();
        for (kind, number, row) in &rows {
            assert_eq!(again.restore(*kind, *number, row), Ok(()));
        }
        assert_eq!(again.find::<RepNo>(acme, "li"), Some(li));
        assert!(again.complete());
        assert_eq!(again.restore(Kind::Rep, 7, &[1, 0, 1, b'x']), Ok(()));
        assert!(!again.complete());
        assert_eq!(
            again.restore(Kind::Rep, 8, &[1, 0, 1, b'x']),
            Err(RowError::Range)
        );
    }
}
