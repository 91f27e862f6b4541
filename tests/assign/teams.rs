//! Which rep: eligibility, hours, limits, shares, overflow, waiting.

use super::script::check;

fn team(rest: &str, reps: &str) -> String {
    format!(
        "version: 1\ntenant: acme\ntimezone: Asia/Shanghai\n{reps}\n\
         calendars:\n  cn: {{timezone: Asia/Shanghai, hours: {{mon-fri: [\"09:00-12:00\", \"13:00-18:00\"]}}}}\n\
         teams:\n  - {{id: east, members: [li, wang], {rest}}}\n\
         territories:\n  - {{id: east, where: {{source: east}}, team: east}}\n"
    )
}

const TWO: &str = "reps:\n  - {id: li}\n  - {id: wang}";

#[test]
fn a_full_team_lets_leads_wait_in_order_and_serves_them_as_room_comes() {
    check(
        &[&team("limits: {open: 1}", TWO)],
        "lead 1 from=east
         > 1 assigned territory li
         lead 2 from=east
         > 2 assigned territory wang
         lead 3 from=east
         > 3 unassigned all_at_capacity -
         lead 4 from=east
         > 4 unassigned all_at_capacity -
         closed 2 won
         > 2 closed won wang by event
         > 3 assigned territory wang by free wang
         closed 1 lost
         > 1 closed lost li by event
         > 4 assigned territory li by free li",
    );
}

#[test]
fn a_daily_limit_ends_at_midnight_in_the_reps_zone() {
    let reps = "reps:\n  - {id: li, timezone: America/New_York}\n  - {id: wang}";
    check(
        &[&team("limits: {per_day: 1}", reps)],
        "lead 1 from=east
         > 1 assigned territory li
         lead 2 from=east
         > 2 assigned territory wang
         lead 3 from=east
         > 3 unassigned all_at_capacity -
         pass 4h
         pass 1h
         > 3 assigned territory li by free li
         lead 4 from=east
         > 4 unassigned all_at_capacity -
         pass 10h
         pass 1h
         > 4 assigned territory wang by free wang",
    );
}

#[test]
fn off_hours_nobody_is_available_and_the_morning_begins_with_who_waited() {
    check(
        &[&team("available: now, calendar: cn", TWO)],
        "lead 1 from=east
         > 1 unassigned nobody_available -
         lead 2 from=east
         > 2 unassigned nobody_available -
         pass 1h
         > 1 assigned territory li by free east
         > 2 assigned territory wang by free east
         pass 3h
         lead 3 from=east
         > 3 unassigned nobody_available -
         pass 1h
         > 3 assigned territory li by free east",
    );
}

#[test]
fn within_a_span_the_first_to_begin_gets_the_lead() {
    let reps = "reps:\n  - {id: li, calendar: cn}\n  - {id: wang, calendar: early}";
    let plan = team("available: {within: 2h}", reps).replace(
        "calendars:\n",
        "calendars:\n  early: {timezone: Asia/Shanghai, hours: {mon-fri: [\"08:30-12:00\"]}}\n",
    );
    check(
        &[&plan],
        "lead 1 from=east
         > 1 assigned territory wang
         lead 2 from=east
         > 2 assigned territory wang
         pass 2h
         lead 3 from=east
         > 3 assigned territory li
         pass 9h
         lead 4 from=east
         > 4 unassigned nobody_available -
         pass 12h
         > 4 assigned territory wang by free wang",
    );
}

#[test]
fn eligible_reps_have_what_the_lead_asks_for_and_a_lead_that_asks_nothing_has_all() {
    let reps = "reps:\n  - {id: li, languages: [zh]}\n  - {id: wang, languages: [zh, en]}";
    check(
        &[&team(
            "eligible: {lead.contact.language: rep.languages}",
            reps,
        )],
        "lead 1 from=east language=en
         > 1 assigned territory wang
         lead 2 from=east language=zh
         > 2 assigned territory li
         lead 3 from=east language=fr
         > 3 unassigned no_eligible_rep -
         lead 4 from=east
         > 4 assigned territory li",
    );
}

