//! The way of a record and of a batch without Kafka: decode, home, facts, route, apply, encode.
//!
//! A lane, `simulate`, the replay that proves decisions, and the step benchmark all run this
//! code; only where records come from and where the [`Outbox`] goes differs.

mod reading;
mod refused;
mod restored;
mod tally;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::assign::{Book, Effects, Fate, Input, Options, State};
use crate::event::{Activity, Decision, Lead, RejectReason, Span, Timestamp, TopicRole};
use crate::route::{Plans, Snapshot};

use super::home::home_partition;
use super::outbox::Outbox;
use super::wire::{
    self, BatchRecord, Capsule, Decoded, Headers, Mapping, Record, Reject, Stage, WireLimits,
};

use reading::{Reading, find, note};

pub use tally::Tally;

/// W3C trace context passes from a record to its decisions.
const TRACE_HEADERS: [&str; 2] = ["traceparent", "tracestate"];

/// What a lane is and how it reads records; the same for its whole life.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The lane's partition index, at all topics.
    pub partition: i32,
    /// How many partitions every topic has.
    pub partitions: i32,
    /// The engine's name in decisions' `ce_source`.
    pub engine: String,
    pub limits: WireLimits,
    pub mapping: Mapping,
    /// How long ended leads are remembered.
    pub horizon: Span,
}

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Decided,
    Redelivered,
    Changed,
    Waiting,
    Forwarded,
    Rejected(RejectReason),
}

/// One lane's engine: its state, and the batch it is working on.
pub struct Step {
    frame: Frame,
    lane: String,
    plans: Arc<Plans>,
    /// The state has not been told of these plans yet.
    fresh: bool,
    state: State,
    effects: Effects,
    /// Decisions of the batch that are encoded already.
    encoded: usize,
    batch: BatchRecord,
    tally: Tally,
    /// One lead of the batch, for trying new plans on.
    sample: Option<Lead<'static>>,
    capsule: Vec<u8>,
    outbox: Outbox,
}

impl Step {
    /// An engine with an empty state.
    pub fn new(frame: Frame, plans: Arc<Plans>) -> Self {
        let lane = frame.partition.to_string();
        let options = Options {
            lane: lane.as_str().into(),
            horizon: frame.horizon,
            ..Options::default()
        };
        Self {
            lane,
            state: State::with_options(options),
            frame,
            plans,
            fresh: true,
            effects: Effects::default(),
            encoded: 0,
            batch: BatchRecord::default(),
            tally: Tally::default(),
            sample: None,
            capsule: Vec::new(),
            outbox: Outbox::default(),
        }
    }

    /// The lane's state as it is, uncommitted changes included.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What was put out since the outbox was last emptied.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Forgets what was put out, after it was sent.
    pub fn clear_outbox(&mut self) {
        self.outbox.clear();
    }

    /// Decisions of the batch so far.
    pub fn decisions(&self) -> &[Decision] {
        &self.effects.decisions
    }

    /// Everything the batch did to leads so far.
    pub fn effects(&self) -> &Effects {
        &self.effects
    }

