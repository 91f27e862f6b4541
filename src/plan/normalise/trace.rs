//! Shows, for `explain`, what became of each field of a lead.

use crate::event::{Attribute, Lead};
use crate::plan::accounts::NameMatch;
use crate::plan::condition::number_text;
use crate::plan::facts::{AccountRule, Facts, Point, PositionSource};
use crate::plan::model::{AdminIx, Plan};

use super::needs::Needs;
use super::normaliser::{Normaliser, Reading, text_of};
use super::place::Resolution;

/// The note of a field whose type is not that of its kind; its value is not in the lead.
pub const WRONG_TYPE: &str = "wrong type, treated as absent";

/// One field of a lead: as it came, as the plan sees it, and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Path of the field, such as `address.city`; `position` and `account` for what is
    /// derived from several.
    pub field: Box<str>,
    /// As the record had it.
    pub raw: Option<Box<str>>,
    /// As rules see it; absent if the field says nothing to them.
    pub value: Option<Box<str>>,
    pub note: Option<Box<str>>,
}

/// Fields of a lead in the making of a trace.
struct Tracer<'p> {
    plan: &'p Plan,
    traces: Vec<Trace>,
}

impl Normaliser {
    /// What became of every field that the lead has, in the order of the specification.
    pub fn trace(&self, plan: &Plan, lead: &Lead<'_>) -> Vec<Trace> {
        let reading = self.read(plan, lead, Needs::ALL);
        let mut tracer = Tracer {
            plan,
            traces: Vec::new(),
        };
        tracer.person(lead, &reading.facts);
        tracer.address(lead, &reading);
        tracer.position(lead, &reading.facts);
        tracer.business(lead, &reading.facts);
        tracer.account(lead, &reading.facts, self);
        tracer.ignored(lead);
        tracer.traces
    }
}

