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
//! `journal`, `rows`, `index` and `changelog` (how it is kept).

mod accounts;
mod body;
mod capacity;
mod changelog;
mod choice;
mod codec;
mod desk;
mod early;
mod effects;
mod eligibility;
mod handover;
mod hours;
mod index;
mod journal;
mod keys;
mod leads;
mod ledger;
mod life;
mod lifecycle;
mod names;
mod outcome;
mod persons;
mod pick;
mod pools;
mod realign;
mod records;
mod redistribution;
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
use index::Chore;
use ledger::Arrival;
use names::{Names, TenantNo};
use records::{Errand, WorkRow};
use roster::Roster;
use rows::Rows;

pub use changelog::RestoreError;
pub use codec::RowError;
pub use desk::Book;
pub use effects::{Announcement, Counts, Effects, Expired, Subject};
pub use records::Meta;
pub use view::{LeadCounts, LeadView, MemberView};

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

/// Rows past their time that one tick removes at most; removal frees memory and nothing else.
const SWEPT_PER_TICK: usize = 256;

/// How long a chore of a tenant without a plan is put off.
const WITHOUT_PLAN: Span = Span::seconds(60);

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

    /// The earliest moment at which [`State::tick`] has something to do.
    pub fn due(&self) -> Option<Timestamp> {
        let index = &self.rows.index;
        let lead = index.lead_deadlines.first().map(|&(at, _)| at);
        let chore = index.chores.first().map(|&(at, _)| at);
        lead.into_iter().chain(chore).min()
    }

    /// Fires what is due at `now`, at most about `limit` leads, in the order of their
    /// deadlines; returns how much it did. Call it before the records of a batch, so that
    /// leads that have waited come before new ones, and again while [`State::due`] is past.
    pub fn tick<'b>(
        &mut self,
        now: Timestamp,
        books: &dyn Fn(&str) -> Option<&'b dyn Book>,
        limit: usize,
        effects: &mut Effects,
    ) -> usize {
        let mut done = 0;
        while done < limit {
            let Some(at) = self.due().filter(|&at| at <= now) else {
                break;
            };
            for due in self.due_at(at) {
                if done >= limit {
                    break;
                }
                done += self.fire(now, at, due, books, limit - done, effects);
            }
        }
        self.rows.sweep(&self.names, now, SWEPT_PER_TICK);
        done
    }

    /// Everything due at one moment, in an order that is the same on every machine.
    fn due_at(&self, at: Timestamp) -> Vec<Due> {
        let index = &self.rows.index;
        let chores = index.chores.range((at, Chore::FIRST)..);
        let chores = chores.take_while(|(moment, _)| *moment == at);
        let mut chores: Vec<Due> = chores.map(|&(_, chore)| Due::Chore(chore)).collect();
        chores.sort_by_cached_key(|due| self.rank(*due));
        let leads = index.lead_deadlines.range((at, 0)..=(at, u32::MAX));
        let mut leads: Vec<Due> = leads.map(|&(_, slot)| Due::Lead(slot)).collect();
        leads.sort_by_cached_key(|due| self.rank(*due));
        chores.append(&mut leads);
        chores
    }

    /// Numbers and slots may differ between two runs over the same log; names and births
    /// may not.
    fn rank(&self, due: Due) -> (u8, &str, &str, u64) {
        let names = &self.names;
        let of_rep = |rep| (names.text(names.tenant_of(rep)), names.text(rep));
        match due {
            Due::Chore(Chore::Return(rep)) => (0, of_rep(rep).0, of_rep(rep).1, 0),
            Due::Chore(Chore::Switch(tenant)) => (1, names.text(tenant), "", 0),
            Due::Chore(Chore::Early(number)) => (2, "", "", number),
            Due::Chore(Chore::Work(tenant, errand)) => {
                let (kind, rep) = errand.code();
                let rep = match errand {
                    Errand::Left(_) | Errand::Away(_) => names.text(names::RepNo(rep)),
                    _ => "",
                };
                (3, names.text(tenant), rep, u64::from(kind))
            }
            Due::Chore(Chore::Wake(team)) => {
                (4, names.text(names.tenant_of(team)), names.text(team), 0)
            }
            Due::Lead(slot) => (5, "", "", self.rows.life(slot).map_or(0, |life| life.birth)),
        }
    }

    fn fire<'b>(
        &mut self,
        now: Timestamp,
        at: Timestamp,
        due: Due,
        books: &dyn Fn(&str) -> Option<&'b dyn Book>,
        limit: usize,
        effects: &mut Effects,
    ) -> usize {
        // What was done since may have moved or ended it.
        if !self.still_due(at, due) {
            return 0;
        }
        let Some(tenant) = self.tenant_of(due) else {
            return 0;
        };
        let Some(book) = books(self.names.text(tenant)) else {
            self.put_off(now, due);
            return 1;
        };
        let mut walks = std::mem::take(&mut self.walks);
        let done = self.at_desk(now, book, effects, |desk| {
            desk.adopt_plan();
            match due {
                Due::Lead(slot) => desk.fire_lead(slot),
                Due::Chore(chore) => return desk.fire_chore(chore, &mut walks, limit),
            }
            1
        });
        self.walks = walks;
        done.max(1)
    }

    fn still_due(&self, at: Timestamp, due: Due) -> bool {
        match due {
            Due::Lead(slot) => self.rows.index.lead_deadlines.contains(&(at, slot)),
            Due::Chore(chore) => self.rows.index.chores.contains(&(at, chore)),
        }
    }

    fn tenant_of(&self, due: Due) -> Option<TenantNo> {
        Some(match due {
            Due::Lead(slot) => self.rows.life(slot)?.tenant,
            Due::Chore(Chore::Return(rep)) => self.names.tenant_of(rep),
            Due::Chore(Chore::Switch(tenant) | Chore::Work(tenant, _)) => tenant,
            Due::Chore(Chore::Early(number)) => self.rows.early(number)?.tenant,
            Due::Chore(Chore::Wake(team)) => self.names.tenant_of(team),
        })
    }

    /// Without the tenant's plan nothing of his can be decided; it is looked at again later.
    fn put_off(&mut self, now: Timestamp, due: Due) {
        self.rows.put_off(&self.names, due, now.plus(WITHOUT_PLAN));
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
        };
        work(&mut desk)
    }

    fn roster_for(&mut self, tenant: TenantNo, plan: &crate::plan::Plan) -> Arc<Roster> {
        if let Some(roster) = self.rosters.get(&tenant)
            && roster.version == plan.version
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

    /// The plan version a tenant was last decided under.
    pub fn plan_version(&self, tenant: &str) -> Option<&str> {
        let tenant = self.names.find_tenant(tenant)?;
        Some(&*self.rows.tenant(tenant).plan).filter(|version| !version.is_empty())
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
        self.walks.clear();
    }

    /// Puts one row of the changelog back; feed rows in the order of the log.
    pub fn restore(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), RestoreError> {
        self.rows.restore(&mut self.names, key, value)
    }

    /// Ends a restore: refuses a state with gaps.
    pub fn restored(&mut self) -> Result<(), RestoreError> {
        self.names.announced();
        if self.names.complete() {
            Ok(())
        } else {
            Err(RestoreError::Gaps)
        }
    }
}

