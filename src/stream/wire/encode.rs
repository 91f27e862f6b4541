//! Decisions to bytes: the value's JSON, the key, and the CloudEvents headers round it.

use crate::event::{Cause, Decision, Handover, OverlayOwner, Timestamp};

use super::json::Json;

/// Appends the decision's JSON to `out`, field by field as the specification's example shows
/// it; `lane` is the lane's name in the decision's id.
pub fn encode_decision(decision: &Decision, lane: &str, out: &mut Vec<u8>) {
    let mut json = Json(out);
    what(json.raw("{"), decision, lane);
    who(&mut json, decision);
    whence(&mut json, decision);
    if let Some(claimant) = &decision.claimant {
        json.raw(",\"claimant\":").text(claimant);
    }
    if let Some(since) = &decision.since {
        json.raw(",\"since\":").text(since);
    }
    if let Some(handover) = &decision.handover {
        told(json.raw(",\"handover\":"), handover);
    }
    json.raw("}");
}

fn what(json: &mut Json<'_>, decision: &Decision, lane: &str) {
    json.raw("\"decision\":\"").part(&decision.tenant).raw("/");
    json.part(lane).raw("/").value(&decision.seq);
    json.raw("\",\"tenant\":").text(&decision.tenant);
    json.raw(",\"lead\":").text(&decision.lead);
    json.raw(",\"revision\":").value(&decision.revision);
    json.raw(",\"seq\":").value(&decision.seq);
    json.raw(",\"outcome\":\"").raw(decision.outcome.as_str());
    json.raw("\",\"reason\":\"").raw(decision.reason.as_str());
    json.raw("\",");
}

fn who(json: &mut Json<'_>, decision: &Decision) {
    json.raw("\"territory\":")
        .maybe(decision.territory.as_deref());
    json.raw(",\"path\":").list(&decision.path, |json, id| {
        json.text(id);
    });
    json.raw(",\"team\":").maybe(decision.team.as_deref());
    json.raw(",\"rep\":").maybe(decision.rep.as_deref());
    let before = decision.previous_rep.as_deref();
    json.raw(",\"previous_rep\":").maybe(before);
    json.raw(",\"pool\":").maybe(decision.pool.as_deref());
    let first = decision.duplicate_of.as_deref();
    json.raw(",\"duplicate_of\":").maybe(first);
    json.raw(",\"overlays\":").list(&decision.overlays, overlay);
}

fn overlay(json: &mut Json<'_>, owner: &OverlayOwner) {
    json.raw("{\"territory\":").text(&owner.territory);
    json.raw(",\"team\":").maybe(owner.team.as_deref());
    json.raw(",\"rep\":").maybe(owner.rep.as_deref()).raw("}");
}

fn whence(json: &mut Json<'_>, decision: &Decision) {
    let (due, source) = (decision.due, &decision.source);
    json.raw(",\"due\":{\"accept_by\":")
        .maybe_moment(due.accept_by);
    json.raw(",\"touch_by\":").maybe_moment(due.touch_by);
    json.raw("},\"attempt\":").value(&decision.attempt);
    json.raw(",\"cause\":");
    match &decision.cause {
        None => json.raw("null"),
        Some(cause) => led(json, cause),
    };
    json.raw(",\"plan\":").text(&decision.plan);
    json.raw(",\"source\":{\"topic\":").text(&source.topic);
    json.raw(",\"partition\":").value(&source.partition);
    json.raw(",\"offset\":").value(&source.offset);
    json.raw("},\"lead_at\":").moment(decision.lead_at);
    json.raw(",\"decided_at\":").moment(decision.decided_at);
}

fn led<'j, 'o>(json: &'j mut Json<'o>, cause: &Cause) -> &'j mut Json<'o> {
    match cause {
        Cause::Event(id) => json.raw("{\"event\":").text(id),
        Cause::Timer(kind) => json.raw("{\"timer\":").text(kind.as_str()),
        Cause::Plan(version) => json.raw("{\"plan\":").text(version),
        Cause::Free(who) => json.raw("{\"free\":").text(who),
    };
    json.raw("}")
}

fn told(json: &mut Json<'_>, handover: &Handover) {
    json.raw("{\"owners\":").list(&handover.owners, |json, id| {
        json.text(id);
    });
    json.raw(",\"touches\":")
        .list(&handover.touches, |json, (at, kind, rep)| {
            json.raw("{\"at\":").moment(*at);
            json.raw(",\"kind\":").text(kind);
            json.raw(",\"rep\":").text(rep).raw("}");
        });
    json.raw(",\"stage\":").maybe(handover.stage.as_deref());
    json.raw(",\"open_value\":")
        .value(&handover.open_value)
        .raw("}");
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
    let mut id = Json(out);
    id.raw(&decision.tenant).raw("/").raw(lane).raw("/");
    id.value(&decision.seq);
}

/// Appends a moment as decisions show it.
pub fn encode_moment(moment: Timestamp, out: &mut Vec<u8>) {
    moment.push(out);
}
