//! Ids in rows: text, or 16 bytes where the text is a UUID.

use super::super::codec::{Reader, RowError, Writer};

/// An id as rows hold it; one that is a lower-case UUID takes 17 bytes instead of 37.
pub(super) enum PackedId<'n> {
    Uuid([u8; 16]),
    Text(&'n [u8]),
}

impl<'n> PackedId<'n> {
    pub fn of(id: &'n str) -> Self {
        pack_uuid(id).map_or(Self::Text(id.as_bytes()), Self::Uuid)
    }

    /// The number before the bytes, and the bytes: one more than the length, so that 0 is
    /// free to announce a UUID.
    fn parts(&self) -> (u64, &[u8]) {
        match self {
            Self::Uuid(bytes) => (0, bytes),
            Self::Text(bytes) => (bytes.len() as u64 + 1, bytes),
        }
    }

    pub fn write(&self, out: &mut Writer<'_>) {
        let (announced, bytes) = self.parts();
        out.uint(announced);
        out.0.extend_from_slice(bytes);
    }

    /// Whether this id is what comes next.
    pub fn begins(&self, input: &mut Reader<'_>) -> bool {
        let (announced, bytes) = self.parts();
        input.uint() == Ok(announced) && input.0.starts_with(bytes)
    }
}

pub(super) fn read_id(input: &mut Reader<'_>) -> Result<Box<str>, RowError> {
    let length = input.uint()?;
    if length == 0 {
        let (bytes, rest) = input.0.split_first_chunk::<16>().ok_or(RowError::Short)?;
        input.0 = rest;
        return Ok(print_uuid(*bytes));
    }
    let length = usize::try_from(length - 1).map_err(|_| RowError::Short)?;
    let (bytes, rest) = input.0.split_at_checked(length).ok_or(RowError::Short)?;
    input.0 = rest;
    let text = std::str::from_utf8(bytes).map_err(|_| RowError::Text)?;
    Ok(text.into())
}

/// Passes over an id.
pub(super) fn skip_id(input: &mut Reader<'_>) -> Result<(), RowError> {
    let length = match input.uint()? {
        0 => 16,
        more => usize::try_from(more - 1).map_err(|_| RowError::Short)?,
    };
    input.0 = input.0.get(length..).ok_or(RowError::Short)?;
    Ok(())
}

const HYPHENS: [usize; 4] = [8, 13, 18, 23];

fn pack_uuid(id: &str) -> Option<[u8; 16]> {
    let text = id.as_bytes();
    if text.len() != 36 || HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let mut packed = [0_u8; 16];
    let digits = (0..36).filter(|at| !HYPHENS.contains(at));
    for (nibble, at) in digits.enumerate() {
        let value = match text[at] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        packed[nibble / 2] |= value << (4 * (1 - nibble % 2));
    }
    Some(packed)
}

fn print_uuid(packed: [u8; 16]) -> Box<str> {
    let mut text = String::with_capacity(36);
    for (at, byte) in packed.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_every_form_come_back_and_only_lower_case_uuids_are_packed() {
        for (id, length) in [
            ("", 1),
            ("L-1001", 7),
            ("线索", 7),
            ("0188c0de-75b4-7d2a-9f00-00000000beef", 17),
            ("0188C0DE-75B4-7D2A-9F00-00000000BEEF", 37),
            ("0188c0de-75b4-7d2a-9f00-00000000bee", 36),
            ("0188c0de+75b4-7d2a-9f00-00000000beef", 37),
        ] {
            let mut bytes = Vec::new();
            PackedId::of(id).write(&mut Writer(&mut bytes));
            assert_eq!(bytes.len(), length, "{id}");
            for other in [
                "",
                "L-1001",
                "L-100",
                "0188c0de-75b4-7d2a-9f00-00000000beef",
            ] {
                let begins = PackedId::of(other).begins(&mut Reader(&bytes));
                assert_eq!(begins, other == id, "{other} and {id}");
            }
            let mut input = Reader(&bytes);
            assert_eq!(read_id(&mut input).as_deref(), Ok(id));
            assert_eq!(input.end(), Ok(()));
        }
    }
}
