//! One record as the client library holds it, and as the engine reads it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rdkafka::message::{BorrowedMessage, Headers as _, Message, OwnedHeaders};

use crate::event::{Timestamp, TopicRole};
use crate::stream::wire::{Headers, Record};

/// A fetched message; what is read from it borrows from the library's buffer.
pub struct Fetched<'a> {
    message: BorrowedMessage<'a>,
    role: TopicRole,
}

impl<'a> Fetched<'a> {
    pub(super) fn new(message: BorrowedMessage<'a>, role: TopicRole) -> Self {
        Self { message, role }
    }

    /// The record as the engine reads it.
    pub fn record(&self) -> Record<'_> {
        Record {
            role: self.role,
            topic: self.message.topic(),
            partition: self.message.partition(),
            offset: self.message.offset(),
            timestamp: self.message.timestamp().to_millis().map(Timestamp),
            key: self.message.key(),
            value: self.message.payload(),
            headers: self.headers(),
        }
    }

    /// The headers byte for byte, for records that are passed on untouched.
    pub fn untouched_headers(&self) -> OwnedHeaders {
        self.message
            .headers()
            .map_or_else(OwnedHeaders::new, |headers| headers.detach())
    }

    fn headers(&self) -> Headers<'_> {
        let Some(headers) = self.message.headers() else {
            return Headers::default();
        };
        // The binding panics on a header name that is not UTF-8. Such a record is poison like
        // any other and must not stop the lane.
        let read = catch_unwind(AssertUnwindSafe(|| {
            headers
                .iter()
                .map(|header| (header.key, header.value))
                .collect()
        }));
        match read {
            Ok(list) => Headers {
                list,
                unreadable: false,
            },
            Err(_) => Headers {
                unreadable: true,
                ..Headers::default()
            },
        }
    }
}
