//! What a daemon on a real broker says of secrets and of people, at its most talkative: nothing.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rdkafka::message::{Header, OwnedHeaders};

use super::deployment::{Deployment, wait_until};
use crate::support::certificates::{Authority, VALID};
use crate::support::http::text;
use crate::support::{https, kafka};

const PLAN: &str = include_str!("plan.yaml");

/// Secrets by the way they come in; none is part of another word.
const TOKEN: &str = "token-0f1e2d3c4b5a6978";
const WRONG_TOKEN: &str = "wrong-token-7a6b5c4d3e2f";
const FILE_PASSWORD: &str = "file-password-9b8c7d";
const VARIABLE_PASSWORD: &str = "variable-password-1c2d3e";

/// Fields of a lead that say who a person is, each with a mark to look for.
const PERSON: &str = r#""contact":{"name":"Zoe Quuxname","email":"quuxlocal@mail.example","phone":"+1 202 555 0173"},"address":{"country":"CN","street":"Quuxstreet","house_number":"quux17b","lat":31.19123,"lon":121.43456}"#;

const PERSONAL: [&str; 9] = [
    "Quuxname",
    "quuxlocal",
    "555 0173",
    "2025550173",
    "Quuxstreet",
    "quux17b",
    "31.19123",
    "121.43456",
    "Quuxvalue",
];

/// Everything that was said, by who said it.
#[derive(Default)]
struct Said(BTreeMap<String, String>);

impl Said {
    fn must_not_hold(&self, words: &[&str]) {
        let mut violations = Vec::new();
        for (who, text) in &self.0 {
            let lower = text.to_lowercase();
            for word in words {
                let Some(at) = lower.find(&word.to_lowercase()) else {
                    continue;
                };
                let range = at.saturating_sub(200)..(at + 100).min(lower.len());
                let place = String::from_utf8_lossy(&lower.as_bytes()[range]);
                violations.push(format!("{who} says {word}: {place}"));
            }
        }
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }
}

/// A daemon over HTTPS that logs all it can, and what is needed to ask it.
struct Talkative {
    deployment: Deployment,
    authority: Authority,
}

impl Talkative {
    fn new(brokers: &str) -> Self {
        let mut deployment = Deployment::new(brokers, 1);
        deployment.write_plans(&["acme"], &|tenant| PLAN.replace("TENANT", tenant));
        let folder = deployment.plans().with_file_name("secrets");
        std::fs::create_dir_all(&folder).unwrap();
        let authority = Authority::new("authority");
        let (certificate, key) = authority.server(VALID).write(&folder, "server");
        let file = |name: &str, content: &str| {
            let path = folder.join(name);
            std::fs::write(&path, content).unwrap();
            path.display().to_string()
        };
        for pair in [
            format!("http.token_file={}", file("token", TOKEN)),
            format!("http.tls.cert_file={}", certificate.display()),
            format!("http.tls.key_file={}", key.display()),
            // Not asked for by this broker, but the library has them and tells what it has.
            format!(
                "kafka.client.sasl.password_file={}",
                file("password", FILE_PASSWORD)
            ),
            "kafka.client.sasl.username=bailiwick".to_owned(),
            "kafka.client.debug=all".to_owned(),
            "kafka.producer.sasl.password=${env:WORD}".to_owned(),
            "log.level=trace".to_owned(),
            "log.format=json".to_owned(),
        ] {
            deployment.set(&pair);
        }
        Self {
            deployment,
            authority,
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.deployment.log("one")).unwrap_or_default()
    }

    /// Where the interface listens, once the log says so.
    fn address(&self) -> SocketAddr {
        let mut address = None;
        wait_until("the interface says where it listens", || {
            let log = self.log();
            let line = log
                .lines()
                .find(|line| line.contains("\"admin interface\""));
            let told = line.and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            address = told.and_then(|told| told["address"].as_str()?.parse().ok());
            address.is_some()
        });
        address.unwrap()
    }

    /// Asks everything there is to ask.
    fn ask_all(&self, said: &mut Said) {
        let address = self.address();
        let mut ask = |method: &str, path: &str, token: Option<&str>, body: &str| {
            let bearer = token.map(|token| format!("Bearer {token}"));
            let header = bearer.as_deref().map(|value| ("Authorization", value));
            let text = text(method, path, header.as_slice(), body);
            let answer = https::request(address, &self.authority, None, &text).unwrap();
            let shown = format!("{:?} {}", answer.headers, answer.body);
            said.0
                .insert(format!("{method} {path} {}", answer.status), shown);
        };
        for path in [
            "/livez",
            "/readyz?verbose",
            "/metrics",
            "/api/v1/status",
            "/api/v1/plan",
            "/api/v1/territories",
            "/api/v1/reps",
            "/api/v1/decisions",
            "/api/v1/leads/acme/L-1",
            "/api/v1/leads/acme/L-2",
            "/api/v1/leads/acme/none",
            "/nowhere",
        ] {
            ask("GET", path, None, "");
        }
        let lead = lead("L-9");
        ask("POST", "/api/v1/explain", None, &lead);
        ask(
            "POST",
            "/api/v1/explain",
            None,
            &lead.replace(":{", ":Quuxvalue{"),
        );
        for token in [None, Some(TOKEN), Some(WRONG_TOKEN)] {
            ask("POST", "/-/reload", token, "");
            ask("POST", "/-/log-level", token, "loud");
        }
    }
}

