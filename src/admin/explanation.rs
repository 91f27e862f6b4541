//! Why a lead falls where it falls, as plain values for people and programs.

mod near;

use serde::Serialize;

use crate::event::{Lead, Reason, Timestamp};
use crate::plan::normalise::WRONG_TYPE;
use crate::plan::{
    AccountRule, Candidates, Dimension, Facts, Plan, Point, PositionSource, TerritoryIx,
};
use crate::route::{self, Finding, Snapshot, Truth, Verdict, describe};

/// What stands where personal data would.
const MASK: &str = "***";

/// Fields that say who a person is or where exactly.
const PERSONAL: [&str; 10] = [
    "contact",
    "contact.name",
    "contact.email",
    "contact.phone",
    "address",
    "address.street",
    "address.house_number",
    "address.lat",
    "address.lon",
    "position",
];

/// So many near misses are named; the nearest come first.
pub const NEAR_MISSES: usize = 10;

/// Everything there is to say about one lead and one plan.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    pub lead: String,
    pub tenant: String,
    /// The plan version.
    pub plan: String,
    /// The owning territory; `None` if nothing matches.
    pub territory: Option<String>,
    /// From the root down to the owning territory.
    pub path: Vec<String>,
    /// The team that serves it.
    pub team: Option<String>,
    /// Why it ranks before the others.
    pub rank: Option<String>,
    pub reason: &'static str,
    /// What became of the lead's fields.
    pub fields: Vec<Field>,
    /// The position that polygons and circles were tested with.
    pub position: Option<Position>,
    pub account: Option<Account>,
    pub overlays: Vec<Place>,
    /// Territories that match as well and rank behind, best first.
    pub behind: Vec<Place>,
    /// Territories that but for one condition would match, nearest first.
    pub near_misses: Vec<Miss>,
}

/// A territory that matches.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    pub territory: String,
    /// From the root down.
    pub path: Vec<String>,
    /// The team that serves it.
    pub team: Option<String>,
    /// Why it ranks where it does.
    pub rank: String,
}

/// One field as it came and as the plan sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    pub field: String,
    pub raw: Option<String>,
    pub value: Option<String>,
    pub note: Option<String>,
}

/// A position and where it came from.
#[derive(Clone, Debug, Serialize)]
pub struct Position {
    /// Degrees, WGS 84.
    pub lat: String,
    pub lon: String,
    /// `coordinates`, `postal`, `district` or `city`.
    pub from: &'static str,
}

/// The account that the lead belongs to.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    pub account: String,
    /// What found it: `id`, `domain` or `name`.
    pub by: &'static str,
    /// The rep who owns it, and then its leads.
    pub owner: Option<String>,
    /// The territory that its row names.
    pub territory: Option<String>,
}

/// A territory that one condition keeps out.
#[derive(Clone, Debug, Serialize)]
pub struct Miss {
    pub territory: String,
    pub path: Vec<String>,
    /// The territory whose condition it is: this one or one above it.
    pub at: String,
    /// The condition, as a plan writes it.
    pub condition: String,
    /// `false`, or `unknown` if the lead lacks what is asked about.
    pub truth: &'static str,
    /// What the lead has in its place.
    pub held: Option<String>,
    /// Whether that says where exactly the person is.
    #[serde(skip)]
    exact: bool,
}

impl Explanation {
    /// Explains a lead by a plan. `at` only decides which territories are in effect.
    pub fn of(snapshot: &Snapshot, lead: &Lead<'_>, at: Timestamp) -> Self {
        let plan = &snapshot.plan;
        let facts = snapshot.normaliser.facts(plan, lead);
        let explained = route::explain(plan, &facts, at);
        let place = |ix: &TerritoryIx| place(plan, &explained.verdicts[ix.at()]);
        let owner = explained.candidates.territory.as_ref().map(place);
        let part = |text: fn(&Place) -> Option<String>| owner.as_ref().and_then(text);
        Self {
            lead: lead.id.to_string(),
            tenant: plan.tenant.to_string(),
            plan: plan.version.to_string(),
            territory: part(|owner| Some(owner.territory.clone())),
            path: owner
                .as_ref()
                .map(|owner| owner.path.clone())
                .unwrap_or_default(),
            team: part(|owner| owner.team.clone()),
            rank: part(|owner| Some(owner.rank.clone())),
            reason: reason(plan, &facts, &explained.candidates).as_str(),
            fields: fields(snapshot, lead),
            position: explained.position.map(position),
            account: account(plan, &facts),
            overlays: explained.candidates.overlays.iter().map(place).collect(),
            behind: behind(plan, &explained),
            near_misses: near::misses(plan, &facts, &explained.verdicts),
        }
    }

