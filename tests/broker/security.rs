//! A broker that asks who one is and grants only what `deploy/kafka/acls.csv` lists.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use super::deployment::{Deployment, PATIENCE};
use crate::support::kafka::{self, Broker};
use crate::support::reaper::Process;

const USER: &str = "bailiwick";
pub const PASSWORD: &str = "5e8f1c0b7a";
const PARTITIONS: i32 = 2;

/// A second listener that asks for a password, and an authorizer. Whoever comes in by the first
/// may do everything: that is how the test prepares.
fn properties(port: u16, controller: u16, asking: u16) -> String {
    let listeners = format!("PLAINTEXT://127.0.0.1:{port},ASKING://127.0.0.1:{asking}");
    format!(
        "listeners={listeners},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners={listeners}\n\
         inter.broker.listener.name=PLAINTEXT\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,ASKING:SASL_PLAINTEXT\n\
         listener.name.asking.sasl.enabled.mechanisms=PLAIN\n\
         listener.name.asking.plain.sasl.jaas.config=\
         org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}=\"{PASSWORD}\";\n\
         authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
         super.users=User:ANONYMOUS\n"
    )
}

/// A broker with both listeners and the address of the one that asks.
pub fn asking_broker(name: &str) -> Option<(Broker, String)> {
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let asking = held.local_addr().expect("it is bound").port();
    drop(held);
    let broker = kafka::own_broker_with(name, |port, controller| {
        properties(port, controller, asking)
    })?;
    Some((broker, format!("127.0.0.1:{asking}")))
}

/// From here on everything is started as the user, with this password.
pub fn as_user(deployment: &mut Deployment, asking: &str, password: &str) {
    let file = deployment.plans().with_file_name("password");
    std::fs::write(&file, password).unwrap();
    deployment.brokers = asking.to_owned();
    for pair in [
        "kafka.client.security.protocol=SASL_PLAINTEXT",
        "kafka.client.sasl.mechanism=PLAIN",
        &format!("kafka.client.sasl.username={USER}"),
        &format!("kafka.client.sasl.password_file={}", file.display()),
        "kafka.startup_timeout=5s",
    ] {
        deployment.set(pair);
    }
}

/// A row of the list, in the names of this deployment.
pub struct Grant {
    pub resource: i8,
    pub name: String,
    pattern: i8,
    pub operation: i8,
}

/// The list as it is shipped.
pub fn grants(deployment: &Deployment) -> Vec<Grant> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kafka/acls.csv");
    let mut rows = csv::Reader::from_path(path).unwrap();
    let grant = |row: csv::StringRecord| Grant {
        resource: code(
            &row[0],
            &[("topic", 2), ("group", 3), ("transactional-id", 5)],
        ),
        name: name(deployment, &row[1]),
        pattern: code(&row[2], &[("literal", 3), ("prefixed", 4)]),
        operation: code(
            &row[3],
            &[
                ("Read", 3),
                ("Write", 4),
                ("Describe", 8),
                ("DescribeConfigs", 10),
            ],
        ),
    };
    rows.records().map(|row| grant(row.unwrap())).collect()
}

/// A word's number in Kafka's protocol.
fn code(word: &str, codes: &[(&str, i8)]) -> i8 {
    let found = codes.iter().find(|(known, _)| *known == word);
    found
        .unwrap_or_else(|| panic!("{word} is not one of {codes:?}"))
        .1
}

fn name(deployment: &Deployment, default: &str) -> String {
    let role = |role: &str| deployment.topic(role);
    match default {
        "bailiwick" => deployment.group(),
        "bailiwick." => format!("{}.", deployment.group()),
        "leads" => role("leads"),
        "lead-activity" => role("activity"),
        "lead-assignments" => role("assignments"),
        "lead-deadletters" => role("deadletters"),
        "bailiwick-state" => role("state"),
        "bailiwick-batches" => role("batches"),
        other => panic!("{other} is no topic of the program"),
    }
}

