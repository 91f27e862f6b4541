//! Conditions of spec section 3 on leads, with the truth value written down.

use bailiwick::event::{Attribute, Text};
use bailiwick::plan::condition::{Side, StreetPlace};
use bailiwick::plan::{Condition, Dimension, Facts, Value};
use bailiwick::route::{Truth, truth};

use super::ask::facts_in;
use super::build::*;

fn employees(count: f64) -> Facts<'static> {
    Facts {
        employees: Some(count),
        ..Facts::default()
    }
}

fn attributes(pairs: Vec<(&'static str, Attribute<'static>)>) -> Facts<'static> {
    let attributes = pairs
        .into_iter()
        .map(|(name, value)| (Text::Borrowed(name), value))
        .collect();
    Facts {
        attributes,
        ..Facts::default()
    }
}

#[test]
fn logic_is_three_valued() {
    let plan = empty_plan();
    let large = || between(Dimension::Employees, Some(1000.0), None);
    let crm = || texts(Dimension::Product, &["crm"]);
    let (yes, no, missing) = (employees(1000.0), employees(999.0), Facts::default());
    for (condition, facts, expected) in [
        (large(), &yes, Truth::True),
        (large(), &no, Truth::False),
        (large(), &missing, Truth::Unknown),
        (not(large()), &no, Truth::True),
        (not(large()), &missing, Truth::Unknown),
        (all(vec![large(), crm()]), &no, Truth::False),
        (all(vec![large(), crm()]), &yes, Truth::Unknown),
        (any(vec![large(), crm()]), &yes, Truth::True),
        (any(vec![large(), crm()]), &no, Truth::Unknown),
        (not(any(vec![large(), crm()])), &no, Truth::Unknown),
        (exists(Dimension::Employees, false), &missing, Truth::True),
        (exists(Dimension::Employees, true), &missing, Truth::False),
        (
            not(exists(Dimension::Employees, true)),
            &missing,
            Truth::True,
        ),
        (Condition::always(), &missing, Truth::True),
        (any(vec![]), &missing, Truth::False),
    ] {
        assert_eq!(
            truth::condition(&plan, facts, &condition),
            expected,
            "{condition:?}"
        );
    }
}

#[test]
fn ranges_include_their_lower_end_only() {
    let plan = empty_plan();
    let medium = between(Dimension::Employees, Some(50.0), Some(250.0));
    for (count, expected) in [(49.9, false), (50.0, true), (249.0, true), (250.0, false)] {
        let found = truth::condition(&plan, &employees(count), &medium);
        assert_eq!(found, Truth::of(expected), "{count}");
    }
}

#[test]
fn attributes_match_by_their_kind_and_texts_by_what_they_spell() {
    let plan = empty_plan();
    let seats = || Dimension::Attribute("seats".into());
    let held = |value| attributes(vec![("partner", Attribute::Bool(true)), ("seats", value)]);
    let number = || held(Attribute::Number(40.0));
    let spelled = |text: &'static str| held(Attribute::Text(text.into()));
    let list = || held(Attribute::List(vec!["30".into(), "50".into()]));
    let forty = || one_of(seats(), vec![Value::Number(40.0)]);
    let text_forty = || texts(seats(), &["40"]);
    let big = || between(seats(), Some(45.0), None);
    for (condition, facts, expected) in [
        (forty(), number(), Truth::True),
        (forty(), spelled("40.0"), Truth::True),
        (forty(), spelled("many"), Truth::False),
        (text_forty(), number(), Truth::True),
        (text_forty(), spelled("40.0"), Truth::False),
        (big(), number(), Truth::False),
        (big(), list(), Truth::True),
        (big(), spelled("many"), Truth::Unknown),
        (big(), held(Attribute::List(vec![])), Truth::Unknown),
        (
            texts(Dimension::Attribute("partner".into()), &["true"]),
            number(),
            Truth::True,
        ),
        (
            texts(Dimension::Attribute("other".into()), &["true"]),
            number(),
            Truth::Unknown,
        ),
        (prefix(seats(), &["5"]), list(), Truth::True),
        (prefix(seats(), &["4"]), number(), Truth::Unknown),
    ] {
        assert_eq!(
            truth::condition(&plan, &facts, &condition),
            expected,
            "{condition:?} {facts:?}"
        );
    }
}

#[test]
fn streets_have_numbers_and_sides() {
    let plan = empty_plan();
    let xuhui = || StreetPlace::Admin(admin_ix(&plan, "cn-310104"));
    let even = street(xuhui(), "漕溪北路", Some(2), Some(100), Side::Even);
    let whole = street(xuhui(), "漕溪北路", None, None, Side::Both);
    let by_code = street(
        StreetPlace::Postal(postal_pattern("cn:200030")),
        "漕溪北路",
        None,
        Some(50),
        Side::Both,
    );
    let lead = |number, code: &str| Facts {
        street: text("漕溪北路"),
        house_number: number,
        postal: text("200030"),
        ..facts_in(&plan, code)
    };
    for (condition, facts, expected) in [
        (&even, lead(Some(88), "cn-310104"), Truth::True),
        (&even, lead(Some(87), "cn-310104"), Truth::False),
        (&even, lead(Some(102), "cn-310104"), Truth::False),
        (&even, lead(None, "cn-310104"), Truth::Unknown),
        (&even, lead(None, "cn-310105"), Truth::False),
        (&whole, lead(None, "cn-310104"), Truth::True),
        (&whole, facts_in(&plan, "cn-310104"), Truth::Unknown),
        (&by_code, lead(Some(50), "cn-3101"), Truth::True),
        (&by_code, lead(Some(51), "cn-3101"), Truth::False),
    ] {
        assert_eq!(
            truth::condition(&plan, &facts, condition),
            expected,
            "{condition:?}"
        );
    }
}

#[test]
fn a_postal_code_of_one_country_is_none_of_another() {
    let plan = empty_plan();
    let boston = postal(&["us:02134"]);
    let lead = |country: Option<&str>, code: &str| Facts {
        country: country.and_then(text),
        postal: text(code),
        ..Facts::default()
    };
    for (facts, expected) in [
        (lead(Some("us"), "02134"), Truth::True),
        (lead(Some("us"), "02134-0001"), Truth::True),
        (lead(Some("de"), "02134"), Truth::False),
        (lead(None, "02134"), Truth::Unknown),
        (lead(None, "02135"), Truth::False),
        (facts_in(&plan, "us"), Truth::Unknown),
    ] {
        assert_eq!(
            truth::condition(&plan, &facts, &boston),
            expected,
            "{facts:?}"
        );
    }
}
