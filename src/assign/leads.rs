//! The table of leads: packed rows in slots, found by (tenant, id), with their own journal.
//!
//! Ten million remembered leads must stay cheap, so a lead is one packed row and an index
//! entry of eight bytes. Slots live in chunks that never move, and the index keeps 32 bits
//! of hash beside the slot, so that growing it touches no row. A slot freed in a batch is
//! not used again before the batch ends: within a batch it means one lead.

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::keys::{self, Subject};
use super::life::write_name;
use super::names::TenantNo;

/// Rows a chunk: 1 MiB of slots at 16 bytes each.
const CHUNK: usize = 1 << 16;

#[derive(Clone, Copy)]
struct Entry {
    hash: u32,
    slot: u32,
}

/// Spreads the kept 32 bits over the 64 that the table wants.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A lead's name, ready for look-ups.
pub(super) struct LeadName {
    pub key: u128,
    prefix: Vec<u8>,
}

impl LeadName {
    pub fn new(tenant_text: &str, tenant: TenantNo, id: &str) -> Self {
        let mut prefix = Vec::with_capacity(64);
        write_name(tenant, id, &mut prefix);
        Self {
            key: keys::hash(Subject::Lead, tenant_text, id),
            prefix,
        }
    }
}

type Slot = Option<Box<[u8]>>;

#[derive(Default)]
pub(super) struct Leads {
    chunks: Vec<Vec<Slot>>,
    index: HashTable<Entry>,
    free: Vec<u32>,
    /// Slots emptied in this batch, free after its commit.
    freed: Vec<u32>,
    old: FxHashMap<u32, Touched>,
    /// Touched slots in the order they were first touched.
    order: Vec<u32>,
    /// Touched slots whose rows the changelog does not have yet.
    unsent: Vec<u32>,
}

/// A slot that was written to since the last commit.
struct Touched {
    /// What it goes by in the changelog.
    key: u128,
    /// The row before the first change.
    before: Slot,
    unsent: bool,
}

impl Leads {
    pub fn find(&self, name: &LeadName) -> Option<u32> {
        let hash = name.key as u32;
        let same = |entry: &Entry| {
            entry.hash == hash
                && self
                    .row(entry.slot)
                    .is_some_and(|row| row.starts_with(&name.prefix))
        };
        let entry = self.index.find(spread(hash), same)?;
        Some(entry.slot)
    }

    pub fn row(&self, slot: u32) -> Option<&[u8]> {
        let chunk = self.chunks.get(slot as usize / CHUNK)?;
        chunk.get(slot as usize % CHUNK)?.as_deref()
    }

    /// Every slot that holds a row.
    pub fn slots(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let rows = self.chunks.iter().flatten().enumerate();
        rows.filter_map(|(slot, row)| Some((slot as u32, row.as_deref()?)))
    }

    /// Puts a new lead into a free slot.
    pub fn insert(&mut self, key: u128, row: Box<[u8]>) -> u32 {
        let slot = self.place(key, row);
        self.remember(slot, key, None);
        slot
    }

