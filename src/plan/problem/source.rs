//! A file that problems point into: bytes to lines and columns.

use std::sync::{Arc, OnceLock};

use super::Location;

/// Longer lines are shown in part, so that a file of one endless line stays readable.
const MAX_EXCERPT_CHARS: usize = 160;

/// Characters are counted once per this many bytes, so that the columns of ten thousand
/// problems in a line of many megabytes cost one pass over it and not ten thousand.
const BLOCK: usize = 256;

/// A file's name and text.
#[derive(Debug)]
pub(super) struct Source {
    name: Box<str>,
    text: Arc<str>,
    index: OnceLock<Index>,
}

/// Where lines begin, and how many characters come before each block.
#[derive(Debug)]
struct Index {
    lines: Vec<usize>,
    blocks: Vec<usize>,
}

impl Index {
    fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1));
        let mut before = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            let so_far = before;
            before += block.iter().filter(|&&byte| starts_char(byte)).count();
            so_far
        });
        Self {
            blocks: blocks.collect(),
            lines: lines.collect(),
        }
    }
}

/// In UTF-8 every byte but a continuation byte starts a character.
const fn starts_char(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

impl Source {
    pub fn new(name: &str, text: Arc<str>) -> Self {
        Self {
            name: name.into(),
            text,
            index: OnceLock::new(),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line, column and excerpt of some bytes.
    pub fn locate(&self, start: usize, len: usize) -> Location {
        let index = self.index.get_or_init(|| Index::of(&self.text));
        let start = self.floor(start);
        let line = index.lines.partition_point(|&begin| begin <= start) - 1;
        let (begin, end) = (index.lines[line], self.line_end(index, line));
        let column = self.chars_before(start) - self.chars_before(begin);
        let last = self.floor(start.saturating_add(len).min(end)).max(start);
        let length = self.chars_before(last) - self.chars_before(start);
        let (excerpt, skipped) = self.excerpt(begin, start, end, column);
        Location {
            file: self.name.clone(),
            line: line as u32 + 1,
            column: column as u32 + 1,
            length: length.max(1) as u32,
            excerpt: excerpt.into(),
            skipped: skipped as u32,
        }
    }

    /// The byte after the line's last, without its line break.
    fn line_end(&self, index: &Index, line: usize) -> usize {
        let next = index.lines.get(line + 1);
        let end = next.map_or(self.text.len(), |&next| next - 1);
        let text = &self.text[index.lines[line]..end];
        index.lines[line] + text.trim_end_matches('\r').len()
    }

    fn chars_before(&self, at: usize) -> usize {
        let Some(index) = self.index.get() else {
            return 0;
        };
        let block = (at / BLOCK).min(index.blocks.len().saturating_sub(1));
        let counted = index.blocks.get(block).copied().unwrap_or(0);
        let rest = self.text.as_bytes()[(block * BLOCK).min(at)..at].iter();
        counted + rest.filter(|&&byte| starts_char(byte)).count()
    }

    /// The line's text, cut to the part round `start` if it is long, and the number of
    /// characters left out before it.
    fn excerpt(&self, begin: usize, start: usize, end: usize, column: usize) -> (&str, usize) {
        let half = MAX_EXCERPT_CHARS / 2;
        let before = &self.text[begin..start.min(end)];
        let cut = before.char_indices().rev().nth(half).map(|(at, one)| {
            let kept = before.len() - at - one.len_utf8();
            (begin + before.len() - kept, column - half)
        });
        let (from, skipped) = cut.unwrap_or((begin, 0));
        let line = &self.text[from..end.max(from)];
        let to = line.char_indices().nth(MAX_EXCERPT_CHARS);
        (to.map_or(line, |(at, _)| &line[..at]), skipped)
    }

    fn floor(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, start: usize, len: usize) -> (u32, u32, u32, String) {
        let place = Source::new("a.yaml", text.into()).locate(start, len);
        (place.line, place.column, place.length, place.excerpt.into())
    }

    #[test]
    fn bytes_become_lines_and_columns_counted_in_characters() {
        let text = "a: 1\r\n名: 上海\nlast";
        for (start, len, expected) in [
            (0, 1, (1, 1, 1, "a: 1")),
            (6, 3, (2, 1, 1, "名: 上海")),
            (11, 6, (2, 4, 2, "名: 上海")),
            (12, 1, (2, 4, 1, "名: 上海")),
            (18, 99, (3, 1, 4, "last")),
            (99, 1, (3, 5, 1, "last")),
        ] {
            let (line, column, length, excerpt) = expected;
            let expected = (line, column, length, excerpt.to_owned());
            assert_eq!(shown(text, start, len), expected, "{start}+{len}");
        }
    }

    #[test]
    fn a_long_line_is_cut_round_the_place() {
        let text = format!("{}X{}", "é".repeat(10_000), "b".repeat(10_000));
        let place = Source::new("a", text.as_str().into()).locate(20_000, 1);
        assert_eq!((place.column, place.skipped), (10_001, 9_920));
        let expected = format!("{}X{}", "é".repeat(80), "b".repeat(79));
        assert_eq!(&*place.excerpt, expected);
    }
}
