//! Decisions to bytes: the value's JSON, the key, and the CloudEvents headers round it.

use std::io::Write as _;

use serde::{Serialize, Serializer};

use crate::event::{Cause, Decision, Due, Handover, OverlayOwner, Source, Timestamp};

/// Appends the decision's JSON to `out`; `lane` is the lane's name in the decision's id.
pub fn encode_decision(decision: &Decision, lane: &str, out: &mut Vec<u8>) {
    let view = View::new(decision, lane);
    // Writing to memory cannot fail, and every key of the view is a text.
    serde_json::to_writer(out, &view).expect("a decision has only text keys");
}

/// Appends the record key `<tenant>/<lead id>`.
pub fn encode_key(decision: &Decision, out: &mut Vec<u8>) {
    out.extend_from_slice(decision.tenant.as_bytes());
    out.push(b'/');
    out.extend_from_slice(decision.lead.as_bytes());
}

/// The CloudEvents attributes that are the same for every decision.
pub const FIXED_HEADERS: [(&str, &str); 3] = [
    ("ce_specversion", "1.0"),
    ("ce_type", "lead.decided"),
    ("content-type", "application/json"),
];

/// Appends the decision's id, which is also its `ce_id`.
pub fn encode_id(decision: &Decision, lane: &str, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{}/{lane}/{}", decision.tenant, decision.seq);
}

/// Appends a moment as decisions show it.
pub fn encode_moment(moment: Timestamp, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{moment}");
}

/// The decision's id, unique for ever.
struct Id<'a> {
    decision: &'a Decision,
    lane: &'a str,
}

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Self { decision, lane } = self;
        out.collect_str(&format_args!("{}/{lane}/{}", decision.tenant, decision.seq))
    }
}

/// The decision as the specification's example shows it, field by field in its order.
#[derive(Serialize)]
struct View<'a> {
    decision: Id<'a>,
    tenant: &'a str,
    lead: &'a str,
    revision: u64,
    seq: u64,
    outcome: &'static str,
    reason: &'static str,
    territory: Option<&'a str>,
    path: &'a [Box<str>],
    team: Option<&'a str>,
    rep: Option<&'a str>,
    previous_rep: Option<&'a str>,
    pool: Option<&'a str>,
    duplicate_of: Option<&'a str>,
    overlays: List<'a, OverlayOwner, OverlayView<'a>>,
    due: DueView,
    attempt: u32,
    cause: Option<CauseView<'a>>,
    plan: &'a str,
    source: SourceView<'a>,
    lead_at: Moment,
    decided_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handover: Option<HandoverView<'a>>,
}

impl<'a> View<'a> {
    fn new(decision: &'a Decision, lane: &'a str) -> Self {
        Self {
            decision: Id { decision, lane },
            tenant: &decision.tenant,
            lead: &decision.lead,
            revision: decision.revision,
            seq: decision.seq,
            outcome: decision.outcome.as_str(),
            reason: decision.reason.as_str(),
            territory: decision.territory.as_deref(),
            path: &decision.path,
            team: decision.team.as_deref(),
            rep: decision.rep.as_deref(),
            previous_rep: decision.previous_rep.as_deref(),
            pool: decision.pool.as_deref(),
            duplicate_of: decision.duplicate_of.as_deref(),
            overlays: List(&decision.overlays, OverlayView::new),
            due: DueView::new(decision.due),
            attempt: decision.attempt,
            cause: decision.cause.as_ref().map(CauseView::new),
            plan: &decision.plan,
            source: SourceView::new(&decision.source),
            lead_at: Moment(decision.lead_at),
            decided_at: Moment(decision.decided_at),
            claimant: decision.claimant.as_deref(),
            since: decision.since.as_deref(),
            handover: decision.handover.as_ref().map(HandoverView::new),
        }
    }
}

/// A list written item by item through a view, without collecting the views first.
struct List<'a, T, V>(&'a [T], fn(&'a T) -> V);

impl<T, V: Serialize> Serialize for List<'_, T, V> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.0.iter().map(self.1))
    }
}

struct Moment(Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

#[derive(Serialize)]
struct OverlayView<'a> {
    territory: &'a str,
    team: Option<&'a str>,
    rep: Option<&'a str>,
}

impl<'a> OverlayView<'a> {
    fn new(owner: &'a OverlayOwner) -> Self {
        Self {
            territory: &owner.territory,
            team: owner.team.as_deref(),
            rep: owner.rep.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct DueView {
    accept_by: Option<Moment>,
    touch_by: Option<Moment>,
}

impl DueView {
    fn new(due: Due) -> Self {
        Self {
            accept_by: due.accept_by.map(Moment),
            touch_by: due.touch_by.map(Moment),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum CauseView<'a> {
    Event(&'a str),
    Timer(&'static str),
    Plan(&'a str),
    Free(&'a str),
}

impl<'a> CauseView<'a> {
    fn new(cause: &'a Cause) -> Self {
        match cause {
            Cause::Event(id) => Self::Event(id),
            Cause::Timer(kind) => Self::Timer(kind.as_str()),
            Cause::Plan(version) => Self::Plan(version),
            Cause::Free(who) => Self::Free(who),
        }
    }
}

#[derive(Serialize)]
struct SourceView<'a> {
    topic: &'a str,
    partition: i32,
    offset: i64,
}

impl<'a> SourceView<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            topic: &source.topic,
            partition: source.partition,
            offset: source.offset,
        }
    }
}

#[derive(Serialize)]
struct HandoverView<'a> {
    owners: &'a [Box<str>],
    touches: List<'a, (Timestamp, &'static str, Box<str>), TouchView<'a>>,
    stage: Option<&'a str>,
    open_value: Option<f64>,
}

impl<'a> HandoverView<'a> {
    fn new(handover: &'a Handover) -> Self {
        Self {
            owners: &handover.owners,
            touches: List(&handover.touches, |(at, kind, rep)| TouchView {
                at: Moment(*at),
                kind,
                rep,
            }),
            stage: handover.stage.as_deref(),
            open_value: handover.open_value,
        }
    }
}

#[derive(Serialize)]
struct TouchView<'a> {
    at: Moment,
    kind: &'static str,
    rep: &'a str,
}
