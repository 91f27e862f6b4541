//! Matching a lead allocates nothing, whatever the plan asks about.

use bailiwick::route::Router;

use super::build::NOW;
use super::random::World;

/// Overlays of one lead that fit into the answer itself.
const OVERLAYS_INSIDE: usize = 4;

#[test]
fn a_match_allocates_nothing() {
    for seed in 0..300 {
        let mut world = World::new(seed);
        let plan = world.plan();
        let router = Router::compile(&plan);
        for lead in 0..20 {
            let facts = world.facts(&plan);
            let mut overlays = 0;
            let info = allocation_counter::measure(|| {
                overlays = router.route(&plan, &facts, NOW).overlays.len();
            });
            assert!(
                info.count_total == 0 || overlays > OVERLAYS_INSIDE,
                "seed {seed}, lead {lead}: {} allocations",
                info.count_total
            );
        }
    }
}
