//! The checked plan: what check yields and router and state read.

mod team;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::{Span, Timestamp};

use super::condition::Condition;

pub use team::{
    Availability, Clock, LeadField, Limits, Member, OnBreach, Pick, Rep, Share, Sla, Team,
};

macro_rules! index {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The same number, for indexing the plan's list.
            pub const fn at(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}

index! {
    /// Position in [`Plan::territories`].
    TerritoryIx,
    /// Position in [`Plan::teams`].
    TeamIx,
    /// Position in [`Plan::reps`].
    RepIx,
    /// Position in [`Plan::pools`].
    PoolIx,
    /// Position in [`Plan::calendars`].
    CalendarIx,
    /// Position in [`Plan::accounts`].
    AccountIx,
    /// Position in [`Plan::areas`].
    AreaIx,
    /// A node of the plan's gazetteer.
    AdminIx,
}

/// One tenant's plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The tenant.
    pub tenant: Box<str>,
    /// The first 16 hex digits of the SHA-256 of the canonical content.
    pub version: Box<str>,
    /// The plan's own time zone, for whoever has no calendar.
    pub timezone: jiff::tz::TimeZone,
    pub precedence: Precedence,
    /// Where a lead goes that has no territory or whose territory cannot take it.
    pub fallback: Option<Target>,
    pub gazetteer: super::gazetteer::Gazetteer,
    pub areas: Vec<Area>,
    /// Sorted by id.
    pub reps: Vec<Rep>,
    /// Sorted by id.
    pub accounts: Vec<Account>,
    /// Sorted by id.
    pub calendars: Vec<super::calendar::Calendar>,
    /// Sorted by id.
    pub teams: Vec<Team>,
    /// Sorted by id.
    pub pools: Vec<Pool>,
    pub policy: Policy,
    /// In file order, parents before their children (depth first).
    pub territories: Vec<Territory>,
}

/// How the owner is chosen among territories that all match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precedence {
    /// The most specific rule wins (spec section 4.3).
    #[default]
    Specific,
    /// File order, children before their parent.
    Listed,
}

/// A team or a pool that takes leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Team(TeamIx),
    Pool(PoolIx),
}

/// A node of the territory tree.
#[derive(Clone, Debug)]
pub struct Territory {
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    pub parent: Option<TerritoryIx>,
    /// 0 for a root.
    pub depth: u16,
    /// Overlay, by itself or by an ancestor.
    pub overlay: bool,
    /// The effective priority, inherited and perhaps raised.
    pub priority: i32,
    /// The node's own condition; the effective one is the conjunction along the path. Plans
    /// repeat theirs (industry by size in each county), so equal ones are kept once.
    pub condition: Arc<Condition>,
    /// The node's own team, if it names one.
    pub team: Option<TeamIx>,
    /// The team that serves it: its own or the nearest ancestor's.
    pub serving_team: Option<TeamIx>,
    /// Before this moment the territory matches nothing.
    pub effective_from: Option<Timestamp>,
    pub target: Option<Box<Goal>>,
    pub resources: BTreeMap<Box<str>, f64>,
}

/// A territory's measurable target.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    pub revenue: Option<f64>,
    pub new_customers: Option<f64>,
    pub period: Option<Box<str>>,
}

/// A named polygon with all its parts and holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    pub id: Box<str>,
    /// Polygons; of each the outer ring first, then its holes; rings are closed implicitly
    /// (the first point is not repeated). Coordinates in 1e-7 degrees.
    pub polygons: Vec<Vec<Vec<super::facts::Point>>>,
}

/// Leads without an owner that reps may claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    pub claimants: Vec<TeamIx>,
    pub claim: ClaimRules,
    pub recycle: Vec<Recycle>,
}

/// Bounds on claiming from a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimRules {
    /// Leads held by claim at one time.
    pub open: Option<u32>,
    pub per_day: Option<u32>,
    /// How long one who lost or returned a lead may not claim it again.
    pub cool_off: Option<Span>,
    /// How long a lead must lie in the pool before it can be claimed.
    pub hold: Option<Span>,
}

/// When a lead moves on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recycle {
    pub after: Span,
    pub of: RecycleFrom,
    pub to: Target,
}

/// What a recycling deadline counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecycleFrom {
    /// The claim: the claimant did not close the lead in time.
    Claim,
    /// Entry into the pool: nobody claimed it.
    Pooled,
    /// The last touch.
    Touch,
}

/// Tenant-wide rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Window for duplicate persons; `None` switches it off.
    pub dedupe_within: Option<Span>,
    pub dedupe_by_email: bool,
    pub dedupe_by_phone: bool,
    pub sticky_accounts: bool,
    pub sticky_persons: bool,
    pub on_update: OnUpdate,
    /// Whether transfers by managers and named owners count in the rotation.
    pub manual_counts: bool,
    pub absence: Absence,
    /// Leads older than this on arrival are not assigned.
    pub max_age: Option<Span>,
    /// How long activity waits for a lead not yet known.
    pub early: Span,
    /// What a plan change does to open leads.
    pub realign: Realign,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            dedupe_within: None,
            dedupe_by_email: true,
            dedupe_by_phone: true,
            sticky_accounts: false,
            sticky_persons: false,
            on_update: OnUpdate::Keep,
            manual_counts: true,
            absence: Absence::Forget,
            max_age: None,
            early: Span::seconds(600),
            realign: Realign::Keep,
        }
    }
}

/// What a newer revision of a lead does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUpdate {
    #[default]
    Keep,
    Reroute,
}

/// What happens to the claim of a rep who is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absence {
    #[default]
    Forget,
    CatchUp,
}

/// What a plan change does to leads that have an owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Realign {
    #[default]
    Keep,
    Open,
}

/// A customer known by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    /// Lower-case registrable domains.
    pub domains: Vec<Box<str>>,
    pub owner: Option<RepIx>,
    pub territory: Option<TerritoryIx>,
}

impl Plan {
    /// The territory at `ix`.
    pub fn territory(&self, ix: TerritoryIx) -> &Territory {
        &self.territories[ix.at()]
    }

    /// Territories from the root down to `ix`.
    pub fn path(&self, ix: TerritoryIx) -> Vec<TerritoryIx> {
        let mut path = vec![ix];
        while let Some(parent) = self.territory(path[path.len() - 1]).parent {
            path.push(parent);
        }
        path.reverse();
        path
    }

    /// The rep called `id`.
    pub fn rep_by_id(&self, id: &str) -> Option<RepIx> {
        find(&self.reps, id, |rep| &rep.id).map(RepIx)
    }

    /// The team called `id`.
    pub fn team_by_id(&self, id: &str) -> Option<TeamIx> {
        find(&self.teams, id, |team| &team.id).map(TeamIx)
    }

    /// The pool called `id`.
    pub fn pool_by_id(&self, id: &str) -> Option<PoolIx> {
        find(&self.pools, id, |pool| &pool.id).map(PoolIx)
    }

    /// The account called `id`.
    pub fn account_by_id(&self, id: &str) -> Option<AccountIx> {
        find(&self.accounts, id, |account| &account.id).map(AccountIx)
    }

    /// The territory called `id`; a linear search, not for the hot path.
    pub fn territory_by_id(&self, id: &str) -> Option<TerritoryIx> {
        let position = self.territories.iter().position(|one| &*one.id == id)?;
        Some(TerritoryIx(position as u32))
    }
}

fn find<T>(sorted: &[T], id: &str, name: impl Fn(&T) -> &str) -> Option<u32> {
    let position = sorted.binary_search_by(|one| name(one).cmp(id)).ok()?;
    Some(position as u32)
}
