//! Liveness, readiness and metrics.

use bailiwick::board::{LaneState, LaneStatus, Phase, PlanStatus, RestoreStatus};

use super::Site;
use crate::support::http::get;

#[test]
fn ready_needs_plans_group_and_lanes_and_ends_with_draining() {
    let site = Site::new();
    let ready = |verbose: &str| {
        let answer = get(site.address(), &format!("/readyz{verbose}"));
        (answer.status, answer.body)
    };
    assert_eq!(get(site.address(), "/livez").status, 200);
    assert_eq!(ready(""), (503, "not ready\n".to_owned()));
    assert_eq!(
        ready("?verbose").1,
        "[-] plans: no plan is loaded yet\n[-] group: the group is not joined yet\n[+] lanes: ok\n[+] shutdown: ok\nnot ready\n"
    );
    site.board
        .set_plans([("acme".into(), PlanStatus::default())].into());
    site.board.assigned(&[2, 5]);
    let second = site.board.open_lane(5);
    let first = site.board.open_lane(2);
    let running = || LaneStatus {
        state: LaneState::Running,
        ..LaneStatus::default()
    };
    first.publish(running(), 0, [].into_iter());
    assert!(
        ready("?verbose")
            .1
            .contains("[-] lanes: not restored yet: 5\n")
    );
    let restore = RestoreStatus {
        rows: 1_200,
        next: 1_300,
        end: 5_000,
    };
    let restoring = LaneStatus {
        restore: Some(restore),
        ..LaneStatus::default()
    };
    second.publish(restoring, 0, [].into_iter());
    assert!(ready("?verbose").1.contains(
        "[-] lanes: not restored yet: 5 (1200 rows read, at 1300 of 5000 in the changelog)\n"
    ));
    second.publish(running(), 0, [].into_iter());
    assert_eq!(ready(""), (200, "ready\n".to_owned()));
    drop(second);
    assert_eq!(ready("").0, 503);
    site.board.assigned(&[2]);
    assert_eq!(ready("").0, 200);
    site.board.set_phase(Phase::Draining);
    assert!(
        ready("?verbose=1")
            .1
            .contains("[-] shutdown: the daemon is stopping\n")
    );
    assert_eq!(
        (ready("").0, get(site.address(), "/livez").status),
        (503, 200)
    );
}

#[test]
fn metrics_count_requests_by_route_and_not_by_path() {
    let site = Site::new();
    get(site.address(), "/livez");
    get(site.address(), "/api/v1/leads/acme/secret-person");
    get(site.address(), "/admin.php");
    let answer = get(site.address(), "/metrics");
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4")
    );
    for line in [
        "bailiwick_http_requests_total{code=\"200\",route=\"/livez\"} 1",
        "bailiwick_http_requests_total{code=\"503\",route=\"/api/v1/leads/{tenant}/{id}\"} 1",
        "bailiwick_http_requests_total{code=\"404\",route=\"unknown\"} 1",
    ] {
        assert!(answer.body.contains(line), "{line} in\n{}", answer.body);
    }
    assert!(!answer.body.contains("secret-person"));
}
