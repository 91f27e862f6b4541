//! Questions to a plan, always asked of router and explanation alike.

use bailiwick::event::Timestamp;
use bailiwick::plan::{Facts, Plan, TerritoryIx};
use bailiwick::route::{Router, explain};

use super::build::*;

/// A lead that only tells its administrative area.
pub fn facts_in(plan: &Plan, code: &str) -> Facts<'static> {
    Facts {
        country: text(code.split('-').next().unwrap()),
        admin: Some(admin_ix(plan, code)),
        ..Facts::default()
    }
}

/// The owner's territory and overlays by name, from router and explanation alike.
pub fn owner(plan: &Plan, facts: &Facts<'_>) -> (Option<String>, Vec<String>) {
    owner_at(plan, facts, NOW)
}

/// [`owner`] at another moment.
pub fn owner_at(plan: &Plan, facts: &Facts<'_>, now: Timestamp) -> (Option<String>, Vec<String>) {
    let found = Router::compile(plan).route(plan, facts, now);
    assert_eq!(
        found,
        explain(plan, facts, now).candidates,
        "the explanation differs"
    );
    let name = |ix: TerritoryIx| plan.territory(ix).id.to_string();
    (
        found.territory.map(name),
        found.overlays.iter().copied().map(name).collect(),
    )
}

/// The owner's territory, or `nobody`.
pub fn winner(plan: &Plan, facts: &Facts<'_>) -> String {
    owner(plan, facts).0.unwrap_or_else(|| "nobody".to_owned())
}
