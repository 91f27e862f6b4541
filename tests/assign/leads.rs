//! Leads as they arrive: territory, team, turn; and where a lead goes that nobody can take.

use bailiwick::assign::Fate;

use super::desk::{Desk, Log};

const EAST: &str = "
version: 1
tenant: acme
timezone: Asia/Shanghai
reps:
  - {id: li}
  - {id: wang}
  - {id: zhang}
teams:
  - {id: east, members: [wang, {rep: li, weight: 2}, zhang]}
territories:
  - {id: east, where: {source: east}, team: east}
";

fn from(desk: &mut Desk, ids: &[&str], source: &'static str) {
    for id in ids {
        desk.lead_with(id, |lead| lead.source = Some(source.into()));
    }
}

#[test]
fn weights_share_leads_in_the_order_of_passes_and_ids() {
    let mut desk = Desk::new(EAST);
    from(&mut desk, &["1", "2", "3", "4", "5", "6", "7", "8"], "east");
    let reps: Vec<_> = desk
        .decisions()
        .into_iter()
        .filter_map(|one| one.rep)
        .collect();
    let expected = ["li", "wang", "zhang", "li", "li", "wang", "zhang", "li"];
    assert_eq!(reps.iter().map(|rep| &**rep).collect::<Vec<_>>(), expected);
}

#[test]
fn the_first_decision_says_everything() {
    let mut desk = Desk::new(EAST);
    from(&mut desk, &["L-1"], "east");
    let one = desk.decisions().remove(0);
    assert_eq!(
        (one.seq, one.attempt, &*one.lead, &*one.tenant),
        (1, 1, "L-1", "acme")
    );
    assert_eq!(one.territory.as_deref(), Some("east"));
    assert_eq!(one.path, ["east".into()]);
    assert_eq!(one.team.as_deref(), Some("east"));
    assert_eq!(
        (one.cause, one.previous_rep, one.pool, one.handover),
        (None, None, None, None)
    );
    assert_eq!((&*one.source.topic, one.source.offset), ("leads", 1));
    assert_eq!((one.lead_at, one.decided_at), (desk.now, desk.now));
}

#[test]
fn the_same_or_an_older_revision_is_a_redelivery() {
    let mut desk = Desk::new(EAST);
    let revision = |desk: &mut Desk, revision| {
        desk.lead_with("L-1", |lead| {
            lead.source = Some("east".into());
            lead.revision = revision;
        })
    };
    assert_eq!(revision(&mut desk, 2), Fate::Decided);
    assert_eq!(revision(&mut desk, 2), Fate::Redelivered);
    assert_eq!(revision(&mut desk, 1), Fate::Redelivered);
    assert_eq!(revision(&mut desk, 3), Fate::Changed);
    assert_eq!(desk.effects.counts.redelivered, 2);
    assert_eq!(desk.said(), ["L-1 assigned territory li"]);
}

#[test]
fn undo_gives_numbers_and_turns_back_and_restore_goes_on_where_the_log_ends() {
    let mut desk = Desk::new(EAST);
    let mut log = Log::new();
    from(&mut desk, &["1", "2", "3"], "east");
    desk.changelog(&mut log);
    desk.state.commit();
    from(&mut desk, &["4", "5"], "east");
    let first = desk.decisions().split_off(3);
    desk.state.undo();
    from(&mut desk, &["4", "5"], "east");
    let again: Vec<_> = desk.decisions();
    let rep_and_seq = |all: &[bailiwick::event::Decision]| -> Vec<_> {
        all.iter().map(|one| (one.seq, one.rep.clone())).collect()
    };
    assert_eq!(rep_and_seq(&first), rep_and_seq(&again));

    let mut other = Desk::new(EAST);
    other.restart(&log);
    assert_eq!(other.state.meta().next_seq(), 4);
    from(&mut other, &["3", "4", "5"], "east");
    assert_eq!(other.effects.counts.redelivered, 1);
    assert_eq!(rep_and_seq(&other.decisions()), rep_and_seq(&again));
}

#[test]
fn nobody_a_team_a_pool_or_a_wait_each_has_its_reason() {
    let plan = |rest: &str| format!("{EAST}  - {{id: west, where: {{source: west}}}}\n{rest}");
    for (rest, source, expected) in [
        ("", "north", "1 unassigned no_territory -"),
        ("", "west", "1 unassigned no_team -"),
        (
            "fallback: {team: east}\n",
            "north",
            "1 assigned fallback li",
        ),
        ("fallback: {team: east}\n", "west", "1 assigned fallback li"),
        (
            "pools: [{id: public, claimants: [east]}]\nfallback: {pool: public}\n",
            "north",
            "1 pooled fallback public",
        ),
        (
            "pools: [{id: public, claimants: [east]}]\nfallback: {pool: public}\n",
            "west",
            "1 pooled no_team public",
        ),
    ] {
        let mut desk = Desk::new(&plan(rest));
        from(&mut desk, &["1"], source);
        assert_eq!(desk.said(), [expected], "{source} under {rest}");
    }
}
