//! Leads by their earliest deadline, in order of moment, then of birth.
//!
//! Ten million open timers must fit beside their leads, and a tree that keeps each entry in a
//! node half full takes twice what the entries need. Here they stand in sorted blocks of a few
//! hundred, found by their first entry; whoever comes last fills a block up before the next
//! one begins, as most deadlines do.

use std::collections::BTreeMap;

use crate::event::Timestamp;

/// Entries a block: shifting half of them costs about what finding the block does.
const BLOCK: usize = 256;

/// Blocks grow by so many entries, so that none holds much room for nothing.
const STEP: usize = 32;

/// Moment, birth and slot, in words that sort as the three do and need no padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Entry([u32; 5]);

/// A lead that falls due: when, its birth, its slot.
pub(super) type Deadline = (Timestamp, u64, u32);

impl Entry {
    fn new((at, birth, slot): Deadline) -> Self {
        // With the sign bit turned, moments before 1970 sort before the others.
        let at = at.0.cast_unsigned() ^ (1 << 63);
        let high = |word: u64| (word >> 32) as u32;
        Self([high(at), at as u32, high(birth), birth as u32, slot])
    }

    fn deadline(self) -> Deadline {
        let [a, b, c, d, slot] = self.0;
        let word = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let at = (word(a, b) ^ (1 << 63)).cast_signed();
        (Timestamp(at), word(c, d), slot)
    }
}

/// Every lead's earliest deadline.
pub(super) struct Deadlines {
    /// Each by the least entry it may hold; the first holds whatever is less than the others.
    blocks: BTreeMap<Entry, Vec<Entry>>,
    len: usize,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            blocks: BTreeMap::from([(Entry::default(), Vec::new())]),
            len: 0,
        }
    }
}

impl Deadlines {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn first(&self) -> Option<Deadline> {
        self.iter().next()
    }

    pub fn iter(&self) -> impl Iterator<Item = Deadline> {
        self.blocks.values().flatten().map(|entry| entry.deadline())
    }

    /// Deadlines of this moment and later ones.
    pub fn from(&self, at: Timestamp) -> impl Iterator<Item = Deadline> {
        let least = Entry::new((at, 0, 0));
        let (key, place) = match self.blocks.range(..=least).next_back() {
            Some((key, block)) => (*key, block.partition_point(|entry| *entry < least)),
            None => (Entry::default(), 0),
        };
        let blocks = self.blocks.range(key..).map(|(_, block)| block);
        blocks.flatten().skip(place).map(|entry| entry.deadline())
    }

    pub fn contains(&self, deadline: Deadline) -> bool {
        let entry = Entry::new(deadline);
        let block = self.blocks.range(..=entry).next_back();
        block.is_some_and(|(_, block)| block.binary_search(&entry).is_ok())
    }

    pub fn insert(&mut self, deadline: Deadline) {
        let entry = Entry::new(deadline);
        let Some((_, block)) = self.blocks.range_mut(..=entry).next_back() else {
            return;
        };
        let Err(place) = block.binary_search(&entry) else {
            return;
        };
        self.len += 1;
        if block.len() < BLOCK {
            put(block, place, entry);
            return;
        }
        let mut next = if place == block.len() {
            Vec::new()
        } else {
            block.split_off(BLOCK / 2)
        };
        if place > block.len() || next.is_empty() {
            let place = place - block.len();
            put(&mut next, place, entry);
        } else {
            put(block, place, entry);
        }
        self.blocks.insert(next[0], next);
    }

    pub fn remove(&mut self, deadline: Deadline) {
        let entry = Entry::new(deadline);
        let Some((&key, block)) = self.blocks.range_mut(..=entry).next_back() else {
            return;
        };
        let Ok(place) = block.binary_search(&entry) else {
            return;
        };
        self.len -= 1;
        block.remove(place);
        if block.is_empty() && key != Entry::default() {
            self.blocks.remove(&key);
        } else if block.capacity() > 4 * block.len().max(STEP) {
            block.shrink_to(2 * block.len());
        }
    }
}

fn put(block: &mut Vec<Entry>, place: usize, entry: Entry) {
    if block.len() == block.capacity() {
        block.reserve_exact(STEP);
    }
    block.insert(place, entry);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A generator of its own, as the core knows no randomness.
    fn scatter(state: &mut u64) -> u64 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    }

    #[test]
    fn blocks_hold_what_a_tree_does_through_insertions_and_removals() {
        let (mut ours, mut tree) = (Deadlines::default(), BTreeSet::new());
        let mut state = 1;
        for round in 0..40_000_u64 {
            let at = match scatter(&mut state) % 4 {
                0 => Timestamp(round.cast_signed()),
                1 => Timestamp(-(scatter(&mut state).cast_signed() % 1_000)),
                _ => Timestamp(scatter(&mut state).cast_signed() % 5_000),
            };
            let one = (
                at,
                scatter(&mut state) % 50,
                (scatter(&mut state) % 4) as u32,
            );
            if scatter(&mut state).is_multiple_of(3) {
                ours.remove(one);
                tree.remove(&one);
            } else {
                ours.insert(one);
                tree.insert(one);
            }
            assert_eq!(ours.contains(one), tree.contains(&one));
            assert_eq!(
                (ours.first(), ours.len()),
                (tree.first().copied(), tree.len())
            );
            if round.is_multiple_of(500) {
                assert!(ours.iter().eq(tree.iter().copied()), "round {round}");
                assert!(ours.from(at).eq(tree.range((at, 0, 0)..).copied()));
            }
        }
        for one in tree {
            ours.remove(one);
        }
        assert_eq!((ours.len(), ours.blocks.len()), (0, 1));
    }

    #[test]
    fn deadlines_that_come_in_order_fill_their_blocks() {
        let mut ours = Deadlines::default();
        for birth in 0..10_000 {
            ours.insert((Timestamp(7), birth, 0));
        }
        assert_eq!(ours.blocks.len(), 10_000_usize.div_ceil(BLOCK));
        let room: usize = ours.blocks.values().map(Vec::capacity).sum();
        assert!(room < 10_000 + BLOCK, "room for {room}");
    }
}
