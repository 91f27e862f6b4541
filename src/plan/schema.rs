//! JSON Schema of every kind of plan file, so that editors complete and check plans.
//!
//! The schemas are kept by hand, because their sentences are for people; a test compares
//! their keys with those that the readers take. Rows of tables are described as objects of
//! texts by column.

use super::check::keys;

/// A YAML file of a plan.
pub const PLAN: &str = include_str!("schema/plan.json");
/// A row of a table of reps.
pub const REPS: &str = include_str!("schema/reps.json");
/// A row of a table of accounts.
pub const ACCOUNTS: &str = include_str!("schema/accounts.json");
/// A row of a gazetteer.
pub const GAZETTEER: &str = include_str!("schema/gazetteer.json");
/// A row of a table of holidays.
pub const HOLIDAYS: &str = include_str!("schema/holidays.json");
/// A file of test cases.
pub const CASES: &str = include_str!("schema/cases.json");

/// Every kind with its schema.
pub const SCHEMAS: [(&str, &str); 6] = [
    ("plan", PLAN),
    ("reps", REPS),
    ("accounts", ACCOUNTS),
    ("gazetteer", GAZETTEER),
    ("holidays", HOLIDAYS),
    ("cases", CASES),
];

/// The schema of a kind of plan file.
pub fn schema(kind: &str) -> Option<&'static str> {
    let found = SCHEMAS.iter().find(|(name, _)| *name == kind);
    found.map(|(_, text)| *text)
}

/// The keys that the readers take, by the place of their description: a kind, and a
/// definition within it (empty for the kind itself).
pub fn taken_keys() -> Vec<(&'static str, &'static str, &'static [&'static str])> {
    let definitions = [
        ("", &keys::PLAN),
        ("team", &keys::TEAM),
        ("weighted", &keys::MEMBER),
        ("within_hours", &keys::AVAILABLE),
        ("limits", &keys::LIMITS),
        ("sla", &keys::SLA),
        ("target", &keys::TARGET),
        ("pool", &keys::POOL),
        ("claim", &keys::CLAIM),
        ("recycle", &keys::RECYCLE),
        ("policy", &keys::POLICY),
        ("dedupe", &keys::DEDUPE),
        ("sticky", &keys::STICKY),
        ("calendar", &keys::CALENDAR),
        ("territory", &keys::TERRITORY),
        ("goal", &keys::GOAL),
        ("circle", &keys::CIRCLE),
        ("street", &keys::STREET),
        ("test", &keys::OPERATORS),
    ];
    let definitions = definitions.map(|(name, keys)| ("plan", name, keys.known));
    let mut taken = Vec::from(definitions);
    taken.extend([
        ("plan", "condition", keys::CONDITION),
        ("plan", "rep", keys::REPS.known),
        ("plan", "account", keys::ACCOUNTS.known),
        ("reps", "", keys::REPS.known),
        ("accounts", "", keys::ACCOUNTS.known),
        ("gazetteer", "", keys::GAZETTEER.known),
        ("holidays", "", keys::HOLIDAYS.known),
        ("cases", "", keys::CASES.known),
        ("cases", "case", keys::CASE.known),
        ("cases", "expected", keys::EXPECTED.known),
        ("cases", "overlay", keys::OVERLAY.known),
        ("cases", "due", keys::DUE.known),
        ("cases", "cause", keys::CAUSE.known),
        ("cases", "source", keys::SOURCE.known),
        ("cases", "handover", keys::HANDOVER.known),
    ]);
    taken
}
