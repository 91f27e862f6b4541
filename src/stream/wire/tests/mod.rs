//! What records mean, as data.

use crate::event::{
    Activity, ActivityKind, Attribute, Lead, RejectReason, Source, Timestamp, TopicRole,
};

use super::*;

mod activities;
mod decisions;
mod envelopes;
mod mappings;
mod quick;

struct Input<'a> {
    role: TopicRole,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: &'a [(&'a str, &'a str)],
}

fn leads(value: &str) -> Input<'_> {
    Input {
        role: TopicRole::Leads,
        key: None,
        value: Some(value.as_bytes()),
        headers: &[],
    }
}

fn activity(value: &str) -> Input<'_> {
    Input {
        role: TopicRole::Activity,
        ..leads(value)
    }
}

fn record<'a>(input: &Input<'a>) -> Record<'a> {
    let list = input
        .headers
        .iter()
        .map(|(name, value)| (*name, Some(value.as_bytes())));
    Record {
        role: input.role,
        topic: "leads",
        partition: 3,
        offset: 991,
        timestamp: None,
        key: input.key,
        value: input.value,
        headers: Headers {
            list: list.collect(),
            unreadable: false,
        },
    }
}

fn read<'a>(input: &Input<'a>) -> Result<Decoded<'a>, Reject> {
    decode(&record(input), WireLimits::default(), &Mapping::default())
}

fn lead<'a>(input: &Input<'a>) -> Lead<'a> {
    match read(input) {
        Ok(Decoded::Lead(lead)) => lead,
        other => panic!("not a lead: {other:?}"),
    }
}

fn event<'a>(input: &Input<'a>) -> Activity<'a> {
    match read(input) {
        Ok(Decoded::Activity(activity)) => activity,
        other => panic!("not an activity: {other:?}"),
    }
}

fn reason(input: &Input<'_>) -> &'static str {
    match read(input) {
        Err(reject) => reject.reason.as_str(),
        Ok(decoded) => panic!("not rejected: {decoded:?}"),
    }
}

const FULL: &str = r#"{ "id": "L-1001", "tenant": "acme", "revision": 1, "created_at": "2026-11-23T08:15:30Z",
  "source": "webform", "campaign": "spring", "score": 87, "potential": 250000,
  "contact": {"name": "王", "email": "a@example.com", "phone": "+86 21 1234", "language": "zh"},
  "company": {"name": "B", "domain": "example.com", "account": "A-7", "industry": "C36", "employees": 1200, "revenue": 5.0e8},
  "address": {"country": "CN", "region": "上海", "city": "上海市", "district": "徐汇区", "admin": "310104",
              "street": "漕溪北路", "house_number": "88", "postal_code": "200030", "lat": 31.19, "lon": 121.43},
  "products": ["crm", "analytics"],
  "history": {"orders": 3, "last_order_at": "2026-02-01", "lifetime_value": 12000},
  "attributes": {"partner": "yes", "seats": 40, "opted_in": true, "langs": ["de", "fr"]} }"#;

#[test]
fn the_whole_lead_of_the_specification_is_read() {
    let lead = lead(&leads(FULL));
    assert_eq!(
        (&*lead.id, &*lead.tenant, lead.revision),
        ("L-1001", "acme", 1)
    );
    assert_eq!(lead.created_at, Timestamp::parse("2026-11-23T08:15:30Z"));
    assert_eq!(
        (lead.source.as_deref(), lead.campaign.as_deref()),
        (Some("webform"), Some("spring"))
    );
    assert_eq!((lead.score, lead.potential), (Some(87.0), Some(250_000.0)));
    assert_eq!(lead.contact.name.as_deref(), Some("王"));
    assert_eq!(lead.contact.language.as_deref(), Some("zh"));
    assert_eq!(lead.company.industry.as_deref(), Some("C36"));
    assert_eq!(
        (lead.company.employees, lead.company.revenue),
        (Some(1200.0), Some(5.0e8))
    );
    assert_eq!(lead.address.district.as_deref(), Some("徐汇区"));
    assert_eq!(
        (lead.address.lat, lead.address.lon),
        (Some(31.19), Some(121.43))
    );
    assert_eq!(lead.products, ["crm", "analytics"]);
    assert_eq!(
        (lead.history.orders, lead.history.lifetime_value),
        (Some(3.0), Some(12000.0))
    );
    let names: Vec<&str> = lead.attributes.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["langs", "opted_in", "partner", "seats"]);
    assert_eq!(
        lead.attributes[0].1,
        Attribute::List(vec!["de".into(), "fr".into()])
    );
    assert_eq!(lead.attributes[1].1, Attribute::Bool(true));
    assert!(lead.ignored.is_empty());
}

