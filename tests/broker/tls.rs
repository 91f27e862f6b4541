//! Kafka over TLS: SCRAM and client certificates, and what is said when either is refused.
//!
//! They need a build with TLS: `cargo test --features tls --test main -- broker::tls`, or
//! `--features tls-system` where the system has OpenSSL's headers. Without one they are
//! reported as skipped.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::deployment::Deployment;
use crate::support::certificates::{Authority, EXPIRED, Signed, VALID};
use crate::support::kafka::{self, Broker};
use crate::support::reaper::{self, Process};

const USER: &str = "bailiwick";
const PASSWORD: &str = "5e8f1c0b7a-scram";
const PLAN: &str = include_str!("plan.yaml");

/// Whether the program's client library has TLS, and SCRAM with it.
const HAS_TLS: bool = cfg!(any(feature = "tls", feature = "tls-system"));

/// A broker with a listener for tests, one that wants a client certificate, one that wants a
/// password, and one whose own certificate has expired.
struct Fortress {
    _broker: Broker,
    plain: String,
    mutual: String,
    scram: String,
    expired: String,
    authority: Authority,
    folder: PathBuf,
}

fn fortress(name: &str) -> Option<&'static Fortress> {
    static FORTRESS: OnceLock<Option<Fortress>> = OnceLock::new();
    if !HAS_TLS {
        skip(name);
        return None;
    }
    FORTRESS.get_or_init(|| Fortress::build(name)).as_ref()
}

fn skip(name: &str) {
    static SKIPPED: AtomicUsize = AtomicUsize::new(0);
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    // libtest swallows what passing tests print through the macros, so write past it.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED TLS test {count}: {name}: this build has no TLS: cargo test --features tls"
    );
}

/// A free port of loopback and the address on it.
fn free_address() -> String {
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    held.local_addr().expect("it is bound").to_string()
}

impl Fortress {
    fn build(name: &str) -> Option<Self> {
        let folder = kafka::scratch().join(kafka::unique("tls"));
        std::fs::create_dir_all(&folder).unwrap();
        reaper::remove_at_end(&folder);
        let authority = Authority::new("authority");
        std::fs::write(folder.join("ca.crt"), &authority.certificate).unwrap();
        for (name, years) in [("good", VALID), ("old", EXPIRED)] {
            let Signed { certificate, key } = authority.server(years);
            std::fs::write(folder.join(name).with_extension("pem"), key + &certificate).unwrap();
        }
        let (mutual, scram, expired) = (free_address(), free_address(), free_address());
        let broker = kafka::own_broker_with(name, |port, controller| {
            let plain = format!("PLAINTEXT://127.0.0.1:{port}");
            let secured = format!("MUTUAL://{mutual},SCRAM://{scram},EXPIRED://{expired}");
            let own = properties(&folder);
            format!(
                "listeners={plain},{secured},CONTROLLER://127.0.0.1:{controller}\n\
                 advertised.listeners={plain},{secured}\n{own}"
            )
        })?;
        let credentials = format!("SCRAM-SHA-512=[password={PASSWORD}]");
        broker.tool(
            "kafka.admin.ConfigCommand",
            &[
                "--bootstrap-server",
                &broker.address(),
                "--alter",
                "--add-config",
                &credentials,
                "--entity-type",
                "users",
                "--entity-name",
                USER,
            ],
        );
        Some(Self {
            plain: broker.address(),
            _broker: broker,
            mutual,
            scram,
            expired,
            authority,
            folder,
        })
    }

    /// A deployment whose topics are there and whose daemon comes in by `address`.
    fn deployment(&self, address: &str, settings: &[String]) -> Deployment {
        let mut deployment = Deployment::new(&self.plain, 1);
        deployment.write_plans(&["acme"], &|tenant| PLAN.replace("TENANT", tenant));
        deployment.brokers = address.to_owned();
        deployment.set(&format!(
            "kafka.client.ssl.ca.location={}",
            self.folder.join("ca.crt").display()
        ));
        deployment.set("kafka.startup_timeout=5s");
        for pair in settings {
            deployment.set(pair);
        }
        deployment
    }

    /// Sends a lead by the open listener and waits for its decision.
    fn must_decide(&self, mut deployment: Deployment) {
        let _daemon: Process = deployment.daemon("secured");
        deployment.brokers = self.plain.clone();
        let producer = deployment.producer();
        let lead = br#"{"id": "L-1", "tenant": "acme"}"#;
        deployment.send(&producer, "leads", 0, (None, Some(lead), None));
        deployment.flush(&producer);
        deployment.read_until("assignments", |seen| seen.len() == 1);
    }
}

fn properties(folder: &Path) -> String {
    let file = |name: &str| folder.join(name).display().to_string();
    let mut text = "inter.broker.listener.name=PLAINTEXT\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,MUTUAL:SSL,\
         SCRAM:SASL_SSL,EXPIRED:SSL\n\
         listener.name.mutual.ssl.client.auth=required\n\
         listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-512\n\
         listener.name.scram.scram-sha-512.sasl.jaas.config=\
         org.apache.kafka.common.security.scram.ScramLoginModule required;\n"
        .to_owned();
    for (listener, store) in [("mutual", "good"), ("scram", "good"), ("expired", "old")] {
        let (keys, trusted) = (file(&format!("{store}.pem")), file("ca.crt"));
        text += &format!(
            "listener.name.{listener}.ssl.keystore.type=PEM\n\
             listener.name.{listener}.ssl.keystore.location={keys}\n\
             listener.name.{listener}.ssl.truststore.type=PEM\n\
             listener.name.{listener}.ssl.truststore.location={trusted}\n"
        );
    }
    text
}