impl Tracer<'_> {
    fn add(&mut self, field: &str, raw: Option<&str>, value: Option<String>, note: Option<String>) {
        self.traces.push(Trace {
            field: field.into(),
            raw: raw.map(Box::from),
            value: value.map(Box::from),
            note: note.map(Box::from),
        });
    }

    /// A text with its normal form; `absent` says why there may be none.
    fn text(&mut self, field: &str, raw: Option<&str>, value: Option<&str>, absent: &str) {
        if let Some(raw) = raw {
            let note = value
                .is_none()
                .then(|| format!("{absent}, treated as absent"));
            self.add(field, Some(raw), value.map(str::to_owned), note);
        }
    }

    fn person(&mut self, lead: &Lead<'_>, facts: &Facts<'_>) {
        const EMPTY: &str = "empty";
        let contact = &lead.contact;
        self.text(
            "source",
            text_of(&lead.source),
            facts.source.as_deref(),
            EMPTY,
        );
        self.text(
            "campaign",
            text_of(&lead.campaign),
            facts.campaign.as_deref(),
            EMPTY,
        );
        let email = facts.email.as_deref();
        self.text(
            "contact.email",
            text_of(&contact.email),
            email,
            "not an address",
        );
        let phone = facts.phone.as_deref();
        let why = match facts.country {
            Some(_) => "not a number of the lead's country",
            None => "without a country a number must begin with +",
        };
        self.text("contact.phone", text_of(&contact.phone), phone, why);
        self.text(
            "contact.language",
            text_of(&contact.language),
            facts.language.as_deref(),
            EMPTY,
        );
    }

    fn address(&mut self, lead: &Lead<'_>, reading: &Reading<'_>) {
        let (address, place) = (&lead.address, &reading.place);
        let facts = &reading.facts;
        let country = facts.country.as_deref();
        let stated = text_of(&address.country);
        if stated.is_some() {
            let known = stated.and_then(|raw| super::country(raw, &self.plan.gazetteer));
            self.text(
                "address.country",
                stated,
                known.as_deref(),
                "not a known country",
            );
        } else if let Some(country) = country {
            let note = "from the rest of the address".to_owned();
            self.add(
                "address.country",
                None,
                Some(country.to_owned()),
                Some(note),
            );
        }
        self.area("address.admin", text_of(&address.admin), place.code);
        self.area("address.region", text_of(&address.region), place.region);
        self.area("address.city", text_of(&address.city), place.city);
        self.area(
            "address.district",
            text_of(&address.district),
            place.district,
        );
        let postal = facts.postal.as_deref();
        let why = "not a code of the lead's country";
        self.text(
            "address.postal_code",
            text_of(&address.postal_code),
            postal,
            why,
        );
        if let (true, Some(ix), Some(code)) = (place.refined, place.admin, postal) {
            let note = format!("from the postal code {code}");
            self.add("admin", None, Some(self.name(ix)), Some(note));
        } else if let Some(ix) = place.admin {
            self.add("admin", None, Some(self.name(ix)), None);
        }
        self.text(
            "address.street",
            text_of(&address.street),
            facts.street.as_deref(),
            "empty",
        );
        let number = facts.house_number.map(|number| number.to_string());
        let raw = text_of(&address.house_number);
        self.text(
            "address.house_number",
            raw,
            number.as_deref(),
            "does not begin with a number",
        );
    }

    fn area(&mut self, field: &str, raw: Option<&str>, found: Resolution) {
        let Some(raw) = raw else {
            return;
        };
        let note = match found {
            Resolution::Found(_) => None,
            Resolution::Nearest(_) => Some("unknown code; its nearest known ancestor".to_owned()),
            Resolution::Settled => Some("settled by the rest of the address".to_owned()),
            Resolution::Absent => Some("empty, treated as absent".to_owned()),
            Resolution::NeedsState => {
                Some("a city without its state says nothing, treated as absent".to_owned())
            }
            Resolution::Unknown => Some("not in the gazetteer there, treated as absent".to_owned()),
            Resolution::Ambiguous(many) => {
                Some(format!("ambiguous: {many} areas there are called {raw}"))
            }
        };
        self.add(field, Some(raw), found.area().map(|ix| self.name(ix)), note);
    }

    fn name(&self, ix: AdminIx) -> String {
        let node = self.plan.gazetteer.node(ix);
        match &node.name {
            Some(name) => format!("{} ({name})", node.code),
            None => node.code.to_string(),
        }
    }

    fn position(&mut self, lead: &Lead<'_>, facts: &Facts<'_>) {
        let (lat, lon) = (lead.address.lat, lead.address.lon);
        let raw = (lat.is_some() || lon.is_some()).then(|| {
            let part = |degrees: Option<f64>| degrees.map_or("?".into(), number_text);
            format!("{}, {}", part(lat), part(lon))
        });
        let invalid = facts.position_invalid.then_some(match (lat, lon) {
            (Some(0.0), Some(0.0)) => "0, 0 stands for no position, treated as absent",
            (Some(_), Some(_)) => "out of range, treated as absent",
            _ => "half of a position, treated as absent",
        });
        let origin = facts.position.map(|(_, source)| match source {
            PositionSource::Coordinates => "from the coordinates".to_owned(),
            PositionSource::Postal => {
                format!(
                    "from the postal code {}",
                    facts.postal.as_deref().unwrap_or("")
                )
            }
            PositionSource::District => "from the district".to_owned(),
            PositionSource::City => "from the city".to_owned(),
        });
        let note = match (invalid, origin) {
            (Some(invalid), Some(origin)) => Some(format!("{invalid}; {origin}")),
            (invalid, origin) => origin.or(invalid.map(str::to_owned)),
        };
        if raw.is_some() || note.is_some() {
            let value = facts.position.map(|(point, _)| degrees(point));
            self.add("position", raw.as_deref(), value, note);
        }
    }

    fn business(&mut self, lead: &Lead<'_>, facts: &Facts<'_>) {
        let company = &lead.company;
        let industry = facts.industry.as_deref();
        self.text(
            "company.industry",
            text_of(&company.industry),
            industry,
            "empty",
        );
        for (field, raw, value) in [
            ("company.employees", company.employees, facts.employees),
            ("company.revenue", company.revenue, facts.revenue),
            ("potential", lead.potential, facts.potential),
            ("score", lead.score, facts.score),
            ("history.orders", lead.history.orders, facts.orders),
            (
                "history.lifetime_value",
                lead.history.lifetime_value,
                facts.lifetime_value,
            ),
        ] {
            let [raw, value] = [raw, value].map(|number| number.map(number_text));
            self.text(field, raw.as_deref(), value.as_deref(), "not a number");
        }
        if !lead.products.is_empty() {
            let value = facts.products.join(", ");
            self.text(
                "products",
                Some(&lead.products.join(", ")),
                Some(&value),
                "empty",
            );
        }
        for (name, raw) in &lead.attributes {
            let known = facts.attributes.iter().find(|(own, _)| own == name);
            let value = known.map(|(_, value)| shown(value));
            let field = format!("attributes.{name}");
            self.text(&field, Some(&shown(raw)), value.as_deref(), "empty");
        }
    }

    fn account(&mut self, lead: &Lead<'_>, facts: &Facts<'_>, normaliser: &Normaliser) {
        let company = &lead.company;
        let own = text_of(&company.domain);
        match (own, facts.domain.as_deref()) {
            (None, Some(domain)) => {
                let note = Some("from the e-mail address".to_owned());
                self.add("company.domain", None, Some(domain.to_owned()), note);
            }
            (own, domain) => self.text("company.domain", own, domain, "not a domain"),
        }
        let name = text_of(&company.name);
        let folded = name.and_then(super::company_name);
        self.text("company.name", name, folded.as_deref(), "empty");
        let id = text_of(&company.account);
        self.text("company.account", id, facts.account_id.as_deref(), "empty");
        let country = facts.country.as_deref();
        let found = facts
            .account
            .map(|(ix, _)| self.plan.accounts[ix.at()].id.to_string());
        let note = match (
            facts.account.map(|(_, rule)| rule),
            normaliser.by_name(lead, country),
        ) {
            (Some(AccountRule::Id), _) => "by its id".to_owned(),
            (Some(AccountRule::Domain), _) => "by its domain".to_owned(),
            (Some(AccountRule::Name), NameMatch::One(_, ratio)) => {
                format!("by its name, alike to {:.0} %", ratio * 100.0)
            }
            (None, NameMatch::Ambiguous(many)) => {
                format!("ambiguous: {many} accounts have this name")
            }
            _ => return,
        };
        self.add("account", None, found, Some(note));
    }

    fn ignored(&mut self, lead: &Lead<'_>) {
        for field in &lead.ignored {
            self.add(field, None, None, Some(WRONG_TYPE.to_owned()));
        }
    }
}

/// Latitude and longitude in degrees.
fn degrees(point: Point) -> String {
    let part = |e7: i32| f64::from(e7) / 1e7;
    format!("{}, {}", part(point.lat_e7), part(point.lon_e7))
}

fn shown(value: &Attribute<'_>) -> String {
    match value {
        Attribute::Text(text) => text.to_string(),
        Attribute::Number(number) => number_text(*number),
        Attribute::Bool(flag) => flag.to_string(),
        Attribute::List(texts) => texts.join(", "),
    }
}
