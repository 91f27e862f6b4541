//! What one step of the engine puts out, in one growing buffer that is used again.

use std::borrow::Cow;
use std::ops::Range;

use crate::event::{Timestamp, TopicRole};

/// Records to be sent, in order. Bytes lie in one arena, so a step allocates nothing.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    items: Vec<Item>,
    headers: Vec<(Cow<'static, str>, Option<Span>)>,
    needs_input: bool,
}

type Span = Range<usize>;

#[derive(Debug)]
struct Item {
    role: TopicRole,
    partition: i32,
    key: Option<Span>,
    value: Option<Span>,
    headers: Span,
    inherits_headers: bool,
    timestamp: Option<Timestamp>,
}

/// One record to be sent.
#[derive(Clone, Debug)]
pub struct Outgoing<'a> {
    pub role: TopicRole,
    pub partition: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    /// The input record's own headers come first, byte for byte.
    pub inherits_headers: bool,
    pub timestamp: Option<Timestamp>,
    outbox: &'a Outbox,
    headers: Span,
}

impl<'a> Outgoing<'a> {
    /// Added headers: names and values.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, Option<&'a [u8]>)> + use<'a> {
        let outbox = self.outbox;
        let list = outbox.headers[self.headers.clone()].iter();
        list.map(move |(name, value)| (&**name, outbox.slice(value.as_ref())))
    }

    /// The first added header called `name`, as text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.headers().find(|(one, _)| *one == name)?;
        std::str::from_utf8(value?).ok()
    }

    /// About as many bytes as the record takes, added headers included.
    pub fn size(&self) -> usize {
        /// Lengths, deltas and the batch's own header.
        const FRAME: usize = 128;
        let headers: usize = self
            .headers()
            .map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len) + 8)
            .sum();
        FRAME + headers + self.key.map_or(0, <[u8]>::len) + self.value.map_or(0, <[u8]>::len)
    }
}

impl Outbox {
    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many records there are to send.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether a record needs the headers of the input record it answers.
    pub fn needs_input(&self) -> bool {
        self.needs_input
    }

    /// Empties it and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.items.clear();
        self.headers.clear();
        self.needs_input = false;
    }

    /// The records, in order.
    pub fn items(&self) -> impl Iterator<Item = Outgoing<'_>> {
        self.items.iter().map(|item| Outgoing {
            role: item.role,
            partition: item.partition,
            key: self.slice(item.key.as_ref()),
            value: self.slice(item.value.as_ref()),
            inherits_headers: item.inherits_headers,
            timestamp: item.timestamp,
            outbox: self,
            headers: item.headers.clone(),
        })
    }

    fn slice(&self, span: Option<&Span>) -> Option<&[u8]> {
        Some(&self.bytes[span?.clone()])
    }

    /// Adds a row of the changelog.
    pub fn row(&mut self, partition: i32, key: &[u8], value: Option<&[u8]>) {
        self.draft(TopicRole::State, partition)
            .copy(Some(key), value)
            .done();
    }

    /// Begins a record; what is written until its `Draft` ends belongs to it.
    pub fn draft(&mut self, role: TopicRole, partition: i32) -> Draft<'_> {
        let headers = self.headers.len()..self.headers.len();
        let item = Item {
            role,
            partition,
            key: None,
            value: None,
            headers,
            inherits_headers: false,
            timestamp: None,
        };
        Draft { outbox: self, item }
    }
}

/// A record being written.
pub struct Draft<'a> {
    outbox: &'a mut Outbox,
    item: Item,
}

impl Draft<'_> {
    /// Sets the key to what `write` appends.
    pub fn key(mut self, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        self.item.key = Some(self.append(write));
        self
    }

    /// Sets the value to what `write` appends.
    pub fn value(mut self, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        self.item.value = Some(self.append(write));
        self
    }

    /// Copies key and value as they are, null or not.
    pub fn copy(mut self, key: Option<&[u8]>, value: Option<&[u8]>) -> Self {
        self.item.key = key.map(|key| self.append(|out| out.extend_from_slice(key)));
        self.item.value = value.map(|value| self.append(|out| out.extend_from_slice(value)));
        self
    }

    /// Puts the input record's own headers first.
    pub fn inherit_headers(mut self) -> Self {
        self.item.inherits_headers = true;
        self.outbox.needs_input = true;
        self
    }

    /// Keeps a record's time.
    pub fn timestamp(mut self, moment: Option<Timestamp>) -> Self {
        self.item.timestamp = moment;
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: Option<&[u8]>) -> Self {
        let value = value.map(|value| self.append(|out| out.extend_from_slice(value)));
        self.outbox.headers.push((name.into(), value));
        self
    }

    /// Adds a header whose value `write` appends.
    pub fn header_with(mut self, name: &'static str, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let value = self.append(write);
        self.outbox.headers.push((name.into(), Some(value)));
        self
    }

    /// Ends the record.
    pub fn done(mut self) {
        self.item.headers.end = self.outbox.headers.len();
        self.outbox.items.push(self.item);
    }

    fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let start = self.outbox.bytes.len();
        write(&mut self.outbox.bytes);
        start..self.outbox.bytes.len()
    }
}
