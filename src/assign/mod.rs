//! Who gets a lead: a deterministic state machine over rows, one a lane.
//!
//! [`State::apply`] takes one input record and says what came of it; [`State::tick`] fires
//! what fell due. Both change rows only through the journal, so [`State::commit`] hands out
//! what changed and [`State::undo`] takes it all back, numbers of decisions included. What
//! the changelog got is what [`State::restore`] wants.
//!
//! Reading order: `life` (what is known of a lead), `ledger` (leads that arrive), `choice`
//! and `pick` (who gets one), `outcome` (the decision), `lifecycle`, `pools` and `timers`
//! (what happens later), `waiting`, `redistribution` and `realign` (many leads at a time),
//! `journal`, `rows`, `index` and `changelog` (how it is kept), `arena`, `finder`, `deadlines` and
//! `pile` (how it is kept small).

mod accounts;
mod agenda;
mod arena;
mod balance;
mod body;
mod capacity;
mod changelog;
mod choice;
mod codec;
mod deadlines;
mod desk;
mod early;
mod effects;
mod eligibility;
mod errands;
mod finder;
mod handover;
mod hours;
mod index;
mod journal;
mod keys;
mod leads;
mod ledger;
mod life;
mod lifecycle;
mod meta;
mod names;
mod outcome;
mod persons;
mod pick;
mod pile;
mod pools;
mod realign;
mod records;
mod redistribution;
mod reshard;
mod roster;
mod rotation;
mod rows;
mod timers;
mod view;
mod waiting;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::event::{Activity, Lead, Source, Span, Timestamp, TopicRole};
use crate::plan::{Candidates, Facts};

use desk::Desk;
use hours::Hours;
use ledger::Arrival;
use names::{Names, TenantNo};
use roster::Roster;
use rows::Rows;

pub use balance::{Distance, MemberView, TeamView};
pub use changelog::RestoreError;
pub use codec::RowError;
pub use desk::Book;
pub use effects::{Announcement, Counts, Effects, Expired, Subject};
pub use meta::Meta;
pub use reshard::{Layout, gather, lane_name};
pub use view::{LeadCounts, LeadView};

/// What a lane has to do with one record.
pub enum Input<'a> {
    /// A version of a lead, read under the plan in force.
    Lead {
        lead: &'a Lead<'a>,
        facts: &'a Facts<'a>,
        candidates: &'a Candidates,
        source: &'a Source,
        /// When the lead came to be: its `created_at`, else its record's time.
        lead_at: Timestamp,
    },
    /// Something that happened.
    Activity {
        activity: &'a Activity<'a>,
        source: &'a Source,
        /// The whole record in any form, given back if the lead never comes.
        raw: &'a [u8],
    },
}

/// What became of an input record. There is no sixth end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// One or more decisions.
    Decided,
    /// It was seen before; counted.
    Redelivered,
    /// It changed the state, or what it asked for was so already.
    Changed,
    /// It waits for its lead.
    Waiting,
}

/// What a state remembers, and how it is called.
#[derive(Clone, Debug)]
pub struct Options {
    /// How the lane is called in decision ids: its partition, after a reshard with the epoch.
    pub lane: Box<str>,
    /// How long ended leads and marks of withdrawn ones are remembered (`ledger.horizon`).
    pub horizon: Span,
    /// How long event ids are remembered. Duplicated events come from retries of producers,
    /// which end within hours, so a week is ample and keeps the table small.
    pub event_memory: Span,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lane: "0".into(),
            horizon: Span::days(180),
            event_memory: Span::days(7),
        }
    }
}

/// Open leads of a running realignment by birth, told from the rows and kept between pieces.
type Walks = FxHashMap<TenantNo, Vec<(u64, u32)>>;

/// All a lane knows of its tenants' leads.
#[derive(Default)]
pub struct State {
    options: Options,
    names: Names,
    rows: Rows,
    rosters: FxHashMap<TenantNo, Arc<Roster>>,
    hours: FxHashMap<TenantNo, Hours>,
    walks: Walks,
}

impl State {
    /// An empty state with default options.
    pub fn new() -> Self {
        Self::with_options(Options::default())
    }

    pub fn with_options(options: Options) -> Self {
        Self {
            rows: Rows::new(options.horizon, options.event_memory),
            options,
            ..Self::default()
        }
    }

    /// Applies one record of the tenant whose book is given.
    ///
    /// A plan version not seen before is adopted first, as [`State::replan`] does.
    pub fn apply(
        &mut self,
        now: Timestamp,
        book: &dyn Book,
        input: Input<'_>,
        effects: &mut Effects,
    ) -> Fate {
        self.at_desk(now, book, effects, |desk| {
            desk.adopt_plan();
            match input {
                Input::Lead {
                    lead,
                    facts,
                    candidates,
                    source,
                    lead_at,
                } => desk.arrive(Arrival {
                    lead,
                    facts,
                    candidates,
                    source,
                    lead_at,
                }),
                Input::Activity {
                    activity,
                    source,
                    raw,
                } => desk.happen(activity, source, raw),
            }
        })
    }

    /// Takes note of a tenant's plan. If it differs from the one decided under before, waiting
    /// leads are due at once, leads of reps who are gone follow at a bounded rate, and so do
    /// open leads whose territory changed under `realign: open`: all by [`State::tick`].
    /// Returns whether the plan was new.
    pub fn replan(&mut self, now: Timestamp, book: &dyn Book, effects: &mut Effects) -> bool {
        self.at_desk(now, book, effects, |desk| desk.adopt_plan())
    }

