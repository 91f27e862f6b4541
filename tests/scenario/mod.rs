//! Scenarios as data: a plan, events under a clock, and the decisions they must lead to, run
//! through the same code as `bailiwick test`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bailiwick::cli::test::case::{Case, CaseFile};
use bailiwick::cli::test::verdict::{Tested, judge};
use bailiwick::event::{Outcome, Reason};
use bailiwick::route::{Plans, Snapshot};
use serde::Deserialize;
use serde_json::Value;

/// One file of scenarios.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenarios {
    /// The plan's YAML.
    plan: String,
    /// Further files of the plan, by name.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Plans that a case brings into force, by name.
    #[serde(default)]
    plans: BTreeMap<String, String>,
    at: String,
    cases: Vec<Case>,
}

impl Scenarios {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        serde_saphyr::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    fn tested(&self) -> Tested {
        let others = self.plans.iter();
        Tested {
            plans: self.compiled(&self.plan),
            others: others
                .map(|(name, plan)| (name.clone(), self.compiled(plan)))
                .collect(),
        }
    }

    /// A plan, written to a folder of its own and read as any plan is.
    fn compiled(&self, plan: &str) -> Arc<Plans> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.yaml"), plan).unwrap();
        for (name, content) in &self.files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let loaded = bailiwick::plan::load(folder.path());
        let plan = loaded
            .plan
            .unwrap_or_else(|| panic!("{}", loaded.problems.render_text(false)));
        let snapshot = Snapshot::build(plan);
        Arc::new(Plans::from([(
            snapshot.plan.tenant.clone(),
            Arc::new(snapshot),
        )]))
    }
}

fn scenario_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario");
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|one| one == "yaml"))
        .collect();
    files.sort();
    files
}

#[test]
fn scenarios_lead_to_their_decisions() {
    let mut faults = Vec::new();
    let mut cases = 0;
    for path in scenario_files() {
        let scenarios = Scenarios::read(&path);
        let tested = scenarios.tested();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let file = CaseFile {
            at: Some(scenarios.at),
            cases: scenarios.cases,
        };
        for case in &file.cases {
            cases += 1;
            let found = judge(&tested, &file, case).faults;
            let fault = |what: String| format!("{name}: {}\n      {what}", case.name);
            faults.extend(found.into_iter().map(fault));
        }
    }
    assert!(faults.is_empty(), "\n  {}", faults.join("\n  "));
    assert!(cases >= 120, "{cases} scenarios");
}

#[test]
fn every_outcome_and_reason_has_a_scenario() {
    let mut shown = BTreeSet::new();
    for path in scenario_files() {
        for case in Scenarios::read(&path).cases {
            for wanted in &case.expect {
                let words =
                    ["outcome", "reason"].map(|key| wanted.get(key).and_then(Value::as_str));
                shown.extend(words.into_iter().flatten().map(str::to_owned));
            }
        }
    }
    let outcomes = Outcome::ALL.iter().map(|one| one.as_str());
    let reasons = Reason::ALL.iter().map(|one| one.as_str());
    let missing: Vec<&str> = outcomes
        .chain(reasons)
        .filter(|word| !shown.contains(*word))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
