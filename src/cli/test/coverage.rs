//! What of a plan its cases reached: territories, teams and pools that decided a lead.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::route::Plans;

/// What decisions named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reached {
    /// Territories that owned a lead, or gave it a second owner. Those on the way to them in
    /// the tree do not count: their own rule decided nothing.
    pub territories: BTreeSet<String>,
    pub teams: BTreeSet<String>,
    pub pools: BTreeSet<String>,
}

impl Reached {
    /// Notes what one decision named.
    pub fn note(&mut self, decision: &Value) {
        let name = |value: &Value| value.as_str().map(str::to_owned);
        self.territories.extend(name(&decision["territory"]));
        self.teams.extend(name(&decision["team"]));
        self.pools.extend(name(&decision["pool"]));
        for overlay in decision["overlays"].as_array().into_iter().flatten() {
            self.territories.extend(name(&overlay["territory"]));
            self.teams.extend(name(&overlay["team"]));
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.territories.extend(other.territories.iter().cloned());
        self.teams.extend(other.teams.iter().cloned());
        self.pools.extend(other.pools.iter().cloned());
    }
}

/// One kind of rule: how many there are, and which no case reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    pub kind: &'static str,
    pub all: usize,
    pub unreached: Vec<String>,
}

impl Coverage {
    fn of<'p>(
        kind: &'static str,
        all: impl Iterator<Item = &'p str>,
        reached: &BTreeSet<String>,
    ) -> Self {
        let all: Vec<&str> = all.collect();
        let unreached = all.iter().filter(|id| !reached.contains(**id));
        Self {
            kind,
            unreached: unreached.map(|&id| id.to_owned()).collect(),
            all: all.len(),
        }
    }

    pub fn reached(&self) -> usize {
        self.all - self.unreached.len()
    }
}

/// What was reached of plans, by kind of rule.
pub fn measure(plans: &Plans, reached: &Reached) -> Vec<Coverage> {
    let plans = || plans.values().map(|snapshot| &snapshot.plan);
    let territories = plans().flat_map(|plan| plan.territories.iter().map(|one| &*one.id));
    let teams = plans().flat_map(|plan| plan.teams.iter().map(|one| &*one.id));
    let pools = plans().flat_map(|plan| plan.pools.iter().map(|one| &*one.id));
    vec![
        Coverage::of("territories", territories, &reached.territories),
        Coverage::of("teams", teams, &reached.teams),
        Coverage::of("pools", pools, &reached.pools),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_territory_on_the_way_to_the_owner_is_not_reached() {
        let mut reached = Reached::default();
        reached.note(&json!({
            "territory": "city", "path": ["country", "city"], "team": "one", "pool": null,
            "overlays": [{"territory": "cloud", "team": "two"}],
        }));
        let territories = ["country", "city", "cloud"].into_iter();
        let coverage = Coverage::of("territories", territories, &reached.territories);
        assert_eq!(coverage.unreached, ["country"]);
        assert_eq!(coverage.reached(), 2);
        assert_eq!(reached.teams.len(), 2);
        assert!(reached.pools.is_empty());
    }
}
