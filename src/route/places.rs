//! Places and how a lead finds those it is in: tables for codes and names, an R-tree for shapes.

mod codes;
mod postal;
mod shaped;
mod streets;

use rustc_hash::FxHashMap;

use crate::plan::condition::{Circle, PostalCodes, StreetRange};
use crate::plan::{AccountIx, AreaIx, Dimension, Facts, Plan, Point};

use super::classes::Class;
use super::scale::Scales;
use super::search::Search;
use super::shapes::Shapes;
use super::units::UnitRef;

use codes::{ByClass, Chains};
use postal::PostalUnits;
use shaped::ShapeUnits;
use streets::StreetUnits;

/// A place that rules are filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place<'p> {
    Everywhere,
    /// A class of the country's, the domain's or the administrative area's source.
    Country(Class),
    Domain(Class),
    Admin(Class),
    Account(AccountIx),
    /// An account by an id that the plan need not list.
    AccountId(&'p str),
    Area(AreaIx),
    /// A circle by its centre and the bits of its radius.
    Circle(Point, u64),
    Postal(&'p PostalCodes),
    Street(&'p StreetRange),
}

impl Place<'_> {
    /// The place of a circle.
    pub fn circle(circle: &Circle) -> Self {
        Self::Circle(circle.center, circle.radius_m.to_bits())
    }
}

/// Every place of a plan that rules are filed under.
#[derive(Debug)]
pub struct Places {
    everywhere: UnitRef,
    countries: ByClass,
    domains: ByClass,
    chains: Chains,
    /// By position in the plan's accounts; empty if no rule names one.
    accounts: Vec<UnitRef>,
    account_ids: FxHashMap<Box<str>, UnitRef>,
    postal: PostalUnits,
    streets: StreetUnits,
    shapes: ShapeUnits,
}

impl Places {
    /// Makes the tables. Circles join the areas among the shapes.
    pub fn build(
        plan: &Plan,
        shapes: &mut Shapes,
        scales: &Scales<'_>,
        filed: &[(Place<'_>, UnitRef)],
    ) -> Self {
        let mut places = Self {
            everywhere: UnitRef::NONE,
            countries: ByClass::of(scales, &Dimension::Country),
            domains: ByClass::of(scales, &Dimension::Domain),
            chains: Chains::build(scales, filed),
            accounts: Vec::new(),
            account_ids: FxHashMap::default(),
            postal: PostalUnits::build(filed),
            streets: StreetUnits::default(),
            shapes: ShapeUnits::build(plan, shapes, filed),
        };
        for &(place, unit) in filed {
            match place {
                Place::Everywhere => places.everywhere = unit,
                Place::Country(class) => places.countries.set(class, unit),
                Place::Domain(class) => places.domains.set(class, unit),
                Place::Account(ix) => {
                    places.accounts.resize(plan.accounts.len(), UnitRef::NONE);
                    places.accounts[ix.at()] = unit;
                }
                Place::AccountId(id) => {
                    places.account_ids.insert(id.into(), unit);
                }
                Place::Street(range) => places.streets.add(range, unit),
                Place::Admin(_) | Place::Postal(_) | Place::Area(_) | Place::Circle(..) => {}
            }
        }
        places
    }

    /// Offers the search every unit whose place the lead may be in; shapes are offered by
    /// their boxes.
    pub fn offer(&self, search: &mut Search<'_>) {
        let facts = search.facts;
        search.offer(self.everywhere, None);
        self.offer_customer(facts, search);
        self.countries.offer(search);
        self.chains.offer(search);
        self.postal.offer(facts, search);
        self.streets.offer(facts, search);
        self.shapes.offer(facts, search);
    }

    fn offer_customer(&self, facts: &Facts<'_>, search: &mut Search<'_>) {
        if let Some((account, _)) = facts.account
            && let Some(&unit) = self.accounts.get(account.at())
        {
            search.offer(unit, None);
        }
        if !self.account_ids.is_empty()
            && let Some(id) = facts.account_id.as_deref()
            && let Some(&unit) = self.account_ids.get(id)
        {
            search.offer(unit, None);
        }
        self.domains.offer(search);
    }
}
