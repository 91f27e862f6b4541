//! A lead's JSON in one pass, straight into the event, borrowing from the record.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::event::{Address, Attribute, Company, Contact, History, Lead, Text};

use super::envelope::Marks;
use super::value::{Ignored, Key, Value, number, text};

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
        from.deserialize_map(LeadVisitor)
    }
}

struct LeadVisitor;

impl<'de> Visitor<'de> for LeadVisitor {
    type Value = LeadFields<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = LeadFields::default();
        while let Some(Key(key)) = map.next_key()? {
            fields.take(&key, &mut map)?;
        }
        finish(&mut fields.lead);
        Ok(fields)
    }
}

/// Sorts attributes by name; of a name given twice the last value counts, as in other fields.
fn finish(lead: &mut Lead<'_>) {
    lead.attributes.reverse();
    lead.attributes.sort_by(|a, b| a.0.cmp(&b.0));
    lead.attributes.dedup_by(|later, kept| later.0 == kept.0);
}

impl<'de> LeadFields<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let lead = &mut self.lead;
        match key {
            "id" => self.id = map.next_value()?,
            "tenant" => self.tenant = map.next_value()?,
            "revision" => self.revision = map.next_value()?,
            "created_at" => self.created_at = map.next_value()?,
            "type" => self.kind = map.next_value()?,
            "source" => text(
                &mut lead.source,
                map.next_value()?,
                "source",
                &mut lead.ignored,
            ),
            "campaign" => text(
                &mut lead.campaign,
                map.next_value()?,
                "campaign",
                &mut lead.ignored,
            ),
            "score" => number(
                &mut lead.score,
                map.next_value()?,
                "score",
                &mut lead.ignored,
            ),
            "potential" => number(
                &mut lead.potential,
                map.next_value()?,
                "potential",
                &mut lead.ignored,
            ),
            "contact" => section(&mut lead.contact, &mut lead.ignored, map)?,
            "company" => section(&mut lead.company, &mut lead.ignored, map)?,
            "address" => section(&mut lead.address, &mut lead.ignored, map)?,
            "history" => section(&mut lead.history, &mut lead.ignored, map)?,
            "products" => products(lead, map.next_value()?),
            "attributes" => section(
                &mut Attributes(&mut lead.attributes),
                &mut lead.ignored,
                map,
            )?,
            "specversion" => {
                map.next_value::<IgnoredAny>()?;
                self.envelope.specversion = true;
            }
            "data" => {
                map.next_value::<IgnoredAny>()?;
                self.envelope.data = true;
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

fn products<'a>(lead: &mut Lead<'a>, value: Value<'a>) {
    match value {
        Value::List(texts, whole) => {
            lead.products = texts;
            if !whole {
                lead.ignored.push("products");
            }
        }
        Value::Null => {}
        _ => lead.ignored.push("products"),
    }
}

/// An object within the lead.
trait Section<'a> {
    const NAME: &'static str;

    /// Takes the field called `key`.
    fn set(&mut self, key: Text<'a>, value: Value<'a>, ignored: &mut Ignored);
}

impl<'a> Section<'a> for Contact<'a> {
    const NAME: &'static str = "contact";

    fn set(&mut self, key: Text<'a>, value: Value<'a>, ignored: &mut Ignored) {
        match &*key {
            "name" => text(&mut self.name, value, "contact.name", ignored),
            "email" => text(&mut self.email, value, "contact.email", ignored),
            "phone" => text(&mut self.phone, value, "contact.phone", ignored),
            "language" => text(&mut self.language, value, "contact.language", ignored),
            _ => {}
        }
    }
}

