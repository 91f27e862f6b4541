//! The table of leads: packed rows in slots, found by (tenant, id), with their own journal.
//!
//! Ten million remembered leads must stay cheap, so a lead is one packed row in the arena, a
//! slot of five bytes that says where, and six bytes in the index. Slots lie in chunks that
//! never move. A slot freed in a batch is not used again before the batch ends: within a
//! batch it means one lead. Nor is the row that a slot had before the batch.

use rustc_hash::FxHashMap;

use super::arena::{Arena, Place};
use super::finder::Finder;
use super::keys::{self, Subject};
use super::life::Opening;
use super::names::TenantNo;

/// Slots a chunk: 320 KiB, so that the last one is not much of all.
const CHUNK: usize = 1 << 16;

/// A lead's name, ready for look-ups.
pub(super) struct LeadName<'n> {
    pub key: u128,
    opening: Opening<'n>,
}

impl<'n> LeadName<'n> {
    pub fn new(tenant_text: &str, tenant: TenantNo, id: &'n str) -> Self {
        Self {
            key: keys::hash(Subject::Lead, tenant_text, id),
            opening: Opening::new(tenant, id),
        }
    }
}

#[derive(Default)]
pub(super) struct Leads {
    rows: Arena,
    chunks: Vec<Vec<Place>>,
    index: Finder,
    free: Vec<u32>,
    /// Slots emptied in this batch, free after its commit.
    freed: Vec<u32>,
    /// Touched slots in the order they were first touched.
    touched: Vec<Touched>,
    /// By slot, its place in `touched`.
    touches: FxHashMap<u32, u32>,
    /// Of `touched`, those whose rows the changelog does not have yet.
    unsent: Vec<u32>,
}

/// A slot that was written to since the last commit.
struct Touched {
    slot: u32,
    /// What it goes by in the changelog.
    key: u128,
    /// Where the row before the first change lies; nothing else may lie there till the commit.
    before: Place,
    unsent: bool,
}

impl Leads {
    pub fn find(&self, name: &LeadName<'_>) -> Option<u32> {
        let mut slots = self.index.find(name.key as u32);
        slots.find(|&slot| self.row(slot).is_some_and(|row| name.opening.opens(row)))
    }

    pub fn row(&self, slot: u32) -> Option<&[u8]> {
        let chunk = self.chunks.get(slot as usize / CHUNK)?;
        self.rows.get(*chunk.get(slot as usize % CHUNK)?)
    }

    /// Every slot that holds a row.
    pub fn slots(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let places = self.chunks.iter().flatten().enumerate();
        places.filter_map(|(slot, place)| Some((slot as u32, self.rows.get(*place)?)))
    }

    /// Puts a new lead into a free slot.
    pub fn insert(&mut self, key: u128, row: &[u8]) -> u32 {
        let slot = self.place(key, row);
        self.remember(slot, key, Place::NOWHERE);
        slot
    }

