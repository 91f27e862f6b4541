//! Activity that comes before its lead: it waits for `policy.early`, then is given back.

use smallvec::SmallVec;

use crate::event::{Activity, ActivityKind, CloseResult, Source, Text, Timestamp, TouchKind};

use super::codec::{Reader, RowError, Writer};
use super::desk::Desk;
use super::effects::Expired;
use super::errands::EarlyRow;

impl Desk<'_> {
    /// Keeps activity until its lead comes.
    pub fn keep_early(&mut self, lead: u128, activity: &Activity<'_>, source: &Source, raw: &[u8]) {
        let mut packed = Vec::with_capacity(64);
        write(activity, &mut packed);
        let meta = self.rows.edit_meta();
        let number = meta.next_early;
        meta.next_early += 1;
        let row = EarlyRow {
            lead,
            tenant: self.roster.tenant,
            until: self.now.plus(self.plan.policy.early),
            source: source.clone(),
            activity: packed.into(),
            raw: raw.into(),
        };
        self.rows.put_early(number, Some(row));
    }

    /// A lead came: what waited for it happens now, in the order in which it came.
    pub fn catch_up(&mut self, lead: u128, id: &str) {
        let from = (lead, 0);
        let waiting = self.rows.index.early.range(from..);
        let numbers: SmallVec<[u64; 4]> = waiting
            .take_while(|(key, _)| *key == lead)
            .map(|&(_, number)| number)
            .collect();
        for number in numbers {
            let Some(row) = self.rows.put_early(number, None) else {
                continue;
            };
            let Ok(mut activity) = read(&row.activity) else {
                continue;
            };
            activity.tenant = Text::Borrowed(&self.plan.tenant);
            let named = merging(&activity.kind).unwrap_or(id);
            match self.unknown_target(named, &activity.kind) {
                // The one to be merged came first; the other is waited for as long.
                Some(into) => {
                    let lead = self.lead_name(into).key;
                    let row = EarlyRow {
                        lead,
                        ..row.clone()
                    };
                    self.rows.put_early(number, Some(row));
                }
                None => self.carry_out(named, &activity, &row.source),
            }
        }
    }

    /// Early activity whose time is over.
    pub fn expire(&mut self, number: u64) {
        if let Some(row) = self.rows.put_early(number, None) {
            self.effects.expired.push(Expired {
                source: row.source,
                raw: row.raw,
            });
        }
    }
}

/// The lead that a merge names, which may wait for the other one.
fn merging<'k>(kind: &'k ActivityKind<'_>) -> Option<&'k str> {
    match kind {
        ActivityKind::Merged { lead, .. } => Some(&**lead).filter(|lead| !lead.is_empty()),
        _ => None,
    }
}

const VERSION: u8 = 1;

/// Packs the activity without its tenant, which the row knows.
fn write(activity: &Activity<'_>, buffer: &mut Vec<u8>) {
    let mut out = Writer(buffer);
    out.byte(VERSION);
    out.text(&activity.id);
    out.option(activity.at, Writer::time);
    write_kind(&mut out, &activity.kind);
}

fn optional(out: &mut Writer<'_>, text: &Option<Text<'_>>) {
    out.option(text.as_deref(), Writer::text);
}

/// The lead is not written, as the row goes by it; but for a merge, which has two.
fn write_kind(out: &mut Writer<'_>, kind: &ActivityKind<'_>) {
    match kind {
        ActivityKind::Accepted { rep, .. } => {
            out.byte(1);
            optional(out, rep);
        }
        ActivityKind::Declined { rep, reason, .. } => {
            out.byte(2);
            optional(out, rep);
            optional(out, reason);
        }
        ActivityKind::Touched { rep, kind, .. } => {
            out.byte(3);
            optional(out, rep);
            out.byte(*kind as u8);
        }
        ActivityKind::Released {
            rep, pool, reason, ..
        } => {
            out.byte(4);
            optional(out, rep);
            optional(out, pool);
            optional(out, reason);
        }
        ActivityKind::Claimed { rep, pool, .. } => {
            out.byte(5);
            out.text(rep);
            optional(out, pool);
        }
        ActivityKind::Transferred { rep, by, .. } => {
            out.byte(6);
            out.text(rep);
            optional(out, by);
        }
        ActivityKind::Closed { result, value, .. } => {
            out.byte(7);
            out.byte(*result as u8);
            out.option(*value, Writer::float);
        }
        ActivityKind::Merged { lead, into } => {
            out.byte(12);
            out.text(lead);
            out.text(into);
        }
        ActivityKind::Withdrawn { .. } => out.byte(9),
        ActivityKind::OpportunityStaged { stage, value, .. } => {
            out.byte(10);
            out.text(stage);
            out.option(*value, Writer::float);
        }
        // Of these a lead's life keeps nothing; they wait only to be told from unknown leads.
        ActivityKind::OrderBooked { .. }
        | ActivityKind::InvoiceIssued { .. }
        | ActivityKind::PaymentReceived { .. }
        | ActivityKind::VisitLogged { .. }
        | ActivityKind::RepStatus { .. }
        | ActivityKind::AccountOwned { .. } => out.byte(11),
    }
}

