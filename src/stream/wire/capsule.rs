//! A whole record packed into bytes, for activity that waits for its lead inside the state.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::record::{Headers, Record};

/// Key, value and headers of a record, borrowed from where it was packed.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Capsule<'a> {
    #[serde(borrow)]
    pub key: Option<&'a [u8]>,
    #[serde(borrow)]
    pub value: Option<&'a [u8]>,
    #[serde(borrow)]
    pub headers: Vec<(&'a str, Option<&'a [u8]>)>,
}

impl<'a> Capsule<'a> {
    /// Appends a record's content to `out`.
    pub fn pack(record: &Record<'_>, out: &mut Vec<u8>) {
        let capsule = Capsule {
            key: record.key,
            value: record.value,
            headers: record.headers.list.to_vec(),
        };
        let packed = postcard::to_io(&capsule, &mut *out);
        // Writing to memory cannot fail, and all lengths are known.
        packed.expect("a record fits into memory");
    }

    /// The content packed into `bytes`; `None` if they hold no capsule.
    pub fn unpack(bytes: &'a [u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    /// The headers as a record has them.
    pub fn into_headers(self) -> Headers<'a> {
        Headers {
            list: SmallVec::from_vec(self.headers),
            unreadable: false,
        }
    }
}
