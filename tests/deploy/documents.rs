//! Documents of `deploy/`: what they name is there.

use std::collections::BTreeSet;

use super::{deploy, files, must_be_empty, text};

#[test]
fn settings_in_documents_exist() {
    let sections = [
        "kafka.", "plans.", "limits.", "http.", "ledger.", "lanes.", "metrics.", "log.",
    ];
    let settings = bailiwick::config::Settings::load(&Default::default()).unwrap();
    let mut violations = Vec::new();
    for path in files(&[".md", "alerts.yml"]) {
        for part in text(&path).split('`').skip(1).step_by(2) {
            let key = part.split_whitespace().next().unwrap_or("");
            let plain = key
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '_' || c == '.');
            let setting = plain && sections.iter().any(|section| key.starts_with(section));
            let free = ["kafka.client", "kafka.consumer", "kafka.producer"].contains(&key);
            if setting && !free && !settings.shown.contains_key(key) {
                violations.push(format!("{}: {key}", path.display()));
            }
        }
    }
    must_be_empty("settings that the program does not have:", &violations);
}

#[test]
fn files_that_documents_name_are_there() {
    let readme = text(&deploy("README.md"));
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let paths = rows.filter_map(|row| row.split('`').nth(1));
    let missing: Vec<&str> = paths.filter(|path| !deploy(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn rights_name_the_topics_and_group_of_the_settings() {
    let settings = bailiwick::config::Settings::load(&Default::default()).unwrap();
    let mut expected: BTreeSet<String> = settings
        .shown
        .iter()
        .filter(|(key, _)| key.starts_with("kafka.topics."))
        .map(|(_, shown)| shown.value.clone().unwrap().trim_matches('"').to_owned())
        .collect();
    expected.insert("bailiwick".to_owned());
    expected.insert("bailiwick.".to_owned());
    let mut rows = csv::Reader::from_path(deploy("kafka/acls.csv")).unwrap();
    let named: BTreeSet<String> = rows
        .records()
        .map(|row| row.unwrap().get(1).unwrap().to_owned())
        .collect();
    assert_eq!(named, expected);
}
