//! CloudEvents in both modes, and formats that are refused.

use crate::event::{Activity, ActivityKind, Timestamp};

use super::{Input, activity, event, lead, leads, reason};

#[test]
fn cloudevents_are_read_in_binary_mode() {
    let headers = [
        ("ce_specversion", "1.0"),
        ("ce_type", "lead.accepted"),
        ("ce_id", "e-1"),
        ("ce_tenant", "acme"),
        ("ce_time", "2026-11-23T08:15:30Z"),
        ("content-type", "application/json; charset=utf-8"),
    ];
    let input = Input {
        headers: &headers,
        ..activity(r#"{"lead":"L","rep":"wang"}"#)
    };
    let expected = Activity {
        id: "e-1".into(),
        tenant: "acme".into(),
        at: Timestamp::parse("2026-11-23T08:15:30Z"),
        kind: ActivityKind::Accepted {
            lead: "L".into(),
            rep: Some("wang".into()),
        },
    };
    assert_eq!(event(&input), expected);
}

#[test]
fn cloudevents_are_read_in_structured_mode_with_or_without_their_content_type() {
    let json = r#"{"specversion":"1.0","data":{"id":"L-1","score":5},"type":"lead.created","id":"e","source":"/crm","tenant":"acme"}"#;
    let labelled = [(
        "content-type",
        "application/cloudevents+json; charset=UTF-8",
    )];
    for headers in [&labelled[..], &[]] {
        let input = Input {
            headers,
            ..leads(json)
        };
        let json = r#"{"specversion":"1.0","data":{"lead":"L","rep":"w"},"type":"lead.accepted","id":"e","source":"/crm"}"#;
        let lead = lead(&input);
        assert_eq!(
            (&*lead.id, &*lead.tenant, lead.score),
            ("L-1", "acme", Some(5.0))
        );
        assert_eq!(
            event(&Input {
                headers,
                ..activity(json)
            })
            .id,
            "e"
        );
    }
}

#[test]
fn a_structured_event_without_a_tenant_takes_that_of_its_records_header() {
    let json = r#"{"specversion":"1.0","data":{"id":"L-1"},"type":"lead.created","id":"e"}"#;
    let content = ("content-type", "application/cloudevents+json");
    let tenant = ("ce_tenant", "acme");
    for headers in [&[tenant][..], &[tenant, content]] {
        let input = Input {
            headers,
            ..leads(json)
        };
        assert_eq!(lead(&input).tenant, "acme");
    }
    let named = json.replace("\"id\":\"e\"", "\"id\":\"e\",\"tenant\":\"beta\"");
    let input = Input {
        headers: &[tenant],
        ..leads(&named)
    };
    assert_eq!(lead(&input).tenant, "beta");
}

#[test]
fn other_formats_are_refused_by_name() {
    let body = r#"{"id":"L"}"#;
    for headers in [
        [("content-type", "application/avro")],
        [("content-type", "application/x-protobuf")],
        [("content-type", "application/cloudevents-batch+json")],
        [("ce_specversion", "0.3")],
    ] {
        assert_eq!(
            reason(&Input {
                headers: &headers,
                ..leads(body)
            }),
            "unsupported_schema",
            "{headers:?}"
        );
    }
    let structured = [("content-type", "application/cloudevents+json")];
    for (json, expected) in [
        (
            r#"{"specversion":"1.0","data_base64":"e30="}"#,
            "unsupported_schema",
        ),
        (r#"{"specversion":"0.3","data":{}}"#, "unsupported_schema"),
        (r#"{"specversion":"1.0"}"#, "bad_json"),
        (r#"{"specversion":"1.0","type":5,"data":{}}"#, "wrong_type"),
    ] {
        assert_eq!(
            reason(&Input {
                headers: &structured,
                ..leads(json)
            }),
            expected,
            "{json}"
        );
    }
}
