//! What is due: timers, absences, walks and wakes, fired in an order that never varies.

use crate::event::{Span, Timestamp};

use super::desk::{Book, Desk};
use super::effects::Effects;
use super::errands::{Errand, WorkRow};
use super::index::Chore;
use super::names::{RepNo, TenantNo};
use super::{State, Walks};

/// Rows past their time that one tick removes at most; removal frees memory and nothing else.
const SWEPT_PER_TICK: usize = 256;

/// How long a chore of a tenant without a plan is put off.
const WITHOUT_PLAN: Span = Span::seconds(60);

impl State {
    /// The earliest moment at which [`State::tick`] has something to do.
    pub fn due(&self) -> Option<Timestamp> {
        let index = &self.rows.index;
        let lead = index.lead_deadlines.first().map(|(at, _, _)| at);
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
            for due in self.due_at(at, limit - done) {
                if done >= limit {
                    break;
                }
                done += self.fire(now, at, due, books, limit - done, effects);
            }
        }
        self.rows.sweep(&self.names, now, SWEPT_PER_TICK);
        done
    }

    /// What is due at one moment, in an order that is the same on every machine: chores, then
    /// at most `limit` leads by birth.
    fn due_at(&self, at: Timestamp, limit: usize) -> Vec<Due> {
        let index = &self.rows.index;
        let chores = index.chores.range((at, Chore::FIRST)..);
        let chores = chores.take_while(|(moment, _)| *moment == at);
        let mut due: Vec<Due> = chores.map(|&(_, chore)| Due::Chore(chore)).collect();
        due.sort_by_cached_key(|due| self.rank(*due));
        let leads = index.lead_deadlines.from(at).take(limit);
        let leads = leads.take_while(|(moment, _, _)| *moment == at);
        due.extend(leads.map(|(_, birth, slot)| Due::Lead { birth, slot }));
        due
    }

    /// Numbers may differ between two runs over the same log; names may not.
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
                    Errand::Left(_) | Errand::Away(_) => names.text(RepNo(rep)),
                    _ => "",
                };
                (3, names.text(tenant), rep, u64::from(kind))
            }
            Due::Chore(Chore::Wake(team)) => {
                (4, names.text(names.tenant_of(team)), names.text(team), 0)
            }
            Due::Lead { birth, .. } => (5, "", "", birth),
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
                Due::Lead { slot, .. } => desk.fire_lead(slot),
                Due::Chore(chore) => return desk.fire_chore(chore, &mut walks, limit),
            }
            1
        });
        self.walks = walks;
        done.max(1)
    }

    fn still_due(&self, at: Timestamp, due: Due) -> bool {
        match due {
            Due::Lead { birth, slot } => self.rows.index.lead_deadlines.contains((at, birth, slot)),
            Due::Chore(chore) => self.rows.index.chores.contains(&(at, chore)),
        }
    }

    fn tenant_of(&self, due: Due) -> Option<TenantNo> {
        Some(match due {
            Due::Lead { slot, .. } => self.rows.life(slot)?.tenant,
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
}

/// One thing that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Lead { birth: u64, slot: u32 },
    Chore(Chore),
}

impl Desk<'_> {
    fn fire_chore(&mut self, chore: Chore, walks: &mut Walks, limit: usize) -> usize {
        match chore {
            Chore::Return(rep) => self.returned(rep),
            Chore::Switch(_) => self.switch(),
            Chore::Early(number) => self.expire(number),
            Chore::Wake(_) => return self.wake(limit),
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
            Errand::Waiting => self.reconsider_piece(work, limit),
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
