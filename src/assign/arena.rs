//! Rows of bytes packed close, in pages whose blocks are used again.
//!
//! A heap block of its own for each of ten million rows costs a pointer, a length and what
//! the allocator rounds up, more than many rows hold. Here a row lies in a block of its size
//! class, on a page of such blocks, and is named by five bytes. A block's first byte says how
//! much of the block its row leaves free. A freed block is the next one given out, so memory
//! that was touched once is touched again before any other.

/// Bytes a page: small enough that a lane with few leads has little, large enough that what
/// is noted of a page weighs nothing beside it.
const PAGE: usize = 1 << 15;

/// A longer row has a page of its own, as too much of a common one would be left over.
const LARGEST: usize = PAGE / 4;

/// Empty pages whose memory is kept for the next rows of any size.
const KEPT: usize = 64;

/// Up to this size, classes are two bytes apart; above it there are sixteen in each doubling,
/// so that a block is never more than a sixteenth larger than its row.
const FINE: usize = 64;
const STEPS: usize = 16;
const CLASSES: usize = 1 + FINE / 2 + STEPS * (LARGEST / FINE).ilog2() as usize;

/// The class of a page with one long row, and of an empty one.
const ALONE: u8 = u8::MAX;

/// Ends a page's list of freed blocks; no block begins there.
const NO_BLOCK: u16 = u16::MAX;

/// Where a row lies: 24 bits of page, 16 of the block's offset in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place([u8; 5]);

impl Place {
    /// Where nothing lies.
    pub const NOWHERE: Self = Self([u8::MAX; 5]);

    fn new(page: u32, offset: u16) -> Self {
        let ([a, b, c, _], [d, e]) = (page.to_le_bytes(), offset.to_le_bytes());
        Self([a, b, c, d, e])
    }

    fn page(self) -> u32 {
        let [a, b, c, ..] = self.0;
        u32::from_le_bytes([a, b, c, 0])
    }

    fn offset(self) -> u16 {
        let [.., d, e] = self.0;
        u16::from_le_bytes([d, e])
    }
}

/// The smallest class whose blocks hold so many bytes.
fn class_of(bytes: usize) -> usize {
    if bytes <= FINE {
        return bytes.div_ceil(2);
    }
    let doubling = (bytes - 1).ilog2();
    let (least, step) = (1 << doubling, (1 << doubling) / STEPS);
    let above = (doubling - FINE.ilog2()) as usize;
    FINE / 2 + STEPS * above + (bytes - least).div_ceil(step)
}

/// The bytes of a class's blocks.
fn block_of(class: usize) -> usize {
    if class <= FINE / 2 {
        return 2 * class;
    }
    let (above, step) = (
        (class - FINE / 2 - 1) / STEPS,
        (class - FINE / 2 - 1) % STEPS + 1,
    );
    let least = FINE << above;
    least + step * (least / STEPS)
}

struct Page {
    bytes: Box<[u8]>,
    /// The bytes of each of its blocks.
    block: u16,
    class: u8,
    /// The first freed block; each holds the next one's offset.
    freed: u16,
    /// Where the blocks begin that were never used.
    fresh: u16,
    /// How many blocks hold a row.
    used: u16,
    /// Its position in its class's list, while it has room.
    listed: u32,
}

impl Page {
    fn has_room(&self) -> bool {
        self.freed != NO_BLOCK || usize::from(self.fresh) + usize::from(self.block) <= PAGE
    }

    /// Gives out a block of a page that has room.
    fn take(&mut self) -> u16 {
        self.used += 1;
        if self.freed == NO_BLOCK {
            let offset = self.fresh;
            self.fresh += self.block;
            return offset;
        }
        let offset = self.freed;
        let at = usize::from(offset);
        self.freed = u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]);
        offset
    }

    fn give_back(&mut self, offset: u16) {
        let at = usize::from(offset);
        self.bytes[at..at + 2].copy_from_slice(&self.freed.to_le_bytes());
        self.freed = offset;
        self.used -= 1;
    }
}

/// Rows and the pages they lie in.
pub(super) struct Arena {
    pages: Vec<Page>,
    /// By class, the pages with room.
    roomy: [Vec<u32>; CLASSES],
    /// Pages without a row; the first of them keep their memory.
    empty: Vec<u32>,
}

impl Default for Arena {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            roomy: [const { Vec::new() }; CLASSES],
            empty: Vec::new(),
        }
    }
}

impl Arena {
    pub fn get(&self, place: Place) -> Option<&[u8]> {
        let page = self.pages.get(place.page() as usize)?;
        if page.class == ALONE {
            return Some(&page.bytes);
        }
        let at = usize::from(place.offset());
        let block = page.bytes.get(at..at + usize::from(page.block))?;
        let (&left, row) = block.split_first()?;
        row.get(..row.len() - usize::from(left))
    }

