//! What all lanes of a process share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::board::Board;
use crate::config::Settings;
use crate::event::Span;
use crate::metrics::Metrics;
use crate::route::Plans;
use crate::stream::sink::SizeLimits;
use crate::stream::source::GroupConsumer;
use crate::stream::step::Frame;
use crate::stream::wire::{Mapping, WireLimits};
use crate::traces::Traces;

/// Read-only settings and handles, and the one slot for a failure that ends the process.
pub struct Shared {
    pub settings: Settings,
    pub plans: Arc<ArcSwap<Plans>>,
    pub metrics: Metrics,
    pub board: Board,
    /// How many partitions every topic has.
    pub partitions: i32,
    pub sizes: SizeLimits,
    pub traces: Option<Traces>,
    consumer: Mutex<Option<Arc<GroupConsumer>>>,
    failure: Mutex<Option<String>>,
}

impl Shared {
    pub fn new(
        settings: Settings,
        plans: Arc<ArcSwap<Plans>>,
        metrics: Metrics,
        board: Board,
        partitions: i32,
        sizes: SizeLimits,
        traces: Option<Traces>,
    ) -> Self {
        let (consumer, failure) = (Mutex::default(), Mutex::default());
        Self {
            settings,
            plans,
            metrics,
            board,
            partitions,
            sizes,
            traces,
            consumer,
            failure,
        }
    }

    /// What a lane's engine must know.
    pub fn frame(&self, partition: i32) -> Frame {
        frame(&self.settings, partition, self.partitions)
    }

    /// Makes the group's consumer known to the lanes; taken back before it is closed.
    pub fn set_consumer(&self, consumer: Option<Arc<GroupConsumer>>) {
        *self.consumer.lock().unwrap_or_else(PoisonError::into_inner) = consumer;
    }

    /// The group's consumer, unless the process is ending.
    pub fn consumer(&self) -> Option<Arc<GroupConsumer>> {
        self.consumer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the process with this sentence; the first one counts.
    pub fn fail(&self, why: String) {
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(why);
    }

    /// Why the process must end, if it must.
    pub fn failure(&self) -> Option<String> {
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What the engine of one of `partitions` lanes must know.
pub fn frame(settings: &Settings, partition: i32, partitions: i32) -> Frame {
    Frame {
        partition,
        partitions,
        engine: format!("/bailiwick/{}", settings.kafka.group),
        limits: WireLimits {
            record_bytes: settings.limits.record_bytes,
        },
        mapping: Mapping::from(&settings.input),
        horizon: span(settings.ledger.horizon),
    }
}

fn span(length: Duration) -> Span {
    Span(i64::try_from(length.as_millis()).unwrap_or(i64::MAX))
}
