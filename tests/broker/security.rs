//! A broker that asks who one is and grants only what the lists in `deploy/kafka` say.

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
/// may do everything: that is how the test prepares. All users have one password.
fn properties(port: u16, controller: u16, asking: u16, users: &[String]) -> String {
    let listeners = format!("PLAINTEXT://127.0.0.1:{port},ASKING://127.0.0.1:{asking}");
    let users = users.iter();
    let users: String = users
        .map(|user| format!(" user_{user}=\"{PASSWORD}\""))
        .collect();
    format!(
        "listeners={listeners},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners={listeners}\n\
         inter.broker.listener.name=PLAINTEXT\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,ASKING:SASL_PLAINTEXT\n\
         listener.name.asking.sasl.enabled.mechanisms=PLAIN\n\
         listener.name.asking.plain.sasl.jaas.config=\
         org.apache.kafka.common.security.plain.PlainLoginModule required{users};\n\
         authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
         super.users=User:ANONYMOUS\n"
    )
}

/// A broker with both listeners and the address of the one that asks.
pub fn asking_broker(name: &str) -> Option<(Broker, String)> {
    broker_of(name, &[USER.to_owned()])
}

fn broker_of(name: &str, users: &[String]) -> Option<(Broker, String)> {
    let held = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let asking = held.local_addr().expect("it is bound").port();
    drop(held);
    let broker = kafka::own_broker_with(name, |port, controller| {
        properties(port, controller, asking, users)
    })?;
    Some((broker, format!("127.0.0.1:{asking}")))
}

/// From here on everything is started as the user, with this password.
pub fn as_user(deployment: &mut Deployment, asking: &str, password: &str) {
    let file = deployment.plans().with_file_name("password");
    std::fs::write(&file, password).unwrap();
    deployment.brokers = asking.to_owned();
    let file = format!("kafka.client.sasl.password_file={}", file.display());
    let user = format!("kafka.client.sasl.username={USER}");
    for pair in ASKED.iter().chain(&[&*user, &*file]) {
        deployment.set(pair);
    }
}

/// How a client says who it is.
const ASKED: [&str; 3] = [
    "kafka.client.security.protocol=SASL_PLAINTEXT",
    "kafka.client.sasl.mechanism=PLAIN",
    "kafka.startup_timeout=5s",
];

/// A row of a list, in the names of this deployment.
#[derive(Clone)]
pub struct Grant {
    pub resource: i8,
    pub name: String,
    pattern: i8,
    pub operation: i8,
}

/// What the daemon needs, as it is shipped.
pub fn grants(deployment: &Deployment) -> Vec<Grant> {
    listed(deployment, "acls.csv")
}

fn listed(deployment: &Deployment, file: &str) -> Vec<Grant> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kafka");
    let path = folder.join(file);
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
                ("Create", 5),
                ("Alter", 7),
                ("DescribeConfigs", 10),
                ("AlterConfigs", 11),
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
        "bailiwick-state-" => role("state-"),
        "bailiwick-batches" => role("batches"),
        other => panic!("{other} is no topic of the program"),
    }
}

/// Grants all rows to the user.
pub fn grant(address: &str, grants: &[Grant]) {
    grant_to(address, USER, grants);
}

/// The same by one request of Kafka's protocol: the client library has no call for it.
fn grant_to(address: &str, user: &str, grants: &[Grant]) {
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
        text(&mut body, &format!("User:{user}"));
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

/// What `check --live` finds amiss for a user, as subjects; how brokers keep records is no right.
fn lacks(deployment: &Deployment, user: &str, password_file: &str) -> Vec<String> {
    let mut command = deployment.command(&["check", "--live", "-o", "json"]);
    let user = format!("kafka.client.sasl.username={user}");
    for pair in ASKED.iter().chain(&[&*user, password_file]) {
        command.args(["--set", pair]);
    }
    let done = command.output().unwrap();
    let object: serde_json::Value = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&done.stderr)));
    let findings = object["live"]["findings"].as_array().unwrap().iter();
    let amiss = findings.filter(|one| one["state"] != "ok" && one["check"] != "durability");
    amiss
        .map(|one| format!("{} {}", one["subject"], one["message"]))
        .collect()
}

#[test]
fn each_right_of_the_list_is_needed_and_named_when_it_is_missing() {
    let name = "each_right_of_the_list_is_needed_and_named_when_it_is_missing";
    let rows =
        csv::Reader::from_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kafka/acls.csv"));
    let users: Vec<String> = (0..=rows.unwrap().records().count())
        .map(|number| format!("u{number}"))
        .collect();
    let Some((broker, asking)) = broker_of(name, &users) else {
        return;
    };
    let mut deployment = Deployment::new(&broker.address(), 1);
    deployment.brokers = asking;
    let file = deployment.plans().with_file_name("password");
    std::fs::write(&file, PASSWORD).unwrap();
    let file = format!("kafka.client.sasl.password_file={}", file.display());
    // Each user lacks the row of its number; the last has them all.
    let all = grants(&deployment);
    for (number, user) in users.iter().enumerate() {
        let mut some = all.clone();
        some.splice(number..(number + 1).min(all.len()), []);
        grant_to(&broker.address(), user, &some);
    }
    let found: Vec<Vec<String>> = std::thread::scope(|scope| {
        let looks: Vec<_> = users
            .iter()
            .map(|user| scope.spawn(|| lacks(&deployment, user, &file)))
            .collect();
        looks.into_iter().map(|look| look.join().unwrap()).collect()
    });
    assert_eq!(found.last().unwrap(), &[""; 0]);
    for (number, found) in found[..all.len()].iter().enumerate() {
        let missing = &all[number].name;
        assert!(
            found.iter().any(|said| said.contains(missing.as_str())),
            "line {} of the list, {missing}: {found:?}",
            number + 2
        );
    }
}

#[test]
fn the_second_list_is_enough_to_make_topics_and_to_reshard() {
    let name = "the_second_list_is_enough_to_make_topics_and_to_reshard";
    let Some((broker, asking)) = asking_broker(name) else {
        return;
    };
    let mut deployment = Deployment::planned(&broker.address(), PARTITIONS);
    deployment.write_plans(&["acme"], &plan);
    grant(&broker.address(), &grants(&deployment));
    grant(&broker.address(), &listed(&deployment, "acls-topics.csv"));
    as_user(&mut deployment, &asking, PASSWORD);
    let must = |deployment: &Deployment, verb: &[&str]| {
        let done = deployment.bailiwick(verb);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{verb:?}: {said}");
    };
    must(&deployment, &["topics", "--create", "--partitions", "2"]);
    let decide = |deployment: &mut Deployment, number: usize| {
        let mut daemon = deployment.daemon("one");
        deployment.brokers = broker.address();
        let lead = format!("{{\"id\": \"L-{number}\", \"tenant\": \"acme\"}}");
        let producer = deployment.producer();
        deployment.send(&producer, "leads", 0, (None, Some(lead.as_bytes()), None));
        deployment.flush(&producer);
        deployment.read_until("assignments", |seen| seen.len() == number);
        deployment.brokers.clone_from(&asking);
        daemon.signal("TERM");
        assert!(daemon.child().wait().unwrap().success());
    };
    decide(&mut deployment, 1);
    must(&deployment, &["reshard", "--partitions", "4"]);
    let state = deployment.topic("state-4");
    deployment.set(&format!("kafka.topics.state={state}"));
    deployment.partitions = 4;
    decide(&mut deployment, 2);
}
