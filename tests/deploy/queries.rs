//! Reading PromQL just far enough to see which metrics and labels it names.

use std::collections::BTreeSet;

use super::registry::{self, Family};

/// A metric in an expression and the labels its selector compares.
#[derive(Debug, PartialEq, Eq)]
pub struct Selector {
    pub metric: String,
    pub labels: BTreeSet<String>,
}

/// Metrics that Prometheus makes by itself, with the labels we may ask of them.
const OWN: [(&str, &[&str]); 2] = [
    ("up", &["job", "instance"]),
    ("ALERTS", &["job", "alertname", "alertstate"]),
];

/// Every metric that an expression names: ours, Prometheus' own and recorded ones.
pub fn selectors(expression: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '"') {
        rest = &rest[start..];
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted.split_once('"').map_or("", |(_, after)| after);
            continue;
        }
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        if is_metric(word) {
            let labels = after.strip_prefix('{').map_or_else(BTreeSet::new, matched);
            let metric = word.to_owned();
            found.push(Selector { metric, labels });
        }
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == ':'
}

fn is_metric(word: &str) -> bool {
    word.starts_with("bailiwick_")
        || word.starts_with("process_")
        || (word.contains(':') && !word.starts_with("label_values"))
        || OWN.iter().any(|(name, _)| *name == word)
}

/// Label names before `=`, `!=`, `=~`, `!~` up to the closing brace; values may hold braces.
fn matched(inside: &str) -> BTreeSet<String> {
    let mut labels = BTreeSet::new();
    let mut rest = inside.trim_start();
    while !rest.starts_with('}') && !rest.is_empty() {
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        labels.insert(rest[..end].to_owned());
        let value = rest.split_once('"').map_or("", |(_, after)| after);
        let after = value.split_once('"').map_or("", |(_, after)| after);
        rest = after.trim_start_matches([',', ' ', '\n']);
    }
    labels
}

/// What is wrong with the names in an expression: one sentence each.
pub fn faults(expression: &str, recorded: &BTreeSet<String>) -> Vec<String> {
    let families = registry::families();
    let fault = |one: Selector| {
        if recorded.contains(&one.metric) {
            return None;
        }
        let own = OWN.iter().find(|(name, _)| *name == one.metric);
        let family = registry::family_of(&families, &one.metric).map(|name| &families[name]);
        let known = |label: &String| match (own, family) {
            (Some((_, labels)), _) => labels.contains(&label.as_str()),
            (None, Some(Family { labels, .. })) => labels.contains(label),
            (None, None) => false,
        };
        if own.is_none() && family.is_none() {
            return Some(format!("`{}` is no metric of the program", one.metric));
        }
        let unknown: Vec<&String> = one.labels.iter().filter(|label| !known(label)).collect();
        let sentence = || format!("`{}` has no label {unknown:?}", one.metric);
        (!unknown.is_empty()).then(sentence)
    };
    selectors(expression)
        .into_iter()
        .filter_map(fault)
        .collect()
}

#[test]
fn metrics_and_labels_are_found_in_expressions() {
    let found = selectors(
        r#"sum by (le) (rate(bailiwick_a_bucket{x="{y}", z=~"b"}[5m])) / up == 0 or job:c:d{e!="f"}"#,
    );
    let names: Vec<(String, Vec<String>)> = found
        .into_iter()
        .map(|one| (one.metric, one.labels.into_iter().collect()))
        .collect();
    let expected = [
        ("bailiwick_a_bucket", vec!["x", "z"]),
        ("up", vec![]),
        ("job:c:d", vec!["e"]),
    ];
    let expected = expected.map(|(name, labels)| {
        (
            name.to_owned(),
            labels.into_iter().map(str::to_owned).collect::<Vec<_>>(),
        )
    });
    assert_eq!(names, expected);
}

#[test]
fn a_misspelt_metric_or_label_is_a_fault() {
    let none = BTreeSet::new();
    assert_eq!(
        faults(r#"rate(bailiwick_records_total{topic="leads"}[5m])"#, &none).len(),
        0
    );
    assert_eq!(
        faults(r#"rate(bailiwick_record_total[5m])"#, &none).len(),
        1
    );
    assert_eq!(
        faults(r#"bailiwick_records_total{tropic="leads"}"#, &none).len(),
        1
    );
    assert_eq!(faults("job:bailiwick_nothing:rate5m", &none).len(), 1);
}
