//! Pools: who may claim, how much, and when leads move on.

use crate::plan::model::{ClaimRules, Pool, PoolIx, Recycle, RecycleFrom, Target};
use crate::plan::parse::Node;
use crate::plan::problem::Code;

use super::Checker;
use super::keys::{CLAIM, POOL, RECYCLE};
use super::reader::Fields;

impl<'a> Checker<'a> {
    /// The pool at a position of the plan's list.
    pub(super) fn pool(&mut self, at: usize, node: Node<'a>) -> Pool {
        let fields = self.reader.fields(node, &POOL).unwrap_or_default();
        Pool {
            id: self.pools.id(at).into(),
            name: self.reader.label(&fields, "name"),
            claimants: self.claimants(&fields),
            claim: self.claim(&fields),
            recycle: self.recycling(PoolIx(at as u32), &fields),
        }
    }

    fn claimants(&mut self, fields: &Fields<'a>) -> Vec<crate::plan::TeamIx> {
        let Some(node) = fields.get("claimants") else {
            return Vec::new();
        };
        let names = self.reader.values(node, "`claimants`");
        let found = names
            .into_iter()
            .filter_map(|name| self.teams.resolve(name, &mut self.reader));
        let mut teams: Vec<_> = found.map(crate::plan::TeamIx).collect();
        teams.sort_unstable();
        teams.dedup();
        teams
    }

    fn claim(&mut self, fields: &Fields<'a>) -> ClaimRules {
        let node = fields.get("claim");
        let fields = node.and_then(|node| self.reader.fields(node, &CLAIM));
        let fields = fields.unwrap_or_default();
        ClaimRules {
            open: self.reader.count_of(&fields, "open"),
            per_day: self.reader.count_of(&fields, "per_day"),
            cool_off: self.reader.span_of(&fields, "cool_off"),
            hold: self.reader.span_of(&fields, "hold"),
        }
    }

    fn recycling(&mut self, pool: PoolIx, fields: &Fields<'a>) -> Vec<Recycle> {
        let Some(node) = fields.get("recycle") else {
            return Vec::new();
        };
        let rules = self.reader.list(node, "`recycle`").into_iter();
        rules.filter_map(|rule| self.recycle(pool, rule)).collect()
    }

    fn recycle(&mut self, pool: PoolIx, node: Node<'a>) -> Option<Recycle> {
        let fields = self.reader.fields(node, &RECYCLE)?;
        let after = self.reader.span_of(&fields, "after");
        let words = [
            ("claim", RecycleFrom::Claim),
            ("pooled", RecycleFrom::Pooled),
            ("touch", RecycleFrom::Touch),
        ];
        let of = self.reader.choice_of(&fields, "of", &words);
        let of = of.unwrap_or(RecycleFrom::Claim);
        let to = self.target(fields.get("to")?);
        if of == RecycleFrom::Pooled && to == Some(Target::Pool(pool)) {
            let message = "leads that nobody claimed would go from the pool to itself";
            self.reader.report(Code::Cycle, node.place(), message);
        }
        Some(Recycle {
            after: after?,
            of,
            to: to?,
        })
    }
}
