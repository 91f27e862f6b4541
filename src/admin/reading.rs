//! One lead from outside the stream, read as the daemon reads its records.

use crate::config::InputMapping;
use crate::event::{Lead, RejectReason, TopicRole};
use crate::stream::wire::{self, Decoded, Headers, Mapping, Record, Reject, WireLimits};

/// Decodes leads with the settings' mapping and limits.
pub struct LeadReader {
    mapping: Mapping,
    limits: WireLimits,
}

impl LeadReader {
    pub fn new(input: &InputMapping, record_bytes: usize) -> Self {
        Self {
            mapping: Mapping::from(input),
            limits: WireLimits { record_bytes },
        }
    }

    /// The longest record that is read.
    pub const fn record_bytes(&self) -> usize {
        self.limits.record_bytes
    }

    /// A field as the lead has it, whatever its type.
    pub fn written(&self, json: &[u8], field: &str) -> Option<String> {
        wire::written(json, &self.mapping, field)
    }

    /// One lead; `tenant` is that of a lead which names none.
    pub fn read<'a>(&self, json: &'a [u8], tenant: &'a str) -> Result<Lead<'a>, Reject> {
        let mut headers = Headers::default();
        headers.list.push(("ce_tenant", Some(tenant.as_bytes())));
        let record = Record {
            role: TopicRole::Leads,
            topic: "",
            partition: 0,
            offset: 0,
            timestamp: None,
            key: None,
            value: Some(json),
            headers,
        };
        match wire::decode(&record, self.limits, &self.mapping)? {
            Decoded::Lead(lead) => Ok(lead),
            Decoded::Activity(_) => Err(Reject {
                reason: RejectReason::UnknownType,
                message: "this is an activity and not a lead".to_owned(),
            }),
        }
    }
}
