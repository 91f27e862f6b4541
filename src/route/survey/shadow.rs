//! Territories that never own a lead: their condition cannot hold, or others take all that it lets through.

use crate::event::Timestamp;
use crate::plan::{Facts, TerritoryIx};

use super::super::choose;
use super::cell::{Axis, Cell};
use super::span::{Run, Span};
use super::{Finding, Survey, keys};

/// Leads tried for a whole plan at most, some seconds' work. Each takes away the part of a
/// condition that another territory owns, so that most territories need one or two.
const MAX_STEPS: usize = 300_000;

/// Leads tried for one territory at most.
const MAX_STEPS_EACH: usize = 20_000;

/// Parts of a condition that are open at one time at most.
const MAX_OPEN: usize = 1_000;

/// How the search for a lead that a territory owns ended.
enum Search {
    /// There is one, or nothing can be said.
    MayWin,
    /// These territories own every one.
    Never(Vec<TerritoryIx>),
}

/// Every territory of which it can be proven.
pub fn find(survey: &Survey<'_>) -> Vec<Finding> {
    let named = named_by_accounts(survey);
    let mut found = Vec::new();
    let mut steps = MAX_STEPS;
    for territory in survey.territories().filter(|ix| !named[ix.at()]) {
        let never = |ix: TerritoryIx| survey.cells_of(ix).is_some_and(<[_]>::is_empty);
        if never(territory) {
            let parent = survey.plan.territory(territory).parent;
            if !parent.is_some_and(never) {
                found.push(Finding::Contradiction { territory });
            }
        } else if let Search::Never(taken_by) = search(survey, territory, &mut steps)
            && !is_divided(survey, territory, &taken_by)
        {
            found.push(Finding::NeverWins {
                territory,
                taken_by,
            });
        }
    }
    found
}

/// Territories that own whatever accounts of the accounts table bring them.
fn named_by_accounts(survey: &Survey<'_>) -> Vec<bool> {
    let mut named = vec![false; survey.plan.territories.len()];
    for ix in survey.plan.accounts.iter().filter_map(|one| one.territory) {
        named[ix.at()] = true;
    }
    named
}

/// A region whose parts take all of it is well divided; nothing is wrong with it. Nor is
/// with one that only groups what lies below it and has no team.
fn is_divided(survey: &Survey<'_>, ix: TerritoryIx, taken_by: &[TerritoryIx]) -> bool {
    let own = taken_by.iter().all(|one| survey.is_below(*one, ix));
    let teamless = survey.plan.territory(ix).serving_team.is_none();
    own && (taken_by.len() > 1 || teamless)
}

fn search(survey: &Survey<'_>, ix: TerritoryIx, steps: &mut usize) -> Search {
    let Some(cells) = survey.cells_of(ix) else {
        return Search::MayWin;
    };
    let now = survey.begins[ix.at()];
    let mut open = cells.to_vec();
    let mut taken_by: Vec<TerritoryIx> = Vec::new();
    for _ in 0..MAX_STEPS_EACH.min(*steps) {
        *steps -= 1;
        let Some(cell) = open.pop() else {
            return Search::Never(taken_by);
        };
        let Some(lead) = survey.lead_of(ix, &cell) else {
            return Search::MayWin;
        };
        let owner = survey.owner(ix, &lead, now).filter(|owner| *owner != ix);
        let rest = owner.and_then(|owner| left_by(survey, &cell, (ix, &lead, now), owner));
        let (Some(owner), Some(rest)) = (owner, rest) else {
            return Search::MayWin;
        };
        if !taken_by.contains(&owner) {
            taken_by.push(owner);
        }
        open.extend(rest);
        if open.len() > MAX_OPEN {
            break;
        }
    }
    Search::MayWin
}

/// What of the cell is left without the part in which the owner of a lead of it, who competes
/// with `ix`, takes all leads for the reason that it takes this one.
pub(super) fn left_by<'p>(
    survey: &Survey<'p>,
    cell: &Cell<'p>,
    (ix, lead, now): (TerritoryIx, &Facts<'p>, Timestamp),
    owner: TerritoryIx,
) -> Option<Vec<Cell<'p>>> {
    let by_account = match survey.plan.territory(ix).overlay {
        true => None,
        false => choose::account_territory(survey.plan, lead, now),
    };
    match by_account {
        Some((account, _)) => {
            let own = Span::of([Run::of(keys::account(account))]);
            cell.minus(&Cell::on(Axis::Account, own), survey.plan)
        }
        None => remaining(survey, cell, owner),
    }
}

/// What of the cell a territory leaves; `None` if nothing can be taken off for certain.
fn remaining<'p>(
    survey: &Survey<'p>,
    cell: &Cell<'p>,
    owner: TerritoryIx,
) -> Option<Vec<Cell<'p>>> {
    let mut theirs = survey.cells_of(owner)?.iter();
    theirs.find_map(|taken| cell.minus(taken, survey.plan).filter(|_| taken.meets(cell)))
}
