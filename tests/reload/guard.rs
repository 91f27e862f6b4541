//! Valid plans that look like accidents.

use bailiwick::event::Lead;

use super::{Site, plan, write};

fn site(reps: usize) -> Site {
    Site::start("plan", |folder| {
        write(folder.join("plan/plan.yaml"), &plan("acme", "east", reps))
    })
}

fn offer(site: &Site, count: usize) {
    for number in 0..count {
        site.board.leads().offer(&Lead {
            id: number.to_string().into(),
            tenant: "acme".into(),
            source: Some("web".into()),
            ..Lead::default()
        });
    }
}

#[test]
fn a_plan_that_leaves_recent_leads_without_a_territory_is_refused_unless_forced() {
    let site = site(2);
    offer(&site, 30);
    let narrow = plan("acme", "west", 2).replace("[web]", "[fair]");
    write(site.folder.path().join("plan/plan.yaml"), &narrow);
    site.wait_for_failure("acme", "30 of 30 recent leads would lose their territory");
    assert_eq!(site.territory("acme").as_deref(), Some("east"));
    assert!(site.metric("bailiwick_plan_reloads_total{result=\"refused\"} 1"));
    assert!(site.metric("bailiwick_plan_reload_failures_total 1"));
    assert_eq!(site.reload(true).failed, []);
    assert_eq!(site.territory("acme").as_deref(), Some("west"));
    assert_eq!(site.failure("acme"), None);
}

#[test]
fn few_leads_say_nothing() {
    let site = site(2);
    offer(&site, 5);
    let narrow = plan("acme", "west", 2).replace("[web]", "[fair]");
    write(site.folder.path().join("plan/plan.yaml"), &narrow);
    site.wait_for_territory("acme", "west");
}

#[test]
fn a_plan_that_drops_most_reps_is_refused() {
    let site = site(10);
    write(
        site.folder.path().join("plan/plan.yaml"),
        &plan("acme", "west", 4),
    );
    site.wait_for_failure("acme", "6 of 10 reps would go");
    write(
        site.folder.path().join("plan/plan.yaml"),
        &plan("acme", "west", 5),
    );
    site.wait_for_territory("acme", "west");
}