    /// Counts of the batch so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// One lead of the batch, if it had any.
    pub fn sample(&self) -> Option<&Lead<'static>> {
        self.sample.as_ref()
    }

    /// Whether a record was applied already, as one can be that was fetched before a seek.
    pub fn is_past(&self, record: &Record<'_>) -> bool {
        let next = self.state.meta().offsets.get(&record.role);
        next.is_some_and(|next| record.offset < *next)
    }

    /// The batch's own record so far.
    pub fn batch(&self) -> &BatchRecord {
        &self.batch
    }

    /// One decision's JSON as it was put out.
    pub fn encode(&self, decision: &Decision, out: &mut Vec<u8>) {
        wire::encode_decision(decision, &self.lane, out);
    }

    /// Takes other plans; only between two batches. The next batch tells the state.
    pub fn take_plans(&mut self, plans: &Arc<Plans>) {
        if !Arc::ptr_eq(&self.plans, plans) {
            self.plans = Arc::clone(plans);
            self.fresh = true;
        }
    }

    /// Whether a tenant of this lane was last decided under another plan than the present one.
    pub fn has_new_plan(&self) -> bool {
        self.fresh && self.plans.values().any(|one| self.is_new(one))
    }

    fn is_new(&self, snapshot: &Snapshot) -> bool {
        let before = self.state.plan_version(&snapshot.plan.tenant);
        before.is_some_and(|version| *version != *snapshot.plan.version)
    }

    /// The moment at which there is something to do without input.
    pub fn due(&self) -> Option<Timestamp> {
        self.state.due()
    }

    /// How long until there is something to do without input; `None` if nothing is set. As
    /// a batch does, it takes the lane's clock where the machine's is behind it.
    pub fn due_in(&self, now: Timestamp) -> Option<Span> {
        let now = now.max(self.state.meta().clock);
        Some(Span(self.state.due()?.since(now).0.max(0)))
    }

    /// Begins a batch: the state hears of new plans, then up to `timers` leads that are due
    /// are decided. The lane's clock never goes back, whatever the machine's does.
    pub fn begin(&mut self, now: Timestamp, timers: usize) {
        let meta = self.state.meta();
        self.batch = BatchRecord {
            partition: self.frame.partition,
            first_seq: meta.next_seq(),
            last_seq: meta.last_seq(),
            now: now.max(meta.clock),
            ..BatchRecord::default()
        };
        self.tally.clear();
        self.sample = None;
        self.effects.clear();
        self.encoded = 0;
        self.outbox.clear();
        self.adopt_plans();
        self.fire(timers);
        self.encode_effects(&Headers::default());
    }

    fn adopt_plans(&mut self) {
        if !std::mem::take(&mut self.fresh) {
            return;
        }
        let plans = Arc::clone(&self.plans);
        for snapshot in plans.values() {
            if self.is_new(snapshot) {
                note(&mut self.batch, &snapshot.plan);
                self.state
                    .replan(self.batch.now, &Reading(snapshot), &mut self.effects);
            }
        }
    }

    fn fire(&mut self, limit: usize) {
        let now = self.batch.now;
        if self.state.due().is_none_or(|due| due > now) {
            return;
        }
        let plans = Arc::clone(&self.plans);
        let books: BTreeMap<&str, Reading<'_>> = plans
            .iter()
            .map(|(tenant, snapshot)| (&**tenant, Reading(snapshot)))
            .collect();
        let used = RefCell::new(&mut self.batch);
        let find = |tenant: &str| {
            let book = books.get(tenant)?;
            note(&mut used.borrow_mut(), book.plan());
            Some(book as &dyn Book)
        };
        self.state.tick(now, &find, limit, &mut self.effects);
    }

    /// Takes one record the whole way.
    pub fn record(&mut self, record: &Record<'_>) -> Done {
        self.batch.applied(record.topic, record.offset);
        self.state.set_next_offset(record.role, record.offset + 1);
        // The event is long and stays where it was read.
        let done = match wire::decode(record, self.frame.limits, &self.frame.mapping) {
            Ok(ref event) => self.event(record, event),
            Err(reject) => self.reject(record, Stage::Decode, reject),
        };
        self.tally.count(record, done);
        done
    }

    fn event(&mut self, record: &Record<'_>, event: &Decoded<'_>) -> Done {
        let home = home_partition(event.tenant(), self.frame.partitions);
        if home != self.frame.partition {
            return self.forward(record, home);
        }
        let Some(snapshot) = find(&self.plans, &mut self.batch, event.tenant()) else {
            let why = refused::without_plan(event.tenant());
            let reject = Reject::new(RejectReason::UnknownTenant, why);
            return self.reject(record, Stage::Apply, reject);
        };
        let snapshot = Arc::clone(snapshot);
        let fate = match event {
            Decoded::Lead(lead) => self.lead(record, lead, &snapshot),
            Decoded::Activity(activity) => self.activity(record, activity, &snapshot),
        };
        self.encode_effects(&record.headers);
        match fate {
            Fate::Decided => Done::Decided,
            Fate::Redelivered => Done::Redelivered,
            Fate::Changed => Done::Changed,
            Fate::Waiting => Done::Waiting,
        }
    }

    fn lead(&mut self, record: &Record<'_>, lead: &Lead<'_>, snapshot: &Snapshot) -> Fate {
        let (now, source) = (self.batch.now, record.source());
        self.sample.get_or_insert_with(|| lead.clone().into_owned());
        let book = Reading(snapshot);
        let (facts, candidates) = book.read(lead, now);
        self.tally.ignored_fields += lead.ignored.len() as u64;
        self.tally.invalid_positions += u64::from(facts.position_invalid);
        let input = Input::Lead {
            lead,
            facts: &facts,
            candidates: &candidates,
            source: &source,
            lead_at: lead.created_at.or(record.timestamp).unwrap_or(now),
        };
        self.state.apply(now, &book, input, &mut self.effects)
    }

    fn activity(
        &mut self,
        record: &Record<'_>,
        activity: &Activity<'_>,
        snapshot: &Snapshot,
    ) -> Fate {
        self.capsule.clear();
        Capsule::pack(record, &mut self.capsule);
        let source = record.source();
        let input = Input::Activity {
            activity,
            source: &source,
            raw: &self.capsule,
        };
        self.state
            .apply(self.batch.now, &Reading(snapshot), input, &mut self.effects)
    }

    /// Puts out decisions and expired activity that the last step added.
    fn encode_effects(&mut self, trace: &Headers<'_>) {
        for decision in &self.effects.decisions[self.encoded..] {
            let mut draft = self
                .outbox
                .draft(TopicRole::Assignments, self.frame.partition)
                .key(|out| wire::encode_key(decision, out))
                .value(|out| wire::encode_decision(decision, &self.lane, out))
                .header_with("ce_id", |out| wire::encode_id(decision, &self.lane, out))
                .header("ce_source", Some(self.frame.engine.as_bytes()))
                .header_with("ce_time", |out| {
                    wire::encode_moment(decision.decided_at, out);
                })
                .header("ce_tenant", Some(decision.tenant.as_bytes()));
            for (name, value) in wire::FIXED_HEADERS {
                draft = draft.header(name, Some(value.as_bytes()));
            }
            for name in TRACE_HEADERS {
                if let Some(value) = trace.get(name) {
                    draft = draft.header(name, Some(value));
                }
            }
            draft.done();
        }
        self.encoded = self.effects.decisions.len();
        for expired in std::mem::take(&mut self.effects.expired) {
            self.expire(expired);
        }
    }

    /// Puts out rows that can leave before the batch ends, so that sending them takes no time
    /// after it.
    pub fn put_out_rows(&mut self) {
        let (outbox, partition) = (&mut self.outbox, self.frame.partition);
        self.state
            .early_changes(|key, value| outbox.row(partition, key, value));
    }

    /// Ends the batch: changed rows, the meta row and the batch's own record go out.
    pub fn finish(&mut self) {
        self.state
            .set_partitions(self.frame.partitions.unsigned_abs());
        self.state.count_leads();
        self.batch.last_seq = self.state.meta().last_seq();
        let (outbox, partition) = (&mut self.outbox, self.frame.partition);
        self.state
            .changes(|key, value| outbox.row(partition, key, value));
        let batch = &self.batch;
        self.outbox
            .draft(TopicRole::Batches, partition)
            .value(|out| batch.encode(out))
            .done();
    }

    /// Where the batch leaves off in the topics it read, to be committed with it.
    pub fn offsets(&self) -> Vec<(TopicRole, i64)> {
        let read = |role: &TopicRole| match role {
            TopicRole::Leads => self.tally.leads > 0,
            _ => self.tally.activity > 0,
        };
        let next = self.state.meta().offsets.iter();
        next.filter(|(role, _)| read(role))
            .map(|(role, next)| (*role, *next))
            .collect()
    }

    /// The transaction was committed: what changed is the past now.
    pub fn commit(&mut self) {
        self.state.commit();
    }

    /// The transaction was aborted: everything is as it was before the batch.
    pub fn undo(&mut self) {
        self.state.undo();
        self.outbox.clear();
        self.fresh = true;
    }
}
