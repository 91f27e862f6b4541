//! What is wrong is said all at once, with the key, where it stood, and a remedy.

use super::Case;

#[test]
fn every_fault_is_reported_at_once() {
    let case = Case::new()
        .file(
            "config/bailiwick.toml",
            "[kafka]\nbrokrs = 'a:1'\n[limits]\nrecord_bytes = 'much'\n[http]\nlisten = 'everywhere'\n[lanes]\nbatch_records = 0",
        )
        .variables(&[("BAILIWICK__KAFKA__GROPU", "x"), ("BAILIWICK__WHATEVER", "y")])
        .set(&["log.level=loud", "novalue"]);
    assert_eq!(
        case.faults(),
        [
            "--set novalue: expected key=value, such as kafka.group=west",
            "limits.record_bytes (~/config/bailiwick.toml): `much` is not a size such as 524288 or 512KiB",
            "http.listen (~/config/bailiwick.toml): `everywhere` is not an address such as 127.0.0.1:7170",
            "lanes.batch_records (~/config/bailiwick.toml): 0 is out of bounds: from 1 to 100000",
            "log.level (--set): `loud` is none of off, error, warn, info, debug, trace",
            "kafka.brokrs (~/config/bailiwick.toml): unknown key; did you mean `kafka.brokers`?",
            "kafka.gropu (environment variable BAILIWICK__KAFKA__GROPU): unknown key; did you mean `kafka.group`?",
            "whatever (environment variable BAILIWICK__WHATEVER): unknown key; `bailiwick config show` lists all keys",
        ]
    );
}

#[test]
fn a_file_that_is_not_there_or_not_toml_is_named() {
    let faults = Case::new().config("gone.toml").faults();
    assert_eq!(
        faults,
        ["cannot read ~/gone.toml: No such file or directory (os error 2)"]
    );
    let faults = Case::new()
        .file("config/bailiwick.toml", "kafka = [")
        .faults();
    assert!(
        faults[0].starts_with("~/config/bailiwick.toml is not TOML: "),
        "{faults:?}"
    );
}

#[test]
fn properties_that_break_a_promise_are_refused_by_name_with_the_reason() {
    for (key, part) in [
        ("client.bootstrap.servers", "set `kafka.brokers`"),
        ("consumer.enable.auto.commit", "leads would be lost"),
        (
            "consumer.isolation.level",
            "an aborted record must never be decided",
        ),
        ("consumer.group.id", "set `kafka.group`"),
        ("producer.acks", "a decision could be lost"),
        ("producer.transactional.id", "fences the former owner"),
        (
            "producer.enable.idempotence",
            "could write a decision twice",
        ),
    ] {
        // Quotation marks, which a file needs, are no part of the name.
        let (section, name) = key.split_once('.').expect("a section and a name");
        for key in [format!("{section}.{name}"), format!("{section}.\"{name}\"")] {
            let faults = Case::new().set(&[&format!("kafka.{key}=1")]).faults();
            assert_eq!(faults.len(), 1, "{key}");
            let start =
                format!("kafka.{section}.{name} (--set): this property may not be changed: ");
            assert!(
                faults[0].starts_with(&start) && faults[0].contains(part),
                "{faults:?}"
            );
        }
    }
}

#[test]
fn keys_that_contradict_each_other_are_refused() {
    let faults = Case::new()
        .set(&[
            "kafka.transaction_timeout=30s",
            "kafka.topics.state=leads",
            "plans.guard_reps=7",
        ])
        .faults();
    assert_eq!(
        faults,
        [
            "plans.guard_reps (--set): `7` is not a number from 0 to 1",
            "kafka.transaction_timeout (--set): transaction_timeout, 30s, must be below session_timeout, 12s, or a lost lane could still write",
            "kafka.topics.state (--set): `leads` is also kafka.topics.leads; each needs a topic of its own",
        ]
    );
    // The one that was set is named, whichever it is.
    let faults = Case::new()
        .file(
            "config/bailiwick.toml",
            "[kafka]\nsession_timeout = '5s'\n[kafka.topics]\nleads = 'lead-activity'",
        )
        .faults();
    assert_eq!(
        faults,
        [
            "kafka.session_timeout (~/config/bailiwick.toml): transaction_timeout, 10s, must be below session_timeout, 5s, or a lost lane could still write",
            "kafka.topics.leads (~/config/bailiwick.toml): `lead-activity` is also kafka.topics.activity; each needs a topic of its own",
        ]
    );
}

