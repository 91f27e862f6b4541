//! HTTPS: who is received, what faulty files are told, and new certificates without a restart.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bailiwick::config::{Clients, HttpTls};

use super::{Site, TOKEN};
use crate::support::certificates::{Authority, EXPIRED, Signed, TO_COME, VALID};
use crate::support::http::{self, connect};
use crate::support::https;

/// A folder with the files of `[http.tls]`.
struct Files {
    folder: tempfile::TempDir,
    tls: HttpTls,
}

impl Files {
    fn new(server: &Signed) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (cert_file, key_file) = server.write(folder.path(), "server");
        let tls = HttpTls {
            cert_file,
            key_file,
            client_ca_file: None,
            clients: Clients::All,
        };
        Self { folder, tls }
    }

    fn clients(mut self, authorities: &str, clients: Clients) -> Self {
        let path = self.folder.path().join("clients.crt");
        std::fs::write(&path, authorities).unwrap();
        (self.tls.client_ca_file, self.tls.clients) = (Some(path), clients);
        self
    }

    fn site(&self) -> Site {
        Site::with(|options| {
            std::fs::write(options.token_file.as_ref().unwrap(), TOKEN).unwrap();
            options.tls = Some(self.tls.clone());
        })
    }

    /// Why the interface does not start, with the folder written as `~`.
    fn fault(&self) -> String {
        let started = Site::started(|options| options.tls = Some(self.tls.clone()));
        let why = started.err().expect("it must not start").to_string();
        why.replace(&self.folder.path().display().to_string(), "~")
    }
}

#[test]
fn https_is_spoken_and_nothing_else() {
    let authority = Authority::new("one");
    let files = Files::new(&authority.server(VALID));
    let site = files.site();
    let answer = https::get(site.address(), &authority, None, "/livez").unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok\n"));
    let stranger = Authority::new("two");
    assert!(https::get(site.address(), &stranger, None, "/livez").is_err());
    let mut plain = connect(site.address());
    plain
        .write_all(http::text("GET", "/livez", &[], "").as_bytes())
        .unwrap();
    let mut told = Vec::new();
    // Closed or reset: whatever comes is no answer in HTTP.
    let _ = plain.read_to_end(&mut told);
    assert!(!told.starts_with(b"HTTP"), "{told:?}");
}

#[test]
fn changes_need_the_token_over_https_as_well() {
    let authority = Authority::new("one");
    let site = Files::new(&authority.server(VALID)).site();
    let ask = |headers: &[(&str, &str)]| {
        let text = http::text("POST", "/-/log-level", headers, "debug");
        https::request(site.address(), &authority, None, &text)
            .unwrap()
            .status
    };
    assert_eq!(ask(&[]), 401);
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(ask(&[("Authorization", &bearer)]), 200);
}

#[test]
fn only_clients_of_the_authority_are_received() {
    let (server, clients) = (Authority::new("servers"), Authority::new("clients"));
    let files = Files::new(&server.server(VALID)).clients(&clients.certificate, Clients::All);
    let site = files.site();
    let ask = |shows: Option<&Signed>| {
        https::get(site.address(), &server, shows, "/livez").map(|answer| answer.status)
    };
    assert_eq!(
        ask(Some(&clients.client("prometheus", VALID))).unwrap(),
        200
    );
    assert!(ask(None).is_err());
    assert!(ask(Some(&clients.client("prometheus", EXPIRED))).is_err());
    assert!(ask(Some(&server.client("stranger", VALID))).is_err());
    // A server's certificate is none of a client.
    assert!(ask(Some(&clients.server(VALID))).is_err());
    let good = clients.client("prometheus", VALID);
    let metrics = https::get(site.address(), &server, Some(&good), "/metrics").unwrap();
    assert!(
        metrics
            .body
            .contains("\nbailiwick_http_handshake_failures_total 4\n"),
        "{}",
        metrics.body
    );
}

