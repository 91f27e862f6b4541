//! How far the quotes of a CSV text have come, line by line.

/// Whether a cell's quote is open behind the bytes so far. A quote opens a cell only at its
/// beginning; a doubled one within a quoted cell closes it and opens it again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotes {
    pub open: bool,
    /// Whether a cell goes on behind its closing quote.
    pub odd: bool,
    /// Whether the byte before lets a quote open a cell, or write one within a quoted cell.
    opens: bool,
    /// Whether the byte before closed a cell.
    closes: bool,
}

impl Quotes {
    /// At the beginning of a record.
    pub const fn begin() -> Self {
        Self {
            open: false,
            odd: false,
            opens: true,
            closes: false,
        }
    }

    /// Behind some more bytes.
    pub fn after(mut self, bytes: &[u8]) -> Self {
        for &byte in bytes {
            let before = self.open;
            if byte == b'"' {
                self.open = !before && self.opens;
            }
            self.odd |= self.closes && !matches!(byte, b'"' | b',' | b'\r' | b'\n');
            self.closes = before && byte == b'"';
            self.opens = self.closes || !self.open && matches!(byte, b',' | b'\r' | b'\n');
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_quote_that_begins_a_cell_opens_it() {
        for (line, opens) in [
            ("1,\"abc", true),
            ("\"abc", true),
            ("1,\"a \"\"b\"\" c", true),
            ("1,\"a,b\",2", false),
            ("b\",2", false),
            ("1,5\"\" nail,2", false),
            ("1,\"\",2", false),
            ("1,\"\"\"", true),
        ] {
            let quotes = Quotes::begin().after(line.as_bytes());
            assert_eq!(quotes.open, opens, "{line}");
        }
    }
}
