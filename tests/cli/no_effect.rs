//! What `simulate` says of records that had no effect: why, and of which lead.

use super::{bailiwick, run};

const PLAN: &str = "\
version: 1
tenant: acme
reps: [{id: wang}, {id: li}]
teams: [{id: east, members: [wang, li]}]
pools: [{id: public, claimants: [east]}]
policy: {dedupe: {within: 90d, by: [email]}}
territories: [{id: cn, where: {country: [cn]}, team: east}]
";

/// Records, each with what is said of it; nothing of those that did what they say.
const RECORDS: &[(&str, &str)] = &[
    (
        r#"{"id":"L-1","address":{"country":"CN"},"contact":{"email":"a@b.example"}}"#,
        "",
    ),
    (
        r#"{"id":"L-1","address":{"country":"US"}}"#,
        "lead `L-1` came before; what changes it needs a `revision` above 0",
    ),
    (
        r#"{"type":"lead.accepted","id":"e-1","lead":"L-1","rep":"wang"}"#,
        "`li` holds lead `L-1`, not `wang`",
    ),
    (
        r#"{"type":"lead.accepted","id":"e-1","lead":"L-1"}"#,
        "an event of this `id` came before",
    ),
    (
        r#"{"type":"lead.transferred","id":"e-2","lead":"L-1","rep":"li"}"#,
        "`li` holds lead `L-1` already",
    ),
    (
        r#"{"type":"rep.status","id":"e-3","rep":"wang","status":"left"}"#,
        "",
    ),
    (
        r#"{"type":"lead.transferred","id":"e-4","lead":"L-1","rep":"wang"}"#,
        "`wang` has left",
    ),
    (
        r#"{"type":"lead.merged","id":"e-5","lead":"L-1","into":"L-1"}"#,
        "a lead cannot be merged into itself",
    ),
    (
        r#"{"id":"L-2","address":{"country":"CN"},"contact":{"email":"a@b.example"}}"#,
        "",
    ),
    (
        r#"{"type":"lead.accepted","id":"e-6","lead":"L-2"}"#,
        "lead `L-2` is a duplicate of `L-1`, which is the one to name",
    ),
    (r#"{"id":"L-3","address":{"country":"FR"}}"#, ""),
    (
        r#"{"type":"lead.accepted","id":"e-7","lead":"L-3"}"#,
        "lead `L-3` waits and nobody holds it (no_territory)",
    ),
    (
        r#"{"type":"lead.released","id":"e-8","lead":"L-1","pool":"public"}"#,
        "",
    ),
    (
        r#"{"type":"lead.declined","id":"e-9","lead":"L-1","rep":"li"}"#,
        "lead `L-1` lies in pool `public` and nobody holds it",
    ),
    (
        r#"{"type":"lead.merged","id":"e-10","lead":"L-3","into":"L-1"}"#,
        "",
    ),
    (
        r#"{"type":"lead.merged","id":"e-11","lead":"L-1","into":"L-3"}"#,
        "lead `L-3` was itself merged into another before",
    ),
    (
        r#"{"type":"lead.touched","id":"e-12","lead":"L-3","kind":"call"}"#,
        "lead `L-3` was closed before (merged)",
    ),
];

#[test]
fn a_record_without_effect_is_told_why() {
    let plan = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    std::fs::write(plan.path(), PLAN).unwrap();
    let path = plan.path().to_str().unwrap();
    let records: String = RECORDS.iter().map(|(one, _)| format!("{one}\n")).collect();
    let command = bailiwick(&["simulate", path, "--events", "-"]);
    let done = run(command, &records);
    let said = String::from_utf8(done.stderr).unwrap();
    let whys: Vec<String> = said
        .lines()
        .filter(|line| line.starts_with("line "))
        .map(str::to_owned)
        .collect();
    let wanted = RECORDS
        .iter()
        .zip(1..)
        .filter(|((_, why), _)| !why.is_empty());
    let wanted: Vec<String> = wanted
        .map(|((_, why), line)| format!("line {line}: no effect: {why}"))
        .collect();
    assert_eq!(whys, wanted);
    assert_eq!(done.status.code(), Some(0), "{said}");
}
