//! Which fields of its leads a plan asks for, so that the others are not normalised for nobody.

use crate::plan::condition::{Clause, Condition, Dimension};
use crate::plan::model::{LeadField, Pick, Plan};

/// The dearer fields that somebody asks for. Where a lead is, its account and its numbers are
/// read in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    pub street: bool,
    pub industry: bool,
    pub products: bool,
    pub source: bool,
    pub campaign: bool,
    pub language: bool,
    pub attributes: bool,
    pub domain: bool,
    pub email: bool,
    pub phone: bool,
}

impl Needs {
    /// Every field, as an explanation shows them.
    pub const ALL: Self = Self {
        street: true,
        industry: true,
        products: true,
        source: true,
        campaign: true,
        language: true,
        attributes: true,
        domain: true,
        email: true,
        phone: true,
    };

    /// What conditions, teams and the policy of a plan ask for.
    pub fn of(plan: &Plan) -> Self {
        let policy = &plan.policy;
        let persons = policy.dedupe_within.is_some() || policy.sticky_persons;
        let stable = plan.teams.iter().any(|team| team.pick == Pick::Stable);
        let mut needs = Self {
            email: stable || persons && policy.dedupe_by_email,
            phone: stable || persons && policy.dedupe_by_phone,
            domain: plan.accounts.iter().any(|one| !one.domains.is_empty()),
            ..Self::default()
        };
        for territory in &plan.territories {
            needs.condition(&territory.condition);
        }
        for (field, _) in plan.teams.iter().flat_map(|team| &team.eligible) {
            needs.field(field);
        }
        needs
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| self.condition(part));
            }
            Condition::Not(part) => self.condition(part),
            Condition::Clause(Clause { dimension, .. }) => self.dimension(dimension),
        }
    }

    fn dimension(&mut self, dimension: &Dimension) {
        match dimension {
            Dimension::Domain => self.domain = true,
            Dimension::Street => self.street = true,
            Dimension::Industry => self.industry = true,
            Dimension::Product => self.products = true,
            Dimension::Source => self.source = true,
            Dimension::Campaign => self.campaign = true,
            Dimension::Language => self.language = true,
            Dimension::Attribute(_) => self.attributes = true,
            Dimension::Account
            | Dimension::Area
            | Dimension::Within
            | Dimension::Postal
            | Dimension::Admin
            | Dimension::Country
            | Dimension::Employees
            | Dimension::Revenue
            | Dimension::Potential
            | Dimension::Score
            | Dimension::Orders
            | Dimension::LifetimeValue => {}
        }
    }

    fn field(&mut self, field: &LeadField) {
        match field {
            LeadField::Language => self.language = true,
            LeadField::Source => self.source = true,
            LeadField::Campaign => self.campaign = true,
            LeadField::Industry => self.industry = true,
            LeadField::Products => self.products = true,
            LeadField::Attribute(_) => self.attributes = true,
            LeadField::Country => {}
        }
    }
}
