//! The quick reader gives what the library gives, or nothing.

use proptest::prelude::*;
use serde::Deserialize;

use crate::stream::wire::activity::ActivityFields;
use crate::stream::wire::lead::LeadFields;
use crate::stream::wire::quick::read;
use crate::stream::wire::value::Value;

/// What the readers say of one text, as text: so that minus zero is not zero.
fn agree<'a, T: Deserialize<'a> + std::fmt::Debug>(json: &'a str) -> bool {
    let Some(quick) = read::<T>(json) else {
        return false;
    };
    let library = serde_json::from_str::<T>(json);
    assert_eq!(
        Some(format!("{quick:?}")),
        library.ok().map(|one| format!("{one:?}")),
        "{json}"
    );
    true
}

fn agree_in_all(json: &str) -> bool {
    let lead = agree::<LeadFields<'_>>(json);
    agree::<ActivityFields<'_>>(json);
    agree::<Value<'_>>(json);
    agree::<serde_json::Value>(json);
    lead
}

/// A lead as the specification shows it, and one full of what is rare.
const USUAL: &str = r#"{ "id": "L-1001", "tenant": "acme", "revision": 1, "created_at": "2026-11-23T08:15:30Z",
  "source": "webform", "campaign": "spring", "score": 87, "potential": 250000.5,
  "contact": {"name": "王小明", "email": "w@example.com", "phone": null, "language": "zh"},
  "company": {"name": "A \"B\" \u00e9", "employees": 1200, "revenue": 5.0e8},
  "address": {"lat": 31.19, "lon": -121.430000001}, "products": ["crm", "analytics"], "unknown": [[{}], {"a": []}],
  "history": {}, "attributes": {"partner": "yes", "seats": -40, "opted_in": true, "none": false} }"#;

#[test]
fn a_usual_lead_is_read_quickly() {
    assert!(agree_in_all(USUAL));
}

#[test]
fn numbers_are_those_of_the_library() {
    for number in [
        "0",
        "-0",
        "-0.0",
        "0.0",
        "1",
        "-1",
        "00",
        "01",
        "-",
        "1.",
        ".5",
        "1.5",
        "-1.5",
        "1e3",
        "1E-3",
        "1e400",
        "-1e400",
        "1e",
        "1e+",
        "0e5",
        "123456789012345",
        "12345678901.2345",
        "123456789012345678",
        "1234567890123456789",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "0.1234567890123456789",
        "100000000000000000000.5",
        "1-2",
        "1.2.3",
        "+1",
        "NaN",
        "1 ",
    ] {
        let json = format!("{{\"id\":\"a\",\"score\":{number},\"products\":[{number}]}}");
        agree_in_all(&json);
        agree_in_all(number);
    }
}

/// Texts in every form, some of them broken.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,20}".prop_map(|text| format!("\"{text}\"")),
        "\\PC{0,20}".prop_map(|text| serde_json::to_string(&text).unwrap_or_default()),
        "[ -~\\\\\"\u{1}\u{1f}\u{7f}é漢]{0,20}".prop_map(|text| format!("\"{text}\"")),
        "(\\\\u[0-9a-fD-d]{3,4}|\\\\[bfnrt/x]|a){0,4}".prop_map(|text| format!("\"{text}\"")),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{1,21}",
        "-?[0-9]{1,12}\\.[0-9]{0,12}",
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?[eE][+-]?[0-9]{0,3}",
        any::<f64>().prop_map(|number| format!("{number:?}")),
        any::<i64>().prop_map(|number| number.to_string()),
    ]
}

/// Nearly always a text; nothing else is JSON.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![19 => text(), 1 => number()]
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        text(),
        number(),
        prop::sample::select(vec![
            "null", "true", "false", "nul", "tru e", "{}", "[]", ""
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec((key(), inner), 0..4).prop_map(|all| object(&all)),
        ]
    })
}

fn object(fields: &[(String, String)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("{key}:{value}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn record() -> impl Strategy<Value = String> {
    let names = vec![
        "id",
        "tenant",
        "revision",
        "type",
        "source",
        "score",
        "contact",
        "company",
        "address",
        "history",
        "products",
        "attributes",
        "data",
        "specversion",
        "lead",
        "at",
        "name",
        "lat",
    ];
    let key = prop::sample::select(names).prop_map(|name| format!("\"{name}\""));
    prop::collection::vec((key, value()), 0..8).prop_map(|fields| object(&fields))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn records_are_read_as_the_library_reads_them(json in record()) {
        agree_in_all(&json);
    }

    #[test]
    fn values_are_read_as_the_library_reads_them(json in value()) {
        agree_in_all(&json);
    }

    #[test]
    fn damaged_records_are_never_more_than_the_library_takes(
        at in 0..USUAL.len(),
        cut in 0..4_usize,
        put in "[ -~]{0,2}",
    ) {
        let damaged: Option<String> = USUAL
            .get(..at)
            .zip(USUAL.get(at + cut..))
            .map(|(head, tail)| format!("{head}{put}{tail}"));
        if let Some(damaged) = damaged {
            agree_in_all(&damaged);
        }
    }
}
