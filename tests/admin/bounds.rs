//! Slow, large and hostile requests hold nothing up.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use super::{Site, TOKEN};
use crate::support::http::{connect, get, post};

#[test]
fn a_body_beyond_the_bound_is_refused() {
    let site = Site::with_token();
    let answer = post(
        site.address(),
        "/-/log-level",
        Some(TOKEN),
        &"x".repeat(5_000),
    );
    assert_eq!(answer.status, 413);
    let sentence = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(sentence.contains("http.body_bytes"), "{sentence}");
}

#[test]
fn what_the_framework_refuses_has_the_form_of_all_errors() {
    let site = Site::with_token();
    for (answer, status) in [
        (
            post(site.address(), "/-/reload?force=maybe", Some(TOKEN), ""),
            400,
        ),
        (get(site.address(), "/api/v1/decisions?limit=many"), 400),
        (get(site.address(), "/api/v1/leads/acme/%FF"), 400),
    ] {
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.json()["error"].is_string(), "{}", answer.body);
    }
}

#[test]
fn a_body_that_does_not_come_is_given_up() {
    let site = Site::with(|options| {
        std::fs::write(options.token_file.as_ref().unwrap(), TOKEN).unwrap();
        options.request_timeout = Duration::from_millis(200);
    });
    let mut stream = connect(site.address());
    let head = format!(
        "POST /-/log-level HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 5\r\n\r\nde"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let begun = Instant::now();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 504");
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_head_that_does_not_end_ends_the_connection() {
    let site = Site::new();
    let mut stream = connect(site.address());
    stream.write_all(b"GET /livez HTTP/1.1\r\nHo").unwrap();
    let begun = Instant::now();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "the connection stayed open"
    );
}

/// More than there are places.
const MANY: usize = 300;

/// Asks for a metric without a label.
fn metric(site: &Site, name: &str) -> u64 {
    let text = get(site.address(), "/metrics").body;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().trim().parse().unwrap()
}

#[test]
fn slow_clients_that_hold_every_place_do_not_keep_probes_out() {
    let site = Site::new();
    let begun = Instant::now();
    let held: Vec<_> = (0..MANY)
        .map(|_| {
            let mut stream = connect(site.address());
            stream.write_all(b"GET /livez HTTP/1.1\r\nHo").unwrap();
            stream
        })
        .collect();
    // Well before the first of them is given up for its slowness.
    assert_eq!(get(site.address(), "/livez").status, 200);
    assert_eq!(get(site.address(), "/readyz").status, 503);
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    assert!(metric(&site, "bailiwick_http_connections_displaced_total") >= 100);
    assert!(metric(&site, "bailiwick_http_connections ") <= 128);
    drop(held);
}

#[test]
fn watchers_that_hold_every_place_do_not_keep_probes_out() {
    let site = Site::new();
    let held: Vec<_> = (0..MANY)
        .map(|_| {
            let mut stream = connect(site.address());
            let ask =
                b"GET /api/v1/decisions HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n\r\n";
            stream.write_all(ask).unwrap();
            stream
        })
        .collect();
    assert_eq!(get(site.address(), "/livez").status, 200);
    assert!(metric(&site, "bailiwick_http_connections ") <= 128);
    drop(held);
    let begun = Instant::now();
    while metric(&site, "bailiwick_http_connections ") > 1 {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "places do not come back"
        );
    }
}

#[test]
fn a_client_that_does_not_read_its_answer_is_given_up() {
    let site = Site::with(|options| options.request_timeout = Duration::from_millis(300));
    // More than the buffers of both ends hold.
    let large = format!("{{\"pad\":\"{}\"}}", "x".repeat(8 << 20));
    let desk = site.board.open_lane(0);
    let all: Vec<&[u8]> = (0..5).map(|_| large.as_bytes()).collect();
    desk.publish(super::views::status(), 5, all.into_iter());
    let mut stream = connect(site.address());
    stream
        .write_all(b"GET /api/v1/decisions HTTP/1.1\r\nHost: t\r\n\r\n")
        .unwrap();
    let begun = Instant::now();
    while metric(&site, "bailiwick_http_connections ") > 1 {
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "it still holds its connection"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut got = Vec::new();
    // Cut off or reset, it is not the whole.
    let _ = stream.read_to_end(&mut got);
    assert!(got.starts_with(b"HTTP/1.1 200"), "nothing came");
    assert!(got.len() < 5 * large.len(), "{} bytes came", got.len());
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let site = Site::new();
    let long = "x".repeat(100 << 10);
    let answer =
        crate::support::http::request(site.address(), "GET", "/livez", &[("X", &long)], "");
    assert_eq!(answer.status, 431);
}

#[test]
fn answers_are_not_kept_by_browsers_and_unknown_paths_say_what_there_is() {
    let site = Site::new();
    let answer = get(site.address(), "/");
    assert_eq!(answer.status, 404);
    assert!(answer.json()["error"].as_str().unwrap().contains("/readyz"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("set-cookie"), None);
}

#[test]
fn dropping_the_interface_frees_its_port() {
    let site = Site::new();
    let address = site.address();
    drop(site);
    assert!(std::net::TcpListener::bind(address).is_ok());
}
