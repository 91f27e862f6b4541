//! What a restored lane works with, and its cycle: gather, decide, send, commit.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::assign;
use crate::board::{self, ANSWER_EVERY, Desk, LaneState, LaneStatus, NEWEST_PER_BATCH};
use crate::event::{Timestamp, TopicRole};
use crate::metrics::{self, Metrics, Stage, TransactionEnd};
use crate::stream::restore::Warm;
use crate::stream::sink::Sink;
use crate::stream::source::{Fetched, Position, Queues};
use crate::stream::step::Step;
use crate::stream::trouble::Trouble;
use crate::traces::{self, BatchTrace, Traces};

use super::mailbox::Mailbox;
use super::shared::Shared;
use super::survey::{Survey, announce};

/// So many records of one topic are taken before the other one gets its turn.
const TURN: usize = 256;
/// So many records are handed to the client library at once. One by one they would leave in
/// requests of a few records each, and a broker pays by the request. What the batch put out
/// last goes with its rows, so that a single lead waits for nothing.
const BUNDLE: usize = 256;
/// The clock is read once for so many records when a batch's age is bounded.
const AGE_CHECK: usize = 64;
/// The W3C header that says whether somebody upstream follows a record.
const TRACE_PARENT: &str = "traceparent";
/// Input topics in the order in which a lane looks at them: activity follows its lead.
pub const ROLES: [TopicRole; 2] = [TopicRole::Leads, TopicRole::Activity];

/// State, input and output of one lane.
pub struct Engine {
    partition: i32,
    step: Step,
    sink: Sink,
    queues: Queues,
    /// Where reading began, for topics of which nothing was read yet.
    start: Vec<Position>,
    desk: Desk,
    gauges: metrics::Lane,
    /// Where the changelog goes on after what is in the state.
    reached: i64,
    survey: Survey,
}

/// What an engine is made of.
pub struct Parts {
    pub step: Step,
    pub sink: Sink,
    pub queues: Queues,
    pub start: Vec<Position>,
    pub desk: Desk,
    pub gauges: metrics::Lane,
    pub survey: Survey,
}

impl Engine {
    /// Puts the parts together and starts reading input. `reached` is how much of the
    /// changelog is in the state.
    pub fn start(parts: Parts, reached: i64, partition: i32) -> Result<Self, Trouble> {
        let Parts {
            step,
            sink,
            queues,
            start,
            desk,
            gauges,
            survey,
        } = parts;
        let engine = Self {
            partition,
            step,
            sink,
            queues,
            start,
            desk,
            gauges,
            reached,
            survey,
        };
        engine.read_on()?;
        engine.publish();
        Ok(engine)
    }

    /// The state as of the last commit, without producer and input; nothing where that state
    /// cannot be told from what was undone. `seen` is when the partition was last ours.
    pub fn cool(mut self, seen: Instant) -> Option<Warm> {
        self.step
            .settle()
            .then(|| Warm::at(self.step, self.reached, seen))
    }

    /// Reads input from where the state ends; what was fetched before is thrown away.
    pub fn read_on(&self) -> Result<(), Trouble> {
        let known = &self.step.state().meta().offsets;
        let next = |(role, first): &Position| (*role, known.get(role).copied().unwrap_or(*first));
        let positions: Vec<Position> = self.start.iter().map(next).collect();
        self.queues.seek(&positions)
    }

    /// One turn: a batch if there is something to do, else a short wait.
    pub fn cycle(&mut self, shared: &Shared, mailbox: &Mailbox) -> Result<(), Trouble> {
        let state = self.step.state();
        self.desk
            .answer(|tenant, lead| state.lead(tenant, lead).map(shown));
        let now = wall_clock();
        self.survey
            .show(state, &shared.plans.load(), &self.gauges, now);
        self.step.take_plans(&shared.plans.load_full());
        let wait = self.wait(now);
        let Self {
            step, sink, queues, ..
        } = self;
        let first = any(queues)?;
        if first.is_none() && !wait.is_zero() {
            self.gauges.time_lag.set(0.0);
            mailbox.await_anything(wait);
            return Ok(());
        }
        let began = Instant::now();
        sink.begin()?;
        step.begin(now, shared.settings.lanes.batch_timers);
        flush(step, sink, None)?;
        let mut trace = shared.traces.as_ref().map(Traces::batch);
        let more = gather(step, sink, queues, first, shared, mailbox, &mut trace)?;
        shared
            .metrics
            .lanes
            .stage(Stage::Gather, began.elapsed().as_secs_f64());
        note(&mut trace, Stage::Gather);
        if mailbox.is_lost() {
            return Err(Trouble::Abortable("the partition was lost".to_owned()));
        }
        self.commit(&shared.metrics, &mut trace)?;
        self.fold(shared);
        self.tell_traces(shared, trace);
        self.observe_time(&shared.metrics, more);
        match self.sink.doubt() {
            None => Ok(()),
            Some(why) => Err(Trouble::Doubtful(why.to_owned())),
        }
    }