#[test]
fn probes_may_be_let_in_without_a_certificate() {
    let authority = Authority::new("one");
    let files =
        Files::new(&authority.server(VALID)).clients(&authority.certificate, Clients::ExceptProbes);
    let site = files.site();
    let ask = |shows: Option<&Signed>, path: &str| {
        https::get(site.address(), &authority, shows, path).map(|answer| answer.status)
    };
    assert_eq!(ask(None, "/livez").unwrap(), 200);
    assert_eq!(ask(None, "/readyz?verbose").unwrap(), 503);
    for path in ["/metrics", "/api/v1/status", "/nowhere", "//livez"] {
        assert_eq!(ask(None, path).unwrap(), 403, "{path}");
    }
    let known = authority.client("prometheus", VALID);
    assert_eq!(ask(Some(&known), "/metrics").unwrap(), 200);
    let stranger = Authority::new("two").client("stranger", VALID);
    assert!(ask(Some(&stranger), "/livez").is_err());
}

/// Good files that one change spoils.
struct Spoiling {
    authority: Authority,
    good: Signed,
}

impl Spoiling {
    fn new() -> Self {
        let authority = Authority::new("one");
        let good = authority.server(VALID);
        Self { authority, good }
    }

    fn check(&self, spoil: impl FnOnce(&mut HttpTls), expected: &str) {
        let certificate = &self.authority.certificate;
        let mut files = Files::new(&self.good).clients(certificate, Clients::All);
        spoil(&mut files.tls);
        let fault = files.fault();
        assert!(fault.starts_with(expected), "{fault}\nexpected: {expected}");
    }
}

fn write(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap();
}

#[test]
fn an_unusable_certificate_is_named_with_what_is_wrong_with_it() {
    let spoiling = Spoiling::new();
    let (authority, good) = (&spoiling.authority, &spoiling.good);
    spoiling.check(
        |files| files.cert_file = PathBuf::from("/nowhere/tls.crt"),
        "http.tls.cert_file: cannot read /nowhere/tls.crt: No such file or directory",
    );
    spoiling.check(
        |files| write(&files.cert_file, "no PEM at all"),
        "http.tls.cert_file: ~/server.crt: there is no certificate in it (`BEGIN CERTIFICATE`)",
    );
    spoiling.check(
        |files| write(&files.cert_file, &good.certificate.replace('M', "*")),
        "http.tls.cert_file: ~/server.crt: this is not PEM",
    );
    spoiling.check(
        |files| {
            write(
                &files.cert_file,
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            )
        },
        "http.tls.cert_file: ~/server.crt: a certificate in it cannot be read",
    );
    spoiling.check(
        |files| write(&files.cert_file, &authority.server(EXPIRED).certificate),
        "http.tls.cert_file: ~/server.crt: the certificate is not valid: it expired at 2021-01-01T00:00:00Z",
    );
    spoiling.check(
        |files| write(&files.cert_file, &authority.server(TO_COME).certificate),
        "http.tls.cert_file: ~/server.crt: the certificate is not valid: it is not valid before 2090-01-01T00:00:00Z; is the clock right?",
    );
}

#[test]
fn an_unusable_key_is_named_with_what_is_wrong_with_it() {
    let spoiling = Spoiling::new();
    let (authority, good) = (&spoiling.authority, &spoiling.good);
    spoiling.check(
        |files| write(&files.key_file, &good.certificate),
        "http.tls.key_file: ~/server.key: there is no private key in it (`BEGIN PRIVATE KEY`)",
    );
    spoiling.check(
        |files| write(&files.key_file, &authority.server(VALID).key),
        "http.tls.key_file: ~/server.key: this is not the key of the certificate in ~/server.crt",
    );
    spoiling.check(
        |files| {
            write(
                &files.key_file,
                &good.key.replace("PRIVATE", "ENCRYPTED PRIVATE"),
            )
        },
        "http.tls.key_file: ~/server.key: the key is encrypted; store it without a password",
    );
}

