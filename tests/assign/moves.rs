//! What decisions are called after a deployment was moved to other lanes.

use bailiwick::event::ActivityKind;

use super::desk::Desk;
use super::script::moved;

const PLAN: &str = "\
version: 1
tenant: acme
reps: [{id: ann}, {id: ben}]
teams: [{id: all, members: [ann]}, {id: others, members: [ben]}]
pools: [{id: public, claimants: [others]}]
territories: [{id: everywhere, where: {}, team: all}]
";

#[test]
fn every_lane_counts_from_one_and_no_decision_is_called_otherwise_later() {
    let mut desk = Desk::new(PLAN);
    let mut seqs: Vec<Vec<u64>> = Vec::new();
    for (leads, lanes) in [(&["L1", "L2"][..], 2), (&["L3"], 1), (&["L4", "L5"], 2)] {
        for lead in leads {
            desk.lead_with(lead, |_| ());
        }
        seqs.push(desk.decisions().iter().map(|one| one.seq).collect());
        desk.restart(&moved(&desk.state, lanes));
        assert_eq!(desk.state.meta().next_seq(), 1);
    }
    assert_eq!(seqs, [vec![1, 2], vec![1], vec![1, 2]]);
    for (lead, since, seq) in [
        ("L1", "acme/0/1", 1),
        ("L2", "acme/0/2", 2),
        ("L3", "acme/0.1/1", 1),
        ("L4", "acme/0.2/1", 1),
        ("L5", "acme/0.2/2", 2),
    ] {
        desk.act(ActivityKind::Claimed {
            lead: lead.into(),
            rep: "ben".into(),
            pool: None,
        });
        let rejected = desk.decisions().remove(0);
        assert_eq!(rejected.since.as_deref(), Some(since), "{lead}");
        assert_eq!(desk.state.lead("acme", lead).unwrap().since, seq, "{lead}");
    }
    assert_eq!(desk.state.meta().last_seq(), 5);
}
