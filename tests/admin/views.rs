//! What the interface shows: status, leads, decisions.

use std::io::{BufRead as _, BufReader, Write as _};

use bailiwick::board::{LaneState, LaneStatus, LeadView, PlanStatus};
use bailiwick::event::{Due, Handover, Reason, Timestamp};
use serde_json::json;

use super::Site;
use crate::support::http::{connect, get, head};

pub fn status() -> LaneStatus {
    LaneStatus {
        state: LaneState::Running,
        restore: None,
        seq: 7,
        open_leads: 5,
        waiting_leads: 1,
        rows: 30,
        clock: Some(Timestamp(0)),
    }
}

#[test]
fn the_status_says_how_plans_and_lanes_stand() {
    let site = Site::new();
    let failure = PlanStatus {
        version: Some("3f9c2a7d90e1b254".into()),
        since: Some(Timestamp(0)),
        failure: Some("plan.yaml:3:1: unknown key `teem`".to_owned()),
        warnings: 2,
    };
    site.board.set_plans([("acme".into(), failure)].into());
    let desk = site.board.open_lane(3);
    desk.publish(status(), 0, [].into_iter());
    let shown = get(site.address(), "/api/v1/status").json();
    assert_eq!(
        shown["plans"],
        json!([{"tenant": "acme", "version": "3f9c2a7d90e1b254", "since": "1970-01-01T00:00:00Z",
            "warnings": 2, "failure": "plan.yaml:3:1: unknown key `teem`"}])
    );
    assert_eq!(
        shown["lanes"],
        json!([{"partition": 3, "state": "running", "restore": null, "seq": 7, "open_leads": 5,
            "waiting_leads": 1, "rows": 30, "clock": "1970-01-01T00:00:00Z"}])
    );
    assert_eq!(
        (&shown["group"], &shown["phase"], &shown["ready"]),
        (&json!("west"), &json!("starting"), &json!(false))
    );
    assert_eq!(shown["counts"]["deadletters"]["bad_json"], 0);
}

#[test]
fn a_lead_is_found_whichever_lane_holds_it() {
    let site = Site::new();
    let lanes: Vec<_> = [0, 1].map(|one| site.board.open_lane(one)).into();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let worker = std::thread::spawn(move || {
        while stopped.try_recv().is_err() {
            lanes[0].answer(|_, _| None);
            lanes[1].answer(|tenant, lead| (tenant == "acme" && lead == "L/1 ü").then(view));
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    });
    let found = get(site.address(), "/api/v1/leads/acme/L%2F1%20%C3%BC").json();
    assert_eq!(
        found,
        json!({"tenant": "acme", "lead": "L/1 ü", "partition": 1, "revision": 4, "status": "assigned",
            "reason": "territory", "territory": "east", "team": "east", "rep": "wang", "pool": null, "duplicate_of": null,
            "attempt": 2, "seq": 9, "due": {"accept_by": "1970-01-01T00:00:01Z", "touch_by": null},
            "lead_at": null, "decided_at": "1970-01-01T00:00:00.5Z",
            "history": {"owners": ["li"], "stage": "demo", "open_value": 5.5,
                "touches": [{"at": "1970-01-01T00:00:00Z", "kind": "call", "rep": "li"}]}})
    );
    let missing = get(site.address(), "/api/v1/leads/acme/L-2");
    assert_eq!(missing.status, 404);
    stop.send(()).unwrap();
    worker.join().unwrap();
    assert_eq!(get(site.address(), "/api/v1/leads/acme/L-2").status, 503);
}

fn view() -> LeadView {
    LeadView {
        revision: 4,
        status: "assigned",
        reason: Some(Reason::Territory),
        territory: Some("east".into()),
        team: Some("east".into()),
        rep: Some("wang".into()),
        due: Due {
            accept_by: Some(Timestamp(1_000)),
            touch_by: None,
        },
        attempt: 2,
        seq: 9,
        decided_at: Some(Timestamp(500)),
        history: Handover {
            owners: vec!["li".into()],
            touches: vec![(Timestamp(0), "call", "li".into())],
            stage: Some("demo".into()),
            open_value: Some(5.5),
        },
        ..LeadView::default()
    }
}

#[test]
fn recent_decisions_are_the_newest_and_bounded() {
    let site = Site::new();
    let desk = site.board.open_lane(0);
    let all: Vec<String> = (0..8).map(|seq| format!("{{\"seq\":{seq}}}")).collect();
    desk.publish(status(), 3, all[..3].iter().map(String::as_bytes));
    desk.publish(status(), 5, all[3..].iter().map(String::as_bytes));
    let shown = get(site.address(), "/api/v1/decisions").json();
    assert_eq!(shown["seen"], 8);
    assert_eq!(
        shown["decisions"],
        json!([{"seq": 7}, {"seq": 6}, {"seq": 5}, {"seq": 4}, {"seq": 3}])
    );
    let shown = get(site.address(), "/api/v1/decisions?limit=1").json();
    assert_eq!(shown["decisions"], json!([{"seq": 7}]));
    assert_eq!(shown["skipped"], 0);
    // It counted only what it showed: of a large batch a lane puts up the newest.
    desk.publish(status(), 5_000, all[..3].iter().map(String::as_bytes));
    let shown = get(site.address(), "/api/v1/decisions?limit=0").json();
    assert_eq!(
        shown,
        json!({"seen": 5_008, "skipped": 4_997, "decisions": []})
    );
}

#[test]
fn watchers_get_each_decision_as_it_is_committed() {
    let site = Site::new();
    let desk = site.board.open_lane(0);
    let mut stream = connect(site.address());
    stream
        .write_all(
            b"GET /api/v1/decisions HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n\r\n",
        )
        .unwrap();
    let mut reader = BufReader::new(stream);
    let (status_code, headers) = head(&mut reader);
    assert_eq!(status_code, 200);
    assert!(
        headers
            .iter()
            .any(|(name, value)| name == "content-type" && value == "text/event-stream")
    );
    let two = [&b"{\"seq\":1}"[..], b"{\"seq\":2}"];
    desk.publish(status(), 2, two.into_iter());
    // Of a large batch only the newest are put up, and nothing said so.
    let newest = [&b"{\"seq\":301}"[..], b"{\"seq\":302}"];
    desk.publish(status(), 300, newest.into_iter());
    let mut said = Vec::new();
    for line in reader.lines().map(Result::unwrap) {
        // The lengths of chunks have no name.
        said.extend(Some(line).filter(|line| line.contains(": ")));
        if said.len() == 14 {
            break;
        }
    }
    let decision = |number: &str, json: &str| {
        let id = format!("id: {number}");
        ["event: decision".to_owned(), id, format!("data: {json}")]
    };
    let expected = [
        &decision("0", "{\"seq\":1}")[..],
        &decision("1", "{\"seq\":2}"),
        &["event: skipped".to_owned(), "data: 298".to_owned()],
        &decision("300", "{\"seq\":301}"),
        &decision("301", "{\"seq\":302}"),
    ];
    assert_eq!(said, expected.concat());
}