#[test]
fn absence_is_forgotten_or_caught_up() {
    let steps = "lead 1 from=east
         > 1 assigned territory li
         accepted 1
         status li away
         lead 2 from=east
         > 2 assigned territory wang
         lead 3 from=east
         > 3 assigned territory wang
         lead 4 from=east
         > 4 assigned territory wang
         status li active";
    let forgotten = "lead 5 from=east
         > 5 assigned territory li
         lead 6 from=east
         > 6 assigned territory li
         lead 7 from=east
         > 7 assigned territory wang";
    let caught_up = "lead 5 from=east
         > 5 assigned territory li
         lead 6 from=east
         > 6 assigned territory li
         lead 7 from=east
         > 7 assigned territory li
         lead 8 from=east
         > 8 assigned territory wang";
    check(&[&team("", TWO)], &format!("{steps}\n{forgotten}"));
    let policy = format!("{}policy: {{absence: catch_up}}\n", team("", TWO));
    check(&[&policy], &format!("{steps}\n{caught_up}"));
}

#[test]
fn value_shares_follow_the_potential_and_the_mean_stands_for_none() {
    check(
        &[&team("share: value", TWO)],
        "lead 1 from=east potential=300
         > 1 assigned territory li
         lead 2 from=east potential=100
         > 2 assigned territory wang
         lead 3 from=east potential=100
         > 3 assigned territory wang
         lead 4 from=east
         > 4 assigned territory wang
         lead 5 from=east potential=10
         > 5 assigned territory li",
    );
}

#[test]
fn the_least_loaded_relative_to_their_limit_come_first() {
    let reps = "reps:\n  - {id: li, open_max: 4}\n  - {id: wang, open_max: 2}";
    check(
        &[&team("pick: least_loaded", reps)],
        "lead 1 from=east
         > 1 assigned territory li
         lead 2 from=east
         > 2 assigned territory wang
         lead 3 from=east
         > 3 assigned territory li
         lead 4 from=east
         > 4 assigned territory wang
         lead 5 from=east
         > 5 assigned territory li
         lead 6 from=east
         > 6 assigned territory li
         lead 7 from=east
         > 7 unassigned all_at_capacity -",
    );
}

#[test]
fn stable_picks_meet_the_same_rep_again() {
    check(
        &[&team("pick: stable", TWO)],
        "lead 1 from=east email=a@example.com
         > 1 assigned territory wang
         lead 2 from=east email=a@example.com
         > 2 assigned territory wang
         lead 3 from=east email=b@example.com
         > 3 assigned territory li
         lead 4 from=east email=b@example.com
         > 4 assigned territory li",
    );
}

const TREE: &str = "
version: 1
tenant: acme
reps:
  - {id: boss}
  - {id: helper, open_max: 1}
  - {id: li, open_max: 1}
teams:
  - {id: help, members: [helper]}
  - {id: large, members: [li], overflow: [{team: help}]}
  - {id: top, members: [boss], limits: {open: 1}}
pools:
  - {id: public, claimants: [top]}
fallback: {pool: public}
territories:
  - id: east
    where: {source: east}
    team: top
    children:
      - {id: east-large, where: {campaign: large}, team: large}
  - {id: special, kind: overlay, where: {product: cloud}, team: help}
";

#[test]
fn a_full_team_overflows_then_its_parents_then_the_fallback_with_the_first_reason() {
    check(
        &[TREE],
        "lead 1 from=east campaign=large
         > 1 assigned territory li
         lead 2 from=east campaign=large
         > 2 assigned overflow helper
         lead 3 from=east campaign=large
         > 3 assigned overflow boss
         lead 4 from=east campaign=large
         > 4 pooled all_at_capacity public
         lead 5 from=west
         > 5 pooled fallback public",
    );
}

#[test]
fn overlays_add_second_owners_and_take_their_room() {
    check(
        &[TREE],
        "lead 1 from=east campaign=large product=cloud
         > 1 assigned territory li with helper
         lead 2 from=east product=cloud
         > 2 assigned territory boss with nobody
         closed 1 won
         > 1 closed won li by event with helper
         lead 3 from=east campaign=large product=cloud
         > 3 assigned territory li with helper",
    );
}

#[test]
fn a_plan_change_decides_waiting_leads_again_and_leaves_owners_alone() {
    let one = team("limits: {open: 1}", TWO);
    let two = team("limits: {open: 2}", TWO);
    check(
        &[&one, &two],
        "lead 1 from=east
         > 1 assigned territory li
         lead 2 from=east
         > 2 assigned territory wang
         lead 3 from=east
         > 3 unassigned all_at_capacity -
         lead 4 from=north
         > 4 unassigned no_territory -
         plan 2
         > 3 assigned territory li by plan",
    );
}
