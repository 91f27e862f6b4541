//! Which of two matching rules wins: spec section 4.3 as pairs of conditions.

use bailiwick::plan::condition::{Side, StreetPlace};
use bailiwick::plan::{AccountRule, Condition, Dimension, Facts, Plan, PositionSource, Precedence};

use super::ask::{facts_in, winner};
use super::build::*;

/// Two rules that both match everything below; the better must win in both orders of names.
fn assert_beats(what: &str, better: Condition, worse: Condition) {
    let mut plan = empty_plan();
    let a7 = add_account(&mut plan, "A-7", None);
    let lead = Facts {
        postal: text("90001"),
        street: text("main st"),
        house_number: Some(12),
        industry: text("C36"),
        employees: Some(1200.0),
        products: vec!["crm".into()],
        account: Some((a7, AccountRule::Id)),
        domain: text("example.com"),
        position: Some((point(34.0, -118.0), PositionSource::Coordinates)),
        ..facts_in(&plan, "us-06037")
    };
    for (one, two) in [("a", "b"), ("b", "a")] {
        let mut plan = plan.clone();
        add(&mut plan, "", one, better.clone());
        add(&mut plan, "", two, worse.clone());
        assert_eq!(winner(&plan, &lead), one, "{what}");
    }
}

/// A name for what is shown, the better condition and the worse.
type Pair = (&'static str, Condition, Condition);

fn industry() -> Condition {
    texts(Dimension::Industry, &["C"])
}

fn large() -> Condition {
    between(Dimension::Employees, Some(1000.0), None)
}

fn house(plan: &Plan, from: u32, to: u32) -> Condition {
    let county = StreetPlace::Admin(admin_ix(plan, "us-06037"));
    street(county, "main st", Some(from), Some(to), Side::Both)
}

fn assert_all_beat(pairs: Vec<Pair>) {
    for (what, better, worse) in pairs {
        assert_beats(what, better, worse);
    }
}

#[test]
fn names_and_dimensions_come_before_places() {
    let plan = empty_plan();
    let state = || admin(&plan, &["us-06"]);
    let county = || admin(&plan, &["us-06037"]);
    let country = || texts(Dimension::Country, &["us"]);
    let domain = || texts(Dimension::Domain, &["example.com"]);
    let not_farming = || not(texts(Dimension::Industry, &["A"]));
    let street = || house(&plan, 12, 12);
    assert_all_beat(vec![
        (
            "a customer's name beats more dimensions",
            domain(),
            all(vec![street(), industry(), large()]),
        ),
        (
            "two dimensions beat one",
            all(vec![state(), industry()]),
            street(),
        ),
        (
            "places together are one dimension",
            county(),
            all(vec![country(), state()]),
        ),
        ("a place beats no place", country(), large()),
        (
            "a group counts only for what all its members name",
            all(vec![county(), industry()]),
            all(vec![county(), any(vec![industry(), large()])]),
        ),
        (
            "a not-group counts for nothing",
            all(vec![state(), industry()]),
            all(vec![county(), not_farming()]),
        ),
    ]);
}

#[test]
fn the_finer_place_wins() {
    let plan = empty_plan();
    let state = || admin(&plan, &["us-06"]);
    let county = || admin(&plan, &["us-06037"]);
    let country = || texts(Dimension::Country, &["us"]);
    let circle = |km| within(34.0, -118.0, km);
    assert_all_beat(vec![
        (
            "a street beats a postal code",
            house(&plan, 1, 900),
            postal(&["90001"]),
        ),
        ("a postal code beats a county", postal(&["9*"]), county()),
        ("a circle beats a county", circle(900.0), county()),
        ("a county beats a state", county(), state()),
        ("a state beats a country", state(), country()),
        (
            "a shorter stretch of street",
            house(&plan, 10, 14),
            house(&plan, 1, 20),
        ),
        (
            "a longer postal prefix",
            postal(&["900*"]),
            postal(&["90*"]),
        ),
        (
            "a whole code beats a prefix",
            postal(&["90001"]),
            postal(&["90001*"]),
        ),
        ("a smaller circle", circle(5.0), circle(6.0)),
        (
            "a list is its widest member",
            county(),
            admin(&plan, &["us-06037", "us-32", "us-06"]),
        ),
        (
            "a group is its widest member",
            county(),
            any(vec![postal(&["90001"]), country()]),
        ),
    ]);
}

#[test]
fn priority_comes_first_and_ids_come_last() {
    let mut plan = empty_plan();
    let county = admin(&plan, &["us-06037"]);
    let state = admin(&plan, &["us-06"]);
    add(&mut plan, "", "b", state.clone());
    add(&mut plan, "", "a", state.clone());
    let lead = facts_in(&plan, "us-06037");
    assert_eq!(winner(&plan, &lead), "a");
    add(&mut plan, "", "county", county);
    assert_eq!(winner(&plan, &lead), "county");
    add(&mut plan, "", "raised", state).priority = 1;
    add(&mut plan, "raised", "inherits", Condition::always());
    assert_eq!(winner(&plan, &lead), "inherits");
}

#[test]
fn listed_precedence_is_file_order_with_children_before_their_parent() {
    let mut plan = empty_plan();
    plan.precedence = Precedence::Listed;
    let county = admin(&plan, &["us-06037"]);
    let state = admin(&plan, &["us-06"]);
    add(&mut plan, "", "first", state);
    add(
        &mut plan,
        "first",
        "child",
        between(Dimension::Employees, Some(10.0), None),
    );
    add(&mut plan, "first", "second child", Condition::always());
    add(&mut plan, "", "later and finer", county).priority = 7;
    let lead = |count| Facts {
        employees: count,
        ..facts_in(&plan, "us-06037")
    };
    assert_eq!(winner(&plan, &lead(Some(10.0))), "child");
    assert_eq!(winner(&plan, &lead(Some(9.0))), "second child");
    assert_eq!(winner(&plan, &lead(None)), "second child");
}
