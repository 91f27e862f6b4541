//! Leads as they arrive: new, seen before, newer, withdrawn before they came.

use crate::event::{Cause, Lead, Outcome, Reason, Source, Timestamp};
use crate::plan::{Candidates, Facts, OnUpdate};

use super::body;
use super::desk::Desk;
use super::leads::LeadName;
use super::life::{Life, Origin, Stage};
use super::outcome::{Motive, Word};
use super::persons::Acquaintance;
use super::records::Mark;
use super::{Fate, choice::Verdict};

/// What most leads take packed, so that a new one's bytes are moved once and not for each
/// doubling.
const BODY_BYTES: usize = 512;

/// A record of the leads topic, read under the plan in force.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub lead: &'a Lead<'a>,
    pub facts: &'a Facts<'a>,
    pub candidates: &'a Candidates,
    pub source: &'a Source,
    pub lead_at: Timestamp,
}

impl Desk<'_> {
    pub fn lead_name<'n>(&self, id: &'n str) -> LeadName<'n> {
        LeadName::new(&self.plan.tenant, self.roster.tenant, id)
    }

    /// One version of a lead.
    pub fn arrive(&mut self, arrival: Arrival<'_>) -> Fate {
        let name = self.lead_name(&arrival.lead.id);
        if let Some(slot) = self.rows.leads.find(&name) {
            match self.rows.life(slot) {
                Some(life) if !self.forgotten(&life) => {
                    return self.revise(slot, name.key, life, arrival);
                }
                _ => self.rows.remove_lead(slot, name.key),
            }
        }
        if let Some(mark) = self.rows.mark(name.key, self.now)
            && let Some(fate) = self.meet_mark(name.key, mark, arrival)
        {
            return fate;
        }
        self.enter(name.key, arrival);
        Fate::Decided
    }

    /// What a withdrawal that was here first means for this version; nothing for a higher one.
    fn meet_mark(&mut self, key: u128, mark: Mark, arrival: Arrival<'_>) -> Option<Fate> {
        let revision = arrival.lead.revision;
        match mark.revision {
            Some(withdrawn) if revision <= withdrawn => {
                self.effects.counts.redelivered += 1;
                return Some(Fate::Redelivered);
            }
            // The withdrawal overtook the lead: this version is the one it meant.
            None if self.now <= mark.at.plus(self.plan.policy.early) => {
                let life = self.new_life(arrival);
                self.tell(
                    &life,
                    Outcome::Withdrawn,
                    Reason::Withdrawn,
                    Word::default(),
                );
                let mark = Mark {
                    revision: Some(revision),
                    at: self.now,
                };
                self.rows.put_mark(key, Some(mark));
                return Some(Fate::Decided);
            }
            _ => self.rows.put_mark(key, None),
        }
        None
    }

    fn new_life(&mut self, arrival: Arrival<'_>) -> Life {
        let (lead, source) = (arrival.lead, arrival.source);
        Life {
            tenant: self.roster.tenant,
            id: lead.id.as_ref().into(),
            revision: lead.revision,
            lead_at: arrival.lead_at,
            attempt: 1,
            origin: Origin {
                topic: self.names.shared(&source.topic),
                partition: source.partition,
                offset: source.offset,
            },
            ..Life::default()
        }
    }

    /// A lead never seen: its first decision.
    fn enter(&mut self, key: u128, arrival: Arrival<'_>) {
        let mut life = self.new_life(arrival);
        life.body.reserve(BODY_BYTES);
        body::write(arrival.lead, &mut life.body);
        life.persons = self.persons(arrival.facts);
        self.first_decision(&mut life, arrival, Motive::default());
        self.save(None, key, None, &life);
        self.stand_for_person(&life);
        self.catch_up(key, &life.id);
    }

    /// Duplicate, known person, too old, or whatever the territory says.
    fn first_decision(&mut self, life: &mut Life, arrival: Arrival<'_>, motive: Motive) {
        let known = match self.acquaintance(life) {
            Acquaintance::Repeats(first) => {
                self.repeat(life, &first);
                self.decide(life, word(motive));
                life.shrink();
                return;
            }
            Acquaintance::Known(known) => Some(known),
            Acquaintance::Stranger => None,
        };
        let Arrival {
            facts, candidates, ..
        } = arrival;
        let territory = candidates.territory;
        let verdict = if self.too_old(life) {
            let reason = Reason::TooOld;
            Verdict::Nobody { reason }
        } else {
            known
                .and_then(|known| self.by_person(life, facts, &known, territory))
                .unwrap_or_else(|| self.choose(life, facts, territory))
        };
        self.conclude(life, facts, candidates, verdict, motive);
    }

    /// A waiting lead again: too old by now, or whatever the territory says.
    pub fn decide_waiting(&mut self, life: &mut Life, motive: Motive) {
        self.reread(life, |desk, life, facts, candidates| {
            if desk.too_old(life) {
                let reason = Reason::TooOld;
                let verdict = Verdict::Nobody { reason };
                desk.conclude(life, facts, candidates, verdict, motive);
            } else {
                desk.settle(life, facts, candidates, motive);
            }
        });
    }

    /// A version of a lead that is known.
    fn revise(&mut self, slot: u32, key: u128, before: Life, arrival: Arrival<'_>) -> Fate {
        if arrival.lead.revision <= before.revision {
            self.effects.counts.redelivered += 1;
            return Fate::Redelivered;
        }
        let mut life = before.clone();
        life.revision = arrival.lead.revision;
        if life.stage == Stage::Closed {
            self.rows.replace_lead(slot, key, &life);
            return Fate::Changed;
        }
        life.body.clear();
        body::write(arrival.lead, &mut life.body);
        let decided = self.decide_revision(&mut life, &before, arrival);
        self.save(Some(slot), key, Some(&before), &life);
        self.stand_for_person(&life);
        if decided {
            Fate::Decided
        } else {
            Fate::Changed
        }
    }

    fn decide_revision(&mut self, life: &mut Life, before: &Life, arrival: Arrival<'_>) -> bool {
        let Arrival {
            facts, candidates, ..
        } = arrival;
        let territory = candidates.territory;
        let moved = territory.map(|ix| self.roster.territories[ix.at()]) != life.territory;
        let reroute = self.plan.policy.on_update == OnUpdate::Reroute;
        let decisions = self.effects.decisions.len();
        life.persons = self.persons(facts);
        match life.stage {
            Stage::Duplicate => self.decide_duplicate(life, before, arrival),
            Stage::Owned | Stage::Pooled if reroute && moved => {
                self.settle(life, facts, candidates, revised(arrival));
            }
            Stage::Owned => {}
            Stage::Waiting | Stage::Pooled => {
                self.first_decision(life, arrival, revised(arrival));
            }
            Stage::Closed => {}
        }
        self.effects.decisions.len() > decisions
    }

    /// A duplicate whose person changed may be a lead of its own now.
    fn decide_duplicate(&mut self, life: &mut Life, before: &Life, arrival: Arrival<'_>) {
        if let Acquaintance::Repeats(first) = self.acquaintance(life)
            && before.duplicate_of.as_ref() == Some(&first.id)
        {
            life.persons.clear();
            life.shrink();
            return;
        }
        life.duplicate_of = None;
        life.rep = None;
        life.attempt = 1;
        life.stage = Stage::Waiting;
        let source = arrival.source;
        life.origin = Origin {
            topic: self.names.shared(&source.topic),
            partition: source.partition,
            offset: source.offset,
        };
        self.first_decision(life, arrival, revised(arrival));
    }
}

/// A newer version is an event; it goes by `<lead id>@<revision>`.
fn revised(arrival: Arrival<'_>) -> Motive {
    let lead = arrival.lead;
    Motive {
        cause: Some(Cause::Event(
            format!("{}@{}", lead.id, lead.revision).into(),
        )),
        source: Some(arrival.source.clone()),
        always: true,
        ..Motive::default()
    }
}

fn word(motive: Motive) -> Word {
    Word {
        cause: motive.cause,
        source: motive.source,
        ..Word::default()
    }
}
