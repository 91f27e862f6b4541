//! Documents of `deploy/`: what they name is there.

use std::collections::BTreeSet;
use std::process::Command;

use super::{deploy, files, must_be_empty, root, text};

/// The words of one line of a document that follow `bailiwick ` as a command.
fn verbs(line: &str) -> Vec<String> {
    let commands = ["`bailiwick ", "$ bailiwick ", "/usr/bin/bailiwick "];
    let after = commands.iter().flat_map(|start| line.split(start).skip(1));
    let word = |rest: &str| -> String {
        rest.chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .collect()
    };
    after
        .map(word)
        .filter(|word| !word.is_empty() && !word.starts_with('-'))
        .collect()
}

#[test]
fn commands_in_documents_exist() {
    let help = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let known: BTreeSet<&str> = help
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let mut violations = Vec::new();
    let mut seen = 0;
    for path in files(&[".md", ".yml", ".yaml", ".service", "Dockerfile"]) {
        for (number, line) in text(&path).lines().enumerate() {
            for verb in verbs(line) {
                seen += 1;
                if !known.contains(verb.as_str()) {
                    let place = path.strip_prefix(root()).unwrap().display().to_string();
                    violations.push(format!("{place}:{}: bailiwick {verb}", number + 1));
                }
            }
        }
    }
    assert!(seen > 10, "{seen}");
    must_be_empty("commands that the program does not have:", &violations);
}

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
    let named = |file: &str| -> BTreeSet<String> {
        let mut rows = csv::Reader::from_path(deploy(file)).unwrap();
        let rows = rows.records();
        rows.map(|row| row.unwrap().get(1).unwrap().to_owned())
            .collect()
    };
    assert_eq!(named("kafka/acls.csv"), expected);
    // Who makes topics needs no group, and one more: the state topic that `reshard` makes.
    expected.retain(|name| !matches!(&**name, "bailiwick" | "bailiwick."));
    expected.insert("bailiwick-state-".to_owned());
    assert_eq!(named("kafka/acls-topics.csv"), expected);
}
