//! Leads at a steady pace, some of them touched and all closed in their time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bailiwick::cli::demo::traffic::{Arrivals, Kind, Record, Settings, Traffic};
use bailiwick::event::Timestamp;
use bailiwick::stream::home::home_partition;
use rdkafka::producer::{DefaultProducerContext, ThreadedProducer};

use crate::broker::deployment::Deployment;

/// One lead in so many is touched, so long after it came.
const TOUCHED_EVERY: u64 = 10;
const TOUCHED: Duration = Duration::from_secs(5);
/// Every lead is closed so long after it came, so that what is open stays bounded.
const CLOSED: Duration = Duration::from_secs(15);
/// One record in so many comes where its tenant is not at home and must be forwarded.
const ASTRAY: u64 = 20;
/// Sent in bursts of so long; the daemon gathers for longer.
const PAUSE: Duration = Duration::from_millis(20);

/// What was sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    pub leads: u64,
    pub again: u64,
    pub activity: u64,
}

/// What will happen to a lead.
struct FollowUp {
    due: Duration,
    tenant: Box<str>,
    lead: Box<str>,
}

fn next_due(queue: &mut VecDeque<FollowUp>, now: Duration) -> Option<FollowUp> {
    queue.front().filter(|one| one.due <= now)?;
    queue.pop_front()
}

/// The stream and where it is.
pub struct Load<'d> {
    deployment: &'d Deployment,
    traffic: std::iter::Peekable<Traffic>,
    start: Timestamp,
    touched: VecDeque<FollowUp>,
    closed: VecDeque<FollowUp>,
    producer: ThreadedProducer<DefaultProducerContext>,
    sent: Sent,
}

impl<'d> Load<'d> {
    pub fn new(deployment: &'d Deployment, tenants: &[&str], per_second: u64) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let start = Timestamp(i64::try_from(since.as_millis()).unwrap());
        let traffic = Traffic::new(Settings {
            seed: 8,
            start,
            tenants: tenants.iter().map(|tenant| (*tenant).into()).collect(),
            arrivals: Arrivals::Steady {
                per_second: per_second as f64,
            },
            life: None,
        });
        Self {
            deployment,
            traffic: traffic.peekable(),
            start,
            touched: VecDeque::new(),
            closed: VecDeque::new(),
            producer: deployment.producer(),
            sent: Sent::default(),
        }
    }

    /// Sends what is due until told to stop, and waits until all of it has arrived.
    pub fn run(mut self, stop: &AtomicBool) -> Sent {
        let began = Instant::now();
        while !stop.load(Ordering::Acquire) {
            self.send_due(began.elapsed());
            std::thread::sleep(PAUSE);
        }
        self.deployment.flush(&self.producer);
        self.sent
    }

    fn send_due(&mut self, now: Duration) {
        let start = self.start;
        let due =
            |record: &Record| Duration::from_millis(record.at.since(start).0.max(0).unsigned_abs());
        while let Some(record) = self.traffic.next_if(|record| due(record) <= now) {
            match record.kind {
                Kind::Lead => self.follow(&record, due(&record)),
                Kind::Redelivery | Kind::Activity => self.sent.again += 1,
            }
            self.send("leads", &record.tenant, &record.value);
        }
        while let Some(one) = next_due(&mut self.touched, now) {
            self.tell(&one, "touched", "\"kind\": \"call\"");
        }
        while let Some(one) = next_due(&mut self.closed, now) {
            self.tell(&one, "closed", "\"result\": \"lost\"");
        }
    }

    fn follow(&mut self, record: &Record, when: Duration) {
        self.sent.leads += 1;
        let after = |time: Duration| FollowUp {
            due: when + time,
            tenant: record.tenant.clone(),
            lead: record.lead.clone(),
        };
        if self.sent.leads.is_multiple_of(TOUCHED_EVERY) {
            self.touched.push_back(after(TOUCHED));
        }
        self.closed.push_back(after(CLOSED));
    }

    fn tell(&mut self, one: &FollowUp, kind: &str, more: &str) {
        let FollowUp { tenant, lead, .. } = one;
        let event = format!(
            "{{\"type\": \"lead.{kind}\", \"id\": \"{lead}/{kind}\", \"tenant\": \"{tenant}\", \
             \"lead\": \"{lead}\", {more}}}"
        );
        self.sent.activity += 1;
        self.send("activity", tenant, event.as_bytes());
    }

    /// Keyed by tenant, as the README advises, but for a few.
    fn send(&self, role: &str, tenant: &str, value: &[u8]) {
        let partitions = self.deployment.partitions;
        let home = home_partition(tenant, partitions);
        let number = self.sent.leads + self.sent.activity;
        let astray = i32::from(number.is_multiple_of(ASTRAY));
        let partition = (home + astray) % partitions;
        self.deployment
            .send(&self.producer, role, partition, (None, Some(value), None));
    }
}