    /// Puts a restored lead into a free slot, without remembering.
    pub fn place(&mut self, key: u128, row: &[u8]) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| self.grow());
        *self.slot_mut(slot) = self.rows.put(row);
        self.index.insert(key as u32, slot);
        slot
    }

    fn grow(&mut self) -> u32 {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::new());
        }
        let chunks = self.chunks.len();
        let chunk = &mut self.chunks[chunks - 1];
        chunk.push(Place::NOWHERE);
        ((chunks - 1) * CHUNK + chunk.len() - 1) as u32
    }

    fn slot_mut(&mut self, slot: u32) -> &mut Place {
        &mut self.chunks[slot as usize / CHUNK][slot as usize % CHUNK]
    }

    /// Keeps the row that a slot had before the batch; one that was written in it goes.
    fn remember(&mut self, slot: u32, key: u128, before: Place) {
        let next = self.touched.len() as u32;
        let at = *self.touches.entry(slot).or_insert(next);
        if at == next {
            self.unsent.push(at);
            self.touched.push(Touched {
                slot,
                key,
                before,
                unsent: true,
            });
            return;
        }
        self.rows.free(before);
        let unsent = &mut self.touched[at as usize].unsent;
        if !std::mem::replace(unsent, true) {
            self.unsent.push(at);
        }
    }

    /// Writes a row in place.
    pub fn replace(&mut self, slot: u32, key: u128, row: &[u8]) {
        let place = self.rows.put(row);
        let before = std::mem::replace(self.slot_mut(slot), place);
        self.remember(slot, key, before);
    }

    /// Empties a slot.
    pub fn remove(&mut self, slot: u32, key: u128) {
        let before = self.take(slot, key);
        self.remember(slot, key, before);
        self.freed.push(slot);
    }

    fn take(&mut self, slot: u32, key: u128) -> Place {
        self.index.remove(key as u32, slot);
        std::mem::replace(self.slot_mut(slot), Place::NOWHERE)
    }

    /// Restore's way to drop the row of a key; its slot is free at once.
    pub fn erase(&mut self, key: u128, mut matches: impl FnMut(&[u8]) -> bool) -> Option<u32> {
        let mut slots = self.index.find(key as u32);
        let slot = slots.find(|&slot| self.row(slot).is_some_and(&mut matches))?;
        drop(slots);
        let place = self.take(slot, key);
        self.rows.free(place);
        self.free.push(slot);
        Some(slot)
    }

    /// Rows written since they were last sent: removed ones first, so that a lead removed and
    /// made anew in one batch leaves its new row.
    pub fn unsent(&self) -> impl Iterator<Item = (u128, Option<&[u8]>)> {
        let each = |&at: &u32| {
            let touched = &self.touched[at as usize];
            (touched.key, self.row(touched.slot))
        };
        let removed = self.unsent.iter().map(each);
        let present = self.unsent.iter().map(each);
        let removed = removed.filter(|(_, row)| row.is_none());
        removed.chain(present.filter(|(_, row)| row.is_some()))
    }

    /// Notes that everything written so far was sent.
    pub fn sent(&mut self) {
        for at in self.unsent.drain(..) {
            self.touched[at as usize].unsent = false;
        }
    }

    pub fn commit(&mut self) {
        for touched in self.touched.drain(..) {
            self.rows.free(touched.before);
        }
        self.touches.clear();
        self.unsent.clear();
        self.free.append(&mut self.freed);
    }

    /// Takes the old rows back; `each` sees (slot, discarded row, restored row).
    pub fn undo(&mut self, mut each: impl FnMut(u32, Option<&[u8]>, Option<&[u8]>)) {
        self.freed.clear();
        self.unsent.clear();
        self.touches.clear();
        for touched in std::mem::take(&mut self.touched).into_iter().rev() {
            let Touched {
                slot, key, before, ..
            } = touched;
            let now = self.take(slot, key);
            each(slot, self.rows.get(now), self.rows.get(before));
            self.rows.free(now);
            if before == Place::NOWHERE {
                self.free.push(slot);
            } else {
                *self.slot_mut(slot) = before;
                self.index.insert(key as u32, slot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, tail: u8) -> (LeadName<'_>, Vec<u8>) {
        let name = LeadName::new("acme", TenantNo(0), id);
        let mut bytes = Vec::new();
        name.opening.write(&mut bytes);
        bytes.push(tail);
        (name, bytes)
    }

    #[test]
    fn a_lead_removed_and_made_anew_in_one_batch_leaves_its_new_row() {
        let mut leads = Leads::default();
        let (name, first) = row("L-1", 1);
        let slot = leads.insert(name.key, &first);
        leads.commit();
        leads.remove(slot, name.key);
        assert_eq!(leads.find(&name), None);
        let (_, second) = row("L-1", 2);
        let other = leads.insert(name.key, &second);
        assert_ne!(other, slot);
        let unsent: Vec<_> = leads.unsent().collect();
        assert_eq!(unsent, [(name.key, None), (name.key, Some(&*second))]);
        leads.sent();
        assert_eq!(leads.unsent().count(), 0);
        leads.replace(other, name.key, &first);
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
            leads.insert(name.key, &bytes);
        }
        leads.commit();
        let (name, bytes) = row("L-2", 0);
        leads.insert(name.key, &bytes);
        leads.undo(|_, _, _| ());
        assert_eq!(leads.find(&name), None);
        let found: Vec<_> = ["L-1", "L-10", "L-100"]
            .map(|id| leads.find(&row(id, 0).0))
            .into();
        assert_eq!(found, [Some(0), Some(1), Some(2)]);
        assert_eq!(leads.slots().count(), 3);
    }
}
