//! What `check` says can never happen, against leads that try to make it happen.

use bailiwick::plan::Facts;
use bailiwick::plan::{Plan, TerritoryIx};
use bailiwick::route::survey::{Finding, findings};

use super::build::NOW;
use super::oracle::Oracle;
use super::random::World;

/// Plans in an ordinary test run. `BAILIWICK_SURVEYED_PLANS` sets another number.
const PLANS: u64 = 300;

/// Leads that try, for each plan with such a claim.
const LEADS: usize = 200;

fn plans() -> u64 {
    std::env::var("BAILIWICK_SURVEYED_PLANS").map_or(PLANS, |count| count.parse().unwrap())
}

#[test]
fn a_territory_that_never_wins_owns_no_lead_of_the_oracle() {
    let (mut claims, mut contradictions) = (0, 0);
    for seed in 0..plans() {
        let mut world = World::new(seed);
        let plan = world.plan();
        let found = findings(&plan);
        let never: Vec<TerritoryIx> = found.iter().filter_map(never_owns).collect();
        if never.is_empty() {
            continue;
        }
        claims += never.len();
        contradictions += found
            .iter()
            .filter(|one| matches!(one, Finding::Contradiction { .. }))
            .count();
        let oracle = Oracle::new(&plan);
        for _ in 0..LEADS {
            let lead = consistent(&plan, world.facts(&plan));
            let owners = oracle.route(&lead, NOW);
            for ix in &never {
                assert!(
                    owners.territory != Some(*ix) && !owners.overlays.contains(ix),
                    "seed {seed}: {} owns {lead:#?}\n{found:#?}\n{:#?}",
                    plan.territory(*ix).id,
                    plan.territories
                );
            }
        }
    }
    // A search that never claims anything would prove nothing.
    let (shadows, plans) = (claims - contradictions, plans() as usize);
    println!("{contradictions} contradictions and {shadows} shadows in {plans} plans");
    assert!(
        contradictions * 2 > plans && shadows * 8 > plans,
        "{contradictions} contradictions and {shadows} shadows in {plans} plans"
    );
}

fn never_owns(finding: &Finding) -> Option<TerritoryIx> {
    match finding {
        Finding::Contradiction { territory } | Finding::NeverWins { territory, .. } => {
            Some(*territory)
        }
        Finding::Tie { .. } | Finding::Gap { .. } => None,
    }
}

/// A lead whose country is that of its code, as the normaliser makes it of leads that do not
/// contradict themselves.
fn consistent(plan: &Plan, lead: Facts<'static>) -> Facts<'static> {
    let country = lead.admin.map(|ix| plan.gazetteer.country_of(ix));
    let country = country.map(|code| code.to_owned().into());
    Facts {
        country: country.or(lead.country.clone()),
        ..lead
    }
}