fn read(bytes: &[u8]) -> Result<Activity<'_>, RowError> {
    let mut input = Reader(bytes);
    input.version(VERSION)?;
    let id = input.text()?.into();
    let at: Option<Timestamp> = input.option(Reader::time)?;
    let kind = read_kind(&mut input)?;
    input.end()?;
    let tenant = Text::default();
    Ok(Activity {
        id,
        tenant,
        at,
        kind,
    })
}

fn read_kind<'a>(input: &mut Reader<'a>) -> Result<ActivityKind<'a>, RowError> {
    let lead = Text::default();
    let kind = input.byte()?;
    let text = |input: &mut Reader<'a>| input.text().map(Text::Borrowed);
    let optional = |input: &mut Reader<'a>| input.option(text);
    Ok(match kind {
        1 => ActivityKind::Accepted {
            lead,
            rep: optional(input)?,
        },
        2 => ActivityKind::Declined {
            lead,
            rep: optional(input)?,
            reason: optional(input)?,
        },
        3 => ActivityKind::Touched {
            lead,
            rep: optional(input)?,
            kind: pick(&TOUCHES, input.byte()?)?,
        },
        4 => ActivityKind::Released {
            lead,
            rep: optional(input)?,
            pool: optional(input)?,
            reason: optional(input)?,
        },
        5 => ActivityKind::Claimed {
            lead,
            rep: text(input)?,
            pool: optional(input)?,
        },
        6 => ActivityKind::Transferred {
            lead,
            rep: text(input)?,
            by: optional(input)?,
        },
        7 => ActivityKind::Closed {
            lead,
            result: pick(&RESULTS, input.byte()?)?,
            value: input.option(Reader::float)?,
        },
        // As it was written before a merge waited for both its leads.
        8 => ActivityKind::Merged {
            lead,
            into: text(input)?,
        },
        12 => ActivityKind::Merged {
            lead: text(input)?,
            into: text(input)?,
        },
        9 => ActivityKind::Withdrawn { lead },
        10 => ActivityKind::OpportunityStaged {
            lead: None,
            account: None,
            rep: None,
            stage: text(input)?,
            value: input.option(Reader::float)?,
        },
        11 => ActivityKind::VisitLogged {
            lead: None,
            account: None,
            rep: None,
        },
        _ => return Err(RowError::Range),
    })
}

const TOUCHES: [TouchKind; 4] = [
    TouchKind::Call,
    TouchKind::Visit,
    TouchKind::Mail,
    TouchKind::Meeting,
];
const RESULTS: [CloseResult; 3] = [CloseResult::Won, CloseResult::Lost, CloseResult::Invalid];

fn pick<T: Copy>(all: &[T], byte: u8) -> Result<T, RowError> {
    all.get(usize::from(byte)).copied().ok_or(RowError::Range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_names_a_lead_comes_back() {
        let lead = Text::default;
        let some = |text: &'static str| Some(Text::Borrowed(text));
        for kind in [
            ActivityKind::Accepted {
                lead: lead(),
                rep: some("wang"),
            },
            ActivityKind::Declined {
                lead: lead(),
                rep: None,
                reason: some("busy"),
            },
            ActivityKind::Touched {
                lead: lead(),
                rep: some("li"),
                kind: TouchKind::Meeting,
            },
            ActivityKind::Released {
                lead: lead(),
                rep: None,
                pool: some("public"),
                reason: None,
            },
            ActivityKind::Claimed {
                lead: lead(),
                rep: "li".into(),
                pool: some("public"),
            },
            ActivityKind::Transferred {
                lead: lead(),
                rep: "li".into(),
                by: some("boss"),
            },
            ActivityKind::Closed {
                lead: lead(),
                result: CloseResult::Lost,
                value: Some(2.5),
            },
            ActivityKind::Merged {
                lead: lead(),
                into: "L-2".into(),
            },
            ActivityKind::Withdrawn { lead: lead() },
            ActivityKind::OpportunityStaged {
                lead: None,
                account: None,
                rep: None,
                stage: "offer".into(),
                value: None,
            },
        ] {
            let activity = Activity {
                id: "e-17".into(),
                tenant: Text::default(),
                at: Some(Timestamp(1_795_421_730_214)),
                kind,
            };
            let mut bytes = Vec::new();
            write(&activity, &mut bytes);
            assert_eq!(read(&bytes), Ok(activity));
            assert!(read(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}
