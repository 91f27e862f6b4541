//! A plan change that moves open leads, broken off by a kill, and `undo`, which gives them back.

use std::collections::BTreeMap;

use crate::support::kafka;

use super::deployment::{Deployment, Reader, Seen};
use super::exactly_once::await_drained;
use super::instance::Instance;
use super::oracle::{self, Recording};

const LEADS: usize = 300;
/// The daemon is killed after so many of them moved; at a hundred a second that is halfway.
const MOVED: usize = 120;

/// All leads lie in `territory`, which `team` serves.
fn write_plan(deployment: &Deployment, territory: &str, team: &str) {
    deployment.write_plans(&["acme"], &|tenant| {
        format!(
            "version: 1
tenant: {tenant}
policy: {{realign: open}}
reps: [{{id: ann}}, {{id: ben}}, {{id: cai}}]
teams: [{{id: east, members: [ann, ben]}}, {{id: west, members: [cai]}}]
territories: [{{id: {territory}, where: {{source: web}}, team: {team}}}]
"
        )
    });
}

fn send(deployment: &Deployment, role: &str, records: impl Iterator<Item = String>) {
    let producer = deployment.producer();
    for record in records {
        let record = (None, Some(record.as_bytes()), None);
        deployment.send(&producer, role, 0, record);
    }
    deployment.flush(&producer);
}

/// The first `count` decisions.
fn decisions(deployment: &Deployment, count: usize) -> Vec<serde_json::Value> {
    let mut reader = Reader::new(deployment, "assignments");
    reader.until(|seen| seen.len() >= count);
    reader.seen.iter().take(count).map(Seen::json).collect()
}

/// Who was given each lead, and why.
fn given<'d>(
    decisions: &'d [serde_json::Value],
    reason: &str,
) -> BTreeMap<&'d str, &'d serde_json::Value> {
    let one = |decision: &'d serde_json::Value| {
        assert_eq!(decision["outcome"], "assigned", "{decision}");
        assert_eq!(decision["reason"], reason, "{decision}");
        let lead = decision["lead"].as_str().expect("an id");
        (lead, &decision["rep"])
    };
    let given: BTreeMap<_, _> = decisions.iter().map(one).collect();
    assert_eq!(given.len(), decisions.len(), "a lead was given twice");
    given
}

#[test]
fn realigned_leads_move_once_through_a_kill_and_undo_gives_them_back() {
    let name = "realigned_leads_move_once_through_a_kill_and_undo_gives_them_back";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    let deployment = Deployment::new(&brokers, 1);
    write_plan(&deployment, "first", "east");
    let mut known = oracle::load_plans(&deployment);
    let mut daemon = Instance::start(&deployment, "one", &[]);
    daemon.await_ready();
    let lead = |number| format!(r#"{{"id":"L-{number}","tenant":"acme","source":"web"}}"#);
    send(&deployment, "leads", (0..LEADS).map(lead));
    decisions(&deployment, LEADS);

    write_plan(&deployment, "second", "west");
    let new = oracle::load_plans(&deployment);
    let ((_, version), _) = new.first_key_value().expect("one plan");
    let version = version.to_string();
    known.extend(new);
    decisions(&deployment, LEADS + MOVED);
    daemon.kill();
    daemon = Instance::start(&deployment, "two", &[]);
    let all = decisions(&deployment, 2 * LEADS);
    let (first, moved) = all.split_at(LEADS);
    let owners = given(first, "territory");
    assert!(given(moved, "realigned").values().all(|rep| **rep == "cai"));

    let recorded = deployment.plans().with_file_name("decisions.ndjson");
    let lines: Vec<String> = all.iter().map(|one| format!("{one}\n")).collect();
    std::fs::write(&recorded, lines.concat()).expect("the folder is ours");
    let recorded = recorded.to_str().expect("a path in UTF-8");
    let undo = deployment.bailiwick(&["undo", "--decisions", recorded, "--plan", &version]);
    let activity = String::from_utf8(undo.stdout).expect("UTF-8");
    assert!(undo.status.success());
    assert_eq!(activity.lines().count(), LEADS);
    send(&deployment, "activity", activity.lines().map(str::to_owned));
    let all = decisions(&deployment, 3 * LEADS);
    assert_eq!(given(&all[2 * LEADS..], "manual"), owners);

    await_drained(&deployment);
    daemon.end();
    let recording = Recording::read(&deployment);
    assert!(
        oracle::replay_under(&known, &deployment, &recording) == recording.written,
        "the replay differs"
    );
}
