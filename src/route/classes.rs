//! Sets of classes: the values of a dimension that no condition of the plan tells apart are one class.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// A class of values of one dimension.
pub type Class = u32;

/// The class of a lead that has no value.
pub const MISSING: Class = 0;

/// A set of classes as sorted, disjoint, half-open intervals that do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClassSet(SmallVec<[(Class, Class); 2]>);

impl ClassSet {
    /// The union of half-open intervals, in any order.
    pub fn of(intervals: impl IntoIterator<Item = (Class, Class)>) -> Self {
        let mut sorted: SmallVec<[(Class, Class); 2]> = intervals
            .into_iter()
            .filter(|(from, to)| from < to)
            .collect();
        sorted.sort_unstable();
        let mut merged: SmallVec<[(Class, Class); 2]> = SmallVec::new();
        for (from, to) in sorted {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    /// The intervals, in order.
    pub fn intervals(&self) -> &[(Class, Class)] {
        &self.0
    }

    /// Every class in the set, in order.
    pub fn iter(&self) -> impl Iterator<Item = Class> + '_ {
        self.0.iter().flat_map(|&(from, to)| from..to)
    }

    /// Whether no class is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lowest class.
    pub fn first(&self) -> Option<Class> {
        self.0.first().map(|&(from, _)| from)
    }

    /// The classes in both sets.
    pub fn and(&self, other: &Self) -> Self {
        let (mut a, mut b) = (0, 0);
        let mut both = SmallVec::new();
        while let (Some(one), Some(two)) = (self.0.get(a), other.0.get(b)) {
            let (from, to) = (one.0.max(two.0), one.1.min(two.1));
            if from < to {
                both.push((from, to));
            }
            if one.1 <= two.1 {
                a += 1;
            } else {
                b += 1;
            }
        }
        Self(both)
    }

    /// The classes in either set.
    pub fn or(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied())
    }

    /// The classes below `end` that are not in the set.
    pub fn complement(&self, end: Class) -> Self {
        let mut from = 0;
        let mut rest = SmallVec::new();
        for &(start, stop) in &self.0 {
            if from < start {
                rest.push((from, start));
            }
            from = stop;
        }
        if from < end {
            rest.push((from, end));
        }
        Self(rest)
    }
}

/// Sets by number, each once, so that equal rules are seen to be equal.
#[derive(Debug, Default)]
pub struct Sets {
    all: Vec<ClassSet>,
    numbers: FxHashMap<ClassSet, u32>,
    joined: FxHashMap<(u32, u32), u32>,
}

impl Sets {
    /// The number of a set.
    pub fn number(&mut self, set: ClassSet) -> u32 {
        if let Some(&number) = self.numbers.get(&set) {
            return number;
        }
        let number = self.all.len() as u32;
        self.all.push(set.clone());
        self.numbers.insert(set, number);
        number
    }

    /// The number of the intersection of two sets.
    pub fn and(&mut self, one: u32, two: u32) -> u32 {
        if one == two {
            return one;
        }
        let key = (one.min(two), one.max(two));
        if let Some(&number) = self.joined.get(&key) {
            return number;
        }
        let both = self.get(one).and(self.get(two));
        let number = self.number(both);
        self.joined.insert(key, number);
        number
    }

    /// The number of the union of two sets.
    pub fn or(&mut self, one: u32, two: u32) -> u32 {
        if one == two {
            return one;
        }
        let either = self.get(one).or(self.get(two));
        self.number(either)
    }

    /// The set of a number.
    pub fn get(&self, number: u32) -> &ClassSet {
        &self.all[number as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_agree_with_lists_of_their_members() {
        let end = 12;
        let sets: Vec<ClassSet> = (0_u32..4096)
            .step_by(7)
            .map(|bits| {
                ClassSet::of(
                    (0..end)
                        .filter(|at| bits >> at & 1 == 1)
                        .map(|at| (at, at + 1)),
                )
            })
            .collect();
        let has = |set: &ClassSet, class| set.iter().any(|one| one == class);
        for (a, b) in sets.iter().zip(sets.iter().rev()) {
            for class in 0..end {
                assert_eq!(has(&a.and(b), class), has(a, class) && has(b, class));
                assert_eq!(has(&a.or(b), class), has(a, class) || has(b, class));
                assert_eq!(has(&a.complement(end), class), !has(a, class));
            }
            assert!(a.intervals().windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }

    #[test]
    fn equal_sets_have_one_number() {
        let mut sets = Sets::default();
        let one = sets.number(ClassSet::of([(3, 5), (1, 3)]));
        assert_eq!(sets.number(ClassSet::of([(1, 5)])), one);
        let two = sets.number(ClassSet::of([(4, 9)]));
        let both = sets.and(one, two);
        assert_eq!(sets.get(both), &ClassSet::of([(4, 5)]));
        assert_eq!(sets.and(two, one), both);
    }
}