    /// The same with values of a wrong type as `written` finds them in the record.
    pub fn with_written(mut self, written: impl Fn(&str) -> Option<String>) -> Self {
        for field in &mut self.fields {
            if field.note.as_deref() == Some(WRONG_TYPE) {
                field.raw = written(&field.field);
            }
        }
        self
    }

    /// The same without what says who a person is or where exactly.
    pub fn masked(mut self) -> Self {
        for field in &mut self.fields {
            if PERSONAL.contains(&field.field.as_str()) {
                mask(&mut field.raw);
                mask(&mut field.value);
            }
        }
        if let Some(position) = &mut self.position {
            (position.lat, position.lon) = (MASK.to_owned(), MASK.to_owned());
        }
        for miss in &mut self.near_misses {
            if miss.exact {
                mask(&mut miss.held);
            }
        }
        self
    }
}

fn mask(text: &mut Option<String>) {
    if text.is_some() {
        *text = Some(MASK.to_owned());
    }
}

/// The reason of the lead's first decision, as far as matching alone can say it.
pub fn reason(plan: &Plan, facts: &Facts<'_>, candidates: &Candidates) -> Reason {
    let account = facts.account.map(|(ix, _)| &plan.accounts[ix.at()]);
    match candidates.territory {
        _ if account.is_some_and(|one| one.owner.is_some()) => Reason::NamedAccount,
        None if plan.fallback.is_some() => Reason::Fallback,
        None => Reason::NoTerritory,
        Some(_) => Reason::Territory,
    }
}

fn ids(plan: &Plan, ix: TerritoryIx) -> Vec<String> {
    plan.path(ix)
        .into_iter()
        .map(|one| plan.territory(one).id.to_string())
        .collect()
}

fn place(plan: &Plan, verdict: &Verdict) -> Place {
    let territory = plan.territory(verdict.territory);
    Place {
        territory: territory.id.to_string(),
        path: ids(plan, verdict.territory),
        team: territory
            .serving_team
            .map(|team| plan.teams[team.at()].id.to_string()),
        rank: verdict.rank.to_string(),
    }
}

fn fields(snapshot: &Snapshot, lead: &Lead<'_>) -> Vec<Field> {
    let traces = snapshot.normaliser.trace(&snapshot.plan, lead);
    let text = |text: Option<Box<str>>| text.map(String::from);
    let field = |trace: crate::plan::normalise::Trace| Field {
        field: trace.field.into(),
        raw: text(trace.raw),
        value: text(trace.value),
        note: text(trace.note),
    };
    traces.into_iter().map(field).collect()
}

fn position((point, source): (Point, PositionSource)) -> Position {
    Position {
        lat: describe::degrees(point.lat_e7),
        lon: describe::degrees(point.lon_e7),
        from: match source {
            PositionSource::Coordinates => "coordinates",
            PositionSource::Postal => "postal",
            PositionSource::District => "district",
            PositionSource::City => "city",
        },
    }
}

fn account(plan: &Plan, facts: &Facts<'_>) -> Option<Account> {
    let (ix, rule) = facts.account?;
    let account = &plan.accounts[ix.at()];
    Some(Account {
        account: account.id.to_string(),
        by: match rule {
            AccountRule::Id => "id",
            AccountRule::Domain => "domain",
            AccountRule::Name => "name",
        },
        owner: account.owner.map(|rep| plan.reps[rep.at()].id.to_string()),
        territory: account
            .territory
            .map(|one| plan.territory(one).id.to_string()),
    })
}

/// Matching territories other than the owner and the overlays, best rank first.
fn behind(plan: &Plan, explained: &route::Explanation) -> Vec<Place> {
    let Candidates {
        territory,
        overlays,
    } = &explained.candidates;
    let mut behind: Vec<&Verdict> = explained
        .verdicts
        .iter()
        .filter(|one| one.finding == Finding::Matched)
        .filter(|one| *territory != Some(one.territory) && !overlays.contains(&one.territory))
        .collect();
    behind.sort_by(|one, other| one.rank.cmp(&other.rank));
    behind.into_iter().map(|one| place(plan, one)).collect()
}

fn truth_word(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown => "unknown",
    }
}

/// Dimensions whose values say where exactly a person is.
fn is_exact_place(dimension: &Dimension) -> bool {
    matches!(
        dimension,
        Dimension::Street | Dimension::Area | Dimension::Within
    )
}
