//! Texts as dense numbers: short ones by their packed bytes, so that a look-up touches one line of memory.

use rustc_hash::FxHashMap;

/// Bytes that fit beside the length into 128 bits. Codes, products and sources are shorter.
const SHORT_LEN: usize = 15;

/// A map from texts to numbers.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    short: FxHashMap<u128, u32>,
    long: FxHashMap<Box<str>, u32>,
    /// A bit for each length that a short text has.
    lengths: u16,
}

impl Dictionary {
    /// Sets the number of a text and gives the former one.
    pub fn insert(&mut self, text: &str, number: u32) -> Option<u32> {
        match pack(text) {
            Some(key) => {
                self.lengths |= 1 << text.len();
                self.short.insert(key, number)
            }
            None => self.long.insert(text.into(), number),
        }
    }

    /// The number of a text. Of a length that no text has, nothing is looked up.
    #[inline]
    pub fn get(&self, text: &str) -> Option<u32> {
        if text.len() > SHORT_LEN {
            return self.get_long(text);
        }
        if self.lengths >> text.len() & 1 == 0 {
            return None;
        }
        self.short.get(&pack(text)?).copied()
    }

    fn get_long(&self, text: &str) -> Option<u32> {
        if self.long.is_empty() {
            return None;
        }
        self.long.get(text).copied()
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }
}

/// A short text as a number, by two overlapping loads instead of a copy of unknown length.
#[inline]
pub fn pack(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    let byte = |at: usize| u64::from(bytes[at]);
    let (low, high) = match bytes.len() {
        0 => (0, 0),
        1..=3 => (
            byte(0),
            byte(bytes.len() / 2) << 16 | byte(bytes.len() - 1) << 8,
        ),
        4..=7 => (
            u64::from(u32::from_le_bytes(*bytes.first_chunk()?)),
            u64::from(u32::from_le_bytes(*bytes.last_chunk()?)) << 8,
        ),
        // The first of the last eight bytes is among the first eight too, so the length may
        // take its place.
        8..=SHORT_LEN => (
            u64::from_le_bytes(*bytes.first_chunk()?),
            u64::from_le_bytes(*bytes.last_chunk()?) & !0xff,
        ),
        _ => return None,
    };
    Some(u128::from(low) << 64 | u128::from(high | bytes.len() as u64))
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
    #[inline]
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
    fn no_two_texts_have_one_number() {
        let mut texts: Vec<String> = Vec::new();
        for length in 0..=SHORT_LEN {
            let plain = "abcdefghijklmno"[..length].to_owned();
            for at in 0..length {
                let mut changed = plain.clone();
                changed.replace_range(at..=at, "z");
                texts.push(changed);
                texts.push(format!("{}\0{}", &plain[..at], &plain[at + 1..]));
            }
            texts.push(plain);
        }
        let packed: std::collections::BTreeSet<u128> =
            texts.iter().map(|text| pack(text).unwrap()).collect();
        assert_eq!(packed.len(), texts.len());
        assert_eq!(pack("sixteen bytes !!"), None);
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
