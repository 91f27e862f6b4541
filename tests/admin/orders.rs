//! What can be changed over HTTP, and by whom.

use bailiwick::board::ReloadReport;
use serde_json::json;

use super::{Site, TOKEN};
use crate::support::http::{Answer, get, post};

fn check(answer: &Answer, status: u16, part: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.body.contains(part), "{}", answer.body);
}

#[test]
fn nothing_can_be_changed_without_the_token() {
    let site = Site::new();
    for path in ["/-/reload", "/-/log-level"] {
        check(
            &post(site.address(), path, Some(TOKEN), ""),
            403,
            "http.token_file is not set",
        );
    }
    let site = Site::with_token();
    for path in ["/-/reload", "/-/log-level"] {
        check(
            &post(site.address(), path, None, "debug"),
            401,
            "Authorization: Bearer",
        );
        check(
            &post(site.address(), path, Some("wrong"), "debug"),
            403,
            "not the right one",
        );
        check(&get(site.address(), path), 405, "another method");
    }
    assert!(site.levels.lock().unwrap().is_empty());
}

#[test]
fn an_unusable_token_file_is_named() {
    let site = Site::with_token();
    std::fs::write(site.folder.path().join("token"), "\n").unwrap();
    check(
        &post(site.address(), "/-/reload", Some(TOKEN), ""),
        403,
        "there is no token in it",
    );
    std::fs::remove_file(site.folder.path().join("token")).unwrap();
    check(
        &post(site.address(), "/-/reload", Some(TOKEN), ""),
        403,
        "No such file",
    );
}

#[test]
fn a_new_token_in_the_file_holds_at_once() {
    let site = Site::with_token();
    check(
        &post(site.address(), "/-/log-level", Some(TOKEN), "debug"),
        200,
        "debug",
    );
    std::fs::write(site.folder.path().join("token"), "another token of length").unwrap();
    check(
        &post(site.address(), "/-/log-level", Some(TOKEN), "info"),
        403,
        "not the right one",
    );
    check(
        &post(
            site.address(),
            "/-/log-level",
            Some("another token of length"),
            "warn",
        ),
        200,
        "warn",
    );
    assert_eq!(*site.levels.lock().unwrap(), ["debug", "warn"]);
}

#[test]
fn a_level_that_is_none_is_refused() {
    let site = Site::with_token();
    let answer = post(site.address(), "/-/log-level", Some(TOKEN), "loud");
    check(
        &answer,
        400,
        "`loud` is none of off, error, warn, info, debug, trace",
    );
    let answer = post(site.address(), "/-/log-level?level=debug", Some(TOKEN), "");
    check(&answer, 400, "the body is the new level and it is empty");
}

#[test]
fn a_reload_answers_with_what_it_did() {
    let site = Site::with_token();
    check(
        &post(site.address(), "/-/reload", Some(TOKEN), ""),
        503,
        "try again",
    );
    let (_send, orders) = site.board.open_reload();
    let worker = std::thread::spawn(move || {
        let forced: Vec<bool> = (0..2)
            .map(|number| {
                let order = orders.recv().unwrap();
                let failed = match number {
                    0 => vec![("acme".into(), "territory `east` is there twice".to_owned())],
                    _ => Vec::new(),
                };
                let changed = vec![("beta".into(), Some("3f9c2a7d90e1b254".into()))];
                order
                    .report
                    .unwrap()
                    .send(ReloadReport { changed, failed })
                    .unwrap();
                order.force
            })
            .collect();
        forced
    });
    let answer = post(site.address(), "/-/reload", Some(TOKEN), "");
    check(&answer, 422, "twice");
    let answer = post(site.address(), "/-/reload?force=true", Some(TOKEN), "");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({"changed": {"beta": "3f9c2a7d90e1b254"}, "failed": {}})
    );
    assert_eq!(worker.join().unwrap(), [false, true]);
}
