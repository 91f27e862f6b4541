//! Spans that were sent to a collector, and those that were not.

use prometheus::IntCounter;

use super::register::Register;

/// What became of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanFate {
    Sent,
    /// The collector was away or too slow.
    Dropped,
}

/// Metrics of the exporter of traces.
pub struct Traces {
    spans: Vec<IntCounter>,
}

impl Traces {
    pub(super) fn new(register: &Register<'_>) -> Self {
        Self {
            spans: register.closed(
                "bailiwick_trace_spans_total",
                "Spans for the collector of traces.endpoint, by what became of them.",
                "fate",
                &["sent", "dropped"],
            ),
        }
    }

    /// Counts spans.
    pub fn spans(&self, fate: SpanFate, number: usize) {
        self.spans[fate as usize].inc_by(u64::try_from(number).unwrap_or(u64::MAX));
    }
}
