//! Decisions: who owns a lead now, why, and from which record the decision came.

use std::sync::Arc;

use super::Timestamp;

/// The role of a topic, whatever name the settings give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TopicRole {
    Leads,
    Activity,
    Assignments,
    Deadletters,
    State,
    Batches,
}

/// Where a record first arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

closed_list! {
    /// What became of a lead in one decision.
    Outcome {
        Assigned = "assigned",
        Pooled = "pooled",
        Unassigned = "unassigned",
        Duplicate = "duplicate",
        ClaimRejected = "claim_rejected",
        Closed = "closed",
        Withdrawn = "withdrawn",
    }
}

closed_list! {
    /// Why. The list is closed; each member doubles as a metric label.
    Reason {
        /// The territory's team picked the rep.
        Territory = "territory",
        NamedAccount = "named_account",
        AccountOwner = "account_owner",
        SamePerson = "same_person",
        Overflow = "overflow",
        Fallback = "fallback",
        Manual = "manual",
        Claimed = "claimed",
        Released = "released",
        Declined = "declined",
        AcceptTimeout = "accept_timeout",
        TouchTimeout = "touch_timeout",
        RepLeft = "rep_left",
        RepAway = "rep_away",
        Realigned = "realigned",
        Recycled = "recycled",
        NoTerritory = "no_territory",
        NoTeam = "no_team",
        NoEligibleRep = "no_eligible_rep",
        NobodyAvailable = "nobody_available",
        AllAtCapacity = "all_at_capacity",
        TooOld = "too_old",
        RetriesExhausted = "retries_exhausted",
        Duplicate = "duplicate",
        AlreadyOwned = "already_owned",
        ClaimLimit = "claim_limit",
        CoolingOff = "cooling_off",
        OnHold = "on_hold",
        NotAMember = "not_a_member",
        Won = "won",
        Lost = "lost",
        Invalid = "invalid",
        Withdrawn = "withdrawn",
        Merged = "merged",
    }
}

closed_list! {
    /// The timers of a lead's life.
    TimerKind {
        Accept = "accept",
        Touch = "touch",
        Hold = "hold",
        Recycle = "recycle",
        CoolOff = "cool_off",
        MaxAge = "max_age",
        Early = "early",
    }
}

/// What led to a decision that is not a lead's first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An activity event, or a newer revision of the lead, by its id.
    Event(Box<str>),
    /// A timer that fell due.
    Timer(TimerKind),
    /// A new plan version.
    Plan(Box<str>),
    /// A rep or team that has room again, for a lead that had been waiting.
    Free(Box<str>),
}

/// The deadlines of an assigned lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Until when the rep must accept.
    pub accept_by: Option<Timestamp>,
    /// Until when the rep must have touched the lead.
    pub touch_by: Option<Timestamp>,
}

/// A second owner from an overlay territory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlayOwner {
    pub territory: Arc<str>,
    pub team: Option<Arc<str>>,
    pub rep: Option<Arc<str>>,
}

/// What a new owner should know of the lead's past.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handover {
    /// Earlier owners, oldest first.
    pub owners: Vec<Box<str>>,
    /// Touches so far: moment, kind on the wire, rep.
    pub touches: Vec<(Timestamp, &'static str, Box<str>)>,
    /// The last opportunity stage.
    pub stage: Option<Box<str>>,
    /// Open opportunity value, in the tenant's currency.
    pub open_value: Option<f64>,
}

/// One record on the output topic.
///
/// Names of a plan's things are shared with whoever else has them: there are a dozen in a
/// decision, and copying them all took as long as making it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The tenant.
    pub tenant: Arc<str>,
    /// The lead's id.
    pub lead: Box<str>,
    /// The lead's revision that was decided.
    pub revision: u64,
    /// The lane's running number, from 1 without a gap.
    pub seq: u64,
    pub outcome: Outcome,
    pub reason: Reason,
    /// The owning territory's id.
    pub territory: Option<Arc<str>>,
    /// Territory ids from the root down to the owner.
    pub path: Vec<Arc<str>>,
    pub team: Option<Arc<str>>,
    pub rep: Option<Arc<str>>,
    pub previous_rep: Option<Arc<str>>,
    pub pool: Option<Arc<str>>,
    pub duplicate_of: Option<Box<str>>,
    pub overlays: Vec<OverlayOwner>,
    pub due: Due,
    /// Which try at finding an owner this is, from 1.
    pub attempt: u32,
    pub cause: Option<Cause>,
    /// The plan version that decided.
    pub plan: Arc<str>,
    /// Where the record first arrived; the lead's own record for decisions by timer.
    pub source: Source,
    /// When the lead came to be, for measuring its age.
    pub lead_at: Timestamp,
    pub decided_at: Timestamp,
    /// In `claim_rejected`: who asked.
    pub claimant: Option<Box<str>>,
    /// In `claim_rejected`: the `seq`-bearing decision id by which the present owner owns it.
    pub since: Option<Box<str>>,
    /// The lead's history, when its owner changes.
    pub handover: Option<Handover>,
}
