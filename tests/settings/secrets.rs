//! Secrets come in by file or variable only, and never come out.

use bailiwick::config::{MASK, Settings};

use super::Case;

const SECRET: &str = "correct horse battery staple";

#[test]
fn secrets_reach_the_client_library_and_nothing_else() {
    let by_file = Case::new()
        .file("config/secret", &format!("{SECRET}\n"))
        .file(
            "config/bailiwick.toml",
            "[kafka.client]\n\"sasl.password\" = '${file:secret}'",
        );
    let by_name = Case::new()
        .file("config/secret", &format!("{SECRET}\n"))
        .file(
            "config/bailiwick.toml",
            "[kafka.client]\n\"sasl.password_file\" = 'secret'",
        );
    let by_variable = Case::new()
        .variables(&[("WORD", SECRET)])
        .set(&["kafka.client.sasl.password=${env:WORD}"]);
    let as_variable =
        Case::new().variables(&[("BAILIWICK__KAFKA__CLIENT__SASL__PASSWORD", SECRET)]);
    for case in [by_file, by_name, by_variable, as_variable] {
        let settings = case.load();
        assert_eq!(settings.kafka.client.get("sasl.password"), Some(SECRET));
        assert!(!format!("{settings:?}").contains(SECRET));
    }
}

#[test]
fn the_value_of_a_secret_is_shown_as_a_mask() {
    let case = Case::new().variables(&[("WORD", SECRET)]).set(&[
        "kafka.client.sasl.password=${env:WORD}",
        "kafka.group=g-${env:WORD}",
    ]);
    let settings = case.load();
    assert_eq!(settings.kafka.group, format!("g-{SECRET}"));
    for key in ["kafka.client.sasl.password", "kafka.group"] {
        assert_eq!(settings.shown[key].value.as_deref(), Some(MASK));
    }
}

#[test]
fn the_name_of_a_secret_s_file_is_shown() {
    let case = Case::new()
        .file("config/secret", SECRET)
        .set(&["kafka.client.sasl.password_file=config/secret"]);
    let shown = &case.load().shown["kafka.client.sasl.password_file"];
    assert_eq!(shown.value.as_deref(), Some("config/secret"));
}

#[test]
fn a_secret_in_the_open_is_refused_and_not_repeated() {
    for case in [
        Case::new().file(
            "config/bailiwick.toml",
            &format!("[kafka.client]\n\"ssl.key.password\" = '{SECRET}'"),
        ),
        Case::new().set(&[&format!(
            "kafka.client.sasl.oauthbearer.client.secret={SECRET}"
        )]),
    ] {
        let faults = case.faults();
        assert!(
            faults[0].contains("a secret may not stand here; write `${file:PATH}`"),
            "{faults:?}"
        );
        assert!(!faults[0].contains(SECRET));
    }
}

#[test]
fn a_fault_in_a_secret_value_does_not_quote_it() {
    let case = Case::new()
        .variables(&[("WORD", SECRET)])
        .set(&["http.listen=${env:WORD}"]);
    let why = Settings::load(&case.sources).unwrap_err().to_string();
    assert!(
        why.contains("http.listen (--set): the secret it names is no valid value"),
        "{why}"
    );
    assert!(!why.contains(SECRET));
}

#[test]
fn a_line_that_cannot_be_read_is_not_repeated() {
    for line in [
        format!("\"sasl.password\" = {SECRET}"),
        format!("\"sasl.password\" = \"{SECRET}"),
        format!("\"sasl.password\": \"{SECRET}\""),
    ] {
        let text = format!("[kafka.client]\n{line}\n");
        let faults = Case::new().file("config/bailiwick.toml", &text).faults();
        let fault = faults.join("\n");
        assert!(fault.contains("bailiwick.toml is not TOML: "), "{fault}");
        assert!(fault.contains("line 2"), "{fault}");
        assert!(!fault.contains("horse"), "{fault}");
    }
    let faults = Case::new()
        .set(&[&format!("kafka.client.sasl.password: {SECRET}")])
        .faults();
    assert_eq!(
        faults,
        ["--set kafka.client.sasl.password: expected key=value, such as kafka.group=west"]
    );
}
