//! Which territory: an immutable router, compiled once from a plan, asked once a lead.
//!
//! [`truth`], [`geo`] and [`rank`] say what a match is; [`explain`] says why.

mod choose;
pub mod describe;
pub mod explain;
pub mod geo;
pub mod postal;
pub mod rank;
mod snapshot;
pub mod sphere;
pub mod truth;

pub use explain::{Explanation, Failure, Finding, Verdict, explain};
pub use rank::Rank;
pub use snapshot::{Plans, Snapshot};
pub use truth::Truth;

use crate::event::Timestamp;
use crate::plan::{Candidates, Facts, Plan, TerritoryIx};

/// Finds the territories that a lead falls into.
#[derive(Debug)]
pub struct Router {
    ranks: Vec<Rank>,
}

impl Router {
    /// Compiles a plan's conditions.
    pub fn compile(plan: &Plan) -> Self {
        Self {
            ranks: rank::ranks(plan),
        }
    }

    /// The owner's territory and the overlays. `now` only decides which territories are in
    /// effect.
    pub fn route(&self, plan: &Plan, facts: &Facts<'_>, now: Timestamp) -> Candidates {
        let mut holds: Vec<bool> = Vec::with_capacity(plan.territories.len());
        for territory in &plan.territories {
            let holding = territory.parent.is_none_or(|parent| holds[parent.at()])
                && territory.effective_from.is_none_or(|from| from <= now)
                && truth::condition(plan, facts, &territory.condition) == Truth::True;
            holds.push(holding);
        }
        let matched: Vec<TerritoryIx> = (0..holds.len() as u32)
            .map(TerritoryIx)
            .filter(|ix| holds[ix.at()])
            .collect();
        choose::among(plan, facts, now, &self.ranks, &matched)
    }
}