    /// How long there is nothing to do without input.
    fn wait(&self, now: Timestamp) -> Duration {
        if self.step.has_new_plan() {
            return Duration::ZERO;
        }
        let due = self.step.due_in(now);
        due.map_or(ANSWER_EVERY, |span| {
            Duration::from_millis(span.0.unsigned_abs())
        })
        .min(ANSWER_EVERY)
    }

    fn commit(&mut self, metrics: &Metrics, trace: &mut Option<BatchTrace>) -> Result<(), Trouble> {
        let began = Instant::now();
        self.step.finish();
        flush(&mut self.step, &self.sink, None)?;
        let offsets = self.step.offsets();
        self.sink.conclude(&offsets, &self.queues, self.partition)?;
        metrics
            .lanes
            .stage(Stage::Send, began.elapsed().as_secs_f64());
        note(trace, Stage::Send);
        let began = Instant::now();
        self.sink.commit()?;
        metrics
            .lanes
            .stage(Stage::Commit, began.elapsed().as_secs_f64());
        note(trace, Stage::Commit);
        Ok(())
    }

    /// What was decided is the past now: fold the journal, count the effects, put it up.
    fn fold(&mut self, shared: &Shared) {
        self.step.commit();
        self.reached = self.reached.max(self.sink.reached());
        shared.metrics.lanes.ended(TransactionEnd::Committed);
        self.observe(&shared.metrics);
        if let Some(lead) = self.step.sample() {
            shared.board.leads().offer(lead);
        }
        self.publish();
    }

    fn observe(&self, metrics: &Metrics) {
        let (tally, counts) = (self.step.tally(), &metrics.decisions);
        counts.leads_read.inc_by(tally.leads);
        counts.activity_read.inc_by(tally.activity);
        counts.redeliveries.inc_by(tally.redelivered);
        counts.state_changes.inc_by(tally.changed + tally.waiting);
        counts.forwards.inc_by(tally.forwarded);
        counts.ignored_fields.inc_by(tally.ignored_fields);
        counts.invalid_positions.inc_by(tally.invalid_positions);
        tally
            .rejects
            .iter()
            .for_each(|reason| counts.rejected(*reason));
        counts.observe(self.step.effects());
        announce(self.partition, self.step.effects());
        metrics.lanes.batch_records.observe(tally.records() as f64);
    }

    fn tell_traces(&self, shared: &Shared, trace: Option<BatchTrace>) {
        if let (Some(traces), Some(trace)) = (&shared.traces, trace) {
            let outcome = traces::Outcome {
                group: &shared.settings.kafka.group,
                partition: self.partition,
                records: self.step.tally().records(),
                decisions: self.step.decisions(),
            };
            trace.finish(traces, &outcome);
        }
    }

    /// How long the batch's records took to be committed, and how far behind that leaves the
    /// lane: where more waits, the next record is about as old as the last.
    fn observe_time(&self, metrics: &Metrics, more: bool) {
        let (now, moments) = (wall_clock(), &self.step.tally().moments);
        let seconds = |moment: Timestamp| now.since(moment).0.max(0) as f64 / 1_000.0;
        metrics
            .lanes
            .committed(moments.iter().copied().map(seconds));
        let last = moments.last().filter(|_| more);
        self.gauges.time_lag.set(last.copied().map_or(0.0, seconds));
    }

