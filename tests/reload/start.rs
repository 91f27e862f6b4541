//! The first reading: all plans or, unless that is allowed, none.

use bailiwick::board::{self, Board};
use bailiwick::metrics::{self, Metrics};
use bailiwick::reload::{Options, Reload};

use super::{options, plan, write};

const BROKEN: &str = "version: 1\ntenant: beta\nteritories: []\n";

fn first(options: Options) -> Result<Reload, String> {
    let board = Board::new(board::Bounds {
        decisions: 1,
        leads: 1,
    });
    let metrics = Metrics::new(metrics::Bounds {
        territories: 1,
        teams: 1,
    });
    Reload::first(options, board, metrics).map_err(|broken| broken.to_string())
}

#[test]
fn broken_plans_are_all_said_at_once_and_nothing_begins() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path().join("acme/plan.yaml"),
        &plan("acme", "east", 1),
    );
    write(folder.path().join("beta/plan.yaml"), BROKEN);
    write(folder.path().join("gamma/plan.yaml"), "tenant: [");
    let why = first(options(folder.path().to_owned())).err().unwrap();
    assert!(
        why.contains("beta/plan.yaml:3:1") && why.contains("teritories"),
        "{why}"
    );
    assert!(why.contains("gamma/plan.yaml"), "{why}");
}

#[test]
fn allowed_broken_plans_leave_the_other_tenants_running() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path().join("acme/plan.yaml"),
        &plan("acme", "east", 1),
    );
    write(folder.path().join("beta/plan.yaml"), BROKEN);
    let mut options = options(folder.path().to_owned());
    options.allow_broken = true;
    let reload = first(options).unwrap();
    let plans = reload.plans().load_full();
    assert_eq!(plans.keys().map(|one| &**one).collect::<Vec<_>>(), ["acme"]);
}

#[test]
fn a_tenant_has_one_plan() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path().join("one/plan.yaml"),
        &plan("acme", "east", 1),
    );
    write(
        folder.path().join("two/plan.yaml"),
        &plan("acme", "west", 1),
    );
    let why = first(options(folder.path().to_owned())).err().unwrap();
    assert!(
        why.contains("two: tenant `acme` has its plan in") && why.contains("/one already"),
        "{why}"
    );
}

#[test]
fn a_folder_without_plans_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let why = first(options(folder.path().join("gone"))).err().unwrap();
    assert!(
        why.contains("gone") && why.contains("no such file or folder"),
        "{why}"
    );
}
