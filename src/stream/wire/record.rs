//! A record as it came from the log, borrowed, with its headers.

use smallvec::SmallVec;

use crate::event::{Source, Timestamp, TopicRole};

/// Names the position from which a record was forwarded: `topic/partition/offset`.
pub const FORWARDED_FROM: &str = "bailiwick-forwarded-from";

/// A header's name, and its value, which may be null.
pub type Header<'a> = (&'a str, Option<&'a [u8]>);

/// A record's headers: names in the order they came, values as bytes.
#[derive(Clone, Debug, Default)]
pub struct Headers<'a> {
    pub list: SmallVec<[Header<'a>; 8]>,
    /// A header name was not UTF-8, so the list is not complete.
    pub unreadable: bool,
}

impl<'a> Headers<'a> {
    /// The value of the first header called `name`, whatever its case.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        let found = self
            .list
            .iter()
            .find(|(one, _)| one.eq_ignore_ascii_case(name))?;
        found.1
    }
}

/// One input record.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// Which of the input topics it came from.
    pub role: TopicRole,
    /// That topic's name.
    pub topic: &'a str,
    pub partition: i32,
    pub offset: i64,
    /// The record's own time, set by producer or broker.
    pub timestamp: Option<Timestamp>,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Headers<'a>,
}

impl Record<'_> {
    /// Where this copy of the record lies.
    pub fn position(&self) -> Source {
        Source {
            topic: self.topic.into(),
            partition: self.partition,
            offset: self.offset,
        }
    }

    /// Where the record first arrived: another partition if it was forwarded.
    pub fn source(&self) -> Source {
        self.forwarded_from().unwrap_or_else(|| self.position())
    }

    /// Whether the record bears the mark of a forwarded one, well formed or not.
    pub fn is_forwarded(&self) -> bool {
        self.headers.get(FORWARDED_FROM).is_some()
    }

    /// The position in the forwarding mark, if it is one of this topic.
    pub fn forwarded_from(&self) -> Option<Source> {
        let text = std::str::from_utf8(self.headers.get(FORWARDED_FROM)?).ok()?;
        let (rest, offset) = text.rsplit_once('/')?;
        let (topic, partition) = rest.rsplit_once('/')?;
        if topic != self.topic {
            return None;
        }
        let source = Source {
            topic: topic.into(),
            partition: partition.parse().ok()?,
            offset: offset.parse().ok()?,
        };
        (source.partition >= 0 && source.offset >= 0).then_some(source)
    }
}

/// The forwarding mark for a record at `position`.
pub(in crate::stream) fn forwarding_mark(position: &Source) -> String {
    format!(
        "{}/{}/{}",
        position.topic, position.partition, position.offset
    )
}
