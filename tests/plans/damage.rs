//! Good plans with random bytes changed, dropped, doubled and moved: never a panic, and a
//! plan exactly if there is no error. What is still a plan is compiled and examined too.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use bailiwick::plan::{self, Loaded};
use bailiwick::route;

use crate::support::cases;

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
    if let Some(plan) = &loaded.plan {
        route::survey(plan, &loaded.places);
    }
    assert_eq!(loaded.plan.is_some(), !loaded.problems.has_errors());
    assert!(loaded.problems.render_text(true).is_ascii() || !loaded.problems.is_empty());
}

/// Every dimension, group and kind of setting the language has, in one text.
const WHOLE_LANGUAGE: &str = include_str!("good/language.yaml");

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(400)) })]

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

/// A map of two counties and what joins them.
const ATLAS: &str = r#"{"type": "Topology", "bbox": [-94.62, 33.0, -91.5, 36.5],
 "transform": {"scale": [0.001, 0.001], "translate": [-94, 34]},
 "objects": {"counties": {"type": "GeometryCollection", "geometries": [
   {"type": "Polygon", "id": "05001", "arcs": [[0, 1]], "properties": {"name": "Arkansas"}},
   {"type": "MultiPolygon", "id": "05003", "arcs": [[[-1, 2]], [[3]]]}]}},
 "arcs": [[[0, 0], [500, 0], [0, 500]], [[500, 500], [-500, 0], [0, -500]],
   [[0, 0], [200, -300], [600, 100], [-300, 700]],
   [[2000, 2000], [100, 0], [0, 100], [-100, -100]]]}"#;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(200)) })]

    #[test]
    fn damaged_maps_are_read_without_a_panic(damages in vec(damage(), 0..6)) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = ATLAS.as_bytes().to_vec();
        for damage in &damages {
            apply(&mut bytes, damage);
        }
        fs::write(folder.path().join("map.json"), bytes).unwrap();
        let plan = "version: 1\nareas: map.json\nteams: [{id: t, members: [w]}]\nreps: [{id: w}]\n\
            territories: [{id: a, team: t, where: {area: '05001'}}]\n";
        fs::write(folder.path().join("plan.yaml"), plan).unwrap();
        let loaded = plan::load(folder.path());
        prop_assert!(!damages.is_empty() || loaded.plan.is_some(), "{}", loaded.problems.render_text(false));
        must_be_consistent(&loaded);
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
