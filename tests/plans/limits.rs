//! Plans too large to keep in the repository, and one more broken thing than is told.

use std::fmt::Write as _;
use std::fs::File;

use bailiwick::plan::{self, Code};

use super::{in_time, load_in_time};

fn codes(loaded: &plan::Loaded) -> Vec<Code> {
    loaded.problems.iter().map(|one| one.code).collect()
}

#[test]
fn a_file_over_the_limit_is_refused_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::create(folder.path().join("plan.yaml")).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    let loaded = load_in_time(folder.path());
    assert_eq!(codes(&loaded), [Code::TooLarge]);
    let said = &loaded.problems.iter().next().unwrap().message;
    assert_eq!(&**said, "it is larger than 64 MiB");
}

#[test]
fn ten_thousand_problems_are_told_and_then_that_there_are_more() {
    let mut yaml = String::from("version: 1\nteams:\n");
    for at in 0..10_050 {
        writeln!(yaml, "  - {{id: t{at:05}, membres: [x{at}]}}").unwrap();
    }
    let loaded = plan::load_str(&yaml);
    assert_eq!(loaded.problems.len(), 10_001);
    let last = loaded.problems.iter().last().unwrap();
    assert_eq!(last.code, Code::TooManyProblems);
}

/// A long line costs each of its problems a look at its own part of the line only.
#[test]
fn a_long_line_with_many_problems_is_told_in_time() {
    let many = "{id: a, nmae: ä}, ".repeat(20_000);
    let text = in_time("a long line", || {
        let loaded = plan::load_str(&format!("teams: [{many}]"));
        loaded.problems.render_text(true)
    });
    assert!(text.len() < 20 << 20, "{}", text.len());
}

#[test]
fn a_pipe_in_the_folder_does_not_hold_the_reader() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("plan.yaml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        return; // A system without pipes has nothing to wait on.
    }
    let loaded = load_in_time(folder.path());
    assert_eq!(codes(&loaded), [Code::Unreadable]);
}
