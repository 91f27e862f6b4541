//! The whole engine in virtual time: records in, decisions and dead letters out, no Kafka.
//!
//! The clock stands at the time of the record at hand. A timer that falls due before the next
//! record fires at its own moment and its decision carries that moment, as if the daemon had
//! been running all along.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Settings;
use crate::event::{DEFAULT_TENANT, RejectReason, Span, Timestamp, TopicRole};
use crate::route::Plans;
use crate::stream::step::{Done, Frame, Step};
use crate::stream::wire::{self, Decoded, Headers, Mapping, Record, WireLimits};

mod notice;

/// One lane holds everything: offline there is one partition.
const PARTITIONS: i32 = 1;
/// Timers that fire in one step, as in the daemon's default settings.
const TIMERS: usize = 1_000;
/// Steps at one moment without end would be a fault of the engine; this ends them.
const STEPS_AT_ONCE: usize = 1_000_000;

/// The engine, and where its clock stands.
pub struct Replay {
    step: Step,
    plans: Arc<Plans>,
    reading: Reading,
    /// The tenant of records that name none.
    tenant: Arc<str>,
    clock: Timestamp,
    offsets: BTreeMap<TopicRole, i64>,
    /// Numbers of the records that have waited for their leads, by topic and offset.
    waited: BTreeMap<(String, i64), u64>,
}

/// How records are read and for how long leads are remembered, as the settings say.
#[derive(Clone, Debug)]
pub struct Reading {
    pub limits: WireLimits,
    pub mapping: Mapping,
    pub horizon: Span,
}

impl Reading {
    /// What the settings say.
    pub fn of(settings: &Settings) -> Self {
        let horizon = settings.ledger.horizon.as_millis();
        Self {
            limits: WireLimits {
                record_bytes: settings.limits.record_bytes,
            },
            mapping: Mapping::from(&settings.input),
            horizon: Span(i64::try_from(horizon).unwrap_or(i64::MAX)),
        }
    }
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            limits: WireLimits::default(),
            mapping: Mapping::default(),
            horizon: Span::days(180),
        }
    }
}

/// What the engine put out, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A decision's JSON.
    Decision(Vec<u8>),
    /// A record that could not be decided.
    DeadLetter {
        /// The record's number.
        number: Option<u64>,
        reason: String,
        /// A sentence for who reads it.
        message: String,
    },
    /// A record that was understood and still did less than its sender may have meant.
    Notice { number: u64, message: String },
    /// So many leads are decided again from here on, for this reason.
    Announcement { reason: &'static str, leads: u64 },
}

/// One record to be applied.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The record's number where it comes from, such as its line.
    pub number: u64,
    pub at: Timestamp,
    pub role: TopicRole,
    pub value: &'a [u8],
}

impl Replay {
    /// An engine without a past, whose clock stands at `start`.
    pub fn new(plans: Arc<Plans>, reading: Reading, start: Timestamp) -> Self {
        let tenant = only_tenant(&plans);
        let frame = Frame {
            partition: 0,
            partitions: PARTITIONS,
            engine: "bailiwick".to_owned(),
            limits: reading.limits,
            mapping: reading.mapping.clone(),
            horizon: reading.horizon,
        };
        Self {
            step: Step::new(frame, Arc::clone(&plans)),
            plans,
            reading,
            tenant,
            clock: start,
            offsets: BTreeMap::new(),
            waited: BTreeMap::new(),
        }
    }

    /// Where the clock stands.
    pub const fn clock(&self) -> Timestamp {
        self.clock
    }

    /// Takes other plans at a moment, as a reload does between two batches.
    pub fn take_plans(&mut self, at: Timestamp, plans: &Arc<Plans>, out: &mut Vec<Output>) {
        self.fire_until(at, out);
        self.plans = Arc::clone(plans);
        self.step.take_plans(plans);
        self.step.begin(self.clock, TIMERS);
        self.collect(out);
    }

