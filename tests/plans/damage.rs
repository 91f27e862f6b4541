//! Good plans with random bytes changed, dropped, doubled and moved: never a panic, and a
//! plan exactly if there is no error.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use bailiwick::plan::{self, Loaded};

/// One thing done to a file.
#[derive(Clone, Debug)]
enum Damage {
    Set(usize, u8),
    Drop(usize, usize),
    Repeat(usize, usize),
    Insert(usize, &'static str),
}

/// What writes of plans stumble over, and what parsers do.
const FRAGMENTS: [&str; 24] = [
    "\t", "\n", "- ", ": ", "{", "}", "[", "]", "*x", "&x ", "\"", "'", "|", "#", "\u{feff}", "名",
    "-1", "1e400", "null", "...", "---\n", ",", "%", "\u{0}",
];

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<usize>();
    prop_oneof![
        (at, any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (at, 1..40usize).prop_map(|(at, len)| Damage::Drop(at, len)),
        (at, 1..200usize).prop_map(|(at, len)| Damage::Repeat(at, len)),
        (at, proptest::sample::select(&FRAGMENTS[..]))
            .prop_map(|(at, fragment)| Damage::Insert(at, fragment)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    let length = bytes.len().max(1);
    let range = |at: usize, len: usize, bytes: &Vec<u8>| {
        let from = (at % length).min(bytes.len());
        from..(from + len).min(bytes.len())
    };
    match *damage {
        Damage::Set(at, byte) => {
            if let Some(one) = bytes.get_mut(at % length) {
                *one = byte;
            }
        }
        Damage::Drop(at, len) => {
            bytes.drain(range(at, len, bytes));
        }
        Damage::Repeat(at, len) => {
            let range = range(at, len, bytes);
            let copy = bytes[range.clone()].to_vec();
            bytes.splice(range.start..range.start, copy);
        }
        Damage::Insert(at, fragment) => {
            let at = range(at, 0, bytes).start;
            bytes.splice(at..at, fragment.bytes());
        }
    }
}

fn must_be_consistent(loaded: &Loaded) {
    assert_eq!(loaded.plan.is_some(), !loaded.problems.has_errors());
    assert!(loaded.problems.render_text(true).is_ascii() || !loaded.problems.is_empty());
}

/// Every dimension, group and kind of setting the language has, in one text.
const WHOLE_LANGUAGE: &str = include_str!("good/language.yaml");

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn damaged_texts_are_read_without_a_panic(damages in vec(damage(), 1..6)) {
        let mut bytes = WHOLE_LANGUAGE.as_bytes().to_vec();
        for damage in &damages {
            apply(&mut bytes, damage);
        }
        must_be_consistent(&plan::load_str(&String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn damaged_folders_are_read_without_a_panic(
        file in 0..6usize,
        damages in vec(damage(), 1..6),
    ) {
        const FILES: [&str; 6] = [
            "plan.yaml", "reps.csv", "accounts.csv", "gazetteer/cn.csv", "areas/metro.geojson",
            "holidays/cn.csv",
        ];
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new("tests/plans/spec"), folder.path());
        let path = folder.path().join(FILES[file]);
        let mut bytes = fs::read(&path).unwrap();
        for damage in &damages {
            apply(&mut bytes, damage);
        }
        fs::write(&path, bytes).unwrap();
        must_be_consistent(&plan::load(folder.path()));
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_whole_language_is_free_of_errors() {
    let loaded = plan::load_str(WHOLE_LANGUAGE);
    assert!(
        !loaded.problems.has_errors(),
        "{}",
        loaded.problems.render_text(false)
    );
}
