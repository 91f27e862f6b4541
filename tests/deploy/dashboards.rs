//! Dashboards: their shape, their queries, their links.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::{alerts, at, deploy, json, list, must_be_empty, queries};

/// The format the files are written in: the classic one of Grafana 12.
const SCHEMA_VERSION: u64 = 42;

/// Every dashboard with its file's name.
pub fn all() -> Vec<(String, Value)> {
    let folder = deploy("grafana/dashboards");
    let mut paths: Vec<PathBuf> = super::files(&[".json"]);
    paths.retain(|path| path.starts_with(&folder));
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), json(path))).collect()
}

/// A query of a dashboard, and where it stands.
#[derive(Debug)]
pub struct Query {
    pub place: String,
    pub expression: String,
    pub kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    Panel,
    Annotation,
    Variable,
}

/// Every query of panels, annotations and variables.
pub fn queries() -> Vec<Query> {
    all()
        .iter()
        .flat_map(|(name, board)| queries_of(name, board))
        .collect()
}

fn queries_of(name: &str, board: &Value) -> Vec<Query> {
    let query = |kind, what: &str, expression: &str| Query {
        place: format!("{name}: {what}"),
        expression: expression.to_owned(),
        kind,
    };
    let mut found = Vec::new();
    for panel in list(board, "/panels") {
        for target in list(panel, "/targets") {
            let what = format!("{} {}", at(panel, "/title"), at(target, "/refId"));
            found.push(query(Kind::Panel, &what, at(target, "/expr")));
        }
    }
    for annotation in list(board, "/annotations/list") {
        if annotation.get("expr").is_some() {
            found.push(query(
                Kind::Annotation,
                at(annotation, "/name"),
                at(annotation, "/expr"),
            ));
        }
    }
    for variable in list(board, "/templating/list") {
        if at(variable, "/type") == "query" {
            found.push(query(
                Kind::Variable,
                at(variable, "/name"),
                at(variable, "/query/query"),
            ));
        }
    }
    found
}

#[test]
fn there_are_four_with_names_that_never_change() {
    let uids: Vec<String> = all()
        .iter()
        .map(|(_, one)| at(one, "/uid").to_owned())
        .collect();
    let expected = [
        "bailiwick-overview",
        "bailiwick-plan",
        "bailiwick-runtime",
        "bailiwick-territories",
    ];
    assert_eq!(uids, expected);
}

#[test]
fn queries_name_only_metrics_and_labels_that_exist() {
    let recorded = alerts::recorded();
    let mut violations = Vec::new();
    for query in queries() {
        let faults = queries::faults(&query.expression, &recorded);
        violations.extend(
            faults
                .into_iter()
                .map(|fault| format!("{}: {fault}", query.place)),
        );
        if queries::selectors(&query.expression).is_empty() {
            violations.push(format!("{}: names no metric", query.place));
        }
    }
    must_be_empty("queries that can never answer:", &violations);
}

#[test]
fn every_metric_is_shown_or_alerted_on() {
    let rules = super::text(&deploy("prometheus/recording.yml"));
    let alerts = super::text(&deploy("prometheus/alerts.yml"));
    let shown: String = queries()
        .into_iter()
        .map(|one| one.expression + "\n")
        .collect();
    let everything = rules + &alerts + &shown;
    let families = super::registry::families();
    let named: BTreeSet<String> = queries::selectors(&everything)
        .into_iter()
        .filter_map(|one| super::registry::family_of(&families, &one.metric).map(str::to_owned))
        .collect();
    let unused: Vec<&String> = families
        .keys()
        .filter(|name| !named.contains(*name))
        .collect();
    assert!(
        unused.is_empty(),
        "metrics that nobody looks at: {unused:?}; put each on a dashboard in deploy/grafana"
    );
}

