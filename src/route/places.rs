//! Places and how a lead finds those it is in: tables for codes and names, an R-tree for shapes.

mod codes;
mod lists;
mod mosaic;
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
use super::units::Unit;

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
    everywhere: Unit,
    countries: ByClass,
    domains: ByClass,
    chains: Chains,
    /// By position in the plan's accounts; empty if no rule names one.
    accounts: Vec<Unit>,
    account_ids: FxHashMap<Box<str>, Unit>,
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
        filed: &[(Place<'_>, Unit)],
    ) -> Self {
        let mut places = Self {
            everywhere: Unit::default(),
            countries: ByClass::of(scales, &Dimension::Country),
            domains: ByClass::of(scales, &Dimension::Domain),
            chains: Chains::build(scales, filed),
            accounts: Vec::new(),
            account_ids: FxHashMap::default(),
            postal: PostalUnits::build(filed),
            streets: StreetUnits::build(plan, filed),
            shapes: ShapeUnits::build(plan, shapes, filed),
        };
        for &(place, unit) in filed {
            match place {
                Place::Everywhere => places.everywhere = unit,
                Place::Country(class) => places.countries.set(class, unit),
                Place::Domain(class) => places.domains.set(class, unit),
                Place::Account(ix) => {
                    places.accounts.resize(plan.accounts.len(), Unit::default());
                    places.accounts[ix.at()] = unit;
                }
                Place::AccountId(id) => {
                    places.account_ids.insert(id.into(), unit);
                }
                Place::Street(_)
                | Place::Admin(_)
                | Place::Postal(_)
                | Place::Area(_)
                | Place::Circle(..) => {}
            }
        }
        places
    }

    /// Offers the search every unit whose place the lead may be in; shapes are tested later.
    pub fn offer<'s>(&'s self, search: &mut Search<'s>) {
        let facts = search.facts;
        self.shapes.offer(facts, search);
        self.chains.offer(search);
        self.postal.offer(facts, search);
        self.streets.offer(facts, search);
        self.offer_customer(facts, search);
        self.countries.offer(search);
        search.offer_unit(&self.everywhere);
    }

    fn offer_customer<'s>(&'s self, facts: &Facts<'_>, search: &mut Search<'s>) {
        if let Some((account, _)) = facts.account
            && let Some(unit) = self.accounts.get(account.at())
        {
            search.offer_unit(unit);
        }
        if !self.account_ids.is_empty()
            && let Some(id) = facts.account_id.as_deref()
            && let Some(unit) = self.account_ids.get(id)
        {
            search.offer_unit(unit);
        }
        self.domains.offer(search);
    }

    /// Memory held, in bytes, tables of texts apart.
    pub fn bytes(&self) -> usize {
        self.shapes.bytes() + self.chains.bytes() + self.postal.bytes() + self.streets.bytes()
    }
}
