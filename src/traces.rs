//! OpenTelemetry spans, as an option: one for each traced batch with its stages, and one for
//! each record whose `traceparent` says that it is sampled.
//!
//! Lanes hand whole batches to one exporting thread through a bounded channel and never wait
//! for it: what does not fit is dropped and counted. A collector that is away costs spans and
//! nothing else.

mod batch;
mod context;
mod export;
mod span;

pub use batch::{BatchTrace, Outcome};
pub use context::Context;

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use crate::config;
use crate::metrics::{Metrics, SpanFate};

use span::Span;

/// Batches that wait for the exporter; more would only be older.
const WAITING_BATCHES: usize = 256;

/// A handle for lanes; the exporter ends with the last one.
pub struct Traces {
    exporter: SyncSender<Vec<Span>>,
    metrics: Metrics,
    /// Every so many batches one is traced though nobody upstream asked for it.
    every: Option<u64>,
    batches: AtomicU64,
}

impl Traces {
    /// Starts the exporter, if the settings name a collector. `instance` tells processes of one
    /// group apart.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        settings: &config::Traces,
        instance: &str,
        metrics: Metrics,
    ) -> io::Result<Option<Self>> {
        let Some(endpoint) = settings.endpoint.clone() else {
            return Ok(None);
        };
        let (exporter, waiting) = sync_channel(WAITING_BATCHES);
        let export = export::Export::new(endpoint, instance, metrics.clone());
        std::thread::Builder::new()
            .name("traces".to_owned())
            .spawn(move || export.run(&waiting))?;
        let share = settings.batches;
        Ok(Some(Self {
            exporter,
            metrics,
            every: (share > 0.0).then(|| (1.0 / share).round() as u64),
            batches: AtomicU64::new(0),
        }))
    }

    /// Begins to follow a batch.
    pub fn batch(&self) -> BatchTrace {
        let number = self.batches.fetch_add(1, Ordering::Relaxed);
        BatchTrace::begin(self.every.is_some_and(|every| number.is_multiple_of(every)))
    }

    /// Gives a batch's spans to the exporter; without room for them they are dropped.
    fn send(&self, spans: Vec<Span>) {
        let number = spans.len();
        if number > 0 && self.exporter.try_send(spans).is_err() {
            self.metrics.traces.spans(SpanFate::Dropped, number);
        }
    }
}
