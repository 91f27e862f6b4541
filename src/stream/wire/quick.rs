//! JSON in its usual form at a third of the price; what is unusual is left to the library.
//!
//! Reading JSON is the dearest part of a step. This reader gives what the library would give,
//! or nothing: at anything it does not know for certain it gives up, the library reads the
//! text anew, and the library's word, its error included, is what counts. A test compares.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::payload::MAX_DEPTH;

/// So many digits make a number that a double holds exactly, with and without its point.
const EXACT_DIGITS: usize = 15;
/// So many digits always fit into 64 bits.
const WHOLE_DIGITS: usize = 18;
/// The powers of ten by which such a number is divided, each an exact double.
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The value in a text, if all of the text has the usual form.
pub(super) fn read<'de, T: Deserialize<'de>>(json: &'de str) -> Option<T> {
    read_seed(json, PhantomData)
}

/// The same with a seed: what it filled before the reader gave up is worth nothing.
pub(super) fn read_seed<'de, S: DeserializeSeed<'de>>(json: &'de str, seed: S) -> Option<S::Value> {
    let mut reader = Reader {
        json,
        at: 0,
        depth: 0,
    };
    let value = seed.deserialize(&mut reader).ok()?;
    reader.skip_space();
    (reader.at == json.len()).then_some(value)
}

/// The text is not in the usual form, or its reader does not want it.
#[derive(Clone, Copy, Debug)]
struct Unusual;

impl fmt::Display for Unusual {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("unusual JSON")
    }
}

impl std::error::Error for Unusual {}

impl serde::de::Error for Unusual {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl From<serde_json::Error> for Unusual {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

struct Reader<'de> {
    json: &'de str,
    at: usize,
    depth: usize,
}

impl<'de> Reader<'de> {
    fn byte(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek(&mut self) -> Result<u8, Unusual> {
        match self.byte() {
            Some(b @ b'!'..) => Ok(b),
            _ => {
                self.skip_space();
                self.byte().ok_or(Unusual)
            }
        }
    }

    fn skip(&mut self, wanted: &str) -> Result<(), Unusual> {
        let rest = self.json.get(self.at..).ok_or(Unusual)?;
        if !rest.starts_with(wanted) {
            return Err(Unusual);
        }
        self.at += wanted.len();
        Ok(())
    }

    /// Reads a text from its first quotation mark on.
    #[inline]
    fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Unusual> {
        let start = self.at + 1;
        let rest = self.json.as_bytes().get(start..).ok_or(Unusual)?;
        let end = start + plain_len(rest);
        if self.json.as_bytes().get(end) != Some(&b'"') {
            return self.escaped(end, visitor);
        }
        self.at = end + 1;
        visitor.visit_borrowed_str(self.json.get(start..end).ok_or(Unusual)?)
    }

    /// Has the library read a text whose first escape, or fault, is at `at`.
    #[cold]
    fn escaped<V: Visitor<'de>>(&mut self, mut at: usize, visitor: V) -> Result<V::Value, Unusual> {
        let bytes = self.json.as_bytes();
        loop {
            at += match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => 2,
                Some(_) => 1,
                None => return Err(Unusual),
            };
        }
        let text = self.json.get(self.at..=at).ok_or(Unusual)?;
        self.at = at + 1;
        visitor.visit_string(serde_json::from_str(text)?)
    }

    fn digits(&mut self, number: &mut u64) -> usize {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            // Too many digits overflow, and are then not looked at.
            *number = number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        self.at - start
    }

    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Unusual> {
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        let leading_zero = self.byte() == Some(b'0');
        let mut number = 0;
        let whole = self.digits(&mut number);
        if whole == 0 || whole > 1 && leading_zero {
            return Err(Unusual);
        }
        let fraction = match self.byte() {
            Some(b'.') => {
                self.at += 1;
                Some(self.digits(&mut number))
            }
            _ => None,
        };
        let exponent = matches!(self.byte(), Some(b'e' | b'E'));
        match fraction {
            None if !exponent && !negative && whole <= WHOLE_DIGITS => visitor.visit_u64(number),
            Some(fraction @ 1..) if !exponent && whole + fraction <= EXACT_DIGITS => {
                let size = number as f64 / POWERS[fraction];
                visitor.visit_f64(if negative { -size } else { size })
            }
            _ => self.other_number(start, visitor),
        }
    }