    /// Lays out one tenant's things for one step.
    fn at_desk<R>(
        &mut self,
        now: Timestamp,
        book: &dyn Book,
        effects: &mut Effects,
        work: impl FnOnce(&mut Desk<'_>) -> R,
    ) -> R {
        let plan = book.plan();
        let tenant = self.names.tenant(&plan.tenant);
        let roster = self.roster_for(tenant, plan);
        let meta = self.rows.edit_meta();
        meta.clock = meta.clock.max(now);
        let mut desk = Desk {
            now,
            book,
            plan,
            roster: &roster,
            hours: self.hours.entry(tenant).or_default(),
            rows: &mut self.rows,
            names: &mut self.names,
            effects,
            lane: &self.options.lane,
            stirred: Vec::new(),
            yielding: None,
        };
        work(&mut desk)
    }

    fn roster_for(&mut self, tenant: TenantNo, plan: &crate::plan::Plan) -> Arc<Roster> {
        if let Some(roster) = self.rosters.get(&tenant)
            && *roster.version == *plan.version
        {
            return Arc::clone(roster);
        }
        let roster = Roster::build(plan, tenant, &mut self.names, &mut self.rows);
        let roster = Arc::new(roster);
        self.rosters.insert(tenant, Arc::clone(&roster));
        self.hours.entry(tenant).or_default().reset();
        roster
    }

    fn roster_of(&self, tenant: &str) -> Option<&Roster> {
        let tenant = self.names.find_tenant(tenant)?;
        self.rosters.get(&tenant).map(Arc::as_ref)
    }

    /// How the lane is called in decision ids.
    pub fn lane(&self) -> &str {
        &self.options.lane
    }

    /// The lane as a whole: next number, next offsets, clock, partition count.
    pub fn meta(&self) -> &Meta {
        self.rows.meta()
    }

    /// Notes the next offset to read of a topic.
    pub fn set_next_offset(&mut self, role: TopicRole, offset: i64) {
        if self.rows.meta().offsets.get(&role) != Some(&offset) {
            self.rows.edit_meta().offsets.insert(role, offset);
        }
    }

    /// Notes the number of partitions that the state is written under.
    pub fn set_partitions(&mut self, partitions: u32) {
        if self.rows.meta().partitions != partitions {
            self.rows.edit_meta().partitions = partitions;
        }
    }

    /// Notes how many leads there are, so that a restore can tell whether all came back.
    pub fn count_leads(&mut self) {
        let leads = self.remembered_leads();
        if self.rows.meta().leads != leads {
            self.rows.edit_meta().leads = leads;
        }
    }

    /// Notes where the changelog begins, for a state that has no row yet.
    pub fn set_base(&mut self, base: i64) {
        let meta = Meta {
            base,
            ..self.rows.meta().clone()
        };
        // Not remembered: undoing a batch does not move the changelog's beginning.
        self.rows.meta.set(0, meta);
    }

    /// The plan version a tenant was last decided under.
    pub fn plan_version(&self, tenant: &str) -> Option<&str> {
        let tenant = self.names.find_tenant(tenant)?;
        Some(&*self.rows.tenant(tenant).plan).filter(|version| !version.is_empty())
    }

    /// Hands rows to `out` that are unlikely to change again before the commit, so that they
    /// can travel while the batch goes on. [`Self::changes`] then gives what is left, and what
    /// did change again.
    pub fn early_changes(&mut self, mut out: impl FnMut(&[u8], Option<&[u8]>)) {
        self.rows.early_changes(&mut self.names, &mut out);
    }

    /// Hands every changed row since the last commit to `out`: key, and value unless removed.
    pub fn changes(&self, mut out: impl FnMut(&[u8], Option<&[u8]>)) {
        self.rows.changes(&self.names, &mut out);
    }

    /// Makes everything since the last commit final.
    pub fn commit(&mut self) {
        self.rows.commit();
        self.names.announced();
    }

    /// Takes back everything since the last commit, numbers of decisions included.
    pub fn undo(&mut self) {
        self.rows.undo();
        self.names.untell();
        self.walks.clear();
    }

    /// Forgets what was told from plans, which the next step tells anew. Says whether every
    /// name is announced, so that rows written elsewhere can be put on top.
    pub fn settle(&mut self) -> bool {
        self.rosters.clear();
        self.hours.clear();
        self.walks.clear();
        self.names.settled()
    }

    /// Frees what only the one who writes the lane needs; for a state that follows.
    pub fn trim(&mut self) {
        self.rows.trim();
    }

    /// Puts one row of the changelog back; feed rows in the order of the log.
    pub fn restore(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), RestoreError> {
        self.rows.restore(&mut self.names, key, value)
    }

    /// Ends a restore: refuses a state with gaps.
    pub fn restored(&mut self) -> Result<(), RestoreError> {
        self.names.announced();
        let epoch = self.meta().epoch;
        if let (1.., Ok(partition)) = (epoch, self.options.lane.parse()) {
            self.options.lane = lane_name(partition, epoch);
        }
        let (noted, found) = (self.meta().leads, self.remembered_leads());
        if !self.names.complete() {
            return Err(RestoreError::Gaps);
        }
        if noted > 0 && noted != found {
            return Err(RestoreError::Leads { noted, found });
        }
        Ok(())
    }
}
