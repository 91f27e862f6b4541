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

#[test]
fn more_connections_than_there_are_places_are_turned_away_and_places_come_back() {
    let site = Site::new();
    let held: Vec<_> = (0..200).map(|_| connect(site.address())).collect();
    std::thread::sleep(Duration::from_millis(100));
    drop(held);
    let begun = Instant::now();
    while std::net::TcpStream::connect(site.address()).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(get(site.address(), "/livez").status, 200);
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
