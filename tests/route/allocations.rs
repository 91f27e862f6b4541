//! Matching a lead allocates nothing, whatever the plan asks about.

use bailiwick::admin::LeadReader;
use bailiwick::config::InputMapping;
use bailiwick::plan::{Dimension, Facts, OVERLAYS_INSIDE};
use bailiwick::route::Router;

use super::build::{NOW, add, empty_plan, text, texts};
use super::fuzz::{LEAD, the_plan};
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

/// What a lead costs in allocations before its match: three lists that its record has; then
/// the texts that normalising changes, the company's name, code and number among them, and
/// the lists that the plan asks for.
#[test]
fn a_lead_is_read_and_normalised_with_few_allocations() {
    let reader = LeadReader::new(&InputMapping::default(), 1 << 16);
    let (plan, router, normaliser) = the_plan();
    let mut lead = None;
    let read = allocation_counter::measure(|| lead = reader.read(LEAD.as_bytes(), "acme").ok());
    let lead = lead.expect("the lead is the specification's");
    let mut facts = Facts::default();
    let normalised = allocation_counter::measure(|| facts = normaliser.needed_facts(plan, &lead));
    let routed = allocation_counter::measure(|| drop(router.route(plan, &facts, NOW)));
    let counts = [&read, &normalised, &routed].map(|info| info.count_total);
    assert_eq!(counts, [3, 7, 0]);
}
