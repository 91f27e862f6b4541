//! The verbs that need no Kafka.

use super::check;

#[test]
fn plans_are_checked() {
    check("check.txt");
}

#[test]
fn leads_are_routed() {
    check("route.txt");
}

#[test]
fn leads_are_explained() {
    check("explain.txt");
}

#[test]
fn events_are_simulated_and_whatever_had_no_effect_is_said() {
    check("simulate.txt");
}

#[test]
fn broken_files_of_cases_are_shown_with_all_their_faults() {
    check("test.txt");
}

#[test]
fn settings_are_shown() {
    check("config.txt");
}
