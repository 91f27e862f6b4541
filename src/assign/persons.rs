//! The same person again: duplicates within the window, the person's rep after it.
//!
//! A lead stands for its person: its row holds keyed hashes of the person's addresses, and
//! the index finds it by them. A later lead after the window takes the hashes over, so a
//! person is one row at most, and nothing is kept twice.

use smallvec::SmallVec;

use crate::event::Reason;
use crate::plan::Facts;

use super::changelog::key_of;
use super::choice::Verdict;
use super::desk::Desk;
use super::keys::{self, Subject};
use super::life::{Life, Stage};

/// What earlier leads of a person mean for a new one.
pub(super) enum Acquaintance {
    /// Within the window of this lead.
    Repeats(Box<Life>),
    /// Known from this lead, but the window is over.
    Known(Box<Life>),
    /// Never seen, or persons do not matter to the plan.
    Stranger,
}

impl Desk<'_> {
    /// Hashes of the addresses by which the plan tells persons apart.
    pub fn persons(&self, facts: &Facts<'_>) -> SmallVec<[u64; 2]> {
        let policy = &self.plan.policy;
        let mut hashes = SmallVec::new();
        if policy.dedupe_within.is_none() && !policy.sticky_persons {
            return hashes;
        }
        let tenant = &self.plan.tenant;
        if let Some(email) = facts.email.as_deref().filter(|_| policy.dedupe_by_email) {
            hashes.push(keys::short(Subject::Email, tenant, email));
        }
        if let Some(phone) = facts.phone.as_deref().filter(|_| policy.dedupe_by_phone) {
            hashes.push(keys::short(Subject::Phone, tenant, phone));
        }
        hashes
    }

    /// What is known of the person behind `life`, whose hashes are already set.
    pub fn acquaintance(&self, life: &Life) -> Acquaintance {
        let window = self.plan.policy.dedupe_within;
        let mut known: Option<Life> = None;
        for &hash in &life.persons {
            let Some(first) = self.standing_for(hash, life) else {
                continue;
            };
            let apart = life.lead_at.since(first.lead_at).0.abs();
            if window.is_some_and(|window| apart <= window.0) {
                return Acquaintance::Repeats(Box::new(first));
            }
            let later = known
                .as_ref()
                .is_none_or(|known| known.lead_at < first.lead_at);
            if later {
                known = Some(first);
            }
        }
        known.map_or(Acquaintance::Stranger, |known| {
            Acquaintance::Known(Box::new(known))
        })
    }

    /// The remembered lead that stands for the person with this hash.
    fn standing_for(&self, hash: u64, life: &Life) -> Option<Life> {
        let lives = self.rows.index.persons(hash);
        let mut lives = lives.filter_map(|slot| self.rows.life(slot));
        lives.find(|one| {
            let other = one.tenant == life.tenant && one.id != life.id;
            other && one.persons.contains(&hash) && !self.forgotten(one)
        })
    }

    /// Whether a lead that has ended is past the horizon, swept or not.
    pub fn forgotten(&self, life: &Life) -> bool {
        let ended = matches!(life.stage, Stage::Closed | Stage::Duplicate);
        ended && self.now > life.decided_at.plus(self.rows.index.horizon)
    }

    /// Takes the person's hashes from every other lead that has them.
    pub fn stand_for_person(&mut self, life: &Life) {
        for &hash in &life.persons {
            let slots: SmallVec<[u32; 2]> = self.rows.index.persons(hash).collect();
            for slot in slots {
                let Some(mut other) = self.rows.life(slot) else {
                    continue;
                };
                let holds = other.persons.contains(&hash) && other.tenant == life.tenant;
                if holds && other.id != life.id {
                    other.persons.retain(|one| *one != hash);
                    let key = key_of(self.names, &other);
                    self.rows.replace_lead(slot, key, &other);
                }
            }
        }
    }

    /// The lead repeats `first`: no turn, no capacity, the first lead's rep if persons stick.
    pub fn repeat(&mut self, life: &mut Life, first: &Life) {
        self.leave_owner(life);
        life.territory = None;
        life.overlays.clear();
        life.stage = Stage::Duplicate;
        life.reason = Some(Reason::Duplicate);
        life.duplicate_of = Some(first.id.clone());
        life.rep = first.rep.filter(|_| self.plan.policy.sticky_persons);
        life.persons.clear();
    }

    /// The rep of a person known from an earlier lead.
    pub fn by_person(
        &mut self,
        life: &Life,
        facts: &Facts<'_>,
        known: &Life,
        territory: Option<crate::plan::TerritoryIx>,
    ) -> Option<Verdict> {
        if !self.plan.policy.sticky_persons {
            return None;
        }
        let rep = self.rep_ix(known.rep?)?;
        self.stick(life, facts, rep, territory, Reason::SamePerson)
    }
}
