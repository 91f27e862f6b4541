//! Matching a lead allocates nothing, whatever the plan asks about.

use bailiwick::plan::{Dimension, Facts, OVERLAYS_INSIDE};
use bailiwick::route::Router;

use super::build::{NOW, add, empty_plan, text, texts};
use super::random::World;

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

#[test]
fn many_second_owners_allocate_nothing_either() {
    let mut plan = empty_plan();
    for at in 0..OVERLAYS_INSIDE {
        let condition = texts(Dimension::Source, &["web", "fair"]);
        add(&mut plan, "", &format!("o{at:02}"), condition).overlay = true;
    }
    let router = Router::compile(&plan);
    let facts = Facts {
        source: text("fair"),
        ..Facts::default()
    };
    let mut overlays = 0;
    let info = allocation_counter::measure(|| {
        overlays = router.route(&plan, &facts, NOW).overlays.len();
    });
    assert_eq!((overlays, info.count_total), (OVERLAYS_INSIDE, 0));
}
