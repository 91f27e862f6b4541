//! Sieves: a lead's classes as a few bits, so that one *and* rules out most rules before anything else of them is read.
//!
//! Each dimension that rules ask about has some bits of its own, one for a class or for a run
//! of neighbouring classes. A rule's sieve has the bits that it rejects; a lead's has the bits
//! that are true of it. Where every class has its own bit, the sieve says all there is to say.

use super::classes::{Class, ClassSet};
use super::scale::{Joined, Scales};
use super::sources::Notes;

/// Bits of a sieve.
const BITS: u32 = 128;

/// Dimensions in a sieve at most, those that most rules ask about: each costs a look at the
/// lead, asked or not.
const MAX_SIFTED: usize = 16;

/// A set of bits. Two words and not one number of 128 bits, which would be aligned to 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sieve([u64; 2]);

impl Sieve {
    /// Whether the two have no bit in common.
    #[inline]
    pub const fn passes(self, lead: Self) -> bool {
        (self.0[0] & lead.0[0]) | (self.0[1] & lead.0[1]) == 0
    }

    /// The bits of both.
    #[inline]
    pub const fn or(self, other: Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    /// The bits in common.
    #[inline]
    pub const fn and(self, other: Self) -> Self {
        Self([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }

    #[inline]
    const fn without(self, other: Self) -> Self {
        Self([self.0[0] & !other.0[0], self.0[1] & !other.0[1]])
    }

    /// The bits from `from` up to `to`.
    fn range(from: u32, to: u32) -> Self {
        let below = |end: u32| {
            if end >= BITS {
                u128::MAX
            } else {
                (1 << end) - 1
            }
        };
        Self::of(below(to) & !below(from))
    }

    #[inline]
    const fn one(bit: u32) -> Self {
        let word = 1 << (bit % 64);
        if bit < 64 {
            Self([word, 0])
        } else {
            Self([0, word])
        }
    }

    const fn of(bits: u128) -> Self {
        Self([bits as u64, (bits >> 64) as u64])
    }
}

/// The bits of one dimension.
#[derive(Clone, Copy, Debug)]
struct Group {
    source: usize,
    plural: bool,
    first: u32,
    bits: u32,
    /// Bits for each class, times 2^32, rounded down.
    scale: u64,
    /// Every class has a bit of its own.
    exact: bool,
}

impl Group {
    #[inline]
    fn bit(&self, class: Class) -> u32 {
        self.first + ((u64::from(class) * self.scale) >> 32) as u32
    }

    #[inline]
    fn all(&self) -> Sieve {
        Sieve::range(self.first, self.first + self.bits)
    }

    /// The bits that classes of a set have.
    fn bits_of(&self, set: &ClassSet) -> Sieve {
        set.intervals().iter().fold(Sieve::default(), |bits, run| {
            bits.or(Sieve::range(self.bit(run.0), self.bit(run.1 - 1) + 1))
        })
    }
}

/// Which bits stand for what.
#[derive(Debug, Default)]
pub struct Sifter {
    groups: Vec<Group>,
}

impl Sifter {
    /// Shares the bits out among the sources that rules ask about; `uses` says how often.
    /// Small ones get all they need, and what they leave goes to the larger.
    pub fn of(scales: &Scales<'_>, uses: &[usize]) -> Self {
        let mut sources: Vec<usize> = (0..uses.len()).filter(|&at| uses[at] > 0).collect();
        sources.sort_by_key(|&at| (std::cmp::Reverse(uses[at]), at));
        sources.truncate(MAX_SIFTED);
        sources.sort_by_key(|&at| (scales.end(at), at));
        let mut groups = Vec::with_capacity(sources.len());
        let mut first = 0;
        for (at, &source) in sources.iter().enumerate() {
            let end = scales.end(source);
            let bits = end.min((BITS - first) / (sources.len() - at) as u32);
            groups.push(Group {
                source,
                plural: scales.is_plural(source),
                first,
                bits,
                scale: (u64::from(bits) << 32) / u64::from(end),
                exact: bits == end,
            });
            first += bits;
        }
        for group in groups.iter_mut().filter(|group| group.exact) {
            group.scale = 1 << 32;
        }
        Self { groups }
    }

    /// What a constraint rejects, and whether that is all it says.
    pub fn reject(&self, source: usize, joined: Joined, set: &ClassSet) -> (Sieve, bool) {
        let Some(group) = self.groups.iter().find(|group| group.source == source) else {
            return (Sieve::default(), false);
        };
        if !group.plural {
            return (group.all().without(group.bits_of(set)), group.exact);
        }
        // Of several values a lead's sieve has the bits of those it lacks, so only a rule that
        // asks for a value of one bit can be sifted.
        let (runs, bits) = (set.intervals(), group.bits_of(set));
        let single = runs.first().map(|run| Sieve::one(group.bit(run.0)));
        if joined == Joined::Any && single == Some(bits) {
            let one_class = runs.len() == 1 && runs[0].1 - runs[0].0 == 1;
            return (bits, group.exact && one_class);
        }
        (Sieve::default(), false)
    }

    /// A lead's sieve.
    #[inline]
    pub fn lead(&self, notes: &mut Notes<'_>) -> Sieve {
        let mut sieve = Sieve::default();
        for group in &self.groups {
            if group.plural {
                let mut held = Sieve::default();
                notes.each_class(group.source, |class| {
                    held = held.or(Sieve::one(group.bit(class)));
                });
                sieve = sieve.or(group.all().without(held));
            } else {
                sieve = sieve.or(Sieve::one(group.bit(notes.class(group.source))));
            }
        }
        sieve
    }
}
