//! Recording rules, alerts, their runbooks and their tests.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::tool::{PROMTOOL, must_pass, tool};
use super::{at, deploy, list, must_be_empty, queries, registry, text, yaml};

/// All rules of a file, alerts and recordings.
fn rules(file: &str) -> Vec<Value> {
    let documents = yaml(&deploy("prometheus").join(file));
    let groups = list(&documents[0], "/groups").to_vec();
    groups
        .iter()
        .flat_map(|group| list(group, "/rules").to_vec())
        .collect()
}

/// Names of recorded series.
pub fn recorded() -> BTreeSet<String> {
    let names = rules("recording.yml");
    names
        .iter()
        .map(|rule| at(rule, "/record").to_owned())
        .collect()
}

fn tests() -> Vec<PathBuf> {
    super::files(&[".test.yml"])
}

#[test]
fn rules_name_only_metrics_that_exist() {
    let recorded = recorded();
    let mut violations = Vec::new();
    for rule in rules("recording.yml").iter().chain(&rules("alerts.yml")) {
        let name = format!("{}{}", at(rule, "/record"), at(rule, "/alert"));
        let faults = queries::faults(at(rule, "/expr"), &recorded);
        violations.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    must_be_empty("rules that can never be true:", &violations);
}

#[test]
fn every_alert_has_a_runbook_that_says_what_to_do() {
    let runbooks = text(&deploy("runbooks.md"));
    let section = |name: &str| {
        let start = runbooks.find(&format!("\n## {name}\n"))?;
        let body = &runbooks[start + 1..];
        Some(body[..body.find("\n## ").unwrap_or(body.len())].to_owned())
    };
    let mut violations = Vec::new();
    for rule in rules("alerts.yml") {
        let name = at(&rule, "/alert");
        let severity = at(&rule, "/labels/severity");
        let section = section(name).unwrap_or_default();
        let needed = ["- **Means**: ", "- **Look at**: ", "- **Do**: "];
        let said = format!("Severity: {severity}.");
        let missing = needed.into_iter().chain([said.as_str()]);
        let missing = missing.filter(|part| !section.contains(part));
        violations.extend(missing.map(|part| format!("{name}: its runbook lacks `{part}`")));
        let link = format!("deploy/runbooks.md#{}", name.to_lowercase());
        if at(&rule, "/annotations/runbook") != link {
            violations.push(format!("{name}: annotation runbook is not {link}"));
        }
        for annotation in ["/annotations/summary", "/annotations/description"] {
            if at(&rule, annotation).is_empty() {
                violations.push(format!("{name}: {annotation} is missing"));
            }
        }
    }
    must_be_empty("alerts that leave somebody alone at night:", &violations);
}

#[test]
fn every_runbook_belongs_to_an_alert() {
    let alerts = rules("alerts.yml");
    let names: BTreeSet<&str> = alerts.iter().map(|rule| at(rule, "/alert")).collect();
    let runbooks = text(&deploy("runbooks.md"));
    let headings = runbooks.lines().filter_map(|line| line.strip_prefix("## "));
    let orphans: Vec<&str> = headings.filter(|name| !names.contains(name)).collect();
    assert!(orphans.is_empty(), "runbooks without an alert: {orphans:?}");
}

#[test]
fn every_alert_is_tested_firing_and_not_firing() {
    let mut fires = BTreeSet::new();
    let mut rests = BTreeSet::new();
    for path in tests() {
        for case in yaml(&path).iter().flat_map(|file| list(file, "/tests")) {
            for check in list(case, "/alert_rule_test") {
                let quiet = list(check, "/exp_alerts").is_empty();
                let seen = if quiet { &mut rests } else { &mut fires };
                seen.insert(at(check, "/alertname").to_owned());
            }
        }
    }
    let mut violations = Vec::new();
    for rule in rules("alerts.yml") {
        let name = at(&rule, "/alert");
        for (seen, what) in [(&fires, "firing"), (&rests, "at rest")] {
            if !seen.contains(name) {
                violations.push(format!("{name} is not tested {what}"));
            }
        }
    }
    must_be_empty("alerts without a test:", &violations);
}

/// A budget of 30 days burns at 14.4 and 6 times the pace for a page and 3 and 1 times for a
/// ticket, each over a long window and a short one that ends it soon.
#[test]
fn burn_rates_look_at_a_long_and_a_short_window() {
    let windows = [
        (
            "FastBurn",
            ["14.4 * ", "6 * "],
            [["1h", "5m"], ["6h", "30m"]],
        ),
        ("SlowBurn", ["3 * ", ""], [["1d", "2h"], ["3d", "6h"]]),
    ];
    let mut seen = 0;
    for rule in rules("alerts.yml") {
        let name = at(&rule, "/alert").to_owned();
        let Some((_, factors, pairs)) = windows.iter().find(|(end, ..)| name.ends_with(end)) else {
            continue;
        };
        let expression = at(&rule, "/expr");
        for (factor, pair) in factors.iter().zip(pairs) {
            for window in pair {
                let part = format!("ratio_rate{window} > {factor}0.0");
                assert!(expression.contains(&part), "{name} lacks `{part}`");
            }
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn promtool_accepts_rules_and_configuration() {
    let Some(mut promtool) = tool(
        "promtool_accepts_rules_and_configuration",
        "promtool",
        PROMTOOL,
    ) else {
        return;
    };
    promtool.args(["check", "rules", "recording.yml", "alerts.yml"]);
    must_pass(&mut promtool, &deploy("prometheus"));
    let mut promtool = std::process::Command::new("promtool");
    // The files that the configuration names are those of the container.
    promtool.args(["check", "config", "--syntax-only", "prometheus.yml"]);
    must_pass(&mut promtool, &deploy("prometheus"));
}

#[test]
fn promtool_sees_each_alert_fire_and_rest() {
    let Some(mut promtool) = tool(
        "promtool_sees_each_alert_fire_and_rest",
        "promtool",
        PROMTOOL,
    ) else {
        return;
    };
    promtool.args(["test", "rules"]).args(tests());
    must_pass(&mut promtool, &deploy("prometheus"));
}

#[test]
fn promtool_finds_nothing_against_our_metrics() {
    let name = "promtool_finds_nothing_against_our_metrics";
    if let Some(promtool) = tool(name, "promtool", PROMTOOL) {
        let (metrics, _lane) = registry::full();
        must_be_clean(promtool, &metrics.render());
    }
}

/// Fails with what `promtool check metrics` has against a text of metrics, if anything.
pub fn must_be_clean(mut promtool: Command, metrics: &[u8]) {
    promtool.args(["check", "metrics"]);
    promtool
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = promtool.spawn().unwrap();
    child.stdin.take().unwrap().write_all(metrics).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success() && said.trim().is_empty(), "{said}");
}
