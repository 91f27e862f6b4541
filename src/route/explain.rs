//! Why a lead falls into a territory, and of each other territory the one condition that keeps it out.
//!
//! Explanations evaluate the plan's conditions themselves, not the compiled index, so they
//! are a second opinion on every match: both must name the same owner.

use std::fmt;

use crate::event::Timestamp;
use crate::plan::{
    AccountIx, Candidates, Clause, Condition, Dimension, Facts, Plan, Point, PositionSource,
    TerritoryIx,
};

use super::rank::{self, Rank};
use super::truth::{self, Truth};
use super::{choose, describe};

/// Everything that is to say about one lead and one plan.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What the router answers.
    pub candidates: Candidates,
    /// The account whose row in the accounts table names the territory, if one does.
    pub by_account: Option<AccountIx>,
    /// The position that polygons and circles were tested with, and where it came from.
    pub position: Option<(Point, PositionSource)>,
    /// One for each territory, in the plan's order.
    pub verdicts: Vec<Verdict>,
}

/// What became of one territory.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub territory: TerritoryIx,
    pub rank: Rank,
    pub finding: Finding,
}

/// Whether a territory matched, and if not, what was in the way.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    Matched,
    /// The whole condition holds, but the territory, or the ancestor named here, only counts
    /// from this moment on.
    NotYet {
        at: TerritoryIx,
        from: Timestamp,
    },
    Failed(Failure),
}

/// The condition that a lead failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The territory whose own condition it is: this one or an ancestor.
    pub at: TerritoryIx,
    /// `False`, or `Unknown` if the lead lacks what is asked about.
    pub truth: Truth,
    /// The condition, as a plan writes it.
    pub condition: String,
    /// What the lead has in its place, where the condition is about one dimension.
    pub held: Option<String>,
    /// The dimension, where the condition is about one.
    pub dimension: Option<Dimension>,
}

/// Explains which territories the lead falls into. `now` only decides what is in effect.
pub fn explain(plan: &Plan, facts: &Facts<'_>, now: Timestamp) -> Explanation {
    let mut findings: Vec<Finding> = Vec::with_capacity(plan.territories.len());
    for (at, territory) in plan.territories.iter().enumerate() {
        let inherited = territory.parent.map(|parent| findings[parent.at()].clone());
        let finding = find(plan, facts, now, TerritoryIx(at as u32), inherited);
        findings.push(finding);
    }
    let matched: Vec<TerritoryIx> = (0..findings.len() as u32)
        .map(TerritoryIx)
        .filter(|ix| findings[ix.at()] == Finding::Matched)
        .collect();
    let ranks = rank::ranks(plan);
    let by_account = choose::account_territory(plan, facts, now).map(|(account, _)| account);
    Explanation {
        candidates: choose::among(plan, facts, now, &ranks, &matched),
        by_account,
        position: facts.position,
        verdicts: ranks
            .into_iter()
            .zip(findings)
            .enumerate()
            .map(|(at, (rank, finding))| Verdict {
                territory: TerritoryIx(at as u32),
                rank,
                finding,
            })
            .collect(),
    }
}

/// What becomes of one territory whose parent's finding is known. A failed parent fails its
/// children for the same reason; one that is not yet in effect still lets them fail by
/// themselves, because that lasts longer.
fn find(
    plan: &Plan,
    facts: &Facts<'_>,
    now: Timestamp,
    at: TerritoryIx,
    inherited: Option<Finding>,
) -> Finding {
    if let Some(failed @ Finding::Failed(_)) = inherited {
        return failed;
    }
    let territory = plan.territory(at);
    if let Some(failure) = failure(plan, facts, at, &territory.condition) {
        return Finding::Failed(failure);
    }
    match (inherited, territory.effective_from) {
        (Some(waiting @ Finding::NotYet { .. }), _) => waiting,
        (_, Some(from)) if now < from => Finding::NotYet { at, from },
        _ => Finding::Matched,
    }
}

/// The one part of a condition that fails: of a conjunction the first false part, else the
/// first unknown one. Groups of alternatives and negations are named whole.
fn failure(plan: &Plan, facts: &Facts<'_>, at: TerritoryIx, asked: &Condition) -> Option<Failure> {
    let truth = truth::condition(plan, facts, asked);
    if truth == Truth::True {
        return None;
    }
    match asked {
        Condition::All(parts) => parts
            .iter()
            .find(|part| truth::condition(plan, facts, part) == truth)
            .and_then(|part| failure(plan, facts, at, part)),
        Condition::Clause(one) => Some(clause_failure(plan, facts, at, truth, one)),
        Condition::Any(parts) if parts.len() == 1 => failure(plan, facts, at, &parts[0]),
        group => Some(Failure {
            at,
            truth,
            condition: describe::condition(plan, group),
            held: None,
            dimension: None,
        }),
    }
}

fn clause_failure(
    plan: &Plan,
    facts: &Facts<'_>,
    at: TerritoryIx,
    truth: Truth,
    clause: &Clause,
) -> Failure {
    Failure {
        at,
        truth,
        condition: describe::clause(plan, clause),
        held: describe::held(plan, facts, &clause.dimension),
        dimension: Some(clause.dimension.clone()),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.condition)?;
        match (&self.dimension, &self.held) {
            (Some(_), Some(held)) => write!(out, " (the lead has {held})"),
            (Some(dimension), None) => {
                write!(out, " (the lead has no {})", describe::dimension(dimension))
            }
            (None, _) if self.truth == Truth::Unknown => out.write_str(" (unknown of this lead)"),
            (None, _) => out.write_str(" (does not hold)"),
        }
    }
}
