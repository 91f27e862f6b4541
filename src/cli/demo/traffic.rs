//! Realistic leads and their afterlife from one seed: the same settings give the same bytes.
//!
//! One stream of records in the order of their moments. Shares of missing values, dirt,
//! duplicates and odd positions are constants beside the code that draws them.

mod arrivals;
mod company;
mod dirt;
mod lead;
mod life;
mod person;
mod place;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::event::{Span, Timestamp, TopicRole};

pub use arrivals::Arrivals;
pub use lead::CAMPAIGNS;
pub use life::Life;

/// One lead in a thousand is delivered twice, as at-least-once producers do.
const REDELIVERED: f64 = 0.001;
/// A second delivery follows the first within this time.
const REDELIVERY_LAG_MS: i64 = 20_000;

/// What the stream is drawn from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The only source of chance.
    pub seed: u64,
    /// The moment the stream begins.
    pub start: Timestamp,
    /// Tenants, at least one; the n-th gets a share of 1/n (few large ones, many small).
    pub tenants: Vec<Box<str>>,
    /// When leads come in.
    pub arrivals: Arrivals,
    /// Whether activity follows the leads, and at what pace.
    pub life: Option<Life>,
}

/// What a record is to the engine that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A lead's first delivery.
    Lead,
    /// The same bytes once more.
    Redelivery,
    /// Something that happened to a lead.
    Activity,
}

/// One record to be produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub kind: Kind,
    /// When it is to be sent.
    pub at: Timestamp,
    /// The tenant, for whoever keys by tenant.
    pub tenant: Box<str>,
    /// The lead it is about, for whoever keys by lead.
    pub lead: Box<str>,
    /// One JSON document without a line break.
    pub value: Vec<u8>,
}

impl Record {
    /// The input topic it belongs on.
    pub const fn topic(&self) -> TopicRole {
        match self.kind {
            Kind::Lead | Kind::Redelivery => TopicRole::Leads,
            Kind::Activity => TopicRole::Activity,
        }
    }
}

/// An endless stream of records, ordered by moment.
#[derive(Debug)]
pub struct Traffic {
    rng: StdRng,
    clock: arrivals::Clock,
    authors: lead::Authors,
    tenants: Tenants,
    life: Option<Life>,
    /// Records that follow from earlier ones, by moment and then by age.
    pending: BinaryHeap<Reverse<Pending>>,
    next_arrival: arrivals::Arrival,
    leads: u64,
    scheduled: u64,
}

impl Traffic {
    /// Begins the stream.
    pub fn new(settings: Settings) -> Self {
        let mut rng = StdRng::seed_from_u64(settings.seed);
        let mut clock = arrivals::Clock::new(settings.arrivals, settings.start);
        let next_arrival = clock.next(&mut rng);
        Self {
            rng,
            clock,
            authors: lead::Authors::default(),
            tenants: Tenants::new(settings.tenants),
            life: settings.life,
            pending: BinaryHeap::new(),
            next_arrival,
            leads: 0,
            scheduled: 0,
        }
    }

    fn write_lead(&mut self, arrival: &arrivals::Arrival) -> Record {
        self.leads += 1;
        let tenant = self.tenants.draw(&mut self.rng);
        let written = self
            .authors
            .write(&mut self.rng, self.leads, &tenant, arrival);
        let record = Record {
            kind: Kind::Lead,
            at: arrival.at,
            tenant,
            lead: written.id,
            value: written.json,
        };
        if self.rng.random_bool(REDELIVERED) {
            let lag = Span(self.rng.random_range(1..=REDELIVERY_LAG_MS));
            let mut again = record.clone();
            (again.kind, again.at) = (Kind::Redelivery, record.at.plus(lag));
            self.schedule(again);
        }
        if let Some(life) = self.life {
            for event in life.of(&mut self.rng, &record, written.potential) {
                self.schedule(event);
            }
        }
        record
    }

    fn schedule(&mut self, record: Record) {
        self.scheduled += 1;
        let order = (record.at, self.scheduled);
        self.pending.push(Reverse(Pending { order, record }));
    }
}

impl Iterator for Traffic {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let due = self.pending.peek();
        if due.is_some_and(|Reverse(first)| first.record.at <= self.next_arrival.at) {
            return self.pending.pop().map(|Reverse(first)| first.record);
        }
        let following = self.clock.next(&mut self.rng);
        let arrival = std::mem::replace(&mut self.next_arrival, following);
        Some(self.write_lead(&arrival))
    }
}

#[derive(Debug)]
struct Pending {
    order: (Timestamp, u64),
    record: Record,
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}

/// Tenants with the running sums of their shares.
#[derive(Debug)]
struct Tenants {
    names: Vec<Box<str>>,
    sums: Vec<f64>,
}

impl Tenants {
    fn new(names: Vec<Box<str>>) -> Self {
        let shares = (1..=names.len()).map(|rank| 1.0 / rank as f64);
        let sums = shares
            .scan(0.0, |sum, share| {
                *sum += share;
                Some(*sum)
            })
            .collect();
        Self { names, sums }
    }

    fn draw(&self, rng: &mut StdRng) -> Box<str> {
        let total = self.sums.last().copied().unwrap_or(0.0);
        let ticket = rng.random::<f64>() * total;
        let at = self.sums.partition_point(|&sum| sum <= ticket);
        let last = self.names.len().saturating_sub(1);
        self.names.get(at.min(last)).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
