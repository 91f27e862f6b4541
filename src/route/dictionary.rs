//! Texts as dense numbers: short ones by their packed bytes, so that a look-up touches one line of memory.

use rustc_hash::FxHashMap;

/// Bytes that fit beside the length into 128 bits. Codes, products and sources are shorter.
const SHORT_LEN: usize = 15;

/// A map from texts to numbers.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    short: FxHashMap<u128, u32>,
    long: FxHashMap<Box<str>, u32>,
}

impl Dictionary {
    /// Sets the number of a text and gives the former one.
    pub fn insert(&mut self, text: &str, number: u32) -> Option<u32> {
        match pack(text) {
            Some(key) => self.short.insert(key, number),
            None => self.long.insert(text.into(), number),
        }
    }

    /// The number of a text.
    pub fn get(&self, text: &str) -> Option<u32> {
        match pack(text) {
            Some(key) => self.short.get(&key).copied(),
            None if self.long.is_empty() => None,
            None => self.long.get(text).copied(),
        }
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }
}

/// A short text as a number whose order is that of the bytes among texts of one length.
pub fn pack(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() > SHORT_LEN {
        return None;
    }
    let mut packed = [0; SHORT_LEN + 1];
    packed[0] = bytes.len() as u8;
    packed[1..=bytes.len()].copy_from_slice(bytes);
    Some(u128::from_be_bytes(packed))
}

/// Numbers by the beginning of a text: the longest one known decides.
#[derive(Clone, Debug, Default)]
pub struct Prefixes {
    by_text: Dictionary,
    /// Lengths in bytes that occur, longest first.
    lengths: Vec<usize>,
}

impl Prefixes {
    /// Sets the number of a beginning.
    pub fn insert(&mut self, prefix: &str, number: u32) {
        self.by_text.insert(prefix, number);
        let at = self
            .lengths
            .partition_point(|&length| length > prefix.len());
        if self.lengths.get(at) != Some(&prefix.len()) {
            self.lengths.insert(at, prefix.len());
        }
    }

    /// The numbers of all known beginnings of a text, longest first.
    pub fn of<'t>(&'t self, text: &'t str) -> impl Iterator<Item = u32> + 't {
        self.lengths
            .iter()
            .filter_map(|&length| self.by_text.get(text.get(..length)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_texts_keep_their_numbers() {
        let texts = [
            "",
            "a",
            "crm",
            "exactly fifteen",
            "sixteen bytes !!",
            "华东大区华东大区",
            "a\0",
        ];
        let mut dictionary = Dictionary::default();
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(dictionary.insert(text, number as u32), None);
        }
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(dictionary.get(text), Some(number as u32), "{text}");
        }
        assert_eq!(dictionary.get("b"), None);
        assert_eq!(dictionary.len(), texts.len());
    }

    #[test]
    fn the_longest_beginning_comes_first() {
        let mut prefixes = Prefixes::default();
        for (number, prefix) in ["C", "C36", "", "华"].iter().enumerate() {
            prefixes.insert(prefix, number as u32);
        }
        let of = |text| prefixes.of(text).collect::<Vec<_>>();
        assert_eq!(of("C361"), [1, 0, 2]);
        assert_eq!(of("C"), [0, 2]);
        assert_eq!(of("华东"), [3, 2]);
        assert_eq!(of("é"), [2]);
    }
}
