//! A list that is only added to and taken from at its end, without room for nothing.
//!
//! A vector that doubles holds up to twice what it needs and copies all of it to grow; the
//! leads that are forgotten on one day may be ten million.

/// Elements a block: pages of the allocator, and little beside a list that is long.
const BLOCK: usize = 1_024;

#[derive(Clone, Debug)]
pub(super) struct Pile<T> {
    /// All but the last are full.
    blocks: Vec<Vec<T>>,
}

impl<T> Default for Pile<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T> Pile<T> {
    pub fn push(&mut self, one: T) {
        match self.blocks.last_mut() {
            Some(last) if last.len() < BLOCK => last.push(one),
            Some(_) => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(one);
                self.blocks.push(block);
            }
            // Most lists are short, so that the first block grows as it is needed.
            None => self.blocks.push(vec![one]),
        }
    }

    pub fn pop(&mut self) -> Option<T> {
        let last = self.blocks.last_mut()?;
        let one = last.pop();
        if last.is_empty() {
            self.blocks.pop();
        }
        one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_last_comes_first_and_no_block_is_lost() {
        let mut pile = Pile::default();
        for round in 0..3 {
            (0..5_000).for_each(|one| pile.push(one));
            let room: usize = pile.blocks.iter().map(Vec::capacity).sum();
            assert!(room < 5_000 + BLOCK + round * 2_500, "room for {room}");
            assert!((2_500..5_000).rev().all(|one| pile.pop() == Some(one)));
        }
        for _ in 0..3 {
            assert!((0..2_500).rev().all(|one| pile.pop() == Some(one)));
        }
        assert_eq!((pile.pop(), pile.blocks.len()), (None, 0));
    }
}
