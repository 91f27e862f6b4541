//! What happens to a lead after it came: accepted, touched, closed, and the money that follows.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand_distr::{Distribution, LogNormal};
use serde::Serialize;

use crate::event::{Span, Timestamp};

use super::{Kind, Record};

/// One lead in five is never touched.
const NEVER_TOUCHED: f64 = 0.20;
/// Median time to the first touch: 40 minutes.
const TOUCH_MEDIAN_MS: f64 = 40.0 * 60_000.0;
/// Spread of that time: one in six takes more than three times the median.
const TOUCH_SIGMA: f64 = 1.2;
/// Share of touched leads whose rep accepted them before.
const ACCEPTED: f64 = 0.85;
/// Share of touched leads that come to an end.
const CLOSED: f64 = 0.6;
/// Median time from touch to end: three days.
const CLOSE_MEDIAN_MS: f64 = 3.0 * 86_400_000.0;
/// Shares of endings: won, then lost; the rest is invalid.
const WON: f64 = 0.12;
const LOST: f64 = 0.70;

/// How fast a lead's life goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
    /// Times to the first touch are divided by this: 1 is real life, 600 makes forty
    /// minutes four seconds.
    pub touch: f64,
    /// Times from there to the end are divided by this.
    pub close: f64,
}

#[derive(Default, Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    tenant: &'a str,
    at: String,
    lead: &'a str,
    #[serde(rename = "kind", skip_serializing_if = "Option::is_none")]
    touch: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<f64>,
}

impl Life {
    /// The events of one lead's life, in order of time.
    pub fn of(self, rng: &mut StdRng, lead: &Record, potential: f64) -> Vec<Record> {
        let mut story = Story {
            lead,
            events: Vec::new(),
        };
        if rng.random_bool(NEVER_TOUCHED) {
            return story.events;
        }
        let touched = lead.at.plus(delay(rng, TOUCH_MEDIAN_MS / self.touch));
        if rng.random_bool(ACCEPTED) {
            let half = Span(touched.since(lead.at).0 / 2);
            story.tell("lead.accepted", lead.at.plus(half), |_| {});
        }
        let touch = ["call", "visit", "mail", "meeting"].choose(rng).copied();
        story.tell("lead.touched", touched, |event| event.touch = touch);
        if rng.random_bool(CLOSED) {
            let end = touched.plus(delay(rng, CLOSE_MEDIAN_MS / self.close));
            close(rng, &mut story, (touched, end), potential);
        }
        story.events
    }
}

/// How a touched lead ends, between the touch and the end.
fn close(
    rng: &mut StdRng,
    story: &mut Story<'_>,
    (touched, end): (Timestamp, Timestamp),
    potential: f64,
) {
    let ticket = rng.random::<f64>();
    if ticket >= WON {
        let lost = ticket < WON + LOST;
        let result = Some(if lost { "lost" } else { "invalid" });
        return story.tell("lead.closed", end, |event| event.result = result);
    }
    let middle = touched.plus(Span(end.since(touched).0 / 2));
    story.tell("opportunity.staged", middle, |event| {
        event.stage = Some("proposal");
        event.value = Some(potential);
    });
    story.tell("lead.closed", end, |event| {
        event.result = Some("won");
        event.value = Some(potential);
    });
    story.tell("order.booked", end.plus(Span(1)), |event| {
        event.amount = Some(potential);
    });
}

fn delay(rng: &mut StdRng, median_ms: f64) -> Span {
    // The parameters are finite and the spread positive, which is all that is asked.
    let spread = LogNormal::new(0.0, TOUCH_SIGMA).map_or(1.0, |curve| curve.sample(rng));
    Span((median_ms * spread).max(1.0) as i64)
}

struct Story<'a> {
    lead: &'a Record,
    events: Vec<Record>,
}

impl Story<'_> {
    fn tell(&mut self, kind: &'static str, at: Timestamp, fill: impl FnOnce(&mut Document<'_>)) {
        let mut document = Document {
            kind,
            id: format!("{}/{}", self.lead.lead, self.events.len() + 1),
            tenant: &self.lead.tenant,
            at: at.to_string(),
            lead: &self.lead.lead,
            ..Document::default()
        };
        fill(&mut document);
        self.events.push(Record {
            kind: Kind::Activity,
            at,
            tenant: self.lead.tenant.clone(),
            lead: self.lead.lead.clone(),
            // As for leads: plain structs into memory.
            value: serde_json::to_vec(&document).unwrap_or_default(),
        });
    }
}
