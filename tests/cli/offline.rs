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
fn settings_are_shown() {
    check("config.txt");
}
