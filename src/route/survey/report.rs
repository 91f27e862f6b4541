//! Findings as problems with code, place and remedy.

use crate::plan::{Code, Places, Plan, Precedence, Problem, TerritoryIx};

use super::Finding;

/// Territories that are named as taking another's leads.
const NAMED: usize = 3;

/// The problem that a finding is; `None` for a plan whose places are not known.
pub fn problem(plan: &Plan, places: &Places, finding: &Finding) -> Option<Problem> {
    let id = |ix: TerritoryIx| &*plan.territory(ix).id;
    let (code, at, message) = match finding {
        Finding::Contradiction { territory } => {
            let id = id(*territory);
            let message = match plan.territory(*territory).parent {
                Some(_) => format!(
                    "no lead can be in `{id}`: its condition contradicts itself or those of the territories above it"
                ),
                None => format!("no lead can be in `{id}`: its condition contradicts itself"),
            };
            (Code::Contradiction, *territory, message)
        }
        Finding::NeverWins {
            territory,
            taken_by,
        } => {
            let (names, verb) = (
                named(plan, taken_by),
                if taken_by.len() == 1 { "takes" } else { "take" },
            );
            let message = format!(
                "`{}` never owns a lead: {names} {verb} every lead that it could",
                id(*territory)
            );
            (Code::NeverWins, *territory, message)
        }
        Finding::Tie {
            first,
            second,
            lead,
            unlisted,
        } => {
            let more = match unlisted {
                0 => String::new(),
                more => format!("; at least {more} more pairs tie and are not listed"),
            };
            let message = format!(
                "`{}` and `{}` have the same rank and overlap, so that the id decides for `{}`, for example for a lead with {lead}{more}",
                id(*first),
                id(*second),
                id(*first)
            );
            (Code::EqualRank, *second, message)
        }
        Finding::Gap {
            territory,
            leads,
            example,
        } => {
            let id = id(*territory);
            let which = match leads.is_empty() {
                true => format!("some leads of `{id}`"),
                false => format!("leads of `{id}` with {}", leads.join("; or with ")),
            };
            let message = format!("no team takes {which}; for example a lead with {example}");
            (Code::Gap, *territory, message)
        }
    };
    Some(Problem {
        code,
        location: places.territory(at)?,
        message: message.into(),
        help: remedy(plan, finding).map(Into::into),
        related: related(plan, places, finding),
    })
}

/// What to do, where that depends on more than the code.
fn remedy(plan: &Plan, finding: &Finding) -> Option<&'static str> {
    let Finding::NeverWins {
        territory,
        taken_by,
    } = finding
    else {
        return None;
    };
    let parent = |ix: &TerritoryIx| plan.territory(*ix).parent;
    let below =
        |ix: &TerritoryIx| std::iter::successors(parent(ix), parent).any(|one| one == *territory);
    if taken_by.iter().all(below) {
        return Some("Narrow the condition of the territory below it, or remove one of the two.");
    }
    let listed = plan.precedence == Precedence::Listed && !plan.territory(*territory).overlay;
    listed.then_some("Move it before the territories that take its leads, or remove it.")
}

fn named(plan: &Plan, all: &[TerritoryIx]) -> String {
    let ids = all
        .iter()
        .take(NAMED)
        .map(|ix| format!("`{}`", plan.territory(*ix).id));
    let mut ids: Vec<String> = ids.collect();
    match all.len().saturating_sub(NAMED) {
        0 => {}
        more => ids.push(format!("{more} more")),
    }
    let last = ids.pop().unwrap_or_default();
    match ids.is_empty() {
        true => last,
        false => format!("{} and {last}", ids.join(", ")),
    }
}

fn related(
    plan: &Plan,
    places: &Places,
    finding: &Finding,
) -> Vec<(crate::plan::Location, String)> {
    let note = |ix: &TerritoryIx, note: &str| {
        let text = format!("`{}` {note}", plan.territory(*ix).id);
        Some((places.territory(*ix)?, text))
    };
    match finding {
        Finding::NeverWins { taken_by, .. } => taken_by
            .iter()
            .take(NAMED)
            .filter_map(|ix| note(ix, "takes its leads"))
            .collect(),
        Finding::Tie { first, .. } => note(first, "has the same rank").into_iter().collect(),
        Finding::Contradiction { .. } | Finding::Gap { .. } => Vec::new(),
    }
}
