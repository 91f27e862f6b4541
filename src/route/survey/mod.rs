//! What a plan says and cannot mean: territories that never own a lead, conditions that never hold, ties, gaps.
//!
//! Conditions are read as [`cell`]s: products of sets of values, one set a field. A claim
//! that something *never* happens is proven by taking cells off cells until none is left; a
//! claim that something *can* happen comes with a lead for which the router says so. Where
//! neither succeeds, nothing is said: what is not found is listed in the README.
//!
//! Leads are taken to agree with themselves: one whose code lies in a country is in that
//! country.

mod cell;
mod codes;
mod gaps;
mod inside;
mod keys;
mod reading;
mod report;
mod shadow;
mod span;
mod ties;
mod witness;
mod words;

use std::rc::Rc;

use crate::event::Timestamp;
use crate::plan::{AdminIx, Facts, Places, Plan, Problem, TerritoryIx};

use super::rank::{self, Rank};
use super::{Router, choose};

use cell::{Cell, joined};
use reading::{MAX_CELLS, Reader};

/// Something to tell about a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// No lead can meet the condition of the territory and those above it.
    Contradiction { territory: TerritoryIx },
    /// Other territories take every lead that it could own.
    NeverWins {
        territory: TerritoryIx,
        taken_by: Vec<TerritoryIx>,
    },
    /// Two territories of the same rank meet; the id decides for `first`.
    Tie {
        first: TerritoryIx,
        second: TerritoryIx,
        /// A lead that both match, in words.
        lead: String,
        /// Further pairs that were found and are not listed.
        unlisted: usize,
    },
    /// Leads of a territory that no team takes.
    Gap {
        territory: TerritoryIx,
        /// Which leads, in words; empty where only an example can be given.
        leads: Vec<String>,
        example: String,
    },
}

/// A plan under examination.
struct Survey<'p> {
    plan: &'p Plan,
    router: Router,
    ranks: Vec<Rank>,
    /// By territory, the cells of its effective condition; `None` if there are too many.
    cells: Vec<Option<Rc<[Cell<'p>]>>>,
    /// The gazetteer's areas in depth-first order.
    areas: Vec<AdminIx>,
    /// By territory, when it and those above it are in effect.
    begins: Vec<Timestamp>,
}

/// Examines a plan and says what was found where it stands in its files.
pub fn survey(plan: &Plan, places: &Places) -> Vec<Problem> {
    findings(plan)
        .iter()
        .filter_map(|one| report::problem(plan, places, one))
        .collect()
}

/// Everything found, by kind and then in the plan's order.
pub fn findings(plan: &Plan) -> Vec<Finding> {
    let survey = Survey::new(plan);
    let mut found = shadow::find(&survey);
    let never: Vec<TerritoryIx> = found.iter().map(Finding::territory).collect();
    found.extend(ties::find(&survey, &never));
    found.extend(gaps::find(&survey));
    found
}

impl Finding {
    /// The territory that it is about.
    pub const fn territory(&self) -> TerritoryIx {
        match self {
            Self::Contradiction { territory }
            | Self::NeverWins { territory, .. }
            | Self::Gap { territory, .. } => *territory,
            Self::Tie { second, .. } => *second,
        }
    }
}

impl<'p> Survey<'p> {
    fn new(plan: &'p Plan) -> Self {
        let reader = Reader::new(plan);
        let mut cells: Vec<Option<Rc<[Cell<'p>]>>> = Vec::with_capacity(plan.territories.len());
        for territory in &plan.territories {
            let own = reader.cells(&territory.condition);
            cells.push(match territory.parent {
                None => own.map(Into::into),
                // Most children of a teamless region only add a team.
                Some(parent) if cell::asks_nothing(&territory.condition) => {
                    cells[parent.at()].clone()
                }
                Some(parent) => cells[parent.at()]
                    .as_ref()
                    .and_then(|above| joined(above, &own?, MAX_CELLS))
                    .map(Into::into),
            });
        }
        let count = plan.territories.len() as u32;
        Self {
            router: Router::compile(plan),
            ranks: rank::ranks(plan),
            cells,
            areas: depth_first(plan),
            begins: (0..count)
                .map(|at| choose::in_effect_from(plan, TerritoryIx(at)))
                .collect(),
            plan,
        }
    }

    fn territories(&self) -> impl Iterator<Item = TerritoryIx> + use<> {
        (0..self.plan.territories.len() as u32).map(TerritoryIx)
    }

    fn cells_of(&self, ix: TerritoryIx) -> Option<&[Cell<'p>]> {
        self.cells[ix.at()].as_deref()
    }

    /// A lead in the cell that meets the territory's condition for certain.
    fn lead_of(&self, ix: TerritoryIx, cell: &Cell<'p>) -> Option<Facts<'p>> {
        let lead = witness::lead(self.plan, &self.areas, cell)?;
        witness::meets(self.plan, &lead, ix).then_some(lead)
    }

    /// Who owns a lead among the territories that compete with this one: of an overlay's own
    /// branch, or of all that are none.
    fn owner(&self, among: TerritoryIx, lead: &Facts<'p>, now: Timestamp) -> Option<TerritoryIx> {
        let found = self.router.route(self.plan, lead, now);
        if !self.plan.territory(among).overlay {
            return found.territory;
        }
        let branch = choose::branch_of(self.plan, among);
        let mut overlays = found.overlays.into_iter();
        overlays.find(|ix| choose::branch_of(self.plan, *ix) == branch)
    }

    /// Whether a territory lies below another one.
    fn is_below(&self, ix: TerritoryIx, above: TerritoryIx) -> bool {
        let parent = |ix: &TerritoryIx| self.plan.territory(*ix).parent;
        std::iter::successors(parent(&ix), parent).any(|one| one == above)
    }
}

fn depth_first(plan: &Plan) -> Vec<AdminIx> {
    let count = plan.gazetteer.nodes().len() as u32;
    let mut areas: Vec<AdminIx> = (0..count).map(AdminIx).collect();
    areas.sort_unstable_by_key(|ix| plan.gazetteer.span(*ix).0);
    areas
}
