//! Every metric: its name, labels, buckets and help text, registered once, with typed handles.
//!
//! Conventions: base units (seconds, bytes), counters end in `_total`, every series of a
//! closed label is there from the start, and every open label is bounded: partitions by the
//! topics, tenants by the plans, territories and teams by `metrics.*` in the settings, beyond
//! which they count as `other`. Nothing of a lead's person is ever a label.
//!
//! Counts are of what was committed: a lane observes a batch after its transaction, so a
//! batch that was undone and done again counts once.

mod bounded;
mod decisions;
mod http;
mod kafka;
mod lane;
mod lanes;
mod plans;
mod process;
mod register;
mod standby;
mod teams;
mod timers;
mod traces;
mod waiting;
mod walks;

pub use decisions::{Decisions, PlanNames};
pub use http::{CertificateUse, Http};
pub use kafka::{Kafka, ProducerState};
pub use lane::Lane;
pub use lanes::{Lanes, Stage, TransactionEnd};
pub use plans::{Plans, ReloadResult};
pub use standby::Standby;
pub use teams::{TeamFigures, Teams};
pub use traces::{SpanFate, Traces};

use std::sync::Arc;

use prometheus::{Encoder as _, Registry, TextEncoder};

use register::Register;

/// The media type of [`Metrics::render`].
pub const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;

/// How many names of an open list have series of their own.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub territories: usize,
    pub teams: usize,
}

/// All metrics of one daemon, on a registry of its own, so that a test may run several.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

/// The groups of metrics, by what they are about.
pub struct Inner {
    registry: Registry,
    /// What became of records and leads.
    pub decisions: Decisions,
    /// How evenly teams share and how full they are.
    pub teams: Teams,
    /// How lanes, transactions and restores do.
    pub lanes: Lanes,
    /// What the Kafka client library says of itself.
    pub kafka: Kafka,
    /// Which plans are in force and how reloads went.
    pub plans: Plans,
    /// Requests to the admin interface.
    pub http: Http,
    /// What became of spans.
    pub traces: Traces,
}

impl std::ops::Deref for Metrics {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Metrics {
    /// Registers everything.
    pub fn new(bounds: Bounds) -> Self {
        let registry = Registry::new();
        let register = Register(&registry);
        process::register(&register);
        Self(Arc::new(Inner {
            decisions: Decisions::new(&register, bounds),
            teams: Teams::new(&register, bounds),
            lanes: Lanes::new(&register),
            kafka: Kafka::new(&register),
            plans: Plans::new(&register),
            http: Http::new(&register),
            traces: Traces::new(&register),
            registry,
        }))
    }

    /// All metrics in Prometheus' text format.
    pub fn render(&self) -> Vec<u8> {
        let mut text = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut text)
            .expect("names were checked on registration and a vector takes every byte");
        text
    }
}
