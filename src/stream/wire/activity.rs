//! Activity events: one flat object, of which each type reads its own fields.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::event::{
    Activity, ActivityKind, CloseResult, RejectReason, RepStatus, Text, Timestamp, TouchKind,
};

use super::decode::{Reject, bounded, id, moment, tenant};
use super::envelope::{Attributes, Marks};
use super::value::Value;

/// Every field that some activity has, as it was in the record.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ActivityFields<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Value<'a>,
    #[serde(borrow)]
    id: Value<'a>,
    #[serde(borrow)]
    tenant: Value<'a>,
    #[serde(borrow)]
    at: Value<'a>,
    #[serde(borrow)]
    lead: Value<'a>,
    #[serde(borrow)]
    rep: Value<'a>,
    #[serde(borrow)]
    account: Value<'a>,
    #[serde(borrow)]
    pool: Value<'a>,
    #[serde(borrow)]
    into: Value<'a>,
    #[serde(borrow)]
    by: Value<'a>,
    #[serde(borrow)]
    reason: Value<'a>,
    #[serde(borrow, rename = "kind")]
    touch: Value<'a>,
    #[serde(borrow)]
    status: Value<'a>,
    #[serde(borrow)]
    until: Value<'a>,
    #[serde(borrow)]
    result: Value<'a>,
    #[serde(borrow)]
    value: Value<'a>,
    #[serde(borrow)]
    stage: Value<'a>,
    #[serde(borrow)]
    amount: Value<'a>,
    #[serde(borrow)]
    due: Value<'a>,
    specversion: Option<IgnoredAny>,
    data: Option<IgnoredAny>,
}

impl<'a> ActivityFields<'a> {
    /// Which marks of a CloudEvent the object has.
    pub fn envelope(&self) -> Marks {
        Marks {
            specversion: self.specversion.is_some(),
            data: self.data.is_some(),
        }
    }

    /// The event of type `kind` that these fields describe.
    pub fn build(mut self, kind: &str, attributes: Attributes<'a>) -> Result<Activity<'a>, Reject> {
        let own_id = std::mem::take(&mut self.id);
        let own_id = match (own_id, attributes.id) {
            (Value::Null, Some(named)) => Value::Text(named),
            (own, _) => own,
        };
        let at = match moment(&self.at, "at")? {
            Some(at) => Some(at),
            None => attributes.time.as_deref().and_then(Timestamp::parse),
        };
        let tenant = tenant(std::mem::take(&mut self.tenant), attributes.tenant)?;
        let kind = self.kind_named(kind)?;
        Ok(Activity {
            id: id(own_id, "id")?,
            tenant,
            at,
            kind,
        })
    }

    fn kind_named(self, kind: &str) -> Result<ActivityKind<'a>, Reject> {
        match kind.split_once('.') {
            Some(("lead", what)) => self.of_lead(what),
            Some(("rep", "status")) => self.rep_status(),
            Some(("account", "owned")) => Ok(ActivityKind::AccountOwned {
                account: required(self.account, "account")?,
                rep: optional(self.rep, "rep")?,
            }),
            _ => self.of_business(kind),
        }
    }

