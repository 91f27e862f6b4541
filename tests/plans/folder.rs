//! What belongs to a plan's folder, and what its version depends on.

use std::fs;
use std::path::Path;

use bailiwick::plan::{self, Plan, load, load_str};
use tempfile::TempDir;

/// A folder with these files; a name that ends in ` ->` is a link to its text.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let (name, is_link) = match name.strip_suffix(" ->") {
            Some(name) => (name, true),
            None => (*name, false),
        };
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if is_link {
            std::os::unix::fs::symlink(text, &path).unwrap();
        } else {
            fs::write(&path, text).unwrap();
        }
    }
    folder
}

fn sound(path: &Path) -> Plan {
    let loaded = load(path);
    let text = loaded.problems.render_text(false);
    loaded.plan.unwrap_or_else(|| panic!("{text}"))
}

fn version(yaml: &str) -> Box<str> {
    let loaded = load_str(yaml);
    let text = loaded.problems.render_text(false);
    loaded.plan.unwrap_or_else(|| panic!("{text}")).version
}

const HEAD: &str = "version: 1\ntenant: acme\n";
const REPS: &str = "id,team\nwang,east\n";
const TEAMS: &str = "teams: [{id: east}]\nterritories: [{id: all, team: east}]\n";

#[test]
fn files_are_joined_and_tests_hidden_files_and_others_are_not_read() {
    let folder = folder(&[
        ("plan.yaml", HEAD),
        ("people/reps.yaml", "version: 1\nreps: reps.csv\n"),
        ("people/reps.csv", "\u{feff}id,team\r\nwang,east\r\n"),
        ("territories/all.yaml", TEAMS),
        ("plan.test.yaml", "this: is no plan"),
        (".hidden.yaml", "this: is no plan"),
        (".git/config.yaml", "this: is no plan"),
        ("notes.txt", "neither"),
    ]);
    let plan = sound(folder.path());
    assert_eq!((plan.reps.len(), plan.teams[0].members.len()), (1, 1));
}

#[test]
fn imports_start_from_the_file_s_folder_and_then_from_the_plan_s() {
    for name in ["reps.csv", "../people/reps.csv", "people/reps.csv"] {
        let yaml = format!("reps: {name}\n");
        let folder = folder(&[
            ("plan.yaml", TEAMS),
            ("people/reps.yaml", &yaml),
            ("people/reps.csv", REPS),
        ]);
        assert_eq!(sound(folder.path()).reps.len(), 1, "{name}");
    }
}

/// A mounted ConfigMap: every file is a link through a link to a hidden folder.
#[test]
fn links_within_the_folder_are_followed() {
    let folder = folder(&[
        ("..2026_11_23/plan.yaml", "reps: reps.csv\n"),
        ("..2026_11_23/teams.yaml", TEAMS),
        ("..2026_11_23/reps.csv", REPS),
        ("..data ->", "..2026_11_23"),
        ("plan.yaml ->", "..data/plan.yaml"),
        ("teams.yaml ->", "..data/teams.yaml"),
        ("reps.csv ->", "..data/reps.csv"),
    ]);
    assert_eq!(sound(folder.path()).reps.len(), 1);
}

#[test]
fn a_file_that_links_name_twice_is_one_file() {
    let folder = folder(&[("plan.yaml", TEAMS), ("same.yaml ->", "plan.yaml")]);
    assert_eq!(sound(folder.path()).teams.len(), 1);
}

#[test]
fn one_file_is_a_plan_with_imports_beside_it() {
    let folder = folder(&[
        ("acme.yaml", &format!("reps: reps.csv\n{TEAMS}")),
        ("other.yaml", "this: is no plan"),
        ("reps.csv", REPS),
    ]);
    assert_eq!(sound(&folder.path().join("acme.yaml")).reps.len(), 1);
}

#[test]
fn plans_are_discovered() {
    let folder = folder(&[
        ("b/plan.yaml", TEAMS),
        ("a/plan.yaml", TEAMS),
        (".git/plan.yaml", TEAMS),
        ("readme.txt", ""),
        ("only.test.yaml", ""),
    ]);
    let root = folder.path();
    assert_eq!(
        plan::discover(root).unwrap(),
        [root.join("a"), root.join("b")]
    );
    assert_eq!(plan::discover(&root.join("a")).unwrap(), [root.join("a")]);
    let file = root.join("a/plan.yaml");
    assert_eq!(plan::discover(&file).unwrap(), [file]);
    assert!(plan::discover(&root.join("c")).is_err());
    fs::create_dir(root.join("a/empty")).unwrap();
    assert!(plan::discover(&root.join("a/empty")).is_err());
}