impl<'a> Section<'a> for Company<'a> {
    const NAME: &'static str = "company";

    fn set(&mut self, key: Text<'a>, value: Value<'a>, ignored: &mut Ignored) {
        match &*key {
            "name" => text(&mut self.name, value, "company.name", ignored),
            "domain" => text(&mut self.domain, value, "company.domain", ignored),
            "account" => text(&mut self.account, value, "company.account", ignored),
            "industry" => text(&mut self.industry, value, "company.industry", ignored),
            "employees" => number(&mut self.employees, value, "company.employees", ignored),
            "revenue" => number(&mut self.revenue, value, "company.revenue", ignored),
            _ => {}
        }
    }
}

impl<'a> Section<'a> for Address<'a> {
    const NAME: &'static str = "address";

    fn set(&mut self, key: Text<'a>, value: Value<'a>, ignored: &mut Ignored) {
        match &*key {
            "country" => text(&mut self.country, value, "address.country", ignored),
            "region" => text(&mut self.region, value, "address.region", ignored),
            "city" => text(&mut self.city, value, "address.city", ignored),
            "district" => text(&mut self.district, value, "address.district", ignored),
            "admin" => text(&mut self.admin, value, "address.admin", ignored),
            "street" => text(&mut self.street, value, "address.street", ignored),
            "house_number" => text(
                &mut self.house_number,
                value,
                "address.house_number",
                ignored,
            ),
            "postal_code" => text(&mut self.postal_code, value, "address.postal_code", ignored),
            "lat" => number(&mut self.lat, value, "address.lat", ignored),
            "lon" => number(&mut self.lon, value, "address.lon", ignored),
            _ => {}
        }
    }
}

impl<'a> Section<'a> for History<'a> {
    const NAME: &'static str = "history";

    fn set(&mut self, key: Text<'a>, value: Value<'a>, ignored: &mut Ignored) {
        match &*key {
            "orders" => number(&mut self.orders, value, "history.orders", ignored),
            "last_order_at" => text(
                &mut self.last_order_at,
                value,
                "history.last_order_at",
                ignored,
            ),
            "lifetime_value" => number(
                &mut self.lifetime_value,
                value,
                "history.lifetime_value",
                ignored,
            ),
            _ => {}
        }
    }
}

struct Attributes<'b, 'a>(&'b mut Vec<(Text<'a>, Attribute<'a>)>);

impl<'a> Section<'a> for Attributes<'_, 'a> {
    const NAME: &'static str = "attributes";

    fn set(&mut self, key: Text<'a>, value: Value<'a>, ignored: &mut Ignored) {
        let attribute = match value {
            Value::Text(text) => Attribute::Text(text),
            Value::Whole(number) => Attribute::Number(number as f64),
            Value::Number(number) => Attribute::Number(number),
            Value::Bool(flag) => Attribute::Bool(flag),
            Value::List(texts, true) => Attribute::List(texts),
            Value::Null => return,
            Value::List(_, false) | Value::Object => {
                ignored.push(Self::NAME);
                return;
            }
        };
        self.0.push((key, attribute));
    }
}

fn section<'de, S: Section<'de>, A: MapAccess<'de>>(
    section: &mut S,
    ignored: &mut Ignored,
    map: &mut A,
) -> Result<(), A::Error> {
    map.next_value_seed(Fill {
        section,
        ignored,
        record: PhantomData,
    })
}

/// Reads an object into a section; anything but an object counts as missing.
struct Fill<'b, 'de, S> {
    section: &'b mut S,
    ignored: &'b mut Ignored,
    record: PhantomData<&'de ()>,
}

impl<'de, S: Section<'de>> DeserializeSeed<'de> for Fill<'_, 'de, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, S: Section<'de>> Fill<'_, 'de, S> {
    fn miss<E>(self) -> Result<(), E> {
        self.ignored.push(S::NAME);
        Ok(())
    }
}

impl<'de, S: Section<'de>> Visitor<'de> for Fill<'_, 'de, S> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            self.section.set(key, map.next_value()?, self.ignored);
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.miss()
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.miss()
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.miss()
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.miss()
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.miss()
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.miss()
    }
}