#[test]
fn names_that_kafka_does_not_take_are_refused_where_they_stand() {
    let long = "t".repeat(250);
    let topic = |name: &str| {
        format!(
            "`{name}` is no name of a topic: from 1 to 249 letters, digits, `.`, `_` and `-`, but not `.` or `..`"
        )
    };
    let broker = |part: &str| {
        format!(
            "`{part}` is no broker; write host:port, such as localhost:9092, several with commas between"
        )
    };
    let empty = "a broker is empty; write host:port, several with commas between".to_owned();
    for (key, value, why) in [
        ("kafka.topics.leads", "a b", topic("a b")),
        ("kafka.topics.state", "", topic("")),
        ("kafka.topics.batches", "..", topic("..")),
        ("kafka.topics.activity", "线索", topic("线索")),
        ("kafka.topics.deadletters", &long, topic(&long)),
        ("kafka.brokers", "nohostport", broker("nohostport")),
        ("kafka.brokers", "a:9092,b", broker("b")),
        ("kafka.brokers", "a:9092;b:9092", broker("a:9092;b:9092")),
        ("kafka.brokers", "a:0", broker("a:0")),
        ("kafka.brokers", "a:90921", broker("a:90921")),
        ("kafka.brokers", ":9092", broker(":9092")),
        ("kafka.brokers", "fe80::1:9092", broker("fe80::1:9092")),
        ("kafka.brokers", "http://a:9092/", broker("http://a:9092/")),
        ("kafka.brokers", "a:9092,", empty.clone()),
        ("kafka.brokers", "", empty),
    ] {
        let variable = format!("BAILIWICK__{}", key.to_uppercase().replace('.', "__"));
        let file = Case::new().file("given.toml", &format!("{key} = '{value}'"));
        for (case, origin) in [
            (
                Case::new().set(&[&format!("{key}={value}")]),
                "--set".to_owned(),
            ),
            (
                Case::new().variables(&[(&*variable, value)]),
                format!("environment variable {variable}"),
            ),
            (file.config("given.toml"), "~/given.toml".to_owned()),
        ] {
            assert_eq!(case.faults(), [format!("{key} ({origin}): {why}")]);
        }
    }
}

#[test]
fn names_that_kafka_takes_are_taken() {
    for (key, value) in [
        ("kafka.topics.leads", "Crm.leads_v2-eu"),
        ("kafka.topics.leads", "..."),
        ("kafka.brokers", "a:1"),
        ("kafka.brokers", "a.b-c_d:9092, 10.0.0.1:9093,[::1]:9094"),
        ("kafka.brokers", "SASL_SSL://a:9092"),
    ] {
        let settings = Case::new().set(&[&format!("{key}={value}")]).load();
        assert_eq!(settings.shown[key].value.as_deref(), Some(value));
    }
    let list = "[kafka]\nbrokers = ['a:1', 'b:2']";
    let settings = Case::new().file("config/bailiwick.toml", list).load();
    assert_eq!(settings.kafka.brokers, "a:1,b:2");
}

#[test]
fn somebody_at_a_terminal_waits_ten_seconds_unless_told_otherwise() {
    let times = |case: Case| {
        let kafka = case.load().kafka;
        (
            kafka.startup_timeout.as_secs(),
            kafka.command_timeout.as_secs(),
        )
    };
    assert_eq!(times(Case::new()), (60, 10));
    assert_eq!(
        times(Case::new().set(&["kafka.startup_timeout=2m"])),
        (120, 120)
    );
}

#[test]
fn a_mapping_names_fields_of_a_lead_and_pointers() {
    let faults = Case::new()
        .set(&[
            "input.mapping.contact.mail=/M",
            "input.mapping.id=Id",
            "input.values.colour.red=r",
        ])
        .faults();
    assert_eq!(
        faults,
        [
            "input.mapping.contact.mail (--set): a lead has no such field; did you mean `contact.email`?",
            "input.mapping.id (--set): `Id` is not a JSON Pointer such as /Lead/Email",
            "input.values.colour.red (--set): a lead has no such field; the README lists them",
        ]
    );
}
