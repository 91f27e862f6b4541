//! Which value wins, and where it is said to come from.

use std::time::Duration;

use super::{Case, shipped};

#[test]
fn later_sources_win_and_each_key_knows_its_own() {
    let case = Case::new()
        .file(
            "config/bailiwick.toml",
            "[kafka]\nbrokers = ['a:1', 'b:2']\ngroup = 'file'\nsession_timeout = '20s'",
        )
        .file(
            "config/bailiwick.d/20-late.toml",
            "kafka.group = 'late'\nledger.horizon = '1d'",
        )
        .file("config/bailiwick.d/10-early.toml", "kafka.group = 'early'")
        .file("config/bailiwick.d/readme.txt", "not settings")
        .variables(&[
            ("BAILIWICK__LEDGER__HORIZON", "2d"),
            ("BAILIWICK__LIMITS__RECORD_BYTES", "2KiB"),
            ("BAILIWICK_TEST_BROKERS", "not ours"),
        ])
        .set(&["limits.record_bytes=4096"]);
    let settings = case.load();
    assert_eq!(settings.kafka.brokers, "a:1,b:2");
    assert_eq!(settings.kafka.group, "late");
    assert_eq!(settings.kafka.session_timeout, Duration::from_secs(20));
    assert_eq!(settings.ledger.horizon, Duration::from_secs(2 * 86_400));
    assert_eq!(settings.limits.record_bytes, 4_096);
    let home = format!("{}/", case.folder.path().display());
    for (key, value, origin) in [
        ("kafka.brokers", "a:1,b:2", "config/bailiwick.toml"),
        ("kafka.group", "late", "config/bailiwick.d/20-late.toml"),
        (
            "ledger.horizon",
            "2d",
            "environment variable BAILIWICK__LEDGER__HORIZON",
        ),
        ("limits.record_bytes", "4096", "--set"),
        ("log.level", "info", "default"),
    ] {
        let shown = &settings.shown[key];
        assert_eq!(shown.value.as_deref(), Some(value), "{key}");
        assert_eq!(shown.origin.to_string().replace(&home, ""), origin, "{key}");
    }
}

#[test]
fn relative_paths_start_at_the_folder_of_the_file_that_gives_them() {
    let case = Case::new().file(
        "etc/b.toml",
        "[plans]\npath = 'plans/acme'\n[http]\ntoken_file = '/run/token'",
    );
    let settings = case.config("etc/b.toml").load();
    assert!(
        settings.plans.path.ends_with("etc/plans/acme"),
        "{:?}",
        settings.plans.path
    );
    assert_eq!(
        settings.http.token_file.unwrap().to_str(),
        Some("/run/token")
    );

    let case = Case::new().set(&["plans.path=here"]);
    let settings = case.load();
    assert_eq!(settings.plans.path, case.folder.path().join("here"));
}

#[test]
fn properties_pass_through_however_their_dots_are_written() {
    let case = Case::new()
        .file(
            "config/bailiwick.toml",
            "[kafka.client]\n\"security.protocol\" = 'SSL'\nsocket.keepalive.enable = true",
        )
        .variables(&[("BAILIWICK__KAFKA__PRODUCER__LINGER__MS", "2")])
        .set(&["kafka.consumer.fetch.max.bytes=1000000"]);
    let kafka = case.load().kafka;
    assert_eq!(kafka.client.get("security.protocol"), Some("SSL"));
    assert_eq!(kafka.client.get("socket.keepalive.enable"), Some("true"));
    assert_eq!(kafka.producer.get("linger.ms"), Some("2"));
    assert_eq!(kafka.consumer.get("fetch.max.bytes"), Some("1000000"));
}

#[test]
fn input_mappings_keep_dots_and_case_of_upstream_values() {
    let case = Case::new().file(
        "config/bailiwick.toml",
        r#"
        [input.mapping]
        id = "/Lead/Id"
        contact.email = "/Lead/Email"
        "attributes.Is_Partner" = "/Lead/P"
        [input.values."company.industry"]
        "Mfg. & Co" = "C"
        [input.values."attributes.Is_Partner"]
        "1.0" = "yes"
        "#,
    );
    let input = case.load().input;
    let pointers: Vec<_> = input
        .pointers
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(
        pointers,
        [
            ("attributes.Is_Partner", "/Lead/P"),
            ("contact.email", "/Lead/Email"),
            ("id", "/Lead/Id")
        ]
    );
    assert_eq!(input.values["company.industry"]["Mfg. & Co"], "C");
    assert_eq!(input.values["attributes.Is_Partner"]["1.0"], "yes");
}

#[test]
fn the_shipped_file_is_valid_and_shows_every_key_with_its_default() {
    let defaults = Case::new().load();
    let shipped = shipped();
    for (key, shown) in &defaults.shown {
        let (section, name) = key.rsplit_once('.').unwrap();
        let body = shipped
            .split(&format!("\n[{section}]"))
            .nth(1)
            .unwrap_or_else(|| panic!("no [{section}]"));
        let body = body.split("\n[").next().unwrap();
        let line = body.lines().find(|line| {
            line.trim_start_matches('#')
                .starts_with(&format!("{name} = "))
        });
        let line = line.unwrap_or_else(|| panic!("config/bailiwick.toml does not show {key}"));
        if let (Some(value), true) = (&shown.value, line.starts_with('#')) {
            let value = value.rsplit('/').next().unwrap_or(value);
            assert!(
                line.contains(&format!("\"{value}\"")),
                "{line}: the default is {value}"
            );
        }
    }
    Case::new().file("config/bailiwick.toml", &shipped).load();
}