/// Grants all rows by one request of Kafka's protocol: the client library has no call for it.
pub fn grant(address: &str, grants: &[Grant]) {
    const CREATE_ACLS: i16 = 30;
    const VERSION: i16 = 1;
    const ALLOW: u8 = 3;
    let mut body = Vec::new();
    body.extend(CREATE_ACLS.to_be_bytes());
    body.extend(VERSION.to_be_bytes());
    body.extend(7_i32.to_be_bytes());
    text(&mut body, "test");
    body.extend(i32::try_from(grants.len()).unwrap().to_be_bytes());
    for one in grants {
        body.extend(one.resource.to_be_bytes());
        text(&mut body, &one.name);
        body.extend(one.pattern.to_be_bytes());
        text(&mut body, &format!("User:{USER}"));
        text(&mut body, "*");
        body.extend(one.operation.to_be_bytes());
        body.push(ALLOW);
    }
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = i32::try_from(body.len()).unwrap().to_be_bytes();
    stream.write_all(&[&length, &body[..]].concat()).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::try_from(i32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut answer).unwrap();
    // Correlation, throttling and count; then a code and a message without text for each.
    let results = &answer[12..];
    assert_eq!(results.len(), grants.len() * 4, "{answer:?}");
    assert!(
        results.chunks(4).all(|one| one[..2] == [0, 0]),
        "{answer:?}"
    );
}

fn text(body: &mut Vec<u8>, text: &str) {
    body.extend(i16::try_from(text.len()).unwrap().to_be_bytes());
    body.extend(text.as_bytes());
}

fn plan(tenant: &str) -> String {
    format!(
        "version: 1\ntenant: {tenant}\nreps: [{{id: ana}}]\n\
         teams: [{{id: all, members: [ana], available: any}}]\n\
         territories: [{{id: everywhere, where: {{}}, team: all}}]\n"
    )
}

#[test]
fn the_list_of_rights_is_enough_for_everything_the_daemon_does() {
    let name = "the_list_of_rights_is_enough_for_everything_the_daemon_does";
    let Some((broker, asking)) = asking_broker(name) else {
        return;
    };
    let mut deployment = Deployment::new(&broker.address(), PARTITIONS);
    deployment.write_plans(&["acme"], &plan);
    grant(&broker.address(), &grants(&deployment));
    as_user(&mut deployment, &asking, PASSWORD);
    let _daemon: Process = deployment.daemon("one");
    // The user may not write leads as a producer of its own would: the test does, unasked.
    deployment.brokers = broker.address();
    let producer = deployment.producer();
    // On every partition, so that one is forwarded; and a poison.
    for partition in 0..PARTITIONS {
        let lead = format!("{{\"id\": \"L-{partition}\", \"tenant\": \"acme\"}}");
        deployment.send(
            &producer,
            "leads",
            partition,
            (None, Some(lead.as_bytes()), None),
        );
    }
    deployment.send(&producer, "leads", 0, (None, Some(b"no json"), None));
    deployment.flush(&producer);
    deployment.read_until("assignments", |seen| seen.len() == 2);
    deployment.read_until("deadletters", |seen| seen.len() == 1);
}

#[test]
fn a_wrong_password_is_said_and_never_shown() {
    let Some((broker, asking)) = asking_broker("a_wrong_password_is_said_and_never_shown") else {
        return;
    };
    let mut deployment = Deployment::new(&broker.address(), 1);
    deployment.write_plans(&["acme"], &plan);
    as_user(&mut deployment, &asking, "not-the-password");
    let ended = deployment.bailiwick(&["run"]);
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_ne!(ended.status.code(), Some(0), "{said}");
    assert!(
        said.to_lowercase().contains("authentication failed"),
        "{said}"
    );
    assert!(!said.contains("not-the-password"), "{said}");
}

#[test]
fn without_rights_the_daemon_says_which_topics_it_cannot_see() {
    let name = "without_rights_the_daemon_says_which_topics_it_cannot_see";
    let Some((broker, asking)) = asking_broker(name) else {
        return;
    };
    let mut deployment = Deployment::new(&broker.address(), 1);
    deployment.write_plans(&["acme"], &plan);
    as_user(&mut deployment, &asking, PASSWORD);
    let ended = deployment.bailiwick(&["run"]);
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(78), "{said}");
    assert!(said.contains(&deployment.topic("leads")), "{said}");
}
