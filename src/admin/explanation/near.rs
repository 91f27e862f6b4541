//! Near misses: territories that one condition keeps out, the nearest first.

use crate::plan::{Condition, Facts, Plan};
use crate::route::{Failure, Finding, Truth, Verdict, truth};

use super::{Miss, NEAR_MISSES, ids, is_exact_place, truth_word};

/// How many of a territory's conditions hold and fail, those above it included.
#[derive(Clone, Copy, Default)]
struct Tally {
    held: usize,
    failed: usize,
}

/// The nearest of the territories that fail by one condition only: those of which most
/// other conditions hold, and of these the one that would rank first.
pub fn misses(plan: &Plan, facts: &Facts<'_>, verdicts: &[Verdict]) -> Vec<Miss> {
    let tallies = tallies(plan, facts);
    let mut near: Vec<(usize, &Verdict, &Failure)> = verdicts
        .iter()
        .filter_map(|verdict| {
            let tally = tallies[verdict.territory.at()];
            match &verdict.finding {
                Finding::Failed(failure) if tally.failed == 1 => {
                    Some((tally.held, verdict, failure))
                }
                _ => None,
            }
        })
        .collect();
    near.sort_by(|(held, one, _), (other_held, other, _)| {
        other_held.cmp(held).then_with(|| one.rank.cmp(&other.rank))
    });
    let nearest = near.into_iter().take(NEAR_MISSES);
    nearest
        .map(|(_, verdict, failure)| miss(plan, verdict, failure))
        .collect()
}

fn tallies(plan: &Plan, facts: &Facts<'_>) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = Vec::with_capacity(plan.territories.len());
    for territory in &plan.territories {
        let mut tally = territory
            .parent
            .map(|parent| tallies[parent.at()])
            .unwrap_or_default();
        for part in parts(&territory.condition) {
            match truth::condition(plan, facts, part) == Truth::True {
                true => tally.held += 1,
                false => tally.failed += 1,
            }
        }
        tallies.push(tally);
    }
    tallies
}

/// The conditions that a territory states side by side.
fn parts(condition: &Condition) -> &[Condition] {
    match condition {
        Condition::All(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

fn miss(plan: &Plan, verdict: &Verdict, failure: &Failure) -> Miss {
    Miss {
        territory: plan.territory(verdict.territory).id.to_string(),
        path: ids(plan, verdict.territory),
        at: plan.territory(failure.at).id.to_string(),
        condition: failure.condition.clone(),
        truth: truth_word(failure.truth),
        held: failure.held.clone(),
        exact: failure.dimension.as_ref().is_some_and(is_exact_place),
    }
}