    /// Puts a restored lead into a free slot, without remembering.
    pub fn place(&mut self, key: u128, row: Box<[u8]>) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| self.grow());
        *self.slot_mut(slot) = Some(row);
        let hash = key as u32;
        self.index
            .insert_unique(spread(hash), Entry { hash, slot }, |entry| {
                spread(entry.hash)
            });
        slot
    }

    fn grow(&mut self) -> u32 {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::new());
        }
        let chunks = self.chunks.len();
        let chunk = &mut self.chunks[chunks - 1];
        chunk.push(None);
        ((chunks - 1) * CHUNK + chunk.len() - 1) as u32
    }

    fn slot_mut(&mut self, slot: u32) -> &mut Slot {
        &mut self.chunks[slot as usize / CHUNK][slot as usize % CHUNK]
    }

    fn remember(&mut self, slot: u32, key: u128, before: Slot) {
        let touched = self.old.entry(slot).or_insert_with(|| {
            self.order.push(slot);
            Touched {
                key,
                before,
                unsent: false,
            }
        });
        if !touched.unsent {
            touched.unsent = true;
            self.unsent.push(slot);
        }
    }

    /// Writes a row in place.
    pub fn replace(&mut self, slot: u32, key: u128, row: Box<[u8]>) {
        let before = self.slot_mut(slot).replace(row);
        self.remember(slot, key, before);
    }

    /// Empties a slot.
    pub fn remove(&mut self, slot: u32, key: u128) {
        let before = self.take(slot, key);
        self.remember(slot, key, before);
        self.freed.push(slot);
    }

    fn take(&mut self, slot: u32, key: u128) -> Slot {
        let hash = key as u32;
        let entry = self
            .index
            .find_entry(spread(hash), |entry| entry.slot == slot);
        if let Ok(entry) = entry {
            entry.remove();
        }
        self.slot_mut(slot).take()
    }

    /// Restore's way to drop the row of a key; its slot is free at once.
    pub fn erase(&mut self, key: u128, mut matches: impl FnMut(&[u8]) -> bool) -> Option<u32> {
        let hash = key as u32;
        let same =
            |entry: &Entry| entry.hash == hash && self.row(entry.slot).is_some_and(&mut matches);
        let slot = self.index.find(spread(hash), same)?.slot;
        self.take(slot, key);
        self.free.push(slot);
        Some(slot)
    }

    /// Rows written since they were last sent: removed ones first, so that a lead removed and
    /// made anew in one batch leaves its new row.
    pub fn unsent(&self) -> impl Iterator<Item = (u128, Option<&[u8]>)> {
        let each = |&slot: &u32| (self.old[&slot].key, self.row(slot));
        let removed = self.unsent.iter().map(each);
        let present = self.unsent.iter().map(each);
        let removed = removed.filter(|(_, row)| row.is_none());
        removed.chain(present.filter(|(_, row)| row.is_some()))
    }

    /// Notes that everything written so far was sent.
    pub fn sent(&mut self) {
        for slot in self.unsent.drain(..) {
            if let Some(touched) = self.old.get_mut(&slot) {
                touched.unsent = false;
            }
        }
    }

    pub fn commit(&mut self) {
        self.old.clear();
        self.order.clear();
        self.unsent.clear();
        self.free.append(&mut self.freed);
    }

    /// Takes the old rows back; `each` sees (slot, discarded row, restored row).
    pub fn undo(&mut self, mut each: impl FnMut(u32, Option<&[u8]>, Option<&[u8]>)) {
        self.freed.clear();
        self.unsent.clear();
        for slot in std::mem::take(&mut self.order).into_iter().rev() {
            let Some(Touched { key, before, .. }) = self.old.remove(&slot) else {
                continue;
            };
            let now = self.take(slot, key);
            each(slot, now.as_deref(), before.as_deref());
            match before {
                Some(row) => self.put_back(slot, key, row),
                None => self.free.push(slot),
            }
        }
    }

    fn put_back(&mut self, slot: u32, key: u128, row: Box<[u8]>) {
        *self.slot_mut(slot) = Some(row);
        let hash = key as u32;
        self.index
            .insert_unique(spread(hash), Entry { hash, slot }, |entry| {
                spread(entry.hash)
            });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, tail: u8) -> (LeadName, Box<[u8]>) {
        let name = LeadName::new("acme", TenantNo(0), id);
        let mut bytes = name.prefix.clone();
        bytes.push(tail);
        (name, bytes.into())
    }

    #[test]
    fn a_lead_removed_and_made_anew_in_one_batch_leaves_its_new_row() {
        let mut leads = Leads::default();
        let (name, first) = row("L-1", 1);
        let slot = leads.insert(name.key, first.clone());
        leads.commit();
        leads.remove(slot, name.key);
        assert_eq!(leads.find(&name), None);
        let (_, second) = row("L-1", 2);
        let other = leads.insert(name.key, second.clone());
        assert_ne!(other, slot);
        let unsent: Vec<_> = leads.unsent().collect();
        assert_eq!(unsent, [(name.key, None), (name.key, Some(&*second))]);
        leads.sent();
        assert_eq!(leads.unsent().count(), 0);
        leads.replace(other, name.key, first.clone());
        let unsent: Vec<_> = leads.unsent().collect();
        assert_eq!(
            unsent,
            [(name.key, Some(&*first))],
            "written after it was sent"
        );
        leads.undo(|_, _, _| ());
        assert_eq!(leads.find(&name), Some(slot));
        assert_eq!(leads.row(slot), Some(&*first));
        assert_eq!(leads.slots().count(), 1);
    }

    #[test]
    fn undo_gives_slots_back_and_ids_that_share_a_beginning_stay_apart() {
        let mut leads = Leads::default();
        for id in ["L-1", "L-10", "L-100"] {
            let (name, bytes) = row(id, 0);
            leads.insert(name.key, bytes);
        }
        leads.commit();
        let (name, bytes) = row("L-2", 0);
        leads.insert(name.key, bytes);
        leads.undo(|_, _, _| ());
        assert_eq!(leads.find(&name), None);
        let found: Vec<_> = ["L-1", "L-10", "L-100"]
            .map(|id| leads.find(&row(id, 0).0))
            .into();
        assert_eq!(found, [Some(0), Some(1), Some(2)]);
        assert_eq!(leads.slots().count(), 3);
    }
}
