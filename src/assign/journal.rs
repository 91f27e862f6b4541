//! The one write path: tables that remember the first old value of each row touched.
//!
//! From that one memory come the changelog (the last value of each touched row), undo (the
//! old values put back) and the audit of what a record changed. Two shapes are enough:
//! [`Dense`] for rows numbered from 0 that never go away, [`Sparse`] for rows that come
//! and go under an ordered key.

use std::collections::BTreeMap;

/// Rows numbered from 0. A row nobody wrote has its default value.
#[derive(Default)]
pub(super) struct Dense<V> {
    rows: Vec<V>,
    /// By row, the batch in which it was last remembered, so a hot row costs one comparison.
    /// Apart from the rows, so that whoever reads many of them meets nothing else.
    batches: Vec<u32>,
    /// Row number and its value before the first change since the last commit.
    old: Vec<(u32, V)>,
    batch: u32,
    blank: V,
}

impl<V: Clone + Default> Dense<V> {
    pub fn get(&self, number: u32) -> &V {
        self.rows.get(number as usize).unwrap_or(&self.blank)
    }

    /// The row, remembered, ready to be changed.
    pub fn edit(&mut self, number: u32) -> &mut V {
        self.reach(number);
        let row = &mut self.rows[number as usize];
        // Batch 0 of a fresh row means never remembered, so batches count from 1.
        let batch = &mut self.batches[number as usize];
        if *batch != self.batch + 1 {
            *batch = self.batch + 1;
            self.old.push((number, row.clone()));
        }
        row
    }

    /// Sets a row without remembering, for restore.
    pub fn set(&mut self, number: u32, value: V) {
        self.reach(number);
        self.rows[number as usize] = value;
    }

    fn reach(&mut self, number: u32) {
        let needed = number as usize + 1;
        if self.rows.len() < needed {
            self.rows.resize(needed, V::default());
            self.batches.resize(needed, 0);
        }
    }

    /// Touched rows, in the order they were first touched.
    pub fn touched(&self) -> impl Iterator<Item = (u32, &V)> {
        self.old
            .iter()
            .map(|&(number, _)| (number, &self.rows[number as usize]))
    }

    pub fn commit(&mut self) {
        self.old.clear();
        // Wrapping after 4 billion batches could at worst remember a row that is 4 billion
        // batches stale as already remembered; clearing the marks keeps that from happening.
        self.batch = self.batch.wrapping_add(1);
        if self.batch == u32::MAX {
            self.batch = 0;
            self.batches.fill(0);
        }
    }

    /// Takes the old values back; `each` sees (number, discarded value, restored value).
    pub fn undo(&mut self, mut each: impl FnMut(u32, &V, &V)) {
        for (number, value) in std::mem::take(&mut self.old) {
            let row = &mut self.rows[number as usize];
            each(number, row, &value);
            *row = value;
        }
        self.commit();
    }
}

/// Rows that come and go, in the order of their keys.
pub(super) struct Sparse<K, V> {
    rows: BTreeMap<K, V>,
    old: BTreeMap<K, Option<V>>,
}

impl<K, V> Default for Sparse<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            old: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Copy, V: Clone> Sparse<K, V> {
    pub fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// All rows in key order.
    pub fn all(&self) -> impl Iterator<Item = (K, &V)> {
        self.rows.iter().map(|(key, row)| (*key, row))
    }

    /// Writes or removes a row and returns its value before.
    pub fn put(&mut self, key: K, value: Option<V>) -> Option<V> {
        let before = self.set(key, value);
        self.old.entry(key).or_insert_with(|| before.clone());
        before
    }

    /// Sets a row without remembering, for restore.
    pub fn set(&mut self, key: K, value: Option<V>) -> Option<V> {
        match value {
            Some(value) => self.rows.insert(key, value),
            None => self.rows.remove(&key),
        }
    }

    /// Touched rows in key order, with their value now.
    pub fn touched(&self) -> impl Iterator<Item = (K, Option<&V>)> {
        self.old.keys().map(|key| (*key, self.rows.get(key)))
    }

    pub fn commit(&mut self) {
        self.old.clear();
    }

    /// Takes the old values back; `each` sees (key, discarded value, restored value).
    pub fn undo(&mut self, mut each: impl FnMut(K, Option<&V>, Option<&V>)) {
        for (key, value) in std::mem::take(&mut self.old) {
            each(key, self.rows.get(&key), value.as_ref());
            self.set(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_rows_remember_their_first_old_value_only() {
        let mut table = Dense::<u32>::default();
        *table.edit(3) = 7;
        table.commit();
        *table.edit(3) = 8;
        *table.edit(3) = 9;
        *table.edit(1) = 1;
        assert_eq!(table.touched().collect::<Vec<_>>(), [(3, &9), (1, &1)]);
        let mut seen = Vec::new();
        table.undo(|number, now, then| seen.push((number, *now, *then)));
        assert_eq!(seen, [(3, 9, 7), (1, 1, 0)]);
        assert_eq!((*table.get(3), *table.get(1), *table.get(99)), (7, 0, 0));
        *table.edit(3) = 10;
        assert_eq!(table.touched().count(), 1);
    }

    #[test]
    fn sparse_rows_undo_insertions_changes_and_removals() {
        let mut table = Sparse::<u8, u8>::default();
        table.put(1, Some(10));
        table.put(2, Some(20));
        table.commit();
        table.put(1, None);
        table.put(1, Some(11));
        table.put(2, None);
        table.put(3, Some(30));
        let touched: Vec<_> = table.touched().collect();
        assert_eq!(touched, [(1, Some(&11)), (2, None), (3, Some(&30))]);
        table.undo(|_, _, _| ());
        assert_eq!(
            (table.get(&1), table.get(&2), table.len()),
            (Some(&10), Some(&20), 2)
        );
        assert_eq!(table.touched().count(), 0);
    }
}
