//! Records that are not decided here: forwarded to their home, or dead letters.

use crate::assign::Expired;
use crate::event::{DEFAULT_TENANT, RejectReason, TopicRole};
use crate::stream::wire::{self, Capsule, FORWARDED_FROM, Headers, Letter, Record, Reject, Stage};

use super::{Done, Step};

impl Step {
    /// Sends a record on to where its tenant is decided, in the same transaction.
    pub(super) fn forward(&mut self, record: &Record<'_>, home: i32) -> Done {
        if record.is_forwarded() {
            let message = "forwarded once already, and still not at its tenant's home partition; \
                           do all instances and topics have the same partition count?";
            return self.reject(
                record,
                Stage::Route,
                Reject::new(RejectReason::ForwardingLoop, message),
            );
        }
        let mark = wire::forwarding_mark(&record.position());
        self.outbox
            .draft(record.role, home)
            .copy(record.key, record.value)
            .inherit_headers()
            .timestamp(record.timestamp)
            .header(FORWARDED_FROM, Some(mark.as_bytes()))
            .done();
        Done::Forwarded
    }

    /// Puts out the dead letter of the record at hand.
    pub(super) fn reject(&mut self, record: &Record<'_>, stage: Stage, reject: Reject) -> Done {
        let reason = reject.reason;
        // A loop is about the mark itself, so the record and its mark stay where they are.
        let at_home = reason != RejectReason::ForwardingLoop;
        let source = record.forwarded_from().filter(|_| at_home);
        let letter = Letter {
            source: source.clone().unwrap_or_else(|| record.position()),
            stage,
            reject,
        };
        match source.filter(|one| one.partition < self.frame.partitions) {
            Some(_) => self.post(&letter, record.key, record.value, &record.headers),
            None => self.post_untouched(&letter, record),
        }
        Done::Rejected(reason)
    }

    /// A dead letter at the index its record came from, without our own forwarding mark.
    fn post(
        &mut self,
        letter: &Letter,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &Headers<'_>,
    ) {
        let mut draft = self
            .outbox
            .draft(TopicRole::Deadletters, letter.source.partition)
            .copy(key, value);
        for (name, value) in headers
            .list
            .iter()
            .filter(|(name, _)| *name != FORWARDED_FROM)
        {
            draft = draft.header((*name).to_owned(), *value);
        }
        for (name, value) in letter.headers() {
            draft = draft.header(name, Some(value.as_bytes()));
        }
        draft.done();
    }

    fn post_untouched(&mut self, letter: &Letter, record: &Record<'_>) {
        let mut draft = self
            .outbox
            .draft(TopicRole::Deadletters, record.partition)
            .copy(record.key, record.value)
            .inherit_headers();
        for (name, value) in letter.headers() {
            draft = draft.header(name, Some(value.as_bytes()));
        }
        draft.done();
    }

    /// Activity whose lead did not come in time.
    pub(super) fn expire(&mut self, Expired { source, raw }: Expired) {
        let message = "the lead it names did not come within policy.early";
        let reject = Reject::new(RejectReason::UnknownLead, message);
        self.tally.rejects.push(reject.reason);
        let letter = Letter {
            source,
            stage: Stage::Apply,
            reject,
        };
        match Capsule::unpack(&raw) {
            Some(held) => {
                let (key, value) = (held.key, held.value);
                self.post(&letter, key, value, &held.into_headers());
            }
            // The state gave back what it was given, unless the changelog is damaged; even
            // then the position tells which record it was.
            None => self.post(&letter, None, None, &Headers::default()),
        }
    }
}

/// What keeps a record of a tenant without a plan from being decided. Most often the producer
/// names none; another name is in the record itself and need not be repeated.
pub(super) fn without_plan(tenant: &str) -> &'static str {
    if tenant == DEFAULT_TENANT {
        "no plan is loaded for the tenant `default`, whose record this is as it names no other; \
         name one in the field `tenant` or the header `ce_tenant`"
    } else {
        "no plan is loaded for the tenant that the record names; add its plan, then send the \
         record again"
    }
}