#[test]
fn unusable_authorities_are_named_with_what_is_wrong_with_them() {
    let spoiling = Spoiling::new();
    spoiling.check(
        |files| {
            write(
                files.client_ca_file.as_ref().unwrap(),
                &Authority::within("old", EXPIRED).certificate,
            )
        },
        "http.tls.client_ca_file: ~/clients.crt: an authority is not valid: it expired at 2021-01-01T00:00:00Z",
    );
    spoiling.check(
        |files| write(files.client_ca_file.as_ref().unwrap(), ""),
        "http.tls.client_ca_file: ~/clients.crt: there is no certificate in it",
    );
}

#[test]
fn an_authority_that_ended_vouches_for_nobody_beside_one_that_did_not() {
    let (old, new) = (Authority::within("old", EXPIRED), Authority::new("new"));
    let both = format!("{}{}", old.certificate, new.certificate);
    let files = Files::new(&new.server(VALID)).clients(&both, Clients::All);
    let site = files.site();
    let ask = |shows: &Signed| https::get(site.address(), &new, Some(shows), "/livez");
    assert_eq!(ask(&new.client("a", VALID)).unwrap().status, 200);
    assert!(ask(&old.client("a", VALID)).is_err());
}

/// Asks until the interface shows a certificate of that authority.
fn await_authority(site: &Site, authority: &Authority) {
    let begun = std::time::Instant::now();
    while https::get(site.address(), authority, None, "/livez").is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the new certificate is not taken"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn new_certificates_are_taken_without_a_restart_and_broken_ones_are_not() {
    let (first, second) = (Authority::new("first"), Authority::new("second"));
    let files = Files::new(&first.server(VALID));
    let site = files.site();
    await_authority(&site, &first);
    second.server(VALID).write(files.folder.path(), "server");
    await_authority(&site, &second);
    assert!(https::get(site.address(), &first, None, "/livez").is_err());

    std::fs::write(&files.tls.key_file, first.server(VALID).key).unwrap();
    let (_send, orders) = site.board.open_reload();
    let worker = std::thread::spawn(move || {
        let report = bailiwick::board::ReloadReport {
            changed: Vec::new(),
            failed: Vec::new(),
        };
        orders.recv().unwrap().report.unwrap().send(report).unwrap();
    });
    let bearer = format!("Bearer {TOKEN}");
    let text = http::text("POST", "/-/reload", &[("Authorization", &bearer)], "");
    let answer = https::request(site.address(), &second, None, &text).unwrap();
    worker.join().unwrap();
    assert_eq!(answer.status, 422, "{}", answer.body);
    let told = answer.json()["certificates"].clone();
    assert_eq!(told["result"], "refused");
    let why = told["reason"].as_str().unwrap();
    assert!(
        why.contains("this is not the key of the certificate in"),
        "{why}"
    );
    let metrics = https::get(site.address(), &second, None, "/metrics")
        .unwrap()
        .body;
    for line in [
        "bailiwick_http_certificate_renewals_total{result=\"taken\"} 1",
        "bailiwick_http_certificate_expiry_timestamp_seconds{use=\"server\"} 4102444800",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    assert!(!metrics.contains("bailiwick_http_certificate_renewals_total{result=\"refused\"} 0"));
}

#[test]
fn a_client_that_does_not_finish_its_handshake_is_given_up() {
    let authority = Authority::new("one");
    let site = Files::new(&authority.server(VALID)).site();
    let held: Vec<_> = (0..300).map(|_| connect(site.address())).collect();
    let answer = https::get(site.address(), &authority, None, "/livez").unwrap();
    assert_eq!(answer.status, 200);
    let begun = std::time::Instant::now();
    let mut last = held.into_iter().next_back().unwrap();
    let mut rest = Vec::new();
    // Closed or reset, it is over.
    let _ = last.read_to_end(&mut rest);
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "the connection stayed open"
    );
}
