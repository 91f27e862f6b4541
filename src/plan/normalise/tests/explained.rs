//! What `explain` says of each field.

use super::{Normaliser, lead, plan};

/// A lead, a field of it, and the value and note that `explain` has for the field.
type Explained = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
);

const EXPLAINED: &[Explained] = &[
    (
        "country=CN;district=朝阳区",
        "address.district",
        None,
        Some("ambiguous: 2 areas there are called 朝阳区"),
    ),
    (
        "country=CN;postal=200030",
        "position",
        Some("31.1652, 121.4352"),
        Some("from the postal code 200030"),
    ),
    (
        "country=CN;postal=200030",
        "admin",
        Some("cn-310104 (徐汇区)"),
        Some("from the postal code 200030"),
    ),
    (
        "country=CN;lat=91;lon=1",
        "position",
        None,
        Some("out of range, treated as absent"),
    ),
    (
        "country=CN;lat=0;lon=0",
        "position",
        None,
        Some("0, 0 stands for no position, treated as absent"),
    ),
    (
        "country=CN;lat=31",
        "position",
        None,
        Some("half of a position, treated as absent"),
    ),
    (
        "country=CN;postal=2000",
        "address.postal_code",
        None,
        Some("not a code of the lead's country, treated as absent"),
    ),
    (
        "phone=13800138000",
        "contact.phone",
        None,
        Some("without a country a number must begin with +, treated as absent"),
    ),
    (
        "country=Atlantis",
        "address.country",
        None,
        Some("not a known country, treated as absent"),
    ),
    (
        "region=徐汇区",
        "address.country",
        Some("cn"),
        Some("from the rest of the address"),
    ),
    (
        "country=cn;admin=310199",
        "address.admin",
        Some("cn-3101 (上海市)"),
        Some("unknown code; its nearest known ancestor"),
    ),
    (
        "company=Acme Widgts Inc",
        "account",
        Some("A-1"),
        Some("by its name, alike to 96 %"),
    ),
    (
        "email=li@example.com",
        "company.domain",
        Some("example.com"),
        Some("from the e-mail address"),
    ),
    ("source=Web", "source", Some("web"), None),
];

#[test]
fn explain_says_what_became_of_each_field() {
    let plan = plan(&[("A-1", "Acme Widgets", "")]);
    let normaliser = Normaliser::new(&plan);
    for &(written, field, value, note) in EXPLAINED {
        let lead = lead(written);
        let traces = normaliser.trace(&plan, &lead);
        let trace = traces.iter().find(|trace| &*trace.field == field);
        let trace = trace.unwrap_or_else(|| panic!("no {field} of {written}"));
        assert_eq!(
            (trace.value.as_deref(), trace.note.as_deref()),
            (value, note),
            "{written}"
        );
    }
}