    fn of_lead(self, what: &str) -> Result<ActivityKind<'a>, Reject> {
        let known = [
            "accepted",
            "declined",
            "touched",
            "released",
            "claimed",
            "transferred",
            "closed",
            "merged",
            "withdrawn",
        ];
        if !known.contains(&what) {
            return Err(unknown());
        }
        let lead = id(self.lead, "lead")?;
        let rep = optional(self.rep, "rep")?;
        Ok(match what {
            "accepted" => ActivityKind::Accepted { lead, rep },
            "declined" => ActivityKind::Declined {
                lead,
                rep,
                reason: optional(self.reason, "reason")?,
            },
            "touched" => ActivityKind::Touched {
                lead,
                rep,
                kind: touch(self.touch)?,
            },
            "released" => ActivityKind::Released {
                lead,
                rep,
                pool: optional(self.pool, "pool")?,
                reason: optional(self.reason, "reason")?,
            },
            "claimed" => ActivityKind::Claimed {
                lead,
                rep: rep.ok_or_else(|| missing("rep"))?,
                pool: optional(self.pool, "pool")?,
            },
            "transferred" => ActivityKind::Transferred {
                lead,
                rep: rep.ok_or_else(|| missing("rep"))?,
                by: optional(self.by, "by")?,
            },
            "closed" => ActivityKind::Closed {
                lead,
                result: result(self.result)?,
                value: amount_if_any(self.value, "value")?,
            },
            "merged" => ActivityKind::Merged {
                lead,
                into: required(self.into, "into")?,
            },
            _ => ActivityKind::Withdrawn { lead },
        })
    }

    fn of_business(self, kind: &str) -> Result<ActivityKind<'a>, Reject> {
        let lead = optional(self.lead, "lead")?;
        let account = optional(self.account, "account")?;
        let rep = optional(self.rep, "rep")?;
        Ok(match kind {
            "opportunity.staged" => ActivityKind::OpportunityStaged {
                lead,
                account,
                rep,
                stage: required(self.stage, "stage")?,
                value: amount_if_any(self.value, "value")?,
            },
            "order.booked" => ActivityKind::OrderBooked {
                lead,
                account,
                rep,
                amount: amount(self.amount)?,
            },
            "invoice.issued" => ActivityKind::InvoiceIssued {
                account,
                rep,
                amount: amount(self.amount)?,
                due: moment(&self.due, "due")?,
            },
            "payment.received" => ActivityKind::PaymentReceived {
                account,
                rep,
                amount: amount(self.amount)?,
            },
            "visit.logged" => ActivityKind::VisitLogged { lead, account, rep },
            _ => return Err(unknown()),
        })
    }

    fn rep_status(self) -> Result<ActivityKind<'a>, Reject> {
        let until = moment(&self.until, "until")?;
        let status = match word(self.status, "status", "active, away or left")?.as_ref() {
            "active" => RepStatus::Active,
            "away" => RepStatus::Away { until },
            "left" => RepStatus::Left,
            _ => {
                return Err(Reject::wrong_type(
                    "status",
                    "active, away or left",
                    "another text",
                ));
            }
        };
        Ok(ActivityKind::RepStatus {
            rep: required(self.rep, "rep")?,
            status,
        })
    }
}

fn unknown() -> Reject {
    let message = "the event type is none that this version knows";
    Reject::new(RejectReason::UnknownType, message)
}

fn missing(field: &str) -> Reject {
    Reject::new(
        RejectReason::WrongType,
        format!("`{field}` is missing, and this event type needs it"),
    )
}

fn optional<'a>(value: Value<'a>, field: &str) -> Result<Option<Text<'a>>, Reject> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) if text.is_empty() => Ok(None),
        Value::Text(text) => bounded(field, text).map(Some),
        other => Err(Reject::wrong_type(field, "a text", other.kind())),
    }
}

fn required<'a>(value: Value<'a>, field: &str) -> Result<Text<'a>, Reject> {
    optional(value, field)?.ok_or_else(|| missing(field))
}

fn word<'a>(value: Value<'a>, field: &str, wanted: &str) -> Result<Text<'a>, Reject> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Null => Err(missing(field)),
        other => Err(Reject::wrong_type(field, wanted, other.kind())),
    }
}

fn amount(value: Value<'_>) -> Result<f64, Reject> {
    amount_if_any(value, "amount")?.ok_or_else(|| missing("amount"))
}

fn amount_if_any(value: Value<'_>, field: &str) -> Result<Option<f64>, Reject> {
    match value {
        Value::Null => Ok(None),
        Value::Whole(number) => Ok(Some(number as f64)),
        Value::Number(number) => Ok(Some(number)),
        other => Err(Reject::wrong_type(field, "a number", other.kind())),
    }
}

fn touch(value: Value<'_>) -> Result<TouchKind, Reject> {
    const WANTED: &str = "call, visit, mail or meeting";
    Ok(match word(value, "kind", WANTED)?.as_ref() {
        "call" => TouchKind::Call,
        "visit" => TouchKind::Visit,
        "mail" => TouchKind::Mail,
        "meeting" => TouchKind::Meeting,
        _ => return Err(Reject::wrong_type("kind", WANTED, "another text")),
    })
}

fn result(value: Value<'_>) -> Result<CloseResult, Reject> {
    const WANTED: &str = "won, lost or invalid";
    Ok(match word(value, "result", WANTED)?.as_ref() {
        "won" => CloseResult::Won,
        "lost" => CloseResult::Lost,
        "invalid" => CloseResult::Invalid,
        _ => return Err(Reject::wrong_type("result", WANTED, "another text")),
    })
}
