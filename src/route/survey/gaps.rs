//! Leads of a territory without a team that none of its children takes, in a plan without a fallback.

use crate::plan::{Facts, TerritoryIx};

use super::cell::Cell;
use super::{Finding, Survey, words};

/// Parts of a territory that are looked at; one divided into more is left alone.
const MAX_PIECES: usize = 500;

/// Parts that are described; the example stands for the others.
const DESCRIBED: usize = 3;

/// Every territory whose children leave leads to nobody.
pub fn find(survey: &Survey<'_>) -> Vec<Finding> {
    // A fallback takes whatever nobody else does.
    if survey.plan.fallback.is_some() {
        return Vec::new();
    }
    let mut children: Vec<Vec<TerritoryIx>> = vec![Vec::new(); survey.plan.territories.len()];
    for ix in survey.territories() {
        let territory = survey.plan.territory(ix);
        if let Some(parent) = territory.parent.filter(|_| !territory.overlay) {
            children[parent.at()].push(ix);
        }
    }
    let open = |ix: &TerritoryIx| {
        let territory = survey.plan.territory(*ix);
        !territory.overlay && territory.serving_team.is_none() && !children[ix.at()].is_empty()
    };
    survey
        .territories()
        .filter(open)
        .filter_map(|ix| gap(survey, ix, &children[ix.at()]))
        .collect()
}

fn gap(survey: &Survey<'_>, ix: TerritoryIx, children: &[TerritoryIx]) -> Option<Finding> {
    let whole = survey.cells_of(ix)?;
    let (pieces, exact) = without(survey, whole.to_vec(), children)?;
    let mut leads = Vec::new();
    let mut example = None;
    for piece in &pieces {
        let Some(lead) = unserved(survey, ix, piece) else {
            continue;
        };
        example.get_or_insert_with(|| words::lead(survey.plan, &lead));
        if exact && leads.len() < DESCRIBED {
            leads.extend(words::piece(survey.plan, &survey.areas, whole, piece));
        }
    }
    Some(Finding::Gap {
        territory: ix,
        leads,
        example: example?,
    })
}

/// A lead of the piece that falls to a territory without a team.
fn unserved<'p>(survey: &Survey<'p>, ix: TerritoryIx, piece: &Cell<'p>) -> Option<Facts<'p>> {
    let lead = survey.lead_of(ix, piece)?;
    let owner = survey.owner(ix, &lead, survey.begins[ix.at()])?;
    let team = survey.plan.territory(owner).serving_team;
    team.is_none().then_some(lead)
}

/// What the children leave of their parent, and whether all of them could be taken off.
fn without<'p>(
    survey: &Survey<'p>,
    mut pieces: Vec<Cell<'p>>,
    children: &[TerritoryIx],
) -> Option<(Vec<Cell<'p>>, bool)> {
    let mut exact = true;
    for child in children {
        for taken in survey.cells_of(*child)? {
            let mut left = Vec::with_capacity(pieces.len());
            for piece in pieces {
                match piece.minus(taken, survey.plan) {
                    Some(rest) => left.extend(rest),
                    None => {
                        exact &= !piece.meets(taken);
                        left.push(piece);
                    }
                }
            }
            pieces = left;
            if pieces.len() > MAX_PIECES {
                return None;
            }
        }
    }
    Some((pieces, exact))
}
