//! The record of one transaction: with the inputs and the plans, all that a replay needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Timestamp;

/// What a lane did in one transaction, in the order it did it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRecord {
    pub partition: i32,
    /// The number of the first decision; one above `last_seq` where there is none.
    pub first_seq: u64,
    pub last_seq: u64,
    /// The lane's clock: the one moment at which the whole batch was decided.
    #[serde(with = "moment")]
    pub now: Timestamp,
    /// The plans that the batch used, by tenant. Any other tenant had none.
    pub plans: BTreeMap<Box<str>, Box<str>>,
    /// The input in the order it was applied.
    pub inputs: Vec<InputRange>,
}

/// Consecutive records of one topic, at the lane's own partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRange {
    pub topic: Box<str>,
    pub from: i64,
    /// Exclusive. Offsets between may be gaps: markers and aborted records.
    pub to: i64,
}

impl BatchRecord {
    /// Appends the record's JSON.
    pub fn encode(&self, out: &mut Vec<u8>) {
        // Writing to memory cannot fail, and every key is a text.
        serde_json::to_writer(out, self).expect("a batch record has only text keys");
    }

    /// Reads a record back; `None` if the bytes are none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Notes that the record at `offset` of `topic` was applied next.
    pub fn applied(&mut self, topic: &str, offset: i64) {
        match self.inputs.last_mut() {
            Some(range) if *range.topic == *topic => range.to = offset + 1,
            _ => self.inputs.push(InputRange {
                topic: topic.into(),
                from: offset,
                to: offset + 1,
            }),
        }
    }
}

mod moment {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::event::Timestamp;

    pub fn serialize<S: Serializer>(moment: &Timestamp, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(moment)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        Timestamp::parse(&text).ok_or_else(|| D::Error::custom("not a moment"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_record_is_written_as_the_specification_shows_and_read_back() {
        let mut batch = BatchRecord {
            partition: 3,
            first_seq: 5,
            last_seq: 6,
            now: Timestamp(214),
            plans: [("acme".into(), "3f9c2a7d90e1b254".into())].into(),
            inputs: Vec::new(),
        };
        for (topic, offset) in [
            ("leads", 7),
            ("leads", 9),
            ("lead-activity", 0),
            ("leads", 10),
        ] {
            batch.applied(topic, offset);
        }
        let mut json = Vec::new();
        batch.encode(&mut json);
        let expected = concat!(
            r#"{"partition":3,"first_seq":5,"last_seq":6,"now":"1970-01-01T00:00:00.214Z","#,
            r#""plans":{"acme":"3f9c2a7d90e1b254"},"#,
            r#""inputs":[{"topic":"leads","from":7,"to":10},{"topic":"lead-activity","from":0,"to":1},"#,
            r#"{"topic":"leads","from":10,"to":11}]}"#
        );
        assert_eq!(std::str::from_utf8(&json), Ok(expected));
        assert_eq!(BatchRecord::decode(&json), Some(batch));
        assert_eq!(BatchRecord::decode(b"{}"), None);
    }
}
