//! The search for one lead: units in order of their best rank, until the next cannot win.

use smallvec::SmallVec;

use crate::event::Timestamp;
use crate::plan::{Candidates, Facts, Plan};

use super::Router;
use super::shapes::ShapeIx;
use super::sources::Notes;
use super::units::UnitRef;

/// Units that wait for their turn. Those found when there is no more room are looked at at
/// once, which costs time but changes nothing.
const WAITING: usize = 32;

/// One lead on its way through a router.
pub struct Search<'s> {
    router: &'s Router,
    pub plan: &'s Plan,
    pub facts: &'s Facts<'s>,
    now: Timestamp,
    pub notes: Notes<'s>,
    /// The lowest rank number found.
    best: u32,
    /// Of each overlay branch the lowest overlay number found.
    overlays: SmallVec<[(u32, u32); 4]>,
    waiting: SmallVec<[(UnitRef, ShapeIx); WAITING]>,
}

/// The mark of a place that needs no test.
const NO_SHAPE: ShapeIx = ShapeIx::MAX;

impl<'s> Search<'s> {
    pub fn new(router: &'s Router, plan: &'s Plan, facts: &'s Facts<'s>, now: Timestamp) -> Self {
        Self {
            router,
            plan,
            facts,
            now,
            notes: Notes::new(facts, &router.sources),
            best: u32::MAX,
            overlays: SmallVec::new(),
            waiting: SmallVec::new(),
        }
    }

    /// Takes a unit whose place the lead is in, or, with a shape, may be in. Keeps the waiting
    /// ones in order of their best rank.
    pub fn offer(&mut self, unit: UnitRef, shape: Option<ShapeIx>) {
        if unit == UnitRef::NONE {
            return;
        }
        let shape = shape.unwrap_or(NO_SHAPE);
        if self.waiting.len() == WAITING {
            self.visit(unit, shape);
            return;
        }
        let mut at = self.waiting.len();
        self.waiting.push((unit, shape));
        while at > 0 && self.waiting[at - 1].0.best > unit.best {
            self.waiting[at] = self.waiting[at - 1];
            at -= 1;
        }
        self.waiting[at] = (unit, shape);
    }

    /// Looks at the units and says who wins.
    pub fn finish(mut self) -> Candidates {
        for at in 0..self.waiting.len() {
            let (unit, shape) = self.waiting[at];
            self.visit(unit, shape);
        }
        let router = self.router;
        let mut overlays: SmallVec<[u32; 4]> =
            self.overlays.iter().map(|&(_, number)| number).collect();
        overlays.sort_unstable_by_key(|&number| router.overlays[number as usize].rank);
        Candidates {
            territory: router.order.get(self.best as usize).copied(),
            overlays: overlays
                .iter()
                .map(|&number| router.overlays[number as usize].territory)
                .collect(),
        }
    }

    fn visit(&mut self, unit: UnitRef, shape: ShapeIx) {
        if unit.overlays == 0 && unit.best >= self.best {
            return;
        }
        if shape != NO_SHAPE && !self.lies_in(shape) {
            return;
        }
        let Self {
            router,
            plan,
            facts,
            now,
            notes,
            overlays,
            ..
        } = self;
        let mut passes =
            |guard: u32| router.guards[guard as usize].passes(plan, &router.shapes, facts, *now);
        if let Some(found) = router.units.best(unit, notes, self.best, &mut passes) {
            self.best = found;
        }
        if unit.overlays > 0 {
            router
                .units
                .each_overlay(unit, notes, &mut passes, &mut |number| {
                    keep_lowest(overlays, router.overlays[number as usize].branch, number);
                });
        }
    }

    fn lies_in(&self, shape: ShapeIx) -> bool {
        self.facts
            .position
            .is_some_and(|(point, _)| self.router.shapes.contains(shape, point))
    }
}

fn keep_lowest(overlays: &mut SmallVec<[(u32, u32); 4]>, branch: u32, number: u32) {
    match overlays.iter_mut().find(|(held, _)| *held == branch) {
        Some((_, held)) => *held = number.min(*held),
        None => overlays.push((branch, number)),
    }
}
