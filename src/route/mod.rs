//! Which territory: an immutable router, compiled once from a plan, asked once a lead.
//!
//! [`truth`], [`geo`] and [`rank`] say what a match is; [`explain`] says why. The small
//! functions on a lead's way are marked for inlining: a release build optimises parts of the
//! crate apart, and calls between them took a third of the time of a match with hot caches.

mod blocks;
mod choose;
mod classes;
mod compile;
mod cover;
pub mod describe;
mod dictionary;
mod drafts;
pub mod explain;
mod gathering;
pub mod geo;
mod guards;
mod normal;
mod places;
pub mod postal;
pub mod rank;
mod scale;
mod search;
mod shapes;
mod sieve;
mod snapshot;
mod sources;
pub mod sphere;
mod steps;
pub mod survey;
pub mod truth;
mod units;

pub use explain::{Explanation, Failure, Finding, Verdict, explain};
pub use rank::Rank;
pub use snapshot::{Plans, Snapshot};
pub use survey::survey;
pub use truth::Truth;

use crate::event::Timestamp;
use crate::plan::{Candidates, Facts, Plan, TerritoryIx};

use guards::Guard;
use places::Places;
use search::Search;
use shapes::Shapes;
use sieve::Sifter;
use sources::Source;
use units::Units;

/// Finds the territories that a lead falls into.
#[derive(Debug)]
pub struct Router {
    /// Territories from the best rank to the worst: a rank's number is its position.
    order: Vec<TerritoryIx>,
    /// Overlay territories, deepest first, then by rank.
    overlays: Vec<Overlay>,
    /// Of each account the territory that takes its leads, and from when.
    accounts: Vec<Option<(TerritoryIx, Timestamp)>>,
    sources: Vec<Source>,
    sifter: Sifter,
    units: Units,
    places: Places,
    shapes: Shapes,
    guards: Vec<Guard>,
}

/// An overlay territory.
#[derive(Clone, Copy, Debug)]
struct Overlay {
    territory: TerritoryIx,
    /// The topmost overlay above it.
    branch: u32,
    rank: u32,
}

impl Router {
    /// Compiles a plan's conditions.
    pub fn compile(plan: &Plan) -> Self {
        compile::compile(plan)
    }

    /// The owner's territory and the overlays. The plan must be the one compiled. `now` only
    /// decides which territories are in effect.
    pub fn route(&self, plan: &Plan, facts: &Facts<'_>, now: Timestamp) -> Candidates {
        let mut search = Search::new(self, plan, facts, now);
        self.places.offer(&mut search);
        let found = search.finish();
        match self.account_territory(facts, now) {
            None => found,
            named => Candidates {
                territory: named,
                ..found
            },
        }
    }

    /// Memory held by rules and shapes, in bytes; tables of codes and texts come on top.
    pub fn bytes(&self) -> usize {
        self.units.bytes() + self.shapes.bytes() + self.places.bytes()
    }

    /// The territory that the accounts table names takes all leads of the account.
    fn account_territory(&self, facts: &Facts<'_>, now: Timestamp) -> Option<TerritoryIx> {
        let (account, _) = facts.account?;
        let (territory, from) = (*self.accounts.get(account.at())?)?;
        (from <= now).then_some(territory)
    }
}
