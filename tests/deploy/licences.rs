//! Every dependency held against `deny.toml`, also where `cargo deny` itself is not installed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::tool::{self, must_pass};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The licences of `deny.toml`.
fn allowed() -> BTreeSet<String> {
    let text = read("deny.toml");
    let (_, rest) = text
        .split_once("allow = [")
        .expect("deny.toml allows licences");
    let (list, _) = rest.split_once(']').expect("the list ends");
    let names = list.split('"').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

/// A licence expression of SPDX, or of the older form with strokes.
struct Expression<'a> {
    words: std::iter::Peekable<std::vec::IntoIter<String>>,
    allowed: &'a BTreeSet<String>,
}

/// Whether what is allowed is enough for what the expression asks.
fn permits(allowed: &BTreeSet<String>, expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
    let mut expression = Expression {
        words: words.into_iter().peekable(),
        allowed,
    };
    expression.any()
}

impl Expression<'_> {
    fn any(&mut self) -> bool {
        let mut permitted = self.all();
        while self.words.next_if(|word| word == "OR").is_some() {
            permitted |= self.all();
        }
        permitted
    }

    fn all(&mut self) -> bool {
        let mut permitted = self.one();
        while self.words.next_if(|word| word == "AND").is_some() {
            permitted &= self.one();
        }
        permitted
    }

    fn one(&mut self) -> bool {
        let mut name = self.words.next().unwrap_or_default();
        if name == "(" {
            let permitted = self.any();
            self.words.next();
            return permitted;
        }
        if self.words.next_if(|word| word == "WITH").is_some() {
            name = format!("{name} WITH {}", self.words.next().unwrap_or_default());
        }
        self.allowed.contains(&name)
    }
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    let allowed = ["MIT", "ISC"].map(str::to_owned).into();
    for (expression, permitted) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND ISC", true),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("(GPL-3.0 OR MIT) AND BSL-1.0", false),
        ("GPL-3.0 OR MIT AND BSL-1.0", false),
        ("MIT WITH exception OR ISC", true),
        ("MIT WITH exception", false),
    ] {
        assert_eq!(permits(&allowed, expression), permitted, "{expression}");
    }
}

/// One line a package: name and version, a bar, its licence.
fn tree(features: &[&str]) -> Option<String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args([
        "tree", "--locked", "--prefix", "none", "--format", "{p}|{l}",
    ]);
    cargo.args(["--edges", "normal,build,dev"]).args(features);
    let done = cargo.current_dir(root()).output().ok()?;
    done.status
        .success()
        .then(|| String::from_utf8_lossy(&done.stdout).into_owned())
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let allowed = allowed();
    // What only a feature needs may not be on this machine yet, and the network be away.
    let tree = tree(&["--all-features"]).or_else(|| tree(&["--offline"]));
    let tree = tree.expect("cargo lists what it has built");
    let packages: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    assert!(packages.len() > 100, "{} packages", packages.len());
    let refused: Vec<&str> = packages
        .into_iter()
        .filter(|line| {
            let (_, licence) = line.split_once('|').unwrap_or((line, ""));
            !permits(&allowed, licence)
        })
        .collect();
    assert!(
        refused.is_empty(),
        "not allowed by deny.toml:\n{}",
        refused.join("\n")
    );
}

#[test]
fn everything_comes_from_one_registry_and_is_fixed_by_hash() {
    let lock = read("Cargo.lock");
    let mut sources = BTreeSet::new();
    for package in lock.split("[[package]]").skip(1) {
        let line = |key: &str| package.lines().find_map(|line| line.strip_prefix(key));
        let Some(source) = line("source = ") else {
            assert_eq!(
                line("name = "),
                Some("\"bailiwick\""),
                "a package without a source"
            );
            continue;
        };
        assert!(source.starts_with("\"registry+"), "{source}");
        assert!(line("checksum = ").is_some(), "{package}");
        sources.insert(source);
    }
    assert_eq!(sources.len(), 1, "{sources:?}");
    let wildcards: Vec<&str> = include_str!("../../Cargo.toml")
        .lines()
        .filter(|line| line.contains("= \"*\""))
        .collect();
    assert!(wildcards.is_empty(), "{wildcards:?}");
}

#[test]
fn cargo_deny_agrees() {
    let install = "cargo install --locked cargo-deny";
    let Some(mut deny) = tool::tool("cargo_deny_agrees", "cargo-deny", install) else {
        return;
    };
    must_pass(deny.args(["check", "bans", "licenses", "sources"]), root());
}