/// The settings of a client that shows this certificate.
fn shows(folder: &Path, name: &str, signed: &Signed) -> Vec<String> {
    let (certificate, key) = signed.write(folder, name);
    vec![
        "kafka.client.security.protocol=SSL".to_owned(),
        format!(
            "kafka.client.ssl.certificate.location={}",
            certificate.display()
        ),
        format!("kafka.client.ssl.key.location={}", key.display()),
    ]
}

/// The settings of a client with a password.
fn knows(folder: &Path, name: &str, password: &str) -> Vec<String> {
    let file = folder.join(name);
    std::fs::write(&file, password).unwrap();
    vec![
        "kafka.client.security.protocol=SASL_SSL".to_owned(),
        "kafka.client.sasl.mechanism=SCRAM-SHA-512".to_owned(),
        format!("kafka.client.sasl.username={USER}"),
        format!("kafka.client.sasl.password_file={}", file.display()),
    ]
}

/// Checks that it ended as for bad settings, and what it said.
fn check(ended: &Output, parts: &[&str]) {
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(78), "{said}");
    let last = said.lines().last().unwrap_or_default();
    for part in parts {
        assert!(
            last.contains(part),
            "{part:?} is not in the last line of:\n{said}"
        );
    }
}

#[test]
fn a_daemon_with_a_password_decides_over_tls() {
    let Some(fortress) = fortress("a_daemon_with_a_password_decides_over_tls") else {
        return;
    };
    let settings = knows(&fortress.folder, "password", PASSWORD);
    fortress.must_decide(fortress.deployment(&fortress.scram, &settings));
}

#[test]
fn a_daemon_with_a_certificate_decides_over_tls() {
    let Some(fortress) = fortress("a_daemon_with_a_certificate_decides_over_tls") else {
        return;
    };
    let signed = fortress.authority.client(USER, VALID);
    let settings = shows(&fortress.folder, "client", &signed);
    fortress.must_decide(fortress.deployment(&fortress.mutual, &settings));
}

#[test]
fn a_wrong_scram_password_is_said_and_never_shown() {
    let Some(fortress) = fortress("a_wrong_scram_password_is_said_and_never_shown") else {
        return;
    };
    let settings = knows(&fortress.folder, "wrong-password", "quite-another-one");
    let ended = fortress
        .deployment(&fortress.scram, &settings)
        .bailiwick(&["run"]);
    check(
        &ended,
        &["authentication failed", "credentials in [kafka.client]"],
    );
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!said.contains("quite-another-one"), "{said}");
}

#[test]
fn an_expired_certificate_of_the_client_is_named() {
    let Some(fortress) = fortress("an_expired_certificate_of_the_client_is_named") else {
        return;
    };
    let signed = fortress.authority.client(USER, EXPIRED);
    let settings = shows(&fortress.folder, "expired", &signed);
    let ended = fortress
        .deployment(&fortress.mutual, &settings)
        .bailiwick(&["run"]);
    let file = fortress.folder.join("expired.crt").display().to_string();
    check(
        &ended,
        &[
            &file,
            "ssl.certificate.location",
            "it expired at 2021-01-01T00:00:00Z",
        ],
    );
}

#[test]
fn a_client_without_the_certificate_that_is_asked_for_is_told() {
    let Some(fortress) = fortress("a_client_without_the_certificate_that_is_asked_for_is_told")
    else {
        return;
    };
    let settings = ["kafka.client.security.protocol=SSL".to_owned()];
    let ended = fortress
        .deployment(&fortress.mutual, &settings)
        .bailiwick(&["run"]);
    check(
        &ended,
        &["TLS handshake failed", "ask for one and got none"],
    );
}

#[test]
fn brokers_that_cannot_be_trusted_are_not() {
    let Some(fortress) = fortress("brokers_that_cannot_be_trusted_are_not") else {
        return;
    };
    let settings = ["kafka.client.security.protocol=SSL".to_owned()];
    let ended = fortress
        .deployment(&fortress.expired, &settings)
        .bailiwick(&["run"]);
    check(&ended, &["TLS handshake failed", "expired"]);
    let stranger = fortress.folder.join("stranger.crt");
    std::fs::write(&stranger, Authority::new("stranger").certificate).unwrap();
    let mut settings = knows(&fortress.folder, "password-2", PASSWORD);
    settings.push(format!(
        "kafka.client.ssl.ca.location={}",
        stranger.display()
    ));
    let ended = fortress
        .deployment(&fortress.scram, &settings)
        .bailiwick(&["run"]);
    check(&ended, &["TLS handshake failed", "trusted authority"]);
}

#[test]
fn a_build_without_tls_says_so() {
    if HAS_TLS {
        return;
    }
    let deployment = |settings: &[&str]| {
        let mut deployment = Deployment::planned("127.0.0.1:9", 1);
        deployment.write_plans(&["acme"], &|tenant| PLAN.replace("TENANT", tenant));
        settings.iter().for_each(|pair| deployment.set(pair));
        deployment
    };
    for settings in [
        &["kafka.client.security.protocol=SASL_SSL"][..],
        &["kafka.client.ssl.ca.location=ca.crt"],
        &[
            "kafka.client.security.protocol=SASL_PLAINTEXT",
            "kafka.client.sasl.mechanism=SCRAM-SHA-256",
            "kafka.client.sasl.username=bailiwick",
            "kafka.client.sasl.password=${env:PATH}",
        ],
    ] {
        let ended = deployment(settings).bailiwick(&["run"]);
        check(&ended, &["needs TLS or SCRAM", "`--features tls`"]);
    }
}
