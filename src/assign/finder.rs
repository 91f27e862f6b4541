//! Slots by 32 bits of hash, in hardly more memory than the two take.
//!
//! A table that doubles is half empty after it grew, and holds the old beside the new while
//! it grows. Here the first bits of a hash choose one of many small tables, each of which
//! grows by a third when it is seven eighths full. A cell keeps the next sixteen bits beside
//! its slot, and they alone say where in the table it belongs, so that growing touches
//! nothing else. Cells are in the order of these bits, with gaps: each lies where its bits
//! say or, where that is taken, as soon after as there is room.

/// Bits that choose the table. Ten million slots are 2,400 a table: growing one takes
/// microseconds, and one look-up in thirty meets a slot that is not meant.
const SHARD_BITS: u32 = 12;

const NOTHING: u32 = u32::MAX;

/// A slot beside sixteen bits of its hash; without padding.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cell {
    tag: u16,
    slot: [u16; 2],
}

impl Cell {
    const EMPTY: Self = Self {
        tag: 0,
        slot: [u16::MAX; 2],
    };

    fn new(hash: u32, slot: u32) -> Self {
        Self {
            tag: (hash << SHARD_BITS >> 16) as u16,
            slot: [(slot >> 16) as u16, slot as u16],
        }
    }

    fn slot(self) -> u32 {
        u32::from(self.slot[0]) << 16 | u32::from(self.slot[1])
    }

    fn is_empty(self) -> bool {
        self.slot() == NOTHING
    }
}

/// Cells sorted by tag, with gaps.
#[derive(Default)]
struct Shard {
    /// As many as there are homes, and those that found no room but behind the last one.
    cells: Vec<Cell>,
    homes: u32,
    len: u32,
}

impl Shard {
    fn home(&self, tag: u16) -> usize {
        ((u64::from(tag) * u64::from(self.homes)) >> 16) as usize
    }

    /// Where cells of this tag begin or would, and how many there are.
    fn find(&self, tag: u16) -> (usize, &[Cell]) {
        let mut first = self.home(tag);
        let precedes = |cell: &Cell| !cell.is_empty() && cell.tag < tag;
        while self.cells.get(first).is_some_and(precedes) {
            first += 1;
        }
        let rest = self.cells.get(first..).unwrap_or_default();
        let alike = rest
            .iter()
            .take_while(|cell| !cell.is_empty() && cell.tag == tag);
        (first, &rest[..alike.count()])
    }

    fn insert(&mut self, cell: Cell) {
        if 8 * (self.len + 1) > 7 * self.homes {
            self.resize((self.len + 1) * 3 / 2 + 3);
        }
        let (place, _) = self.find(cell.tag);
        let run = self.cells[place..]
            .iter()
            .take_while(|cell| !cell.is_empty());
        let gap = place + run.count();
        if gap == self.cells.len() {
            self.cells.reserve_exact(1);
            self.cells.push(Cell::EMPTY);
        }
        self.cells.copy_within(place..gap, place + 1);
        self.cells[place] = cell;
        self.len += 1;
    }

    fn remove(&mut self, cell: Cell) {
        let (first, alike) = self.find(cell.tag);
        let Some(at) = alike.iter().position(|other| *other == cell) else {
            return;
        };
        let place = first + at;
        // What was pushed out of its home by this cell or by one that moves follows.
        let mut end = place + 1;
        let away = |at: usize, cell: &Cell| !cell.is_empty() && self.home(cell.tag) < at;
        while self.cells.get(end).is_some_and(|cell| away(end, cell)) {
            end += 1;
        }
        self.cells.copy_within(place + 1..end, place);
        self.cells[end - 1] = Cell::EMPTY;
        self.len -= 1;
        if self.homes > 64 && 2 * self.len < self.homes {
            self.resize(self.len * 4 / 3 + 3);
        }
    }

