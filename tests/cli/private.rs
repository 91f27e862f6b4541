//! Personal data and secrets of a case must not come out where they have no business.

use std::process::Output;

use super::{bailiwick, run};

/// A lead full of personal data, also where it has no business.
const LEAD: &str = r#"{"id":"L-1","tenant":"acme","contact":{"name":"Zoe Quux","email":"zoe.quux@quux-mail.example","phone":"+1 202 555 0173"},"address":{"street":"Quuxgasse","house_number":"17b","lat":"north"},"created_at":"Quuxday"}"#;

const PERSONAL: [&str; 5] = ["Quux", "quux", "555", "17b", "Zoe"];

fn must_not_say(ended: &Output, what: &[&str]) {
    for bytes in [&ended.stdout, &ended.stderr] {
        let text = String::from_utf8_lossy(bytes);
        for word in what {
            assert!(!text.contains(word), "`{word}` came out:\n{text}");
        }
    }
}

#[test]
fn faults_of_leads_do_not_repeat_what_is_personal() {
    let broken = [
        LEAD.to_owned(),
        LEAD.replace("\"id\"", "\"key\""),
        LEAD.replace("\"acme\"", "[\"Quux\"]"),
        LEAD[..LEAD.len() - 3].to_owned(),
        LEAD.replace(":{", ":Zoe{"),
        LEAD.replace("acme", "other"),
    ];
    for format in ["ndjson", "csv"] {
        let route = bailiwick(&["route", "plan", "--leads", "-", "--format", format]);
        let ended = run(route, &broken.join("\n"));
        let lines = ended.stdout.iter().filter(|byte| **byte == b'\n').count();
        assert!(lines >= 6, "{lines} lines");
        must_not_say(&ended, &PERSONAL);
    }
    for lead in &broken {
        must_not_say(
            &run(bailiwick(&["explain", "plan", "--lead", "-"]), lead),
            &PERSONAL,
        );
    }
}

#[test]
fn no_command_prints_a_secret() {
    const SECRET: &str = "correct-horse";
    for arguments in [
        &["config", "show"][..],
        &["config", "show", "-o", "json"],
        &["check", "plan"],
        &["route", "plan", "--leads", "leads.ndjson"],
        &[
            "route",
            "plan",
            "--leads",
            "leads.ndjson",
            "--set",
            "kafka.nonsense=1",
        ],
        &["config", "show", "--set", "http.listen=${env:WORD}"],
        &[
            "config",
            "show",
            "--set",
            "kafka.client.debug=${env:WORD}",
            "--set",
            "log.level=x",
        ],
    ] {
        let mut command = bailiwick(arguments);
        command
            .env("WORD", SECRET)
            .env("BAILIWICK__KAFKA__CLIENT__SASL__PASSWORD", SECRET)
            .env(
                "BAILIWICK__KAFKA__CLIENT__SSL__KEY__PASSWORD",
                "${env:WORD}",
            );
        must_not_say(&run(command, ""), &[SECRET]);
    }
}

/// Whatever the client library makes of a secret, its value is not said. None of these
/// reaches a broker.
#[test]
fn a_setting_that_the_client_library_refuses_is_named_without_its_value() {
    const SECRET: &str = "correct-horse";
    for property in [
        "kafka.client.ssl.key.pem",
        "kafka.client.ssl.ca.pem",
        "kafka.client.security.protocol",
        "kafka.client.no.such.property",
        "kafka.client.socket.timeout.ms",
        "kafka.client.debug",
        "kafka.consumer.fetch.min.bytes",
        "kafka.producer.linger.ms",
    ] {
        for verb in [&["run"][..], &["topics"]] {
            let mut command = bailiwick(verb);
            // Where there is TLS, keys are read once it is asked for.
            let has_tls = cfg!(any(feature = "tls", feature = "tls-system"));
            if has_tls && property.ends_with(".pem") {
                command.args(["--set", "kafka.client.security.protocol=SSL"]);
            }
            command.env("WORD", SECRET).args([
                "--set",
                &format!("{property}=${{env:WORD}}"),
                "--set",
                "kafka.brokers=127.0.0.1:9",
                "--set",
                "kafka.startup_timeout=1ms",
                "--set",
                "plans.path=plan",
                "--set",
                "http.listen=127.0.0.1:0",
            ]);
            let ended = run(command, "");
            must_not_say(&ended, &[SECRET]);
            let said = String::from_utf8_lossy(&ended.stderr);
            assert_eq!(ended.status.code(), Some(78), "{property}: {said}");
            let name = property.splitn(3, '.').nth(2).unwrap();
            // A key that is no key is a matter of OpenSSL, which names its own part.
            assert!(
                said.contains(name) || said.contains("ssl"),
                "{property}: {said}"
            );
        }
    }
}
