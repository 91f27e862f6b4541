//! The bytes of rows: varints, lengths and optional parts, written and read back by hand.
//!
//! Numbers are little-endian base-128 varints, signed ones zigzag, so that the many small
//! values of a row cost a byte each. Reading never trusts a length it was given.

use crate::event::Timestamp;

/// Moments are counted from 2020-01-01T00:00:00Z, which saves a byte on every one of them.
const EPOCH_MS: i64 = 1_577_836_800_000;

/// Why bytes are not a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The bytes end in the middle of a value.
    #[error("the bytes end in the middle of a value")]
    Short,
    /// Bytes are left after the last value.
    #[error("bytes are left over after the last value")]
    Trailing,
    /// A row of a version this program does not know.
    #[error("row version {0} is unknown to this program")]
    Version(u8),
    /// A text that is not UTF-8.
    #[error("a text is not valid UTF-8")]
    Text,
    /// A number outside its range, such as an unknown kind.
    #[error("a number is outside its range")]
    Range,
}

/// Appends values to a buffer.
pub(super) struct Writer<'b>(pub &'b mut Vec<u8>);

impl Writer<'_> {
    #[inline]
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    #[inline]
    pub fn uint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn wide(&mut self, mut value: u128) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn int(&mut self, value: i64) {
        self.uint(((value << 1) ^ (value >> 63)) as u64);
    }

    pub fn time(&mut self, moment: Timestamp) {
        self.int(moment.0.wrapping_sub(EPOCH_MS));
    }

    pub fn float(&mut self, value: f64) {
        self.0.extend_from_slice(&value.to_bits().to_le_bytes());
    }

    pub fn bytes(&mut self, value: &[u8]) {
        self.uint(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    pub fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// A presence byte, then the value if there is one.
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// A count, then each element.
    pub fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.uint(values.len() as u64);
        for value in values {
            write(self, value);
        }
    }
}

/// Takes values off the front of some bytes.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn byte(&mut self) -> Result<u8, RowError> {
        let (&first, rest) = self.0.split_first().ok_or(RowError::Short)?;
        self.0 = rest;
        Ok(first)
    }

    pub fn uint(&mut self) -> Result<u64, RowError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(RowError::Range);
            }
            value |= part << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(RowError::Range)
    }

    pub fn wide(&mut self) -> Result<u128, RowError> {
        let mut value = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let part = u128::from(byte & 0x7f);
            if shift == 126 && part > 3 {
                return Err(RowError::Range);
            }
            value |= part << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(RowError::Range)
    }

    pub fn small(&mut self) -> Result<u32, RowError> {
        u32::try_from(self.uint()?).map_err(|_| RowError::Range)
    }

    pub fn int(&mut self) -> Result<i64, RowError> {
        let value = self.uint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub fn time(&mut self) -> Result<Timestamp, RowError> {
        Ok(Timestamp(self.int()?.wrapping_add(EPOCH_MS)))
    }

    pub fn float(&mut self) -> Result<f64, RowError> {
        let (head, rest) = self.0.split_first_chunk::<8>().ok_or(RowError::Short)?;
        self.0 = rest;
        Ok(f64::from_bits(u64::from_le_bytes(*head)))
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], RowError> {
        let length = usize::try_from(self.uint()?).map_err(|_| RowError::Short)?;
        let (head, rest) = self.0.split_at_checked(length).ok_or(RowError::Short)?;
        self.0 = rest;
        Ok(head)
    }

    pub fn text(&mut self) -> Result<&'a str, RowError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| RowError::Text)
    }

    pub fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, RowError>,
    ) -> Result<Option<T>, RowError> {
        match self.byte()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(RowError::Range),
        }
    }

    pub fn list<T, L: FromIterator<T>>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, RowError>,
    ) -> Result<L, RowError> {
        let count = self.uint()?;
        // Each element takes at least a byte, so a count beyond the rest is garbage.
        if count > self.0.len() as u64 {
            return Err(RowError::Short);
        }
        (0..count).map(|_| read(self)).collect()
    }

    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses bytes after the last value.
    pub fn end(&self) -> Result<(), RowError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(RowError::Trailing)
        }
    }

    /// The version byte that opens every row.
    pub fn version(&mut self, known: u8) -> Result<(), RowError> {
        match self.byte()? {
            version if version == known => Ok(()),
            version => Err(RowError::Version(version)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_at_every_edge_come_back() {
        let mut bytes = Vec::new();
        let mut out = Writer(&mut bytes);
        let uints = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let ints = [0, -1, 1, i64::MIN, i64::MAX, -64, 64];
        uints.iter().for_each(|&value| out.uint(value));
        ints.iter().for_each(|&value| out.int(value));
        out.wide(u128::MAX);
        out.time(Timestamp(i64::MIN));
        out.float(-0.0);
        let mut input = Reader(&bytes);
        uints
            .iter()
            .for_each(|&value| assert_eq!(input.uint(), Ok(value)));
        ints.iter()
            .for_each(|&value| assert_eq!(input.int(), Ok(value)));
        assert_eq!(input.wide(), Ok(u128::MAX));
        assert_eq!(input.time(), Ok(Timestamp(i64::MIN)));
        assert_eq!(input.float().map(f64::to_bits), Ok((-0.0_f64).to_bits()));
        assert_eq!(input.end(), Ok(()));
    }

    #[test]
    fn garbage_is_named_and_never_trusted() {
        assert_eq!(Reader(&[]).uint(), Err(RowError::Short));
        assert_eq!(Reader(&[0xff; 10]).uint(), Err(RowError::Range));
        assert_eq!(Reader(&[0xff; 19]).wide(), Err(RowError::Range));
        assert_eq!(Reader(&[5, b'a']).text(), Err(RowError::Short));
        assert_eq!(Reader(&[1, 0xff]).text(), Err(RowError::Text));
        assert_eq!(Reader(&[2]).option(|one| one.byte()), Err(RowError::Range));
        let huge = Reader(&[0xff, 0xff, 0xff, 0xff, 0x7f]).list::<u8, Vec<_>>(|one| one.byte());
        assert_eq!(huge, Err(RowError::Short));
        assert_eq!(Reader(&[9]).version(1), Err(RowError::Version(9)));
    }
}