    pub fn put(&mut self, row: &[u8]) -> Place {
        // A freed block must hold a link of two bytes.
        let bytes = (row.len() + 1).max(2);
        if bytes > LARGEST {
            return self.put_alone(row);
        }
        let class = class_of(bytes);
        let number = match self.roomy[class].last() {
            Some(&number) => number,
            None => self.open(class),
        };
        let page = &mut self.pages[number as usize];
        let offset = page.take();
        let at = usize::from(offset);
        let block = &mut page.bytes[at..at + usize::from(page.block)];
        block[0] = (block.len() - 1 - row.len()) as u8;
        block[1..=row.len()].copy_from_slice(row);
        if !page.has_room() {
            self.roomy[class].pop();
        }
        Place::new(number, offset)
    }

    fn put_alone(&mut self, row: &[u8]) -> Place {
        let number = self.empty_page();
        let page = &mut self.pages[number as usize];
        page.bytes = row.into();
        page.class = ALONE;
        Place::new(number, 0)
    }

    /// Makes an empty page one of this class.
    fn open(&mut self, class: usize) -> u32 {
        let number = self.empty_page();
        let page = &mut self.pages[number as usize];
        if page.bytes.len() != PAGE {
            page.bytes = vec![0; PAGE].into();
        }
        page.block = block_of(class) as u16;
        page.class = class as u8;
        page.freed = NO_BLOCK;
        page.fresh = 0;
        page.listed = self.roomy[class].len() as u32;
        self.roomy[class].push(number);
        number
    }

    fn empty_page(&mut self) -> u32 {
        self.empty.pop().unwrap_or_else(|| {
            self.pages.push(Page {
                bytes: Box::default(),
                block: 0,
                class: ALONE,
                freed: NO_BLOCK,
                fresh: 0,
                used: 0,
                listed: 0,
            });
            self.pages.len() as u32 - 1
        })
    }

    /// Gives a row's block back; nothing where nothing lies.
    pub fn free(&mut self, place: Place) {
        let number = place.page();
        let Some(page) = self.pages.get_mut(number as usize) else {
            return;
        };
        if page.class == ALONE {
            page.bytes = Box::default();
            self.empty.push(number);
            return;
        }
        let class = usize::from(page.class);
        if !page.has_room() {
            page.listed = self.roomy[class].len() as u32;
            self.roomy[class].push(number);
        }
        page.give_back(place.offset());
        if page.used == 0 {
            self.close(number, class);
        }
    }

    /// Takes an empty page out of its class.
    fn close(&mut self, number: u32, class: usize) {
        let page = &mut self.pages[number as usize];
        let listed = page.listed;
        page.class = ALONE;
        if self.empty.len() >= KEPT {
            page.bytes = Box::default();
        }
        self.empty.push(number);
        let roomy = &mut self.roomy[class];
        roomy.swap_remove(listed as usize);
        if let Some(&moved) = roomy.get(listed as usize) {
            self.pages[moved as usize].listed = listed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_the_smallest_class_that_holds_it() {
        for bytes in 1..=LARGEST {
            let class = class_of(bytes);
            let left = block_of(class) - bytes;
            assert!(class < CLASSES && left < 256, "{bytes} in {class}");
            assert!(left * STEPS <= bytes.max(STEPS), "{bytes} leave {left}");
            assert!(class == 1 || block_of(class - 1) < bytes);
        }
    }

    /// What lies in the arena beside what should, through rows of all sizes that come and go.
    #[test]
    fn rows_come_back_as_they_were_put_however_they_come_and_go() {
        let mut arena = Arena::default();
        let mut rows: Vec<(Place, Vec<u8>)> = Vec::new();
        let mut state = 1_u64;
        let mut scatter = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for round in 0..60_000_usize {
            // Grows for a while, then shrinks, again and again.
            let grows = scatter(10) < if round % 20_000 < 12_000 { 8 } else { 2 };
            if grows || rows.is_empty() {
                let most = [1, 40, 300, 3_000, 10_000][scatter(5)];
                let row = vec![round as u8; scatter(most)];
                rows.push((arena.put(&row), row));
            } else {
                let (place, row) = rows.swap_remove(scatter(rows.len()));
                assert_eq!(arena.get(place), Some(&*row));
                arena.free(place);
            }
        }
        for (place, row) in rows.drain(..) {
            assert_eq!(arena.get(place), Some(&*row));
            arena.free(place);
        }
        assert_eq!(arena.empty.len(), arena.pages.len());
        let kept = arena.pages.iter().filter(|page| !page.bytes.is_empty());
        assert!(kept.count() <= KEPT);
        assert_eq!(arena.get(Place::NOWHERE), None);
    }

    #[test]
    fn blocks_that_were_freed_are_used_before_new_pages() {
        let mut arena = Arena::default();
        let places: Vec<Place> = (0..10_000).map(|_| arena.put(&[7; 29])).collect();
        let pages = arena.pages.len();
        assert_eq!(pages, 10_000_usize.div_ceil(PAGE / 30));
        for round in 0..5 {
            places
                .iter()
                .skip(round)
                .step_by(5)
                .for_each(|&place| arena.free(place));
            for _ in places.iter().skip(round).step_by(5) {
                arena.put(&[8; 29]);
            }
        }
        assert_eq!(arena.pages.len(), pages);
    }
}
