//! Many leads decided again: the count is said before, the rate is bounded, and a restart goes
//! on where the last commit stopped.

use std::collections::BTreeSet;

use bailiwick::assign::{Announcement, Subject};
use bailiwick::event::{ActivityKind, Decision, Reason, RepStatus, Span};

use super::desk::{Desk, Log, Shelf};

const BEFORE: &str = "version: 1\ntenant: acme\nreps: [{id: ann}, {id: bob}]\n\
    teams: [{id: one, members: [ann]}, {id: two, members: [bob]}]\n\
    territories: [{id: web, where: {source: web}, team: one}]\n";

/// The same with a territory inside, to which open leads move.
const AFTER: &str = "version: 1\ntenant: acme\npolicy: {realign: open}\n\
    reps: [{id: ann}, {id: bob}]\n\
    teams: [{id: one, members: [ann]}, {id: two, members: [bob]}]\n\
    territories:\n  - {id: web, where: {source: web}, team: one, children: \
    [{id: spring, where: {campaign: spring}, team: two}]}\n";

const LEADS: usize = 250;

/// A lane where ann has so many leads, half of them of a campaign if asked.
fn with_leads(plan: &str) -> (Desk, Log) {
    let (mut desk, mut log) = (Desk::new(plan), Log::new());
    for number in 0..LEADS {
        desk.lead_with(&format!("L{number}"), |lead| {
            lead.source = Some("web".into());
            lead.campaign = Some("spring".into());
        });
    }
    keep(&mut desk, &mut log);
    desk.decisions();
    (desk, log)
}

fn keep(desk: &mut Desk, log: &mut Log) {
    desk.changelog(log);
    desk.state.commit();
}

fn announced(desk: &mut Desk) -> Vec<Announcement> {
    std::mem::take(&mut desk.effects.announcements)
}

/// Decides all that is due, second by second, in a new process each time; how many leads were
/// decided in each second.
fn walk(desk: &mut Desk, log: &mut Log, reason: Reason) -> (Vec<usize>, Vec<Decision>) {
    let (mut seconds, mut all) = (Vec::new(), Vec::new());
    loop {
        while desk.state.due().is_some_and(|due| due <= desk.now) {
            desk.tick();
        }
        let decided = desk.decisions();
        if decided.is_empty() {
            return (seconds, all);
        }
        assert!(decided.iter().all(|one| one.reason == reason));
        seconds.push(decided.len());
        all.extend(decided);
        keep(desk, log);
        desk.restart(log);
        desk.now = desk.now.plus(Span::seconds(1));
    }
}

fn each_lead_once(decisions: &[Decision]) {
    let leads: BTreeSet<&str> = decisions.iter().map(|one| &*one.lead).collect();
    assert_eq!((decisions.len(), leads.len()), (LEADS, LEADS));
}

#[test]
fn a_rep_who_left_hands_over_a_hundred_leads_a_second_after_the_count_was_said() {
    let both = BEFORE.replace("[ann]}", "[{rep: ann, weight: 100}, bob], pick: stable}");
    let (mut desk, mut log) = with_leads(BEFORE);
    desk.shelf = Shelf::new(&both);
    desk.adopt();
    keep(&mut desk, &mut log);
    let (rep, status) = ("ann".into(), RepStatus::Left);
    desk.act(ActivityKind::RepStatus { rep, status });
    let subject = Subject::RepLeft("ann".into());
    let (tenant, leads) = ("acme".into(), LEADS as u64);
    let said = Announcement {
        tenant,
        subject,
        leads,
    };
    assert_eq!(announced(&mut desk), [said]);
    assert!(desk.decisions().is_empty(), "the count comes before");
    keep(&mut desk, &mut log);
    let (seconds, decided) = walk(&mut desk, &mut log, Reason::RepLeft);
    assert_eq!(seconds, [100, 100, 50]);
    each_lead_once(&decided);
    assert!(decided.iter().all(|one| one.rep.as_deref() == Some("bob")));
    assert!(announced(&mut desk).is_empty());
}

#[test]
fn open_leads_move_a_hundred_a_second_after_the_count_was_said() {
    let (mut desk, mut log) = with_leads(BEFORE);
    desk.shelf = Shelf::new(AFTER);
    let shelf = Shelf::new(AFTER);
    assert!(desk.state.replan(desk.now, &shelf, &mut desk.effects));
    keep(&mut desk, &mut log);
    desk.restart(&log);
    let (seconds, decided) = walk(&mut desk, &mut log, Reason::Realigned);
    assert_eq!(seconds, [100, 100, 50]);
    each_lead_once(&decided);
    assert!(
        decided
            .iter()
            .all(|one| one.previous_rep.as_deref() == Some("ann"))
    );
    let said = announced(&mut desk);
    assert_eq!((said.len(), said[0].leads), (1, LEADS as u64));
    assert_eq!(said[0].subject.reason(), Reason::Realigned);
}

#[test]
fn a_rep_whom_a_plan_drops_and_the_next_brings_back_keeps_what_was_not_yet_taken() {
    let without = BEFORE.replace("{id: ann}, ", "").replace("[ann]", "[bob]");
    let (mut desk, mut log) = with_leads(BEFORE);
    for (plan, moved) in [(without.as_str(), 100), (BEFORE, 0)] {
        desk.shelf = Shelf::new(plan);
        let shelf = Shelf::new(plan);
        assert!(desk.state.replan(desk.now, &shelf, &mut desk.effects));
        desk.tick();
        let decided = desk.decisions();
        assert_eq!(decided.len(), moved);
        assert!(decided.iter().all(|one| one.reason == Reason::RepLeft));
        desk.now = desk.now.plus(Span::seconds(1));
    }
    keep(&mut desk, &mut log);
    assert_eq!(walk(&mut desk, &mut log, Reason::RepLeft), (vec![], vec![]));
}