    /// Has the library read a number.
    #[cold]
    fn other_number<V: Visitor<'de>>(
        &mut self,
        start: usize,
        visitor: V,
    ) -> Result<V::Value, Unusual> {
        while let Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') = self.byte() {
            self.at += 1;
        }
        let text = self.json.get(start..self.at).ok_or(Unusual)?;
        let mut library = serde_json::Deserializer::from_str(text);
        let value = library.deserialize_any(visitor)?;
        library.end()?;
        Ok(value)
    }

    fn inside<R>(
        &mut self,
        close: u8,
        read: impl FnOnce(&mut Items<'_, 'de>) -> Result<R, Unusual>,
    ) -> Result<R, Unusual> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unusual);
        }
        let mut items = Items {
            reader: self,
            close,
            begun: false,
            ended: false,
        };
        let value = read(&mut items)?;
        let ended = items.ended;
        self.depth -= 1;
        if ended { Ok(value) } else { Err(Unusual) }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unusual;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        match self.peek()? {
            b'"' => self.text(visitor),
            b'{' => self.inside(b'}', |items| visitor.visit_map(items)),
            b'[' => self.inside(b']', |items| visitor.visit_seq(items)),
            b'-' | b'0'..=b'9' => self.number(visitor),
            b'n' => {
                self.skip("null")?;
                visitor.visit_unit()
            }
            b't' => {
                self.skip("true")?;
                visitor.visit_bool(true)
            }
            b'f' => {
                self.skip("false")?;
                visitor.visit_bool(false)
            }
            _ => Err(Unusual),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        if self.peek()? == b'n' {
            self.skip("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    /// Names of fields, half of all values, come this way.
    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unusual> {
        match self.peek()? {
            b'"' => self.text(visitor),
            _ => Err(Unusual),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char string bytes byte_buf
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

/// What stands between two brackets.
struct Items<'r, 'de> {
    reader: &'r mut Reader<'de>,
    close: u8,
    begun: bool,
    ended: bool,
}

impl Items<'_, '_> {
    /// Whether there is another item; it then stands next.
    #[inline]
    fn more(&mut self) -> Result<bool, Unusual> {
        let next = self.reader.peek()?;
        if self.ended || next == self.close {
            self.reader.at += usize::from(!self.ended);
            self.ended = true;
            return Ok(false);
        }
        if std::mem::replace(&mut self.begun, true) {
            if next != b',' {
                return Err(Unusual);
            }
            self.reader.at += 1;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Unusual;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unusual> {
        if !self.more()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = Unusual;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unusual> {
        if !self.more()? {
            return Ok(None);
        }
        if self.reader.peek()? != b'"' {
            return Err(Unusual);
        }
        let key = seed.deserialize(&mut *self.reader)?;
        if self.reader.peek()? != b':' {
            return Err(Unusual);
        }
        self.reader.at += 1;
        Ok(Some(key))
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unusual> {
        seed.deserialize(&mut *self.reader)
    }
}

/// How many bytes stand before the first that a text cannot hold as it is, eight at a time.
fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    // The lowest mark is exact, those above it may be false: a borrow runs upwards only.
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGH;
    let equal = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let marks = below(word, b' ') | equal(word, b'"') | equal(word, b'\\');
        if marks != 0 {
            return at * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let plain = |b: &&u8| !matches!(b, ..b' ' | b'"' | b'\\');
    words.len() * 8 + rest.iter().take_while(plain).count()
}
