//! Reps and the teams in which they share leads.

use std::collections::BTreeMap;

use crate::event::Span;

use super::{CalendarIx, RepIx, Target};

/// A salesperson.
#[derive(Clone, Debug)]
pub struct Rep {
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    pub email: Option<Box<str>>,
    pub timezone: Option<jiff::tz::TimeZone>,
    pub calendar: Option<CalendarIx>,
    pub limits: Limits,
    pub status: crate::event::RepStatus,
    /// What `eligible` compares with: `languages`, `skills` and every further column, values
    /// normalised like a lead's.
    pub attributes: BTreeMap<Box<str>, Vec<Box<str>>>,
}

/// How many leads at most. `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Leads open at one time.
    pub open: Option<u32>,
    /// Leads assigned in one day of the rep's zone.
    pub per_day: Option<u32>,
}

/// Reps who share leads.
#[derive(Clone, Debug)]
pub struct Team {
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    /// Sorted by rep id, each rep once.
    pub members: Vec<Member>,
    pub pick: Pick,
    pub share: Share,
    /// Each pair must agree: lead field path without the leading `lead.`, rep attribute.
    pub eligible: Vec<(LeadField, Box<str>)>,
    pub available: Availability,
    pub limits: Limits,
    pub calendar: Option<CalendarIx>,
    pub sla: Option<Sla>,
    pub overflow: Vec<Target>,
}

/// A rep's place in a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub rep: RepIx,
    /// Relative share, in thousandths: weight 1 is 1000. At least 1.
    pub weight_milli: u32,
}

/// How a rep is picked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    #[default]
    RoundRobin,
    LeastLoaded,
    Stable,
}

/// What shares are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    #[default]
    Count,
    Value,
}

/// A lead's field that `eligible` may name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeadField {
    Language,
    Source,
    Campaign,
    Country,
    Industry,
    Products,
    Attribute(Box<str>),
}

/// Who counts as available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Availability {
    Now,
    Within(Span),
    #[default]
    Any,
}

/// Deadlines of an assigned lead and what follows when they pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sla {
    pub accept: Option<Span>,
    pub touch: Option<Span>,
    pub clock: Clock,
    pub on_breach: OnBreach,
    /// Tries at most, the first included.
    pub attempts: u32,
    /// Where the lead goes after the last try.
    pub then: Option<Target>,
}

/// Which time counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    #[default]
    Wall,
    Working,
}

/// What a missed deadline does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBreach {
    /// The lead goes to another rep.
    #[default]
    Reassign,
    /// The lead stays; the breach is counted.
    Keep,
}