/// One thing that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::assign) enum Due {
    Lead(u32),
    Chore(Chore),
}

impl Desk<'_> {
    fn fire_chore(&mut self, chore: Chore, walks: &mut Walks, limit: usize) -> usize {
        match chore {
            Chore::Return(rep) => self.returned(rep),
            Chore::Switch(_) => self.switch(),
            Chore::Early(number) => self.expire(number),
            Chore::Wake(team) => return self.wake(team, limit),
            Chore::Work(tenant, errand) => {
                let Some(work) = self.rows.work(tenant, errand).cloned() else {
                    return 0;
                };
                return self.walk(errand, work, walks, limit);
            }
        }
        1
    }

    fn walk(&mut self, errand: Errand, work: WorkRow, walks: &mut Walks, limit: usize) -> usize {
        match errand {
            Errand::Waiting => self.retry_piece(work, limit),
            Errand::Left(rep) | Errand::Away(rep) => self.take_piece(errand, rep, work, limit),
            Errand::Survey | Errand::Realign => {
                let tenant = self.roster.tenant;
                let open = match walks.remove(&tenant) {
                    Some(open) if work.cursor > 0 => open,
                    _ => self.open_leads(work.end),
                };
                let done = self.realign_piece(errand, work, &open, limit);
                if self.rows.work(tenant, errand).is_some() {
                    walks.insert(tenant, open);
                }
                done
            }
        }
    }
}
