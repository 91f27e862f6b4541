//! One batch followed on its way, and the records in it that somebody upstream follows.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::SystemTime;

use crate::event::{Decision, Source};

use super::Traces;
use super::context::Context;
use super::span::{Attribute, CONSUMER, INTERNAL, Span};

/// A batch has at most so many spans of records: a list upload that is sampled whole would
/// otherwise fill the collector.
const MOST_RECORDS: usize = 128;

/// What is known of a batch so far.
pub struct BatchTrace {
    chosen: bool,
    start: SystemTime,
    stages: Vec<(&'static str, SystemTime)>,
    records: Vec<(Context, Source, SystemTime)>,
}

/// What a batch came to.
pub struct Outcome<'a> {
    pub group: &'a str,
    pub partition: i32,
    pub records: u64,
    pub decisions: &'a [Decision],
}

impl BatchTrace {
    pub(super) fn begin(chosen: bool) -> Self {
        Self {
            chosen,
            start: SystemTime::now(),
            stages: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Notes a record that has a trace context, if that is sampled.
    pub fn record(&mut self, traceparent: &[u8], source: impl FnOnce() -> Source) {
        let context = Context::parse(traceparent).filter(|context| context.sampled);
        if let Some(context) = context.filter(|_| self.records.len() < MOST_RECORDS) {
            self.records.push((context, source(), SystemTime::now()));
        }
    }

    /// The stage of this name ends now.
    pub fn stage(&mut self, name: &'static str) {
        self.stages.push((name, SystemTime::now()));
    }

    /// The batch is committed: its spans go to the exporter, if it has any.
    pub fn finish(self, traces: &Traces, outcome: &Outcome<'_>) {
        if self.chosen || !self.records.is_empty() {
            traces.send(self.spans(outcome));
        }
    }

    fn spans(&self, outcome: &Outcome<'_>) -> Vec<Span> {
        let (trace, batch) = (fresh_trace(), fresh_id());
        let end = self.stages.last().map_or(self.start, |(_, end)| *end);
        let number = |number: u64| Attribute::Number(i64::try_from(number).unwrap_or(i64::MAX));
        let mut attributes = of_group(outcome);
        attributes.push(("bailiwick.records", number(outcome.records)));
        attributes.push((
            "bailiwick.decisions",
            number(outcome.decisions.len() as u64),
        ));
        let mut spans = vec![Span {
            trace,
            id: batch,
            parent: None,
            link: None,
            name: "batch",
            kind: INTERNAL,
            start: self.start,
            end,
            attributes,
        }];
        let mut start = self.start;
        for (name, end) in &self.stages {
            spans.push(Span {
                trace,
                id: fresh_id(),
                parent: Some(batch),
                link: None,
                name,
                kind: INTERNAL,
                start,
                end: *end,
                attributes: Vec::new(),
            });
            start = *end;
        }
        let records = self.records.iter();
        spans.extend(records.map(|(context, source, taken)| Span {
            trace: context.trace,
            id: fresh_id(),
            parent: Some(context.span),
            link: Some((trace, batch)),
            name: "decide",
            kind: CONSUMER,
            start: *taken,
            end,
            attributes: of_record(outcome, source),
        }));
        spans
    }
}

fn text(text: &str) -> Attribute {
    Attribute::Text(text.into())
}

fn of_group(outcome: &Outcome<'_>) -> Vec<(&'static str, Attribute)> {
    vec![
        ("messaging.system", text("kafka")),
        ("messaging.consumer.group.name", text(outcome.group)),
        (
            "bailiwick.lane",
            Attribute::Number(outcome.partition.into()),
        ),
    ]
}

/// Where the record lies and what was decided; nothing of the lead itself.
fn of_record(outcome: &Outcome<'_>, source: &Source) -> Vec<(&'static str, Attribute)> {
    let mut all = of_group(outcome);
    all.extend([
        ("messaging.destination.name", text(&source.topic)),
        (
            "messaging.destination.partition.id",
            text(&source.partition.to_string()),
        ),
        ("messaging.kafka.offset", Attribute::Number(source.offset)),
    ]);
    let decided = outcome.decisions.iter().find(|one| one.source == *source);
    if let Some(decision) = decided {
        let territory = decision.territory.as_deref();
        all.extend([
            ("bailiwick.tenant", text(&decision.tenant)),
            ("bailiwick.plan", text(&decision.plan)),
            ("bailiwick.outcome", text(decision.outcome.as_str())),
            ("bailiwick.reason", text(decision.reason.as_str())),
        ]);
        all.extend(territory.map(|territory| ("bailiwick.territory", text(territory))));
    }
    all
}

fn fresh_trace() -> u128 {
    u128::from(fresh_id()) << 64 | u128::from(fresh_id())
}

/// The standard library's hashers have keys of their own from the system's chance; 0 is no id.
fn fresh_id() -> u64 {
    RandomState::new().build_hasher().finish().max(1)
}