#[test]
fn panels_have_what_a_reader_needs() {
    let mut violations = Vec::new();
    for (name, board) in all() {
        let mut ids = BTreeSet::new();
        for panel in list(&board, "/panels") {
            let place = format!("{name}: {}", at(panel, "/title"));
            if !ids.insert(panel["id"].as_u64()) {
                violations.push(format!("{place}: its id is taken"));
            }
            violations.extend(panel_faults(panel).map(|fault| format!("{place}: {fault}")));
        }
    }
    must_be_empty("panels:", &violations);
}

fn panel_faults(panel: &Value) -> impl Iterator<Item = &'static str> {
    let row = at(panel, "/type") == "row";
    let targets = list(panel, "/targets");
    let described = at(panel, "/description").ends_with('.');
    let instant = ["stat", "table", "bargauge"].contains(&at(panel, "/type"));
    let faults = [
        (at(panel, "/title").is_empty(), "no title"),
        (!row && !described, "no description, or not a sentence"),
        (
            !row && at(panel, "/fieldConfig/defaults/unit").is_empty(),
            "no unit",
        ),
        (!row && targets.is_empty(), "no query"),
        (
            targets
                .iter()
                .any(|one| at(one, "/datasource/uid") != "${datasource}"),
            "a fixed source",
        ),
        (
            targets.iter().any(|one| one["instant"] != instant),
            "range and instant are mixed up",
        ),
    ];
    faults
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, fault)| fault)
}

#[test]
fn panels_do_not_overlap() {
    for (name, board) in all() {
        let mut taken: BTreeMap<(u64, u64), String> = BTreeMap::new();
        for panel in list(&board, "/panels") {
            let side = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(
                side("x") + side("w") <= 24,
                "{name}: {} leaves the page",
                at(panel, "/title")
            );
            for x in side("x")..side("x") + side("w") {
                for y in side("y")..side("y") + side("h") {
                    let before = taken.insert((x, y), at(panel, "/title").to_owned());
                    assert!(
                        before.is_none(),
                        "{name}: {before:?} and {}",
                        at(panel, "/title")
                    );
                }
            }
        }
    }
}

#[test]
fn dashboards_are_linked_and_annotated_at_plan_changes() {
    let uids: BTreeSet<String> = all()
        .iter()
        .map(|(_, one)| at(one, "/uid").to_owned())
        .collect();
    for (name, board) in all() {
        assert_eq!(board["schemaVersion"], SCHEMA_VERSION, "{name}");
        assert_eq!(board["tags"][0], "bailiwick", "{name}");
        assert_eq!(at(&board, "/links/0/tags/0"), "bailiwick", "{name}");
        let annotations = list(&board, "/annotations/list");
        let names: Vec<&str> = annotations.iter().map(|one| at(one, "/name")).collect();
        assert!(names.contains(&"Plan changes"), "{name}: {names:?}");
        for link in list(&board, "/panels")
            .iter()
            .flat_map(|panel| list(panel, "/links"))
        {
            let rest = at(link, "/url").strip_prefix("/d/").unwrap();
            let uid = rest.split('?').next().unwrap();
            assert!(uids.contains(uid), "{name}: links to {uid}");
        }
    }
}

#[test]
fn variables_that_queries_use_are_there() {
    const BUILT_IN: [&str; 3] = ["__rate_interval", "__range", "__interval"];
    for (name, board) in all() {
        let variables: BTreeSet<&str> = list(&board, "/templating/list")
            .iter()
            .map(|one| at(one, "/name"))
            .collect();
        for query in queries_of(&name, &board) {
            for part in query.expression.split('$').skip(1) {
                let word: String = part
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let known = variables.contains(word.as_str()) || BUILT_IN.contains(&word.as_str());
                assert!(known, "{}: ${word} is not declared", query.place);
            }
        }
        for variable in list(&board, "/templating/list") {
            let said = at(variable, "/description");
            assert!(
                !said.is_empty(),
                "{name}: variable {} says nothing",
                at(variable, "/name")
            );
        }
    }
}