fn lead(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"tenant\":\"acme\",{PERSON}}}")
}

/// What makes poison of a lead: this put in place of that.
const SPOILT: [(&str, &str); 6] = [
    (":{", ":Quuxvalue{"),
    ("\"L-3\"", "[\"Quuxvalue\"]"),
    ("\"id\"", "\"key\""),
    ("acme", "Quuxvalue"),
    ("\"tenant\"", "\"created_at\":\"Quuxvalue\",\"tenant\""),
    ("\"tenant\"", "\"revision\":\"Quuxvalue\",\"tenant\""),
];

/// Headers that make poison of a lead.
const HEADERS: [(&str, &str); 3] = [
    ("ce_type", "Quuxvalue"),
    ("ce_specversion", "Quuxvalue"),
    ("content-type", "Quuxvalue/avro"),
];

/// Activity with impossible values.
const ACTIVITY: [&str; 2] = [
    "\"type\":\"lead.touched\",\"lead\":\"L-1\",\"kind\":\"Quuxvalue\"",
    "\"type\":\"rep.status\",\"rep\":\"ann\",\"status\":\"Quuxvalue\"",
];

/// Records of every fate: decided, again, and each kind of poison that can hold something
/// personal. So many of them are dead letters.
fn send_all(deployment: &Deployment) -> usize {
    let producer = deployment.producer();
    let send = |role: &str, value: &[u8], headers: Option<OwnedHeaders>| {
        deployment.send(&producer, role, 0, (None, Some(value), headers));
    };
    // A lead, the same person again, and a redelivery.
    for id in ["L-1", "L-2", "L-1"] {
        send("leads", lead(id).as_bytes(), None);
    }
    let whole = lead("L-3");
    for (that, this) in SPOILT {
        send("leads", whole.replace(that, this).as_bytes(), None);
    }
    for (key, value) in HEADERS {
        let value = Some(value);
        let headers = OwnedHeaders::new().insert(Header { key, value });
        send("leads", whole.as_bytes(), Some(headers));
    }
    let bytes: [&[u8]; 3] = [
        &whole.as_bytes()[..90],
        b"\xff\xfe Quuxvalue",
        b"\0\0\0\0\x07 Quuxvalue",
    ];
    for value in bytes {
        send("leads", value, None);
    }
    for fields in ACTIVITY {
        let value = format!("{{\"id\":\"e\",\"tenant\":\"acme\",{fields},{PERSON}}}");
        send("activity", value.as_bytes(), None);
    }
    deployment.flush(&producer);
    SPOILT.len() + HEADERS.len() + bytes.len() + ACTIVITY.len()
}

/// What the daemon wrote of its own beside the records it passed on.
fn written(deployment: &Deployment, letters: usize, said: &mut Said) {
    let seen = deployment.read_until("deadletters", |seen| seen.len() >= letters);
    assert_eq!(seen.len(), letters);
    for letter in seen {
        let added = letter.headers.iter().filter(|(name, _)| {
            name.starts_with("bailiwick-") || name.starts_with("__connect.errors.")
        });
        let added: Vec<String> = added
            .map(|(name, value)| {
                format!(
                    "{name}: {}",
                    String::from_utf8_lossy(value.as_deref().unwrap_or(b""))
                )
            })
            .collect();
        assert!(added.len() >= 7, "{added:?}");
        said.0
            .insert(format!("dead letter {}", letter.offset), added.join("\n"));
    }
    for role in ["assignments", "batches"] {
        let values = deployment
            .read(role)
            .into_iter()
            .filter_map(|one| one.value);
        let values: Vec<String> = values
            .map(|value| String::from_utf8_lossy(&value).into_owned())
            .collect();
        assert!(!values.is_empty());
        said.0.insert(role.to_owned(), values.join("\n"));
    }
}

#[test]
fn neither_secrets_nor_persons_come_out_of_a_daemon_that_logs_everything() {
    let name = "neither_secrets_nor_persons_come_out_of_a_daemon_that_logs_everything";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    let talkative = Talkative::new(&brokers);
    let deployment = &talkative.deployment;
    let key = deployment
        .plans()
        .with_file_name("secrets")
        .join("server.key");
    let key = std::fs::read_to_string(key).unwrap();
    let mut daemon = deployment.daemon_of("one", |command| {
        command.env("WORD", VARIABLE_PASSWORD).env(
            "BAILIWICK__KAFKA__CONSUMER__SASL__PASSWORD",
            VARIABLE_PASSWORD,
        );
    });
    let letters = send_all(deployment);
    let mut said = Said::default();
    written(deployment, letters, &mut said);
    talkative.ask_all(&mut said);
    daemon.signal("TERM");
    daemon.child().wait().unwrap();
    said.0.insert("the log".to_owned(), talkative.log());
    // The log must be there to say nothing: the library tells its settings and each request.
    for part in ["librdkafka", "sasl.password", "DEBUG"] {
        assert!(
            said.0["the log"].contains(part),
            "the log is without {part}"
        );
    }
    said.must_not_hold(&[TOKEN, WRONG_TOKEN, FILE_PASSWORD, VARIABLE_PASSWORD]);
    let lines: Vec<&str> = key
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    said.must_not_hold(&lines);
    said.must_not_hold(&PERSONAL);
}