    fn publish(&self) {
        let (meta, counts) = (self.step.state().meta(), self.step.state().counts());
        let status = LaneStatus {
            state: LaneState::Running,
            restore: None,
            seq: meta.last_seq(),
            open_leads: counts.owned + counts.pooled,
            waiting_leads: counts.waiting,
            rows: counts.waiting + counts.owned + counts.pooled + counts.duplicates + counts.closed,
            // A lane that has only sent records on has decided nothing yet at any moment.
            clock: (meta.clock > Timestamp::default()).then_some(meta.clock),
        };
        self.gauges.ready.set(1);
        self.gauges.seq.set(status.seq as i64);
        self.gauges.rows.set(status.rows as i64);
        self.gauges.open_leads.set(status.open_leads as i64);
        self.gauges.waiting_leads.set(status.waiting_leads as i64);
        self.gauges.timers.set(counts.timers as i64);
        self.gauges.clock.set(meta.clock.0 as f64 / 1_000.0);
        let decisions = self.step.decisions();
        let newest = &decisions[decisions.len().saturating_sub(NEWEST_PER_BATCH)..];
        let encode = |decision| {
            let mut json = Vec::new();
            self.step.encode(decision, &mut json);
            json
        };
        let newest: Vec<Vec<u8>> = newest.iter().map(encode).collect();
        self.desk
            .publish(status, decisions.len(), newest.iter().map(Vec::as_slice));
    }

    /// Everything as it was before the batch: state, transaction, place in the input.
    pub fn roll_back(&mut self, shared: &Shared, mailbox: &Mailbox) -> Result<(), Trouble> {
        self.step.undo();
        shared.metrics.lanes.ended(TransactionEnd::Aborted);
        self.sink.abort()?;
        // What a rebalance takes away cannot be read on; what it gives is read on by order.
        match mailbox.is_ordered() {
            true => Ok(()),
            false => self.read_on(),
        }
    }
}

/// A lead as the board shows it.
fn shown(lead: assign::LeadView) -> board::LeadView {
    board::LeadView {
        revision: lead.revision,
        status: lead.stage,
        reason: lead.reason,
        territory: lead.territory,
        team: lead.team,
        rep: lead.rep,
        pool: lead.pool,
        duplicate_of: lead.duplicate_of,
        due: lead.due,
        attempt: lead.attempt,
        seq: lead.since,
        lead_at: Some(lead.lead_at),
        decided_at: Some(lead.decided_at),
        history: lead.history,
    }
}

/// The first record that is there, leads before activity.
fn any(queues: &Queues) -> Result<Option<Fetched<'_>>, Trouble> {
    for role in ROLES {
        if let Some(fetched) = queues.next(role)? {
            return Ok(Some(fetched));
        }
    }
    Ok(None)
}

/// Decides records until none is there or the batch is full; whether more may wait.
fn gather(
    step: &mut Step,
    sink: &Sink,
    queues: &Queues,
    first: Option<Fetched<'_>>,
    shared: &Shared,
    mailbox: &Mailbox,
    trace: &mut Option<BatchTrace>,
) -> Result<bool, Trouble> {
    let limits = &shared.settings.lanes;
    let end = Instant::now() + limits.batch_age;
    let (mut records, mut bytes) = (0, 0);
    if let Some(fetched) = first {
        bytes += take(step, sink, &fetched, trace)?;
        records += 1;
    }
    loop {
        let before = records;
        for role in ROLES {
            for _ in 0..TURN {
                let old = records % AGE_CHECK == 0 && Instant::now() >= end;
                if old || records >= limits.batch_records || bytes >= limits.batch_bytes {
                    return Ok(true);
                }
                let Some(fetched) = queues.next(role)? else {
                    break;
                };
                bytes += take(step, sink, &fetched, trace)?;
                records += 1;
            }
        }
        if records == before || mailbox.is_ordered() {
            return Ok(records > before);
        }
    }
}

/// One record's whole way; says how many bytes it had.
fn take(
    step: &mut Step,
    sink: &Sink,
    fetched: &Fetched<'_>,
    trace: &mut Option<BatchTrace>,
) -> Result<usize, Trouble> {
    let record = fetched.record();
    if step.is_past(&record) {
        return Ok(0);
    }
    if let Some(trace) = trace
        && let Some(parent) = record.headers.get(TRACE_PARENT)
    {
        trace.record(parent, || record.source());
    }
    step.record(&record);
    let full = step.outbox().len() >= BUNDLE;
    if full {
        step.put_out_rows();
    }
    if full || step.outbox().needs_input() {
        flush(step, sink, Some(fetched))?;
    }
    Ok(record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len))
}

fn note(trace: &mut Option<BatchTrace>, stage: Stage) {
    if let Some(trace) = trace {
        trace.stage(stage.as_str());
    }
}

fn flush(step: &mut Step, sink: &Sink, input: Option<&Fetched<'_>>) -> Result<(), Trouble> {
    sink.send(step.outbox(), input)?;
    step.clear_outbox();
    Ok(())
}

fn wall_clock() -> Timestamp {
    // Before 1970 a machine's clock is not set, and the lane's own clock is ahead of it.
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
