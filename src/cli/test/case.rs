//! The language of test cases: events under a fixed clock, and the decisions they must lead to.
//!
//! An event is the record as it comes on Kafka, with at most one key more: `after` is the time
//! since the event before it, `at` the moment itself. An event `plan` is a new plan instead of
//! a record. What is expected is compared in part: only the fields that are written count.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config::parse_duration;
use crate::event::{Span, Timestamp};

/// One file of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// When cases begin that do not say so themselves.
    pub at: Option<String>,
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// When the clock starts.
    pub at: Option<String>,
    /// Records and what else happens, in order.
    pub events: Vec<Map<String, Value>>,
    /// Timers fire up to this moment, or for so long after `at`; none after the last event
    /// if it is absent.
    pub until: Option<String>,
    /// All decisions, in order, each in part; `reject` is a dead letter of that reason.
    pub expect: Vec<Map<String, Value>>,
    /// Leads whose last decisions must agree in a field, whatever its value.
    #[serde(default)]
    pub same: Map<String, Value>,
}

/// What happens at one moment.
#[derive(Debug, PartialEq)]
pub struct Happening {
    pub at: Timestamp,
    pub what: What,
}

/// A record, or a new plan.
#[derive(Debug, PartialEq)]
pub enum What {
    Record {
        /// The event's type, if it names one.
        kind: Option<String>,
        value: Vec<u8>,
    },
    /// The plan of this name takes effect.
    Plan(String),
}

impl CaseFile {
    /// Names of the plans that events of any case bring into force.
    pub fn plan_names(&self) -> impl Iterator<Item = &str> {
        let events = self.cases.iter().flat_map(|case| &case.events);
        events.filter_map(|event| event.get("plan")?.as_str())
    }
}

impl Case {
    /// When the clock starts, or what is wrong with it.
    pub fn start(&self, file: &CaseFile) -> Result<Timestamp, String> {
        let at = self.at.as_deref().or(file.at.as_deref());
        let at = at.ok_or(
            "`at` is missing: give the case, or the whole file, the moment its clock starts",
        )?;
        moment("at", at)
    }

    /// Up to when timers fire.
    pub fn end(&self, start: Timestamp) -> Result<Option<Timestamp>, String> {
        let Some(until) = self.until.as_deref() else {
            return Ok(None);
        };
        if let Ok(moment) = moment("until", until) {
            return Ok(Some(moment));
        }
        Ok(Some(start.plus(span("until", until)?)))
    }

    /// The events with their moments.
    pub fn happenings(&self, start: Timestamp) -> Result<Vec<Happening>, String> {
        let mut now = start;
        let events = self.events.iter().enumerate();
        events
            .map(|(number, event)| {
                let happening =
                    happening(event, now).map_err(|why| format!("event {}: {why}", number + 1))?;
                now = happening.at;
                Ok(happening)
            })
            .collect()
    }
}

fn happening(event: &Map<String, Value>, before: Timestamp) -> Result<Happening, String> {
    let mut record = event.clone();
    let at = match (record.remove("after"), event.get("at")) {
        (Some(after), _) => before.plus(span("after", text("after", &after)?)?),
        (None, Some(at)) => moment("at", text("at", at)?)?,
        (None, None) => before,
    };
    if let Some(plan) = record.get("plan") {
        let what = What::Plan(text("plan", plan)?.to_owned());
        return Ok(Happening { at, what });
    }
    let kind = record.get("type").and_then(Value::as_str);
    let kind = kind.map(str::to_owned);
    let value = match record.get("raw") {
        Some(raw) => text("raw", raw)?.as_bytes().to_vec(),
        None => Value::Object(record).to_string().into_bytes(),
    };
    let what = What::Record { kind, value };
    Ok(Happening { at, what })
}

fn text<'a>(key: &str, value: &'a Value) -> Result<&'a str, String> {
    value
        .as_str()
        .ok_or_else(|| format!("`{key}` must be a text"))
}

