//! A plain matcher written from spec sections 3 and 4 alone: it walks every territory and
//! shares no code with the router.

mod logic;
mod order;
mod plane;

use std::collections::BTreeSet;

use bailiwick::event::Timestamp;
use bailiwick::plan::{Candidates, Facts, Plan, Territory, TerritoryIx};

use logic::condition;
use order::{path, ranks_before};

pub use plane::{in_area, surface};

/// Plans are weighed once, leads are then matched against them.
pub struct Oracle<'p> {
    plan: &'p Plan,
    /// Territories from the best rank to the worst.
    order: Vec<TerritoryIx>,
}

impl<'p> Oracle<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        let mut order: Vec<TerritoryIx> = (0..plan.territories.len() as u32)
            .map(TerritoryIx)
            .collect();
        // Insertion sort: the order is whatever `ranks_before` says and needs no key.
        for end in 1..order.len() {
            let mut at = end;
            while at > 0 && ranks_before(plan, order[at], order[at - 1]) {
                order.swap(at, at - 1);
                at -= 1;
            }
        }
        Self { plan, order }
    }

    pub fn route(&self, facts: &Facts<'_>, now: Timestamp) -> Candidates {
        let plan = self.plan;
        let in_effect = |t: &&Territory| t.effective_from.is_none_or(|from| now >= from);
        let matches = |ix: &TerritoryIx| {
            let path = path(plan, *ix);
            path.iter()
                .all(|t| in_effect(t) && condition(plan, facts, &t.condition) == Some(true))
        };
        let matched: Vec<TerritoryIx> = self.order.iter().copied().filter(matches).collect();
        let named = facts
            .account
            .and_then(|(ix, _)| plan.accounts[ix.at()].territory);
        let named = named
            .filter(|ix| !plan.territory(*ix).overlay && path(plan, *ix).iter().all(in_effect));
        let owner = matched
            .iter()
            .copied()
            .find(|ix| !plan.territory(*ix).overlay);
        let mut branches: BTreeSet<String> = BTreeSet::new();
        let overlays = |ix: &&TerritoryIx| plan.territory(**ix).overlay;
        let branch = |ix: TerritoryIx| {
            let top = path(plan, ix).into_iter().find(|t| t.overlay);
            top.map(|t| t.id.to_string()).unwrap_or_default()
        };
        let deepest = |of: &str| {
            let depths = matched
                .iter()
                .filter(overlays)
                .filter(|ix| branch(**ix) == of);
            depths.map(|ix| path(plan, *ix).len()).max()
        };
        let mut chosen = Vec::new();
        for &ix in matched.iter().filter(overlays) {
            let of = branch(ix);
            if deepest(&of) == Some(path(plan, ix).len()) && branches.insert(of) {
                chosen.push(ix);
            }
        }
        Candidates {
            territory: named.or(owner),
            overlays: chosen.into(),
        }
    }
}