#[test]
fn text_borrows_from_the_record() {
    let lead = lead(&leads(FULL));
    assert!(matches!(lead.id, std::borrow::Cow::Borrowed(_)));
    assert!(matches!(
        lead.address.city,
        Some(std::borrow::Cow::Borrowed(_))
    ));
}

#[test]
fn a_wrong_type_in_a_lesser_field_counts_as_missing_and_is_noted() {
    for (field, noted) in [
        (r#""score": "high""#, "score"),
        (r#""source": 7"#, "source"),
        (r#""contact": "Wang""#, "contact"),
        (r#""contact": [1, {"a": []}]"#, "contact"),
        (r#""contact": {"email": {"a": 1}}"#, "contact.email"),
        (r#""company": {"employees": "many"}"#, "company.employees"),
        (r#""company": 5"#, "company"),
        (
            r#""address": {"postal_code": 200030}"#,
            "address.postal_code",
        ),
        (r#""address": {"lat": [31]}"#, "address.lat"),
        (r#""history": true"#, "history"),
        (r#""history": {"orders": "x"}"#, "history.orders"),
        (r#""products": "crm""#, "products"),
        (r#""products": ["crm", 5]"#, "products"),
        (r#""attributes": {"a": {"b": 1}}"#, "attributes"),
        (r#""attributes": {"a": [1]}"#, "attributes"),
    ] {
        let json = format!(r#"{{"id": "L", {field}}}"#);
        assert_eq!(lead(&leads(&json)).ignored, [noted], "{field}");
    }
}

#[test]
fn null_is_missing_without_a_note_and_unknown_fields_do_not_matter() {
    let json = r#"{"id":"L","tenant":null,"revision":null,"created_at":null,"type":null,"score":null,
        "contact":null,"company":{"name":null},"products":null,"attributes":{"a":null},
        "shoe":{"size":[1e999,"\ud800"]}}"#;
    let lead = lead(&leads(json));
    assert_eq!(
        lead,
        Lead {
            id: "L".into(),
            tenant: "default".into(),
            ..Lead::default()
        }
    );
}

#[test]
fn of_a_field_given_twice_the_last_counts() {
    let json = r#"{"id":"L","id":"M","score":1,"score":2,"attributes":{"a":1,"a":"x"}}"#;
    let lead = lead(&leads(json));
    assert_eq!((&*lead.id, lead.score), ("M", Some(2.0)));
    assert_eq!(lead.attributes, [("a".into(), Attribute::Text("x".into()))]);
}

#[test]
fn escapes_and_a_byte_order_mark_are_read() {
    let json = "\u{feff}{\"id\":\"L\\u002d1\",\"\\u0074enant\":\"a\\tb\"}";
    let lead = lead(&leads(json));
    assert_eq!((&*lead.id, &*lead.tenant), ("L-1", "a\tb"));
}

#[test]
fn every_way_to_be_unreadable_has_its_reason() {
    let nested = |depth: usize| {
        format!(
            r#"{{"id":"L","x":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let (shallow, deep, open) = (nested(63), nested(64), "[".repeat(100_000));
    let brackets_in_text = format!(r#"{{"id":"L","x":"\"{}"}}"#, "[".repeat(100));
    let (long_id, large) = ("x".repeat(1025), "x".repeat(524_288));
    let (long_id, large) = (
        format!(r#"{{"id":"{long_id}"}}"#),
        format!(r#"{{"id":"{large}"}}"#),
    );
    assert_eq!(lead(&leads(&shallow)).id, "L");
    assert_eq!(lead(&leads(&brackets_in_text)).id, "L");
    for (value, expected) in [
        (&*deep, "too_deep"),
        (&*open, "too_deep"),
        (&*large, "too_large"),
        (&*long_id, "wrong_type"),
        ("", "bad_json"),
        ("{", "bad_json"),
        ("nonsense", "bad_json"),
        ("[]", "bad_json"),
        ("42", "bad_json"),
        ("null", "bad_json"),
        (r#"{"id":"L"} {}"#, "bad_json"),
        (r#"{"id":"L",}"#, "bad_json"),
        ("{}", "no_id"),
        (r#"{"id":null}"#, "no_id"),
        (r#"{"id":""}"#, "no_id"),
        (r#"{"id":5}"#, "wrong_type"),
        (r#"{"id":"L","tenant":5}"#, "wrong_type"),
        (r#"{"id":"L","revision":"1"}"#, "wrong_type"),
        (r#"{"id":"L","revision":-1}"#, "wrong_type"),
        (r#"{"id":"L","revision":1.5}"#, "wrong_type"),
        (r#"{"id":"L","created_at":"soon"}"#, "wrong_type"),
        (r#"{"id":"L","created_at":5}"#, "wrong_type"),
        (r#"{"id":"L","type":"lead.exploded"}"#, "unknown_type"),
        (r#"{"id":"L","type":"exploded"}"#, "unknown_type"),
        (r#"{"id":"L","type":5}"#, "unknown_type"),
    ] {
        assert_eq!(reason(&leads(value)), expected, "{value:.60}");
    }
}

#[test]
fn a_list_is_no_object_and_its_place_is_told() {
    let not_object = "the value is a list, not a JSON object, at line";
    for (value, told) in [
        ("[1]", "1 column 1"),
        (" []", "1 column 2"),
        (
            "\n [ {\"id\":\"L\"}]",
            "2 column 2; write one object a line, or send one a record",
        ),
        (r#"["lead.touched","L"]"#, "1 column 1"),
    ] {
        for input in [leads(value), activity(value)] {
            let message = read(&input).unwrap_err().message;
            assert_eq!(message, format!("{not_object} {told}"), "{value}");
        }
    }
}

#[test]
fn bytes_that_are_not_json_text_are_named() {
    let framed = b"\0\0\0\0\x2a{\"id\":\"L\"}";
    for (value, expected) in [
        (&b"{\"id\":\"\xff\"}"[..], "bad_encoding"),
        (&b"\xff\xfe{\0}\0"[..], "bad_encoding"),
        (&framed[..], "unsupported_schema"),
        (&b"\0"[..], "bad_json"),
    ] {
        let input = Input {
            value: Some(value),
            ..leads("")
        };
        assert_eq!(reason(&input), expected, "{value:?}");
    }
    let told = read(&Input {
        value: Some(framed),
        ..leads("")
    })
    .unwrap_err()
    .message;
    assert!(told.contains("Confluent") && told.contains("42"), "{told}");
}

#[test]
fn a_reject_never_quotes_the_record() {
    for value in [
        r#"{"id":secret"#,
        r#"{"id":["secret"]}"#,
        r#"{"id":"L","created_at":"secret"}"#,
    ] {
        let reject = read(&leads(value)).unwrap_err();
        assert!(!reject.message.contains("secret"), "{}", reject.message);
    }
}

#[test]
fn header_names_that_cannot_be_read_reject_the_record() {
    let input = leads("{}");
    let mut record = record(&input);
    record.headers.unreadable = true;
    let reject = decode(&record, WireLimits::default(), &Mapping::default()).unwrap_err();
    assert_eq!(reject.reason, RejectReason::BadEncoding);
}

#[test]
fn a_null_value_withdraws_the_lead_of_the_key() {
    let input = Input {
        key: Some(b"L-1"),
        value: None,
        headers: &[("ce_tenant", "acme")],
        ..leads("")
    };
    let expected = Activity {
        id: "leads/3/991".into(),
        tenant: "acme".into(),
        at: None,
        kind: ActivityKind::Withdrawn { lead: "L-1".into() },
    };
    assert_eq!(event(&input), expected);
    assert_eq!(
        event(&Input {
            headers: &[],
            ..input
        })
        .tenant,
        "default"
    );
    for (key, expected) in [
        (None, "null_key"),
        (Some(&b""[..]), "null_key"),
        (Some(&b"\xff"[..]), "bad_encoding"),
    ] {
        assert_eq!(
            reason(&Input {
                key,
                value: None,
                ..leads("")
            }),
            expected
        );
    }
    assert_eq!(
        reason(&Input {
            key: Some(b"L"),
            value: None,
            ..activity("")
        }),
        "bad_json"
    );
}

#[test]
fn a_forwarded_record_remembers_where_it_first_arrived() {
    let source = |mark: &str| {
        let headers = [(FORWARDED_FROM, mark)];
        record(&Input {
            headers: &headers,
            ..leads("{}")
        })
        .source()
    };
    let at = |partition, offset| Source {
        topic: "leads".into(),
        partition,
        offset,
    };
    assert_eq!(source("leads/1/77"), at(1, 77));
    for forged in ["leads/-1/77", "other/1/77", "nonsense", "leads/1/"] {
        assert_eq!(source(forged), at(3, 991), "{forged}");
    }
}

#[test]
fn a_capsule_gives_a_record_back() {
    let headers = [("ce_type", "lead.accepted")];
    let input = Input {
        key: Some(b"k"),
        headers: &headers,
        ..activity("{}")
    };
    let record = record(&input);
    let mut bytes = Vec::new();
    Capsule::pack(&record, &mut bytes);
    let capsule = Capsule::unpack(&bytes).expect("it was packed");
    assert_eq!(
        (capsule.key, capsule.value),
        (Some(&b"k"[..]), Some(&b"{}"[..]))
    );
    assert_eq!(capsule.headers, [("ce_type", Some(&b"lead.accepted"[..]))]);
    assert_eq!(Capsule::unpack(b"\xff\xff\xff"), None);
}
