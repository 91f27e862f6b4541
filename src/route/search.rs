//! The search for one lead: lists of rules in order of their best rank, until the next cannot win.

use smallvec::SmallVec;

use crate::event::Timestamp;
use crate::plan::{Candidates, Facts, OVERLAYS_INSIDE, Plan};

use super::Router;
use super::shapes::ShapeIx;
use super::sieve::Sieve;
use super::sources::Notes;
use super::units::{Asked, Entry, NO_GUARD, NO_SHAPE, Unit};

/// Lists that wait for their turn. Those found when there is no more room are looked at at
/// once, which costs time but changes nothing.
const WAITING: usize = 32;

/// One lead on its way through a router.
pub struct Search<'s> {
    router: &'s Router,
    pub plan: &'s Plan,
    pub facts: &'s Facts<'s>,
    now: Timestamp,
    pub notes: Notes<'s>,
    sieve: Sieve,
    /// The lowest rank number found.
    best: u32,
    /// Of each overlay branch the lowest overlay number found.
    overlays: SmallVec<[(u32, u32); OVERLAYS_INSIDE]>,
    /// Lists of owners' rules, none of them empty, by their best ranks.
    waiting: SmallVec<[(u32, &'s [Entry]); WAITING]>,
}

impl<'s> Search<'s> {
    #[inline]
    pub fn new(router: &'s Router, plan: &'s Plan, facts: &'s Facts<'s>, now: Timestamp) -> Self {
        let mut search = Self {
            router,
            plan,
            facts,
            now,
            sieve: Sieve::default(),
            notes: Notes::new(facts, &router.sources),
            best: u32::MAX,
            overlays: SmallVec::new(),
            waiting: SmallVec::new(),
        };
        search.sieve = router.sifter.lead(&mut search.notes);
        search
    }

    /// Takes a place's rules.
    #[inline]
    pub fn offer_unit(&mut self, unit: &'s Unit) {
        self.offer(unit.owners.as_slice(), unit.overlays.as_slice());
    }

    /// Takes the rules of places that the lead is in, or may be in where they have a shape,
    /// those for owners sorted by their best ranks.
    #[inline]
    pub fn offer(&mut self, owners: &'s [Entry], overlays: &'s [Entry]) {
        for entry in overlays {
            self.see_overlays(entry);
        }
        if let Some(first) = owners.first() {
            self.wait(first.best, owners);
        }
    }

    #[inline]
    fn wait(&mut self, best: u32, owners: &'s [Entry]) {
        if self.waiting.len() == WAITING {
            self.see_owners(owners);
            return;
        }
        let mut at = self.waiting.len();
        self.waiting.push((best, owners));
        while at > 0 && self.waiting[at - 1].0 > best {
            self.waiting[at] = self.waiting[at - 1];
            at -= 1;
        }
        self.waiting[at] = (best, owners);
    }

    /// Reads what the first entries of several lists lead to before any of them is looked at,
    /// so that these lines of memory come at one time.
    fn read_ahead(&self) {
        if self.waiting.len() > 1 {
            let words = self.waiting.iter().filter_map(|(_, owners)| owners.first());
            let read = words.map(|first| self.router.units.first_word(first));
            std::hint::black_box(read.fold(0, |all, word| all ^ word));
        }
    }

    /// Looks at what waits and says who wins.
    pub fn finish(&mut self) -> Candidates {
        self.read_ahead();
        for at in 0..self.waiting.len() {
            let (best, owners) = self.waiting[at];
            if best >= self.best {
                break;
            }
            self.see_owners(owners);
        }
        let router = self.router;
        let rank = |number: u32| router.overlays[number as usize].rank;
        self.overlays
            .sort_unstable_by_key(|&(_, number)| rank(number));
        Candidates {
            territory: router.order.get(self.best as usize).copied(),
            overlays: self
                .overlays
                .iter()
                .map(|&(_, number)| router.overlays[number as usize].territory)
                .collect(),
        }
    }

    fn see_owners(&mut self, entries: &'s [Entry]) {
        for entry in entries {
            if entry.best >= self.best {
                return;
            }
            if !entry.reject.passes(self.sieve) {
                continue;
            }
            let (router, limit) = (self.router, self.best);
            let found = self.ask(entry.shape, |asked| router.units.best(entry, limit, asked));
            self.best = found.unwrap_or(limit);
        }
    }

    fn see_overlays(&mut self, entry: &Entry) {
        if !entry.reject.passes(self.sieve) {
            return;
        }
        let router = self.router;
        let mut overlays = std::mem::take(&mut self.overlays);
        self.ask(entry.shape, |asked| {
            router.units.each(entry, asked, &mut |number| {
                keep_lowest(
                    &mut overlays,
                    router.overlays[number as usize].branch,
                    number,
                );
            });
        });
        self.overlays = overlays;
    }

    /// Asks rules that hold within a shape. The shape is tested once a rule has nothing else
    /// against the lead, because most have, and before the rule's guard, which may be dear.
    fn ask<R>(&mut self, shape: ShapeIx, ask: impl FnOnce(&mut Asked<'_, 's>) -> R) -> R {
        let Self {
            router,
            plan,
            facts,
            now,
            notes,
            sieve,
            ..
        } = self;
        let mut inside = (shape == NO_SHAPE).then_some(true);
        let mut admits = |guard: u32| {
            *inside.get_or_insert_with(|| lies_in(router, facts, shape))
                && (guard == NO_GUARD
                    || router.guards[guard as usize].passes(plan, &router.shapes, facts, *now))
        };
        ask(&mut Asked {
            notes,
            sieve: *sieve,
            admits: &mut admits,
        })
    }
}

fn lies_in(router: &Router, facts: &Facts<'_>, shape: ShapeIx) -> bool {
    facts
        .position
        .is_some_and(|(point, _)| router.shapes.contains(shape, point))
}

fn keep_lowest(overlays: &mut SmallVec<[(u32, u32); OVERLAYS_INSIDE]>, branch: u32, number: u32) {
    match overlays.iter_mut().find(|(held, _)| *held == branch) {
        Some((_, held)) => *held = number.min(*held),
        None => overlays.push((branch, number)),
    }
}
