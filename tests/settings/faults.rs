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
        let faults = Case::new().set(&[&format!("kafka.{key}=1")]).faults();
        assert_eq!(faults.len(), 1);
        let start = format!("kafka.{key} (--set): this property may not be changed: ");
        assert!(
            faults[0].starts_with(&start) && faults[0].contains(part),
            "{faults:?}"
        );
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
            "kafka.transaction_timeout: 30s must be below kafka.session_timeout, 12s, or a lost lane could still write",
            "kafka.topics.state: `leads` is also kafka.topics.leads; each needs a topic of its own",
        ]
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