    fn resize(&mut self, homes: u32) {
        /// Room behind the last home, which few tables outgrow.
        const TAIL: usize = 4;
        let mut cells = Vec::with_capacity(homes as usize + TAIL);
        self.homes = homes;
        for cell in std::mem::take(&mut self.cells) {
            if cell.is_empty() {
                continue;
            }
            cells.resize(cells.len().max(self.home(cell.tag)), Cell::EMPTY);
            cells.push(cell);
        }
        cells.resize(cells.len().max(homes as usize), Cell::EMPTY);
        self.cells = cells;
    }
}

/// Slots by hash; several may share one.
#[derive(Default)]
pub(super) struct Finder {
    /// None before the first slot comes.
    shards: Vec<Shard>,
}

impl Finder {
    /// Slots that may have this hash: all that do, and few others.
    pub fn find(&self, hash: u32) -> impl Iterator<Item = u32> {
        let shard = self.shards.get(shard_of(hash));
        let tag = Cell::new(hash, 0).tag;
        let cells = shard.map_or(&[][..], |shard| shard.find(tag).1);
        cells.iter().map(|cell| cell.slot())
    }

    pub fn insert(&mut self, hash: u32, slot: u32) {
        if self.shards.is_empty() {
            self.shards.resize_with(1 << SHARD_BITS, Shard::default);
        }
        self.shards[shard_of(hash)].insert(Cell::new(hash, slot));
    }

    pub fn remove(&mut self, hash: u32, slot: u32) {
        if let Some(shard) = self.shards.get_mut(shard_of(hash)) {
            shard.remove(Cell::new(hash, slot));
        }
    }
}

fn shard_of(hash: u32) -> usize {
    (hash >> (u32::BITS - SHARD_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn found(finder: &Finder, hash: u32) -> BTreeSet<u32> {
        finder.find(hash).collect()
    }

    #[test]
    fn slots_are_found_through_insertions_and_removals_in_a_crowded_table() {
        let (mut ours, mut all) = (Finder::default(), BTreeSet::new());
        let mut state = 1_u64;
        let mut scatter = |below: u32| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % u64::from(below)) as u32
        };
        // Two tables of a few thousand, some tags many times over, some at either end.
        for round in 0..40_000_u32 {
            let tag = match scatter(8) {
                0 => u32::from(u16::MAX) - scatter(3),
                1 => scatter(3),
                2 => 7,
                _ => scatter(1 << 16),
            };
            let hash = scatter(2) << 31 | tag << 4;
            let grows = scatter(10) < if round % 20_000 < 12_000 { 8 } else { 2 };
            if grows {
                ours.insert(hash, round);
                all.insert((hash, round));
            } else if let Some(&(hash, slot)) = all.range((hash, 0)..).next() {
                ours.remove(hash, slot);
                all.remove(&(hash, slot));
                ours.remove(hash, slot);
            }
            if round % 100 == 0 {
                let expected = all.range((hash, 0)..=(hash, u32::MAX));
                assert_eq!(found(&ours, hash), expected.map(|one| one.1).collect());
            }
        }
        for &(hash, slot) in &all {
            assert!(ours.find(hash).any(|other| other == slot));
            ours.remove(hash, slot);
            assert!(!ours.find(hash).any(|other| other == slot));
        }
        assert!(
            ours.shards
                .iter()
                .all(|shard| shard.len == 0 && shard.cells.len() <= 128)
        );
    }

    #[test]
    fn a_table_is_never_far_from_full() {
        let mut finder = Finder::default();
        for slot in 0..200_000_u32 {
            // All in one table, at every place of it.
            finder.insert(slot.wrapping_mul(0x9e37_79b9) >> SHARD_BITS, slot);
        }
        let shard = &finder.shards[0];
        assert_eq!(shard.len, 200_000);
        assert!(
            shard.cells.capacity() < 200_000 * 8 / 5,
            "{}",
            shard.cells.capacity()
        );
    }
}
