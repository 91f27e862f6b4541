//! What must hold of any decisions, whatever the plan.

use std::collections::BTreeMap;

use bailiwick::event::{Cause, Decision, Outcome};

/// Watches the decisions of one lane.
#[derive(Default)]
pub struct Watch {
    last_seq: u64,
    /// By lead: whether its life is over.
    known: BTreeMap<Box<str>, bool>,
}

impl Watch {
    pub fn see(&mut self, seed: u64, decisions: &[Decision]) {
        for one in decisions {
            assert_eq!(one.seq, self.last_seq + 1, "seed {seed}: seq has no gap");
            self.last_seq = one.seq;
            self.first_or_caused(seed, one);
            place_or_reason(seed, one);
        }
    }

    /// A first decision has no cause, every later one has; a withdrawn lead may begin anew.
    fn first_or_caused(&mut self, seed: u64, one: &Decision) {
        let first = self.known.get(&one.lead).is_none_or(|over| *over);
        let caused = one.cause.is_some();
        let rejected = one.outcome == Outcome::ClaimRejected;
        assert!(first != caused || rejected, "seed {seed}: cause of {one:?}");
        let over = one.outcome == Outcome::Withdrawn;
        self.known.insert(one.lead.clone(), over);
        if let Some(Cause::Event(id)) = &one.cause {
            assert!(!id.is_empty(), "seed {seed}: an event has an id");
        }
    }
}

/// Each outcome says where the lead is.
fn place_or_reason(seed: u64, one: &Decision) {
    let (rep, pool) = (one.rep.is_some(), one.pool.is_some());
    let fits = match one.outcome {
        Outcome::Assigned => rep && !pool,
        Outcome::Pooled => pool && !rep,
        Outcome::Unassigned => !rep && !pool,
        Outcome::Duplicate => one.duplicate_of.is_some(),
        Outcome::ClaimRejected => one.claimant.is_some() && one.since.is_some(),
        Outcome::Closed | Outcome::Withdrawn => true,
    };
    assert!(fits, "seed {seed}: {one:?}");
}
