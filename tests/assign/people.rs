//! Persons, accounts, revisions, withdrawals, reps who leave.

use super::script::check;

fn plan(policy: &str) -> String {
    format!(
        "version: 1\ntenant: acme\n\
         reps:\n  - {{id: boss}}\n  - {{id: li}}\n  - {{id: wang}}\n\
         teams:\n  - {{id: east, members: [li, wang]}}\n  - {{id: west, members: [boss]}}\n\
         policy: {{{policy}}}\n\
         territories:\n  - {{id: east, where: {{source: east}}, team: east}}\n  - {{id: west, where: {{source: west}}, team: west}}\n"
    )
}

#[test]
fn a_person_within_the_window_is_a_duplicate_and_takes_no_turn() {
    check(
        &[&plan("dedupe: {within: 90d, by: [email, phone]}")],
        "lead 1 from=east email=Ann@Example.com phone=+8613800138000
         > 1 assigned territory li
         lead 2 from=east email=ann@example.com
         > 2 duplicate duplicate - of 1
         lead 3 from=east phone=+86-138-0013-8000
         > 3 duplicate duplicate - of 1
         lead 4 from=east email=bob@example.com
         > 4 assigned territory wang
         pass 91d
         lead 5 from=west email=ann@example.com
         > 5 assigned territory boss
         lead 6 from=west email=ann@example.com
         > 6 duplicate duplicate - of 5",
    );
}

#[test]
fn sticky_persons_meet_their_rep_again() {
    check(
        &[&plan("dedupe: {within: 1d}, sticky: {persons: true}")],
        "lead 1 from=east email=ann@example.com
         > 1 assigned territory li
         lead 2 from=east email=ann@example.com
         > 2 duplicate duplicate li of 1
         transferred 1 wang
         > 1 assigned manual wang was li by event
         pass 2d
         lead 3 from=west email=ann@example.com
         > 3 assigned same_person wang
         status wang left
         > 1 assigned rep_left li was wang by event
         > 3 assigned rep_left boss was wang by event
         pass 2d
         lead 4 from=west email=ann@example.com
         > 4 assigned same_person boss",
    );
}

#[test]
fn accounts_stay_with_their_owner_while_he_is_active() {
    check(
        &[&plan("sticky: {accounts: true}")],
        "account A-1 wang
         lead 1 from=west account=A-1
         > 1 assigned account_owner wang
         status wang away 1h
         > 1 assigned rep_away boss was wang by event
         lead 2 from=west account=A-1
         > 2 assigned territory boss
         pass 1h
         lead 3 from=west account=A-1
         > 3 assigned account_owner wang
         account A-1
         lead 4 from=west account=A-1
         > 4 assigned territory boss
         lead 5 from=east account=A-1
         > 5 assigned account_owner boss",
    );
}

#[test]
fn newer_revisions_decide_unowned_leads_or_those_whose_territory_changed() {
    check(
        &[&plan("")],
        "lead 1 from=north
         > 1 unassigned no_territory -
         lead 1 from=north revision=2
         > 1 unassigned no_territory - by event 1@2
         lead 1 from=east revision=3
         > 1 assigned territory li by event 1@3
         lead 1 from=west revision=4
         lead 1 from=west revision=4",
    );
    check(
        &[&plan("on_update: reroute")],
        "lead 1 from=east
         > 1 assigned territory li
         lead 1 from=east revision=2
         lead 1 from=west revision=3
         > 1 assigned territory boss was li by event 1@3",
    );
}

#[test]
fn a_withdrawn_lead_is_told_forgotten_and_comes_back_only_with_a_higher_revision() {
    check(
        &[&plan("dedupe: {within: 90d}")],
        "lead 1 from=east email=ann@example.com revision=3
         > 1 assigned territory li
         withdrawn 1
         > 1 withdrawn withdrawn - was li by event
         lead 1 from=east email=ann@example.com revision=3
         lead 2 from=east email=ann@example.com
         > 2 assigned territory wang
         lead 1 from=east revision=4
         > 1 assigned territory li",
    );
}

#[test]
fn a_withdrawal_that_overtakes_its_lead_withdraws_it_on_arrival() {
    check(
        &[&plan("")],
        "withdrawn 1
         lead 1 from=east revision=1
         > 1 withdrawn withdrawn -
         lead 1 from=east revision=1
         lead 1 from=east revision=2
         > 1 assigned territory li
         withdrawn 2
         pass 11m
         lead 2 from=east
         > 2 assigned territory wang",
    );
}

#[test]
fn too_old_leads_wait_for_a_plan_only() {
    let old = plan("max_age: 30d");
    let patient = plan("max_age: 60d");
    check(
        &[&old, &patient],
        "lead 1 from=east age=31d
         > 1 unassigned too_old -
         lead 2 from=north age=29d
         > 2 unassigned no_territory -
         pass 1d
         > 2 unassigned too_old - by timer max_age
         plan 2
         > 1 assigned territory li by plan
         > 2 unassigned no_territory - by plan",
    );
}

#[test]
fn a_rep_who_leaves_or_goes_away_hands_over_with_history() {
    check(
        &[&plan("")],
        "lead 1 from=east
         > 1 assigned territory li
         lead 2 from=east
         > 2 assigned territory wang
         lead 3 from=east
         > 3 assigned territory li
         touched 1
         status li away 2d
         > 3 assigned rep_away wang was li by event
         status li left
         > 1 assigned rep_left wang was li by event
         lead 4 from=east
         > 4 assigned territory wang
         status wang left
         > 1 unassigned no_eligible_rep - was wang by event
         > 2 unassigned no_eligible_rep - was wang by event
         > 3 unassigned no_eligible_rep - was wang by event
         > 4 unassigned no_eligible_rep - was wang by event
         status li active
         > 1 assigned territory li by free li
         > 2 assigned territory li by free li
         > 3 assigned territory li by free li
         > 4 assigned territory li by free li",
    );
}

#[test]
fn realign_moves_open_leads_whose_territory_changed() {
    let before = plan("");
    let after = before
        .replace("policy: {}", "policy: {realign: open}")
        .replace(
            "where: {source: east}, team: east",
            "where: {source: north}, team: east",
        )
        .replace(
            "where: {source: west}, team: west",
            "where: {source: [west, east]}, team: west",
        );
    check(
        &[&before, &after],
        "lead 1 from=east
         > 1 assigned territory li
         lead 2 from=west
         > 2 assigned territory boss
         plan 2
         > 1 assigned realigned boss was li by plan",
    );
}
