//! What an edited plan changes: recent leads routed under both versions, and where they differ.

use std::collections::BTreeMap;

use crate::event::{Lead, Timestamp};
use crate::plan::TerritoryIx;
use crate::route::Snapshot;

/// Moves between two territories that are named; the rest is counted.
const NAMED: usize = 4;

/// How recent leads are spread anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Leads that were routed under both plans.
    pub compared: usize,
    /// By territory before and after, leads that change it.
    pub between: BTreeMap<(String, String), usize>,
}

impl Moves {
    /// Routes each lead under both plans.
    pub fn of(old: &Snapshot, new: &Snapshot, leads: &[Lead<'_>], now: Timestamp) -> Self {
        let mut between = BTreeMap::new();
        for lead in leads {
            let (before, after) = (place(old, lead, now), place(new, lead, now));
            if before != after {
                *between.entry((before, after)).or_default() += 1;
            }
        }
        Self {
            compared: leads.len(),
            between,
        }
    }

    /// One line: how many move, and the largest moves by name.
    pub fn describe(&self) -> String {
        let moved: usize = self.between.values().sum();
        let compared = self.compared;
        if moved == 0 {
            return format!("none of the last {compared} leads would move");
        }
        let mut largest: Vec<_> = self.between.iter().collect();
        largest.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let named: Vec<String> = largest
            .iter()
            .take(NAMED)
            .map(|((from, to), count)| format!("{count} {from} → {to}"))
            .collect();
        let rest = if largest.len() > NAMED { ", …" } else { "" };
        let named = named.join(", ");
        format!("{moved} of the last {compared} leads would move: {named}{rest}")
    }
}

/// The territory of a lead with the team that serves it: either may be what an edit changes.
fn place(snapshot: &Snapshot, lead: &Lead<'_>, now: Timestamp) -> String {
    let plan = &snapshot.plan;
    let facts = snapshot.normaliser.facts(plan, lead);
    let candidates = snapshot.router.route(plan, &facts, now);
    let named = |ix: TerritoryIx| {
        let territory = plan.territory(ix);
        match territory.serving_team {
            Some(team) => format!("{} ({})", territory.id, plan.teams[team.at()].id),
            None => territory.id.to_string(),
        }
    };
    candidates
        .territory
        .map_or_else(|| "nowhere".to_owned(), named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(territories: &str) -> Snapshot {
        let yaml = format!(
            "version: 1\ntenant: acme\ntimezone: UTC\nreps: [{{id: ann}}]\n\
             teams: [{{id: one, members: [ann]}}, {{id: two, members: [ann]}}]\n\
             territories:\n{territories}"
        );
        let loaded = crate::plan::load_str(&yaml);
        Snapshot::build(loaded.plan.expect("the plan is valid"))
    }

    fn leads() -> Vec<Lead<'static>> {
        let lead = |id: &'static str, country: &'static str| {
            let mut lead = Lead {
                id: id.into(),
                ..Lead::default()
            };
            lead.address.country = Some(country.into());
            lead
        };
        vec![lead("L-1", "CN"), lead("L-2", "CN"), lead("L-3", "US")]
    }

    #[test]
    fn leads_that_change_territory_or_team_are_counted_by_pair() {
        let old = snapshot("  - {id: china, where: {country: cn}, team: one}\n");
        let new = snapshot(
            "  - {id: china, where: {country: cn}, team: two}\n  - {id: us, where: {country: us}, team: one}\n",
        );
        let moves = Moves::of(&old, &new, &leads(), Timestamp(0));
        assert_eq!(
            moves.describe(),
            "3 of the last 3 leads would move: \
             2 china (one) → china (two), 1 nowhere → us (one)"
        );
        let same = Moves::of(&old, &old, &leads(), Timestamp(0));
        assert_eq!(same.describe(), "none of the last 3 leads would move");
    }
}
