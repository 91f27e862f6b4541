//! The owner, the overlays and the explanation of a lead in small plans.

use bailiwick::event::Timestamp;
use bailiwick::plan::{AccountRule, Condition, Dimension, Facts, TerritoryIx};
use bailiwick::route::{Finding, explain};

use super::ask::{facts_in, owner, owner_at, winner};
use super::build::*;

#[test]
fn codes_hold_what_lies_below_them() {
    let mut plan = empty_plan();
    let east = admin(&plan, &["cn-31"]);
    let xuhui = admin(&plan, &["cn-310104"]);
    add(&mut plan, "", "east", east);
    add(&mut plan, "east", "xuhui", xuhui);
    add(
        &mut plan,
        "",
        "industry",
        texts(Dimension::Industry, &["C"]),
    );
    for (code, expected) in [
        ("cn-310104", "xuhui"),
        ("cn-310105", "east"),
        ("cn-3101", "east"),
        ("us-06", "nobody"),
    ] {
        assert_eq!(winner(&plan, &facts_in(&plan, code)), expected, "{code}");
    }
    let steel = Facts {
        industry: text("C31"),
        ..Facts::default()
    };
    assert_eq!(winner(&plan, &steel), "industry");
}

#[test]
fn of_each_overlay_branch_the_deepest_match_adds_an_owner() {
    let mut plan = empty_plan();
    let state = admin(&plan, &["us-06"]);
    let county = admin(&plan, &["us-06037"]);
    add(&mut plan, "", "west", state);
    add(
        &mut plan,
        "west",
        "west-cloud",
        texts(Dimension::Product, &["cloud"]),
    )
    .overlay = true;
    add(&mut plan, "west-cloud", "west-cloud-la", county);
    add(
        &mut plan,
        "",
        "cloud",
        texts(Dimension::Product, &["cloud"]),
    )
    .overlay = true;
    add(
        &mut plan,
        "cloud",
        "cloud-large",
        between(Dimension::Employees, Some(1000.0), None),
    );
    let lead = |code, count| Facts {
        products: vec!["crm".into(), "cloud".into()],
        employees: Some(count),
        ..facts_in(&plan, code)
    };
    let names = |one: &[&str]| one.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (code, count, territory, overlays) in [
        (
            "us-06037",
            2000.0,
            Some("west"),
            vec!["west-cloud-la", "cloud-large"],
        ),
        ("us-06059", 10.0, Some("west"), vec!["west-cloud", "cloud"]),
        ("us-32", 10.0, None, vec!["cloud"]),
    ] {
        let expected = (territory.map(str::to_owned), names(&overlays));
        assert_eq!(owner(&plan, &lead(code, count)), expected, "{code} {count}");
    }
}

#[test]
fn a_territory_waits_for_its_day_and_so_do_its_children() {
    let mut plan = empty_plan();
    add(&mut plan, "", "old", Condition::always());
    let soon = Timestamp(NOW.0 + 1);
    add(&mut plan, "", "new", texts(Dimension::Source, &["web"])).effective_from = Some(soon);
    add(
        &mut plan,
        "new",
        "below",
        between(Dimension::Score, Some(1.0), None),
    );
    let lead = Facts {
        source: text("web"),
        score: Some(5.0),
        ..Facts::default()
    };
    assert_eq!(owner_at(&plan, &lead, NOW).0.as_deref(), Some("old"));
    assert_eq!(owner_at(&plan, &lead, soon).0.as_deref(), Some("below"));
    let told = explain(&plan, &lead, NOW);
    let new = plan.territory_by_id("new").unwrap();
    assert_eq!(
        told.verdicts[2].finding,
        Finding::NotYet {
            at: new,
            from: soon
        }
    );
}

#[test]
fn an_accounts_territory_takes_its_leads_wherever_they_are() {
    let mut plan = empty_plan();
    let state = admin(&plan, &["us-06"]);
    add(&mut plan, "", "west", state);
    add(&mut plan, "west", "raised", Condition::always()).priority = 9;
    let east = admin(&plan, &["cn-31"]);
    add(&mut plan, "", "east", east);
    let a1 = add_account(&mut plan, "A-1", Some(TerritoryIx(2)));
    let a2 = add_account(&mut plan, "A-2", None);
    let lead = |account| Facts {
        account: Some((account, AccountRule::Domain)),
        ..facts_in(&plan, "us-06")
    };
    assert_eq!(winner(&plan, &lead(a1)), "east");
    assert_eq!(winner(&plan, &lead(a2)), "raised");
    assert_eq!(explain(&plan, &lead(a1), NOW).by_account, Some(a1));
}

#[test]
fn an_explanation_names_the_one_condition_that_failed() {
    let mut plan = empty_plan();
    let state = admin(&plan, &["us-06"]);
    add(&mut plan, "", "west", state);
    let parts = vec![
        texts(Dimension::Product, &["crm"]),
        between(Dimension::Employees, Some(1000.0), None),
    ];
    add(&mut plan, "west", "crm-large", all(parts));
    add(&mut plan, "crm-large", "deeper", Condition::always());
    add(
        &mut plan,
        "",
        "not-web",
        not(texts(Dimension::Source, &["web"])),
    );
    let lead = Facts {
        employees: Some(20.0),
        ..facts_in(&plan, "us-06037")
    };
    let told = explain(&plan, &lead, NOW);
    let says = |at: usize| match &told.verdicts[at].finding {
        Finding::Failed(failure) => format!("{}: {failure}", plan.territory(failure.at).id),
        other => format!("{other:?}"),
    };
    assert_eq!(says(0), "Matched");
    assert_eq!(
        says(1),
        "crm-large: employees: {min: 1000} (the lead has 20)"
    );
    assert_eq!(says(2), says(1));
    assert_eq!(
        says(3),
        "not-web: not (source: [web]) (unknown of this lead)"
    );
    let nowhere = explain(&plan, &Facts::default(), NOW);
    let Finding::Failed(failure) = &nowhere.verdicts[0].finding else {
        panic!("a lead without a place matched a state");
    };
    assert_eq!(
        failure.to_string(),
        "admin: [us-06] (the lead has no admin)"
    );
}
