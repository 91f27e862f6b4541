//! JSON appended to bytes piece by piece: what is fixed as it stands, values escaped.

use serde::Serialize;

use crate::event::Timestamp;

/// Writes JSON. What is fixed, names and punctuation, is handed in whole, so that a name
/// costs one copy; who calls it keeps the brackets balanced.
pub(super) struct Json<'o>(pub &'o mut Vec<u8>);

impl Json<'_> {
    /// Appends what is JSON already.
    #[inline]
    pub fn raw(&mut self, json: &str) -> &mut Self {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    /// Appends a text in quotation marks.
    #[inline]
    pub fn text(&mut self, text: &str) -> &mut Self {
        if is_plain(text) {
            self.0.push(b'"');
            self.raw(text).raw("\"")
        } else {
            self.value(&text)
        }
    }

    /// Appends a text to one that was begun with a quotation mark.
    pub fn part(&mut self, text: &str) -> &mut Self {
        if is_plain(text) {
            return self.raw(text);
        }
        let start = self.0.len();
        self.value(&text);
        self.0.pop();
        self.0.remove(start);
        self
    }

    /// Appends a text, or null.
    #[inline]
    pub fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    /// Appends a moment in quotation marks.
    pub fn moment(&mut self, moment: Timestamp) -> &mut Self {
        self.0.push(b'"');
        moment.push(self.0);
        self.raw("\"")
    }

    /// Appends a moment, or null.
    pub fn maybe_moment(&mut self, moment: Option<Timestamp>) -> &mut Self {
        match moment {
            Some(moment) => self.moment(moment),
            None => self.raw("null"),
        }
    }

    /// Appends a list, each item as `write` writes it.
    pub fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) -> &mut Self {
        self.raw("[");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.raw(",");
            }
            write(self, item);
        }
        self.raw("]")
    }

    /// Appends whatever the library can write of it.
    pub fn value(&mut self, value: &impl Serialize) -> &mut Self {
        // Writing to memory cannot fail, and texts and numbers have no keys.
        let _ = serde_json::to_writer(&mut *self.0, value);
        self
    }
}

/// Whether a text stands in JSON as it is. No early end: so it is looked at many bytes at
/// a time.
fn is_plain(text: &str) -> bool {
    let escaped = |b: u8| b < b' ' || b == b'"' || b == b'\\';
    !text.bytes().fold(false, |any, b| any | escaped(b))
}