#[test]
fn the_version_does_not_depend_on_how_a_plan_is_written() {
    let one = version(
        "reps: [{id: wang, team: east}, {id: li, weight: 2}]\nteams: [{id: east, members: [li]}]\n\
         bands: {big: {employees: {min: 1000}}}\n\
         territories: [{id: a, team: east, where: {source: [web, fair], band: big}}, {id: b, team: east}]\n",
    );
    let other = version(
        "# the same, written otherwise\ntenant: default\nversion: '1'\ntimezone: UTC\nterritories:\n- team: east\n  id: b\n\
         - {where: {employees: {min: 1e3}, source: [Fair, WEB]}, team: east, id: a}\n\
         teams: [{id: east, members: [wang, {rep: li, weight: 2.0}], pick: round_robin}]\n\
         reps: [{id: li, weight: 2}, {id: wang}]\nbands: {unused: [1]}\n",
    );
    assert_eq!(one, other);
    assert_eq!(one.len(), 16);
    assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn the_version_depends_on_everything_that_is_meant() {
    let plan = |inner: &str| version(&format!("{TEAMS}{inner}"));
    let all = [
        plan(""),
        plan("tenant: acme\n"),
        plan("timezone: Asia/Shanghai\n"),
        plan("precedence: listed\n"),
        plan("fallback: {team: east}\n"),
        plan("policy: {early: 11m}\n"),
        plan("reps: [{id: wang}]\n"),
        plan("reps: [{id: wang, team: east}]\n"),
        plan("reps: [{id: wang, team: east, weight: 2}]\n"),
        plan("reps: [{id: wang, grade: a}]\n"),
        plan("reps: [{id: wang, status: away}]\n"),
        plan("accounts: [{id: A}]\n"),
        plan("accounts: [{id: A, territory: all}]\n"),
        plan("pools: [{id: p}]\n"),
        plan("calendars: {c: {hours: {mon: '09:00-10:00'}}}\n"),
        plan("calendars: {c: {hours: {tue: '09:00-10:00'}}}\n"),
        version(
            "teams: [{id: east}]\nterritories: [{id: all, team: east, where: {source: web}}]\n",
        ),
        version(
            "teams: [{id: east}]\nterritories: [{id: all, team: east, where: {not: {source: web}}}]\n",
        ),
        version("teams: [{id: east}]\nterritories: [{id: all, team: east, kind: overlay}]\n"),
        version("teams: [{id: east}]\nterritories: [{id: all, team: east, children: [{id: c}]}]\n"),
        version("teams: [{id: east}]\nterritories: [{id: all, team: east}, {id: c}]\n"),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "{at}");
    }
}

#[test]
fn the_order_of_territories_counts_only_where_it_decides() {
    let ordered = |precedence: &str, ids: [&str; 2]| {
        let ids = ids.map(|id| format!("{{id: {id}}}")).join(", ");
        version(&format!("precedence: {precedence}\nterritories: [{ids}]\n"))
    };
    assert_eq!(
        ordered("specific", ["a", "b"]),
        ordered("specific", ["b", "a"])
    );
    assert_ne!(ordered("listed", ["a", "b"]), ordered("listed", ["b", "a"]));
}

#[test]
fn imported_content_counts_and_where_it_lies_does_not() {
    let place = |gazetteer: &str, area: &str, into: &str| {
        let yaml = format!("gazetteer: {into}g.csv\nareas: {into}a.geojson\n{TEAMS}");
        let area = format!(
            r#"{{"type": "Feature", "id": "a", "geometry": {{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], {area}, [0, 0]]]}}}}"#
        );
        let folder = folder(&[
            ("plan.yaml", &yaml),
            (&format!("{into}g.csv"), gazetteer),
            (&format!("{into}a.geojson"), &area),
        ]);
        sound(folder.path()).version
    };
    let gazetteer = "code,name\ncn,China\nus,USA\n";
    let first = place(gazetteer, "[1, 1]", "");
    assert_eq!(
        first,
        place("name,code\nUSA,us\nChina,cn\n", "[1.0, 1]", "deep/er/")
    );
    assert_ne!(first, place("code,name\ncn,China\n", "[1, 1]", ""));
    assert_ne!(first, place(gazetteer, "[1, 1.0000001]", ""));
}
