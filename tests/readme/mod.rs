//! The README's own commands, run as they stand in a fresh folder.
//!
//! A fenced block that follows `<!-- file: PATH -->` is written to that path. The commands of
//! `console` blocks run in order, and the lines shown below a command must be among what it
//! prints. Commands that need a broker, a network or a long build are checked for their
//! options only, by the program's own `--help`.

mod kafka;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Commands that are not run, by how they begin, and why.
const NOT_RUN: [(&str, &str); 8] = [
    ("cargo ", "the build and the tests themselves"),
    (
        "bailiwick demo",
        "opens sockets and runs on; tests/demo runs it",
    ),
    ("bailiwick run", "needs a broker; tests/broker runs it"),
    ("bailiwick topics", "needs a broker; tests/broker runs it"),
    (
        "bailiwick check --live",
        "needs a broker; tests/broker runs it",
    ),
    ("kcat ", "needs a broker and kcat; `kafka` sends the same"),
    ("curl ", "needs a running daemon"),
    ("docker ", "needs Docker"),
];

/// One thing the README does, in its order.
#[derive(Debug, PartialEq)]
enum Part {
    File { path: String, content: String },
    Command { line: String, shown: Vec<String> },
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut file: Option<String> = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(path) = line.strip_prefix("<!-- file: ") {
            file = path.strip_suffix(" -->").map(str::to_owned);
        } else if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match file.take() {
                Some(path) => {
                    let content = block.join("\n") + "\n";
                    parts.push(Part::File { path, content });
                }
                None if language == "console" => parts.extend(commands(&block)),
                None => {}
            }
        }
    }
    parts
}

fn commands(block: &[&str]) -> Vec<Part> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push((command.to_owned(), Vec::new())),
            (None, Some((_, shown))) => shown.push((*line).to_owned()),
            (None, None) => panic!("a console block begins with a command: {line}"),
        }
    }
    let command = |(line, shown)| Part::Command { line, shown };
    found.into_iter().map(command).collect()
}

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_bailiwick"))
}

fn shell(line: &str, folder: &Path) -> Output {
    let binaries = binary().parent().unwrap().to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", binaries.display()))
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn run(line: &str, shown: &[String], folder: &Path) {
    let output = shell(line, folder);
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{line}` failed:\n{printed}{said}");
    for wanted in shown.iter().filter(|wanted| !wanted.contains('…')) {
        let found = printed
            .lines()
            .any(|line| line.trim_end() == wanted.trim_end());
        assert!(
            found,
            "`{line}` should print\n  {wanted}\nbut printed\n{printed}{said}"
        );
    }
}

/// The verb exists and knows every option that the line gives it.
fn options_exist(line: &str, folder: &Path) {
    let mut words = line.split_whitespace().skip(1);
    let verb = words.next().unwrap();
    let help = shell(&format!("bailiwick {verb} --help"), folder);
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("Usage:"), "`bailiwick {verb}` does not exist");
    for option in words.filter(|word| word.starts_with("--")) {
        assert!(help.contains(option), "`bailiwick {verb}` has no {option}");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn commands_of_the_readme_work_as_they_stand() {
    let (root, readme) = (root(), readme());
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root.join("config"), folder.path().join("config")).unwrap();
    for part in parts(&readme) {
        match part {
            Part::File { path, content } => {
                let file = folder.path().join(path);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, content).unwrap();
            }
            Part::Command { line, shown } => {
                match NOT_RUN.iter().find(|(start, _)| line.starts_with(start)) {
                    None => run(&line, &shown, folder.path()),
                    Some((start, _)) if start.starts_with("bailiwick ") => {
                        options_exist(&line, folder.path());
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

#[test]
fn links_within_the_project_lead_somewhere() {
    let (root, readme) = (root(), readme());
    let targets = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let broken: Vec<&str> = targets
        .filter(|target| !target.starts_with('#') && !target.contains("://"))
        .filter(|target| !root.join(target).exists())
        .collect();
    assert_eq!(broken, Vec::<&str>::new());
}

#[test]
fn files_and_commands_are_taken_apart() {
    let text = "<!-- file: a/b.yaml -->\n```yaml\nx: 1\n```\n```console\n$ cat a/b.yaml\nx: 1\n$ true\n```\n";
    let file = Part::File {
        path: "a/b.yaml".to_owned(),
        content: "x: 1\n".to_owned(),
    };
    let cat = Part::Command {
        line: "cat a/b.yaml".to_owned(),
        shown: vec!["x: 1".to_owned()],
    };
    let last = Part::Command {
        line: "true".to_owned(),
        shown: Vec::new(),
    };
    assert_eq!(parts(text), [file, cat, last]);
}
