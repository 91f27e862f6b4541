//! A lead's JSON in one pass, straight into the event, borrowing from the record.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::event::{Address, Company, Contact, History, Lead};

use super::envelope::Marks;
use super::slot::{self, Section, Slot};
use super::value::Value;

/// What a record's object says of a lead. Fields that a decision stands on are kept as they
/// were, to be judged when the whole object was read; `type` may turn out to name an activity.
#[derive(Debug, Default)]
pub(super) struct LeadFields<'a> {
    pub lead: Lead<'a>,
    pub id: Value<'a>,
    pub tenant: Value<'a>,
    pub revision: Value<'a>,
    pub created_at: Value<'a>,
    pub kind: Value<'a>,
    pub envelope: Marks,
}

impl<'de> Deserialize<'de> for LeadFields<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut fields = Self::default();
        fields.deserialize(from)?;
        Ok(fields)
    }
}

/// Reads an object into fields that are there already: they are long, and handing them from
/// reader to reader would copy them each time.
impl<'de> DeserializeSeed<'de> for &mut LeadFields<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut LeadFields<'de> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut ignored = Vec::new();
        slot::fill(self, &mut map, &mut ignored)?;
        self.lead.ignored = ignored;
        finish(&mut self.lead);
        Ok(())
    }
}

/// Sorts attributes by name; of a name given twice the last value counts, as in other fields.
fn finish(lead: &mut Lead<'_>) {
    lead.attributes.reverse();
    lead.attributes.sort_by(|a, b| a.0.cmp(&b.0));
    lead.attributes.dedup_by(|later, kept| later.0 == kept.0);
}

impl<'a> Section<'a> for LeadFields<'a> {
    fn slot(&mut self, key: &str) -> Slot<'_, 'a> {
        let lead = &mut self.lead;
        match key {
            "id" => Slot::any(&mut self.id),
            "tenant" => Slot::any(&mut self.tenant),
            "revision" => Slot::any(&mut self.revision),
            "created_at" => Slot::any(&mut self.created_at),
            "type" => Slot::any(&mut self.kind),
            "source" => Slot::text(&mut lead.source, "source"),
            "campaign" => Slot::text(&mut lead.campaign, "campaign"),
            "score" => Slot::number(&mut lead.score, "score"),
            "potential" => Slot::number(&mut lead.potential, "potential"),
            "products" => Slot::texts(&mut lead.products, "products"),
            "contact" => Slot::section(&mut lead.contact, "contact"),
            "company" => Slot::section(&mut lead.company, "company"),
            "address" => Slot::section(&mut lead.address, "address"),
            "history" => Slot::section(&mut lead.history, "history"),
            "attributes" => Slot::attributes(&mut lead.attributes, "attributes"),
            "specversion" => Slot::mark(&mut self.envelope.specversion),
            "data" => Slot::mark(&mut self.envelope.data),
            _ => Slot::nowhere(),
        }
    }
}

impl<'a> Section<'a> for Contact<'a> {
    fn slot(&mut self, key: &str) -> Slot<'_, 'a> {
        match key {
            "name" => Slot::text(&mut self.name, "contact.name"),
            "email" => Slot::text(&mut self.email, "contact.email"),
            "phone" => Slot::text(&mut self.phone, "contact.phone"),
            "language" => Slot::text(&mut self.language, "contact.language"),
            _ => Slot::nowhere(),
        }
    }
}

impl<'a> Section<'a> for Company<'a> {
    fn slot(&mut self, key: &str) -> Slot<'_, 'a> {
        match key {
            "name" => Slot::text(&mut self.name, "company.name"),
            "domain" => Slot::text(&mut self.domain, "company.domain"),
            "account" => Slot::text(&mut self.account, "company.account"),
            "industry" => Slot::text(&mut self.industry, "company.industry"),
            "employees" => Slot::number(&mut self.employees, "company.employees"),
            "revenue" => Slot::number(&mut self.revenue, "company.revenue"),
            _ => Slot::nowhere(),
        }
    }
}

impl<'a> Section<'a> for Address<'a> {
    fn slot(&mut self, key: &str) -> Slot<'_, 'a> {
        match key {
            "country" => Slot::text(&mut self.country, "address.country"),
            "region" => Slot::text(&mut self.region, "address.region"),
            "city" => Slot::text(&mut self.city, "address.city"),
            "district" => Slot::text(&mut self.district, "address.district"),
            "admin" => Slot::text(&mut self.admin, "address.admin"),
            "street" => Slot::text(&mut self.street, "address.street"),
            "house_number" => Slot::text(&mut self.house_number, "address.house_number"),
            "postal_code" => Slot::text(&mut self.postal_code, "address.postal_code"),
            "lat" => Slot::number(&mut self.lat, "address.lat"),
            "lon" => Slot::number(&mut self.lon, "address.lon"),
            _ => Slot::nowhere(),
        }
    }
}

impl<'a> Section<'a> for History<'a> {
    fn slot(&mut self, key: &str) -> Slot<'_, 'a> {
        match key {
            "orders" => Slot::number(&mut self.orders, "history.orders"),
            "last_order_at" => Slot::text(&mut self.last_order_at, "history.last_order_at"),
            "lifetime_value" => Slot::number(&mut self.lifetime_value, "history.lifetime_value"),
            _ => Slot::nowhere(),
        }
    }
}
