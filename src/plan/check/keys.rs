//! The keys of every mapping a plan may hold: what the readers take, the schema lists and
//! "did you mean" suggests.

use crate::plan::parse::{Columns, Names};

/// The keys of one kind of mapping.
#[derive(Debug)]
pub(crate) struct Keys {
    /// What the mapping stands for, with its article.
    pub what: &'static str,
    pub known: &'static [&'static str],
    pub required: &'static [&'static str],
}

macro_rules! keys {
    ($($name:ident = $what:literal [$($known:literal),*] needs [$($required:literal),*];)+) => {
        $(
            pub(crate) const $name: Keys = Keys {
                what: $what,
                known: &[$($known),*],
                required: &[$($required),*],
            };
        )+
    };
}

keys! {
    PLAN = "a plan" ["version", "tenant", "timezone", "precedence", "fallback", "gazetteer", "areas", "bands", "reps", "accounts", "calendars", "teams", "pools", "policy", "territories"] needs [];
    CASES = "a file of cases" ["at", "cases"] needs ["cases"];
    CASE = "a case" ["name", "at", "events", "until", "expect", "same"] needs ["name", "events", "expect"];
    EXPECTED = "a decision expected" ["decision", "tenant", "lead", "revision", "seq", "outcome", "reason", "territory", "path", "team", "rep", "previous_rep", "pool", "duplicate_of", "overlays", "due", "attempt", "cause", "plan", "source", "lead_at", "decided_at", "claimant", "since", "handover", "reject", "message"] needs [];
    OVERLAY = "an overlay" ["territory", "team", "rep"] needs [];
    DUE = "`due`" ["accept_by", "touch_by"] needs [];
    CAUSE = "`cause`" ["event", "timer", "plan", "free"] needs [];
    SOURCE = "`source`" ["topic", "partition", "offset"] needs [];
    HANDOVER = "`handover`" ["owners", "touches", "stage", "open_value"] needs [];
    TEAM = "a team" ["id", "name", "members", "pick", "share", "eligible", "available", "limits", "calendar", "sla", "overflow"] needs ["id"];
    MEMBER = "a member" ["rep", "weight"] needs ["rep"];
    AVAILABLE = "`available`" ["within"] needs ["within"];
    LIMITS = "`limits`" ["open", "per_day"] needs [];
    SLA = "`sla`" ["accept", "touch", "clock", "on_breach", "attempts", "then"] needs [];
    TARGET = "a target" ["team", "pool"] needs [];
    POOL = "a pool" ["id", "name", "claimants", "claim", "recycle"] needs ["id"];
    CLAIM = "`claim`" ["open", "per_day", "cool_off", "hold"] needs [];
    RECYCLE = "a recycling rule" ["after", "of", "to"] needs ["after", "to"];
    POLICY = "`policy`" ["dedupe", "sticky", "on_update", "manual_counts", "absence", "max_age", "early", "realign"] needs [];
    DEDUPE = "`dedupe`" ["within", "by"] needs ["within"];
    STICKY = "`sticky`" ["accounts", "persons"] needs [];
    CALENDAR = "a calendar" ["timezone", "hours", "holidays"] needs ["hours"];
    TERRITORY = "a territory" ["id", "name", "kind", "where", "team", "priority", "effective_from", "target", "resources", "children"] needs ["id"];
    GOAL = "`target`" ["revenue", "new_customers", "period"] needs [];
    CIRCLE = "a circle" ["lat", "lon", "km"] needs ["lat", "lon", "km"];
    STREET = "a street" ["admin", "postal", "name", "from", "to", "side"] needs ["name"];
    OPERATORS = "a test" ["min", "max", "not", "prefix", "exists", "band"] needs [];
}

/// The keys of a condition besides `attr.<name>`.
pub(crate) const CONDITION: &[&str] = &[
    "country",
    "admin",
    "postal",
    "area",
    "within",
    "street",
    "industry",
    "employees",
    "revenue",
    "potential",
    "score",
    "orders",
    "lifetime_value",
    "product",
    "source",
    "campaign",
    "language",
    "account",
    "domain",
    "band",
    "any",
    "not",
];

/// Columns of a table of reps, and keys of a rep written inline.
pub(crate) const REPS: Columns = Columns {
    what: "a rep",
    known: &[
        "id",
        "name",
        "email",
        "team",
        "weight",
        "languages",
        "skills",
        "timezone",
        "calendar",
        "open_max",
        "per_day_max",
        "status",
    ],
    required: &["id"],
    names: Some(Names {
        column: "id",
        kind: "rep",
    }),
    open: true,
};

/// Columns of a table of accounts, and keys of an account written inline.
pub(crate) const ACCOUNTS: Columns = Columns {
    what: "an account",
    known: &["id", "name", "domains", "owner", "territory"],
    required: &["id"],
    names: Some(Names {
        column: "id",
        kind: "account",
    }),
    open: false,
};

/// Columns of a gazetteer table.
pub(crate) const GAZETTEER: Columns = Columns {
    what: "a gazetteer",
    known: &["code", "name", "aliases", "parent", "lat", "lon", "postal"],
    required: &["code"],
    names: Some(Names {
        column: "code",
        kind: "code",
    }),
    open: false,
};

/// Columns of a table of holidays.
pub(crate) const HOLIDAYS: Columns = Columns {
    what: "a table of holidays",
    known: &["date", "kind", "name"],
    required: &["date", "kind"],
    names: None,
    open: false,
};
