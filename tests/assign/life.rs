//! The life of a lead: deadlines, declines, pools, claims, ends.

use super::script::check;

const SLA: &str = "
version: 1
tenant: acme
timezone: Asia/Shanghai
reps:
  - {id: li}
  - {id: wang}
  - {id: zhang}
calendars:
  cn: {timezone: Asia/Shanghai, hours: {mon-fri: [\"09:00-12:00\", \"13:00-18:00\"]}}
teams:
  - {id: east, members: [li, wang, zhang], calendar: cn, sla: {accept: 30m, touch: 4h, clock: wall, on_breach: reassign, attempts: 3, then: {pool: public}}}
pools:
  - {id: public, claimants: [east], claim: {open: 1, cool_off: 7d, hold: 1h}, recycle: [{after: 30d, of: claim, to: {pool: public}}]}
territories:
  - {id: east, where: {source: east}, team: east}
";

#[test]
fn missed_deadlines_go_on_to_those_who_have_not_failed_and_then_to_the_pool() {
    check(
        &[SLA],
        "lead 1 from=east
         > 1 assigned territory li
         pass 30m
         > 1 assigned accept_timeout wang was li by timer accept
         accepted 1 wang
         pass 30m
         pass 3h
         pass 30m
         > 1 assigned touch_timeout zhang was wang by timer touch
         declined 1 zhang
         > 1 pooled retries_exhausted public was zhang by event",
    );
}

#[test]
fn the_working_clock_stands_still_at_night_and_at_noon() {
    let plan = SLA.replace("clock: wall", "clock: working");
    check(
        &[&plan],
        "lead 1 from=east
         > 1 assigned territory li
         pass 1h
         pass 29m
         pass 1m
         > 1 assigned accept_timeout wang was li by timer accept
         accepted 1
         pass 4h
         pass 59m
         pass 1m
         > 1 assigned touch_timeout zhang was wang by timer touch",
    );
}

#[test]
fn a_touch_in_time_ends_the_deadlines_and_only_the_owner_speaks() {
    check(
        &[SLA],
        "lead 1 from=east
         > 1 assigned territory li
         accepted 1 wang
         touched 1 wang
         pass 29m
         touched 1 li
         pass 5h
         declined 1 wang
         declined 1 li
         > 1 assigned declined wang was li by event",
    );
}

#[test]
fn claims_are_settled_by_the_log_and_bounded() {
    check(
        &[SLA],
        "lead 1 from=east
         > 1 assigned territory li
         released 1 public
         > 1 pooled released public was li by event
         claimed 1 wang
         > 1 claim_rejected on_hold public for wang by event
         pass 1h
         claimed 1 li
         > 1 claim_rejected cooling_off public for li by event
         claimed 1 boss
         > 1 claim_rejected not_a_member public for boss by event
         claimed 1 wang
         > 1 assigned claimed wang by event
         claimed 1 zhang
         > 1 claim_rejected already_owned wang for zhang by event
         touched 1
         lead 2 from=east
         > 2 assigned territory wang
         touched 2
         released 2
         > 2 pooled released public was wang by event
         pass 1h
         claimed 2 wang
         > 2 claim_rejected cooling_off public for wang by event
         lead 3 from=east
         > 3 assigned territory zhang
         released 3
         > 3 pooled released public was zhang by event
         pass 1h
         claimed 3 wang
         > 3 claim_rejected claim_limit public for wang by event
         pass 28d
         pass 47h
         > 1 pooled recycled public was wang by timer recycle",
    );
}

#[test]
fn ends_are_decisions_and_final() {
    check(
        &[SLA],
        "lead 1 from=east
         > 1 assigned territory li
         closed 1 won
         > 1 closed won li by event
         closed 1 lost
         touched 1
         transferred 1 wang
         lead 2 from=east
         > 2 assigned territory wang
         lead 3 from=east
         > 3 assigned territory zhang
         merged 2 3
         > 2 closed merged wang of 3 by event
         closed 3 invalid
         > 3 closed invalid zhang by event
         claimed 3 li
         > 3 claim_rejected already_owned zhang for li by event
         pass 40d",
    );
}

#[test]
fn activity_that_overtakes_its_lead_waits_for_it() {
    check(
        &[SLA],
        "accepted 1 li
         closed 1 won
         pass 5m
         lead 1 from=east
         > 1 assigned territory li
         > 1 closed won li by event
         pass 1h",
    );
}
