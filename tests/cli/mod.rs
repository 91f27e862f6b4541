//! The real binary: what it prints and how it ends, as data.
//!
//! A case in `cases/*.txt` is a line `$ arguments` in the folder `files`, then in any order
//! `env NAME=VALUE`, `< a line of standard input`, `exit N`, `1| a line of standard output`
//! and `2| a line of standard error`. Both outputs are compared whole.

mod endings;
mod no_effect;
mod offline;
mod private;
mod schema;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli")
        .join(name)
}

/// The binary in the folder of files, with an empty environment.
pub fn bailiwick(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
    command
        .args(arguments)
        .current_dir(folder("files"))
        .env_clear();
    command
}

/// Runs a command with the input given.
pub fn run(mut command: Command, input: &str) -> Output {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // A command that reads nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[derive(Default)]
struct Case {
    line: usize,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    input: String,
    exit: i32,
    out: String,
    err: String,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(arguments) = line.strip_prefix("$ ") {
            let arguments = arguments.split(' ').map(str::to_owned).collect();
            cases.push(Case {
                line: at + 1,
                arguments,
                ..Case::default()
            });
        } else if let Some(case) = cases.last_mut() {
            case.add(line);
        }
    }
    cases
}

impl Case {
    fn add(&mut self, line: &str) {
        let push = |text: &mut String, line: &str| *text += &format!("{line}\n");
        let rest = line.get(2..).unwrap_or("").strip_prefix(' ').unwrap_or("");
        match line.get(..2) {
            Some("1|") => push(&mut self.out, rest),
            Some("2|") => push(&mut self.err, rest),
            Some("< ") => push(&mut self.input, &line[2..]),
            Some("ex") => self.exit = line.trim_start_matches("exit ").parse().unwrap(),
            Some("en") => {
                let pair = line.trim_start_matches("env ").split_once('=').unwrap();
                self.variables.push((pair.0.to_owned(), pair.1.to_owned()));
            }
            _ => {}
        }
    }

    fn check(&self, file: &str) {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let mut command = bailiwick(&arguments);
        command.envs(self.variables.iter().cloned());
        let ended = run(command, &self.input);
        let place = format!("{file}:{}: {}", self.line, self.arguments.join(" "));
        let text = |bytes: Vec<u8>| without_versions(&String::from_utf8(bytes).unwrap());
        let (out, err) = (text(ended.stdout), text(ended.stderr));
        assert_eq!(out, self.out, "{place}: standard output");
        assert_eq!(err, self.err, "{place}: standard error");
        assert_eq!(ended.status.code(), Some(self.exit), "{place}: exit code");
    }
}

/// Plan versions are of the canonical form, which its own tests pin down.
fn without_versions(text: &str) -> String {
    let is_version = |word: &str| {
        word.len() == 16
            && word
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
    };
    let mut out = text.to_owned();
    for word in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        if is_version(word) {
            out = out.replace(word, "VERSION");
        }
    }
    out
}

/// Checks every case of a file.
pub fn check(file: &str) {
    let text = std::fs::read_to_string(folder("cases").join(file)).unwrap();
    let cases = cases(&text);
    assert!(!cases.is_empty());
    cases.iter().for_each(|case| case.check(file));
}
