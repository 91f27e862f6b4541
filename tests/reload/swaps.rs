//! Changes in the folder, as editors, package managers and Kubernetes make them.

use std::os::unix::fs::symlink;
use std::path::Path;

use bailiwick::metrics::ReloadResult;

use super::{Site, plan, write};

#[test]
fn a_changed_file_changes_its_tenant_only() {
    let site = Site::start("plans", |folder| {
        write(
            folder.join("plans/acme/plan.yaml"),
            &plan("acme", "east", 2),
        );
        write(
            folder.join("plans/beta/plan.yaml"),
            &plan("beta", "north", 2),
        );
    });
    let beta = site.plans.load().get("beta").unwrap().clone();
    write(
        site.folder.path().join("plans/acme/plan.yaml"),
        &plan("acme", "west", 2),
    );
    site.wait_for_territory("acme", "west");
    let plans = site.plans.load();
    assert!(std::sync::Arc::ptr_eq(plans.get("beta").unwrap(), &beta));
    let version = &plans.get("acme").unwrap().plan.version;
    assert!(site.metric(&format!(
        "bailiwick_plan_info{{tenant=\"acme\",version=\"{version}\"}} 1"
    )));
    assert!(site.metric("bailiwick_plan_reload_failures_total 0"));
}

/// As the kubelet does it: a new folder, a new link beside, renamed over the old one.
fn swap(mount: &Path, number: u32, content: &str) {
    let data = format!("..2026_11_23_{number}");
    write(mount.join(&data).join("plan.yaml"), content);
    symlink(&data, mount.join("..data_tmp")).unwrap();
    std::fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    if number > 0 {
        std::fs::remove_dir_all(mount.join(format!("..2026_11_23_{}", number - 1))).unwrap();
    }
}

#[test]
fn config_map_swaps_work_each_time() {
    let site = Site::start("mount", |folder| {
        let mount = folder.join("mount");
        std::fs::create_dir(&mount).unwrap();
        swap(&mount, 0, &plan("acme", "t0", 2));
        symlink("..data/plan.yaml", mount.join("plan.yaml")).unwrap();
    });
    for number in 1..=10 {
        let territory = format!("t{number}");
        swap(
            &site.folder.path().join("mount"),
            number,
            &plan("acme", &territory, 2),
        );
        site.wait_for_territory("acme", &territory);
    }
}

#[test]
fn a_link_to_the_whole_folder_may_be_swapped() {
    let site = Site::start("plans", |folder| {
        write(folder.join("v0/acme/plan.yaml"), &plan("acme", "t0", 2));
        symlink("v0", folder.join("plans")).unwrap();
    });
    for number in 1..=10 {
        let folder = site.folder.path();
        let (name, territory) = (format!("v{number}"), format!("t{number}"));
        write(
            folder.join(&name).join("acme/plan.yaml"),
            &plan("acme", &territory, 2),
        );
        symlink(&name, folder.join("next")).unwrap();
        std::fs::rename(folder.join("next"), folder.join("plans")).unwrap();
        site.wait_for_territory("acme", &territory);
    }
}

#[test]
fn a_plan_of_one_file_is_watched_too() {
    let site = Site::start("acme.yaml", |folder| {
        write(folder.join("acme.yaml"), &plan("acme", "t0", 2))
    });
    for number in 1..=3 {
        // As editors save: written beside, then renamed.
        let (beside, territory) = (site.folder.path().join(".acme.swp"), format!("t{number}"));
        write(&beside, &plan("acme", &territory, 2));
        std::fs::rename(beside, site.folder.path().join("acme.yaml")).unwrap();
        site.wait_for_territory("acme", &territory);
    }
}

#[test]
fn a_broken_plan_keeps_the_old_one_and_says_why_until_it_is_mended() {
    let site = Site::start("plans", |folder| {
        write(
            folder.join("plans/acme/plan.yaml"),
            &plan("acme", "east", 2),
        );
    });
    let file = site.folder.path().join("plans/acme/plan.yaml");
    write(
        &file,
        &plan("acme", "east", 2).replace("team: t", "teem: t"),
    );
    site.wait_for_failure("acme", "did you mean");
    assert_eq!(site.territory("acme").as_deref(), Some("east"));
    assert!(site.metric("bailiwick_plan_stale{tenant=\"acme\"} 1"));
    assert!(site.metric("bailiwick_plan_reloads_total{result=\"broken\"} 1"));
    write(&file, &plan("acme", "west", 2));
    site.wait_for_territory("acme", "west");
    site.wait_for("mended", |site| site.failure("acme").is_none());
    assert!(site.metric("bailiwick_plan_stale{tenant=\"acme\"} 0"));
}

