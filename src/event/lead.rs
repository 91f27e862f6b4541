//! A lead as it came in: what the record says, before any plan gives it meaning.

use super::{Text, Timestamp};

/// One version of one lead. Only `id` is always there; everything else is what the record had.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lead<'a> {
    /// The lead's name within its tenant.
    pub id: Text<'a>,
    /// The tenant the lead belongs to, `default` if the record names none.
    pub tenant: Text<'a>,
    /// Which version of the lead this is; a higher one replaces a lower one. 0 if absent.
    pub revision: u64,
    /// When the lead came to be, by the producer's clock.
    pub created_at: Option<Timestamp>,
    /// The channel it came through, such as `webform`.
    pub source: Option<Text<'a>>,
    /// The marketing campaign it answers.
    pub campaign: Option<Text<'a>>,
    /// The marketing system's score.
    pub score: Option<f64>,
    /// Potential revenue, in the tenant's currency.
    pub potential: Option<f64>,
    /// The person.
    pub contact: Contact<'a>,
    /// The person's company.
    pub company: Company<'a>,
    /// Where the lead is.
    pub address: Address<'a>,
    /// Products the lead asked about.
    pub products: Vec<Text<'a>>,
    /// What the customer bought before.
    pub history: History<'a>,
    /// Whatever else rules ask for, sorted by name, each name once.
    pub attributes: Vec<(Text<'a>, Attribute<'a>)>,
    /// Paths of fields whose value had a wrong type and therefore counts as missing,
    /// such as `company.employees`.
    pub ignored: Vec<&'static str>,
}

/// The person behind a lead. Personal data: never logged, never a metric label.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contact<'a> {
    /// Name as given.
    pub name: Option<Text<'a>>,
    /// E-mail address as given.
    pub email: Option<Text<'a>>,
    /// Telephone number as given.
    pub phone: Option<Text<'a>>,
    /// Language tag as given, such as `zh`.
    pub language: Option<Text<'a>>,
}

/// The company behind a lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Company<'a> {
    /// Name as given.
    pub name: Option<Text<'a>>,
    /// Internet domain as given.
    pub domain: Option<Text<'a>>,
    /// Account id in the tenant's CRM.
    pub account: Option<Text<'a>>,
    /// Industry code as given.
    pub industry: Option<Text<'a>>,
    /// Number of employees.
    pub employees: Option<f64>,
    /// Yearly revenue, in the tenant's currency.
    pub revenue: Option<f64>,
}

/// A postal address and position as given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address<'a> {
    /// Country as people write it: a code or a name.
    pub country: Option<Text<'a>>,
    /// First level below the country: province, state.
    pub region: Option<Text<'a>>,
    /// Second level: city.
    pub city: Option<Text<'a>>,
    /// Third level: district, county.
    pub district: Option<Text<'a>>,
    /// Administrative code, bare or with its country.
    pub admin: Option<Text<'a>>,
    /// Street name.
    pub street: Option<Text<'a>>,
    /// House number as written on the house.
    pub house_number: Option<Text<'a>>,
    /// Postal code.
    pub postal_code: Option<Text<'a>>,
    /// Latitude in degrees, WGS 84.
    pub lat: Option<f64>,
    /// Longitude in degrees, WGS 84.
    pub lon: Option<f64>,
}

/// What the customer bought before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History<'a> {
    /// Number of orders.
    pub orders: Option<f64>,
    /// Date of the last order, as given.
    pub last_order_at: Option<Text<'a>>,
    /// Revenue so far, in the tenant's currency.
    pub lifetime_value: Option<f64>,
}

/// A value under `attributes`.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute<'a> {
    /// One text.
    Text(Text<'a>),
    /// One number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// Several texts.
    List(Vec<Text<'a>>),
}

fn own(text: Text<'_>) -> Text<'static> {
    Text::Owned(text.into_owned())
}

fn own_some(text: Option<Text<'_>>) -> Option<Text<'static>> {
    text.map(own)
}

impl Lead<'_> {
    /// The same lead, detached from the record it was read from.
    pub fn into_owned(self) -> Lead<'static> {
        Lead {
            id: own(self.id),
            tenant: own(self.tenant),
            revision: self.revision,
            created_at: self.created_at,
            source: own_some(self.source),
            campaign: own_some(self.campaign),
            score: self.score,
            potential: self.potential,
            contact: self.contact.into_owned(),
            company: self.company.into_owned(),
            address: self.address.into_owned(),
            products: self.products.into_iter().map(own).collect(),
            history: self.history.into_owned(),
            attributes: self
                .attributes
                .into_iter()
                .map(|(name, value)| (own(name), value.into_owned()))
                .collect(),
            ignored: self.ignored,
        }
    }
}

impl Contact<'_> {
    fn into_owned(self) -> Contact<'static> {
        Contact {
            name: own_some(self.name),
            email: own_some(self.email),
            phone: own_some(self.phone),
            language: own_some(self.language),
        }
    }
}

impl Company<'_> {
    fn into_owned(self) -> Company<'static> {
        Company {
            name: own_some(self.name),
            domain: own_some(self.domain),
            account: own_some(self.account),
            industry: own_some(self.industry),
            employees: self.employees,
            revenue: self.revenue,
        }
    }
}

impl Address<'_> {
    fn into_owned(self) -> Address<'static> {
        Address {
            country: own_some(self.country),
            region: own_some(self.region),
            city: own_some(self.city),
            district: own_some(self.district),
            admin: own_some(self.admin),
            street: own_some(self.street),
            house_number: own_some(self.house_number),
            postal_code: own_some(self.postal_code),
            lat: self.lat,
            lon: self.lon,
        }
    }
}

impl History<'_> {
    fn into_owned(self) -> History<'static> {
        History {
            orders: self.orders,
            last_order_at: own_some(self.last_order_at),
            lifetime_value: self.lifetime_value,
        }
    }
}

impl Attribute<'_> {
    fn into_owned(self) -> Attribute<'static> {
        match self {
            Self::Text(text) => Attribute::Text(own(text)),
            Self::Number(number) => Attribute::Number(number),
            Self::Bool(flag) => Attribute::Bool(flag),
            Self::List(texts) => Attribute::List(texts.into_iter().map(own).collect()),
        }
    }
}
