//! The router against the oracle on random plans and leads, missing values included.

use bailiwick::route::{Finding, Router, explain};

use super::build::NOW;
use super::oracle::Oracle;
use super::random::World;

/// Pairs of plan and lead in an ordinary test run. `BAILIWICK_ORACLE_PAIRS` sets another
/// number; a million take some minutes in a release build.
const PAIRS: usize = 20_000;

/// Leads for each plan.
const LEADS_PER_PLAN: usize = 40;

fn pairs() -> usize {
    std::env::var("BAILIWICK_ORACLE_PAIRS").map_or(PAIRS, |count| count.parse().unwrap())
}

#[test]
fn the_router_agrees_with_the_oracle() {
    let mut owned = 0;
    for seed in 0..(pairs() / LEADS_PER_PLAN) as u64 {
        let mut world = World::new(seed);
        let plan = world.plan();
        let router = Router::compile(&plan);
        let oracle = Oracle::new(&plan);
        for lead in 0..LEADS_PER_PLAN {
            let facts = world.facts(&plan);
            let found = router.route(&plan, &facts, NOW);
            let expected = oracle.route(&facts, NOW);
            assert_eq!(
                found, expected,
                "seed {seed}, lead {lead}: {facts:#?}\n{:#?}\n{:#?}",
                plan.territories, plan.areas
            );
            owned += usize::from(found.territory.is_some());
            if lead == 0 {
                let told = explain(&plan, &facts, NOW);
                assert_eq!(told.candidates, expected, "the explanation of seed {seed}");
                let by_itself = told.by_account.is_none();
                assert!(
                    !by_itself
                        || expected.territory.is_none_or(|ix| {
                            told.verdicts[ix.at()].finding == Finding::Matched
                        })
                );
            }
        }
    }
    // A generator that never matches would prove nothing.
    assert!(
        owned * 3 > pairs(),
        "only {owned} of {} leads found an owner",
        pairs()
    );
}