    /// Fires what falls due before the record's moment, then applies the record. A record
    /// whose moment lies behind the clock is applied at the clock.
    pub fn apply(&mut self, event: Event<'_>, out: &mut Vec<Output>) {
        self.fire_until(event.at, out);
        let offset = self.offsets.entry(event.role).or_insert(0);
        let topic = match event.role {
            TopicRole::Leads => "leads",
            _ => "lead-activity",
        };
        let tenant = Arc::clone(&self.tenant);
        let mut headers = Headers::default();
        headers.list.push(("ce_tenant", Some(tenant.as_bytes())));
        let record = Record {
            role: event.role,
            topic,
            partition: 0,
            offset: *offset,
            timestamp: Some(event.at),
            key: None,
            value: Some(event.value),
            headers,
        };
        *offset += 1;
        self.step.begin(self.clock, TIMERS);
        let idle = self.step.effects().counts.idle;
        let done = self.step.record(&record);
        let place = (topic.to_owned(), record.offset);
        let idle = self.step.effects().counts.idle > idle;
        let message = self.notice(&record, &done, idle);
        // Also for a letter that this record causes itself.
        self.waited.insert(place.clone(), event.number);
        self.collect(out);
        if done != Done::Waiting {
            self.waited.remove(&place);
        }
        let number = event.number;
        out.extend(message.map(|message| Output::Notice { number, message }));
    }

    /// Activity that still waits for its lead.
    pub fn early(&self) -> u64 {
        self.step.state().counts().early
    }

    /// What there is to say of a record that was understood. Whatever had no effect left the
    /// lead as it was, so the state tells why.
    fn notice(&self, record: &Record<'_>, done: &Done, idle: bool) -> Option<String> {
        let again = *done == Done::Redelivered;
        if record.role == TopicRole::Leads && !again {
            return None;
        }
        let (limits, mapping) = (self.reading.limits, &self.reading.mapping);
        let activity = match wire::decode(record, limits, mapping).ok()? {
            Decoded::Lead(lead) => return again.then(|| notice::of_lead(&lead)),
            Decoded::Activity(_) if again => return Some(notice::of_known_event()),
            Decoded::Activity(activity) => activity,
        };
        let snapshot = self.plans.get(&*activity.tenant)?;
        let find = |id: &str| self.step.state().lead(&activity.tenant, id);
        notice::of(&snapshot.plan, &activity.kind, idle, &find)
    }

    /// Fires everything that falls due up to and at `until`, and sets the clock there.
    pub fn fire_until(&mut self, until: Timestamp, out: &mut Vec<Output>) {
        for _ in 0..STEPS_AT_ONCE {
            let Some(due) = self.step.due().filter(|due| *due <= until) else {
                break;
            };
            self.clock = self.clock.max(due);
            self.step.begin(self.clock, TIMERS);
            self.collect(out);
        }
        self.clock = self.clock.max(until);
    }

    /// Ends the batch, keeps what it changed, and takes over what it put out.
    fn collect(&mut self, out: &mut Vec<Output>) {
        let announced = self.step.effects().announcements.iter();
        out.extend(announced.map(|one| Output::Announcement {
            reason: one.subject.reason().as_str(),
            leads: one.leads,
        }));
        for item in self.step.outbox().items() {
            match item.role {
                TopicRole::Assignments => {
                    let json = item.value.unwrap_or_default().to_vec();
                    out.push(Output::Decision(json));
                }
                TopicRole::Deadletters => {
                    let header = |name| item.header(name).unwrap_or_default();
                    let topic = header("__connect.errors.topic").to_owned();
                    let offset = header("__connect.errors.offset").parse().unwrap_or(-1);
                    let reason = header("bailiwick-reason").to_owned();
                    let mut message = header("__connect.errors.exception.message").to_owned();
                    if reason == RejectReason::UnknownLead.as_str() {
                        message += &lead_named(item.value);
                    }
                    out.push(Output::DeadLetter {
                        number: self.waited.remove(&(topic, offset)),
                        reason,
                        message,
                    });
                }
                _ => {}
            }
        }
        self.step.finish();
        self.step.commit();
        self.step.clear_outbox();
    }
}

/// Which lead an activity names, for whoever has the records before him.
fn lead_named(activity: Option<&[u8]>) -> String {
    let lead = wire::written(activity.unwrap_or_default(), &Mapping::default(), "lead");
    lead.map_or(String::new(), |lead| format!(" (`{lead}`)"))
}

/// The plan's tenant if there is one plan, else the tenant of whoever names none.
fn only_tenant(plans: &Plans) -> Arc<str> {
    match plans.keys().collect::<Vec<_>>().as_slice() {
        [only] => (***only).into(),
        _ => DEFAULT_TENANT.into(),
    }
}
