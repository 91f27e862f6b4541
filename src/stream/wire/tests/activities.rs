//! Activity events: which types there are and how strictly their fields are read.

use crate::event::{ActivityKind, RepStatus, Timestamp};

use super::{activity, event, lead, leads, reason};

#[test]
fn the_type_decides_on_any_topic() {
    let withdrawn = r#"{"type":"lead.withdrawn","id":"e","lead":"L"}"#;
    assert_eq!(
        event(&leads(withdrawn)).kind,
        ActivityKind::Withdrawn { lead: "L".into() }
    );
    assert_eq!(
        lead(&activity(r#"{"type":"lead.created","id":"L"}"#)).id,
        "L"
    );
    assert_eq!(lead(&leads(r#"{"type":"lead.updated","id":"L"}"#)).id, "L");
    assert_eq!(
        reason(&activity(r#"{"id":"e","lead":"L"}"#)),
        "unknown_type"
    );
}

#[test]
fn activities_are_strict_about_their_own_fields() {
    for (fields, expected) in [
        (r#""type":"lead.accepted""#, "no_id"),
        (r#""type":"lead.accepted","lead":5"#, "wrong_type"),
        (r#""type":"lead.accepted","lead":"L","rep":5"#, "wrong_type"),
        (r#""type":"lead.claimed","lead":"L""#, "wrong_type"),
        (
            r#""type":"lead.touched","lead":"L","kind":"wave""#,
            "wrong_type",
        ),
        (
            r#""type":"lead.closed","lead":"L","result":"sold""#,
            "wrong_type",
        ),
        (
            r#""type":"lead.closed","lead":"L","result":"won","value":"1""#,
            "wrong_type",
        ),
        (
            r#""type":"rep.status","rep":"w","status":"asleep""#,
            "wrong_type",
        ),
        (
            r#""type":"rep.status","rep":"w","status":"away","until":"x""#,
            "wrong_type",
        ),
        (r#""type":"order.booked","amount":"5""#, "wrong_type"),
        (r#""type":"order.booked""#, "wrong_type"),
        (r#""type":"rep.hired","rep":"w""#, "unknown_type"),
    ] {
        assert_eq!(
            reason(&activity(&format!(r#"{{"id":"e",{fields}}}"#))),
            expected,
            "{fields}"
        );
    }
    assert_eq!(
        reason(&activity(r#"{"type":"lead.accepted","lead":"L"}"#)),
        "no_id"
    );
}

fn check(cases: &[(&str, ActivityKind<'_>)]) {
    for (fields, expected) in cases {
        let json = format!(r#"{{"id":"e",{fields}}}"#);
        assert_eq!(event(&activity(&json)).kind, *expected, "{fields}");
    }
}

#[test]
fn every_event_of_a_leads_life_is_read() {
    let lead = || "L".into();
    check(&[
        (
            r#""type":"lead.declined","lead":"L","rep":"w","reason":"far""#,
            ActivityKind::Declined {
                lead: lead(),
                rep: Some("w".into()),
                reason: Some("far".into()),
            },
        ),
        (
            r#""type":"lead.released","lead":"L","pool":"p""#,
            ActivityKind::Released {
                lead: lead(),
                rep: None,
                pool: Some("p".into()),
                reason: None,
            },
        ),
        (
            r#""type":"lead.transferred","lead":"L","rep":"w","by":"m""#,
            ActivityKind::Transferred {
                lead: lead(),
                rep: "w".into(),
                by: Some("m".into()),
            },
        ),
        (
            r#""type":"lead.merged","lead":"L","into":"M""#,
            ActivityKind::Merged {
                lead: lead(),
                into: "M".into(),
            },
        ),
    ]);
}

#[test]
fn every_event_of_reps_accounts_and_business_is_read() {
    let day_two = Some(Timestamp(86_400_000));
    let account = || Some("A".into());
    let staged = ActivityKind::OpportunityStaged {
        lead: Some("L".into()),
        account: None,
        rep: None,
        stage: "s".into(),
        value: Some(5.0),
    };
    check(&[
        (
            r#""type":"rep.status","rep":"w","status":"away","until":"1970-01-02""#,
            ActivityKind::RepStatus {
                rep: "w".into(),
                status: RepStatus::Away { until: day_two },
            },
        ),
        (
            r#""type":"account.owned","account":"A""#,
            ActivityKind::AccountOwned {
                account: "A".into(),
                rep: None,
            },
        ),
        (
            r#""type":"opportunity.staged","lead":"L","stage":"s","value":5"#,
            staged,
        ),
        (
            r#""type":"order.booked","account":"A","amount":7.5"#,
            ActivityKind::OrderBooked {
                lead: None,
                account: account(),
                rep: None,
                amount: 7.5,
            },
        ),
        (
            r#""type":"invoice.issued","account":"A","amount":7,"due":"1970-01-02""#,
            ActivityKind::InvoiceIssued {
                account: account(),
                rep: None,
                amount: 7.0,
                due: day_two,
            },
        ),
        (
            r#""type":"payment.received","account":"A","amount":7"#,
            ActivityKind::PaymentReceived {
                account: account(),
                rep: None,
                amount: 7.0,
            },
        ),
        (
            r#""type":"visit.logged","account":"A","rep":"w""#,
            ActivityKind::VisitLogged {
                lead: None,
                account: account(),
                rep: Some("w".into()),
            },
        ),
    ]);
}