fn moment(key: &str, text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
        .ok_or_else(|| format!("`{key}: {text}` is no moment; write it as 2026-11-23T09:00:00Z"))
}

fn span(key: &str, text: &str) -> Result<Span, String> {
    let length = parse_duration(text).ok_or_else(|| {
        format!("`{key}: {text}` is no length of time; write it as 30m, 4h or 7d")
    })?;
    Ok(Span(i64::try_from(length.as_millis()).unwrap_or(i64::MAX)))
}

/// The first place where `found` is not what is `wanted`; fields that are not wanted do not
/// count, lists must be equal in length.
pub fn differs(wanted: &Value, found: &Value, place: &str) -> Option<String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted.iter().find_map(|(key, value)| {
            let place = if place.is_empty() {
                key.clone()
            } else {
                format!("{place}.{key}")
            };
            differs(value, found.get(key).unwrap_or(&Value::Null), &place)
        }),
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => wanted
            .iter()
            .zip(found)
            .enumerate()
            .find_map(|(at, (wanted, found))| differs(wanted, found, &format!("{place}[{at}]"))),
        (Value::Number(wanted), Value::Number(found)) if wanted.as_f64() == found.as_f64() => None,
        _ if wanted == found => None,
        _ => Some(format!("{place} is {found}, expected {wanted}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn case(text: &str) -> (CaseFile, Case) {
        let file: CaseFile = serde_saphyr::from_str(text).unwrap();
        let case = file.cases[0].clone();
        (file, case)
    }

    #[test]
    fn events_follow_each_other_and_carry_no_key_that_is_not_on_the_wire() {
        let (file, case) = case(
            "at: 2026-11-23T09:00:00Z\ncases:\n- name: one\n  events:\n  - {id: L-1}\n  \
             - {id: e-1, type: lead.touched, lead: L-1, after: 30m}\n  expect: []\n  until: 2h\n",
        );
        let start = case.start(&file).unwrap();
        let found = case.happenings(start).unwrap();
        let record = |kind: Option<&str>, value: &str| What::Record {
            kind: kind.map(str::to_owned),
            value: value.as_bytes().to_vec(),
        };
        assert_eq!(found[0].at, start);
        assert_eq!(found[0].what, record(None, r#"{"id":"L-1"}"#));
        assert_eq!(found[1].at, start.plus(Span::seconds(1_800)));
        let touched = r#"{"id":"e-1","lead":"L-1","type":"lead.touched"}"#;
        assert_eq!(found[1].what, record(Some("lead.touched"), touched));
        assert_eq!(
            case.end(start).unwrap(),
            Some(start.plus(Span::seconds(7_200)))
        );
    }

    #[test]
    fn faults_say_what_to_write() {
        let (file, case) =
            case("cases:\n- {name: one, events: [{id: L-1, after: soon}], expect: []}\n");
        assert!(case.start(&file).unwrap_err().contains("`at` is missing"));
        let fault = case.happenings(Timestamp(0)).unwrap_err();
        assert!(
            fault.starts_with("event 1: `after: soon` is no length of time"),
            "{fault}"
        );
    }

    #[test]
    fn comparison_is_partial_in_maps_and_whole_in_lists() {
        let found =
            json!({"rep": "ann", "due": {"touch_by": "x", "accept_by": null}, "path": ["a", "b"]});
        for (wanted, difference) in [
            (json!({"rep": "ann"}), None),
            (json!({"due": {"accept_by": null}}), None),
            (json!({"pool": null}), None),
            (
                json!({"rep": "bob"}),
                Some(r#"rep is "ann", expected "bob""#),
            ),
            (
                json!({"due": {"touch_by": "y"}}),
                Some(r#"due.touch_by is "x", expected "y""#),
            ),
            (
                json!({"path": ["a"]}),
                Some(r#"path is ["a","b"], expected ["a"]"#),
            ),
            (
                json!({"path": ["a", "c"]}),
                Some(r#"path[1] is "b", expected "c""#),
            ),
        ] {
            assert_eq!(differs(&wanted, &found, "").as_deref(), difference);
        }
    }
}