#[test]
fn a_new_tenant_comes_into_force_and_a_lost_one_stays_until_forced() {
    let site = Site::start("plans", |folder| {
        write(
            folder.join("plans/acme/plan.yaml"),
            &plan("acme", "east", 2),
        );
    });
    let plans = site.folder.path().join("plans");
    write(plans.join("beta/plan.yaml"), &plan("beta", "north", 2));
    site.wait_for_territory("beta", "north");
    std::fs::remove_dir_all(plans.join("beta")).unwrap();
    site.wait_for_failure("beta", "no folder has a plan of this tenant any more");
    assert_eq!(site.territory("beta").as_deref(), Some("north"));
    assert_eq!(site.reload(true).changed, [("beta".into(), None)]);
    assert_eq!(site.territory("beta"), None);
    assert_eq!(site.territory("acme").as_deref(), Some("east"));
}

#[test]
fn a_second_plan_of_a_tenant_never_replaces_the_first() {
    let site = Site::start("plans", |folder| {
        write(folder.join("plans/one/plan.yaml"), &plan("acme", "east", 2));
    });
    let second = site.folder.path().join("plans/two/plan.yaml");
    write(&second, &plan("acme", "west", 2));
    site.wait_for_failure("two", "tenant `acme` has its plan in");
    assert_eq!(site.territory("acme").as_deref(), Some("east"));
    write(&second, &plan("beta", "west", 2));
    site.wait_for_territory("beta", "west");
    site.wait_for("forgotten", |site| {
        !site.board.plan_statuses().contains_key("two")
    });
}

#[test]
fn a_folder_that_changes_its_tenant_keeps_the_old_ones_plan_until_forced() {
    let site = Site::start("plans", |folder| {
        write(folder.join("plans/one/plan.yaml"), &plan("acme", "east", 2));
    });
    write(
        site.folder.path().join("plans/one/plan.yaml"),
        &plan("beta", "west", 2),
    );
    site.wait_for_territory("beta", "west");
    site.wait_for_failure("acme", "no folder has a plan of this tenant");
    assert_eq!(site.territory("acme").as_deref(), Some("east"));
    site.reload(true);
    assert_eq!(site.territory("acme"), None);
}

#[test]
fn a_folder_that_vanishes_for_a_moment_costs_nothing() {
    let site = Site::start("plans", |folder| {
        write(
            folder.join("plans/acme/plan.yaml"),
            &plan("acme", "east", 2),
        );
    });
    let (here, away) = (
        site.folder.path().join("plans"),
        site.folder.path().join("away"),
    );
    std::fs::rename(&here, &away).unwrap();
    site.wait_for_failure("acme", "no such file or folder");
    assert_eq!(site.territory("acme").as_deref(), Some("east"));
    std::fs::rename(&away, &here).unwrap();
    site.wait_for("back", |site| site.failure("acme").is_none());
}

#[test]
fn an_order_reads_again_and_reports() {
    let site = Site::start("plans", |folder| {
        write(
            folder.join("plans/acme/plan.yaml"),
            &plan("acme", "east", 2),
        );
    });
    let report = site.reload(false);
    assert_eq!((report.changed.len(), report.failed.len()), (0, 0));
    // It stayed 0, as the files were not even read.
    let counted = r#"bailiwick_plan_reloads_total{result="unchanged"} 1"#;
    assert!(site.metric(counted));
}

#[test]
fn whoever_asks_hears_each_time_that_a_plan_is_still_not_taken() {
    let site = Site::start("plans", |folder| {
        write(
            folder.join("plans/acme/plan.yaml"),
            &plan("acme", "east", 2),
        );
    });
    write(site.folder.path().join("plans/acme/plan.yaml"), "nonsense");
    site.wait_for("kept", |site| site.failure("acme").is_some());
    let broken = || {
        let plans = &site.metrics.plans;
        plans.reloads_so_far(ReloadResult::Broken)
    };
    let before = broken();
    for _ in 0..2 {
        let report = site.reload(false);
        assert_eq!(report.changed, []);
        assert_eq!(report.failed.len(), 1, "{report:?}");
        assert_eq!(&*report.failed[0].0, "acme");
    }
    assert_eq!(broken() - before, 2);
}

/// The niceness of each of this process's threads whose name begins with `name`.
#[cfg(target_os = "linux")]
fn niceness(name: &str) -> Vec<i32> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let stat = tasks.filter_map(|task| {
        // A thread may end while it is looked at.
        std::fs::read_to_string(task.ok()?.path().join("stat")).ok()
    });
    // `number (name) state …`, of which the niceness is the seventeenth after the name.
    let of = |line: String| {
        let (head, rest) = line.rsplit_once(')')?;
        let own = head.split_once('(')?.1.starts_with(name);
        let nice = rest.split_whitespace().nth(16)?.parse().ok()?;
        own.then_some(nice)
    };
    stat.filter_map(of).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_reload_gives_way_to_lanes() {
    let site = Site::start("plans", |folder| {
        write(folder.join("plans/plan.yaml"), &plan("acme", "east", 2));
    });
    let usual = niceness("")[0];
    write(
        site.folder.path().join("plans/plan.yaml"),
        &plan("acme", "west", 2),
    );
    site.wait_for_territory("acme", "west");
    // Other tests of this process begin their own while this one looks.
    site.wait_for("threads that give way", |_| {
        let found = niceness("reload-");
        !found.is_empty() && found.iter().all(|&nice| nice == 10.max(usual))
    });
}
