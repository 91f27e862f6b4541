//! The choice among territories that match, written for clearness: one owner, and of each overlay branch one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::event::Timestamp;
use crate::plan::{AccountIx, Candidates, Facts, Plan, TerritoryIx};

use super::rank::Rank;

/// The owner and overlays among the territories that match.
pub fn among(
    plan: &Plan,
    facts: &Facts<'_>,
    now: Timestamp,
    ranks: &[Rank],
    matched: &[TerritoryIx],
) -> Candidates {
    let named = account_territory(plan, facts, now).map(|(_, territory)| territory);
    let best = matched
        .iter()
        .copied()
        .filter(|ix| !plan.territory(*ix).overlay)
        .min_by_key(|ix| &ranks[ix.at()]);
    Candidates {
        territory: named.or(best),
        overlays: overlays(plan, ranks, matched).into(),
    }
}

/// The account and the territory that its row in the accounts table names: it takes all
/// leads of the account, wherever they are.
pub fn account_territory(
    plan: &Plan,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Option<(AccountIx, TerritoryIx)> {
    let (account, _) = facts.account?;
    let territory = plan.accounts[account.at()].territory?;
    let usable = !plan.territory(territory).overlay && in_effect_from(plan, territory) <= now;
    usable.then_some((account, territory))
}

/// The moment from which a territory and all its ancestors are in effect.
pub fn in_effect_from(plan: &Plan, ix: TerritoryIx) -> Timestamp {
    let mut latest = Timestamp(i64::MIN);
    let mut next = Some(ix);
    while let Some(one) = next {
        let territory = plan.territory(one);
        latest = territory
            .effective_from
            .map_or(latest, |from| latest.max(from));
        next = territory.parent;
    }
    latest
}

/// The topmost overlay above an overlay territory: one branch adds one owner.
pub fn branch_of(plan: &Plan, ix: TerritoryIx) -> TerritoryIx {
    let mut top = ix;
    while let Some(parent) = plan.territory(top).parent {
        if !plan.territory(parent).overlay {
            break;
        }
        top = parent;
    }
    top
}

/// Of each overlay branch the deepest match, the better rank among equally deep ones; all of
/// them in order of rank.
fn overlays(plan: &Plan, ranks: &[Rank], matched: &[TerritoryIx]) -> Vec<TerritoryIx> {
    let mut best: BTreeMap<TerritoryIx, TerritoryIx> = BTreeMap::new();
    let key = |ix: TerritoryIx| (Reverse(plan.territory(ix).depth), &ranks[ix.at()]);
    for &ix in matched.iter().filter(|ix| plan.territory(**ix).overlay) {
        best.entry(branch_of(plan, ix))
            .and_modify(|held| {
                if key(ix) < key(*held) {
                    *held = ix;
                }
            })
            .or_insert(ix);
    }
    let mut chosen: Vec<TerritoryIx> = best.into_values().collect();
    chosen.sort_by_key(|ix| &ranks[ix.at()]);
    chosen
}
