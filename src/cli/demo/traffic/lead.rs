//! Writes one lead's JSON: a person of a firm in a place, with the gaps that real forms have.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde::Serialize;

use super::arrivals::{Arrival, Country, Origin};
use super::company::Company;
use super::dirt;
use super::person::{Memory, Person};
use super::place::{self, Spot};

/// Campaigns by running number.
pub const CAMPAIGNS: [&str; 6] = [
    "spring",
    "trade-fair",
    "webinar",
    "whitepaper",
    "partner-day",
    "cloud-summit",
];
const SOURCES: [&str; 5] = ["webform", "chat", "phone", "event", "partner"];
const PRODUCTS: [&str; 5] = ["crm", "analytics", "cloud", "support", "integration"];

/// Shares of leads that lack a value.
const NO_STREET: f64 = 0.40;
const NO_POSTAL: f64 = 0.20;
const NO_CITY: f64 = 0.08;
const NO_INDUSTRY: f64 = 0.30;
const NO_SIZE: f64 = 0.35;
const NO_PHONE: f64 = 0.25;
const NO_EMAIL: f64 = 0.04;
/// Coordinates are missing more often in lists than on web forms that ask the browser.
const NO_POSITION_WEB: f64 = 0.35;
const NO_POSITION_LIST: f64 = 0.60;
/// Share of given industries that are words and no code.
const INDUSTRY_IN_WORDS: f64 = 0.20;
/// Share of given administrative codes among all leads, most systems have none.
const ADMIN_CODE: f64 = 0.15;
/// Share of leads that say what they might be worth.
const POTENTIAL_KNOWN: f64 = 0.7;
/// Share of leads that bought before.
const BOUGHT_BEFORE: f64 = 0.15;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    tenant: &'a str,
    revision: u64,
    created_at: String,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<String>,
    score: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    potential: Option<f64>,
    contact: Contact<'a>,
    company: Firm<'a>,
    address: Address,
    products: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<History>,
    attributes: Attributes,
}

#[derive(Serialize)]
struct Contact<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    language: &'a str,
}

#[derive(Serialize)]
struct Firm<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    industry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    employees: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue: Option<f64>,
}

#[derive(Serialize)]
struct Address {
    country: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    district: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    house_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lat: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lon: Option<f64>,
}

#[derive(Serialize)]
struct History {
    orders: u32,
    last_order_at: String,
    lifetime_value: f64,
}

#[derive(Serialize)]
struct Attributes {
    partner: &'static str,
    seats: u32,
    opted_in: bool,
}

/// A lead ready to be sent.
#[derive(Debug)]
pub struct Written {
    pub id: Box<str>,
    /// What it may be worth, for its afterlife.
    pub potential: f64,
    pub json: Vec<u8>,
}

/// Writes leads, and remembers their persons by country.
#[derive(Debug, Default)]
pub struct Authors {
    china: Memory,
    america: Memory,
}

impl Authors {
    /// The lead with this running number.
    pub fn write(
        &mut self,
        rng: &mut StdRng,
        number: u64,
        tenant: &str,
        arrival: &Arrival,
    ) -> Written {
        let memory = match arrival.country {
            Country::China => &mut self.china,
            Country::America => &mut self.america,
        };
        let person = memory
            .returning(rng, arrival.country, arrival.at, number)
            .unwrap_or_else(|| somebody(rng, arrival.country, number));
        let written = compose(rng, number, tenant, arrival, &person);
        memory.keep(rng, arrival.at, person);
        written
    }
}

fn somebody(rng: &mut StdRng, country: Country, serial: u64) -> Person {
    let spot = place::draw(rng, country);
    let company = Company::found(rng, country, spot.place.city.name(), serial);
    Person::new(rng, country, spot, company, serial)
}

fn compose(
    rng: &mut StdRng,
    number: u64,
    tenant: &str,
    arrival: &Arrival,
    person: &Person,
) -> Written {
    let id = format!("L-{number:08}");
    let potential = draw_potential(rng, person.company.employees);
    let document = Document {
        kind: "lead.created",
        id: &id,
        tenant,
        revision: 1,
        created_at: arrival.at.to_string(),
        source: source(rng, arrival.origin),
        campaign: campaign(rng, arrival.origin),
        score: rng.random_range(0..=100),
        potential: present(rng, 1.0 - POTENTIAL_KNOWN).then_some(potential),
        contact: contact(rng, person),
        company: firm(rng, arrival.country, &person.company),
        address: address(rng, arrival, person.spot),
        products: products(rng),
        history: history(rng, arrival),
        attributes: attributes(rng),
    };
    // Writing plain structs into memory cannot fail: no map keys, no user code.
    let json = serde_json::to_vec(&document).unwrap_or_default();
    Written {
        id: id.into_boxed_str(),
        potential,
        json,
    }
}

/// Whether a value that is missing with this share is there.
fn present(rng: &mut StdRng, missing: f64) -> bool {
    !rng.random_bool(missing)
}

fn source(rng: &mut StdRng, origin: Origin) -> &'static str {
    match origin {
        Origin::Upload(_) => "list",
        Origin::Campaign(_) => "webform",
        Origin::Organic => SOURCES.choose(rng).copied().unwrap_or_default(),
    }
}

fn campaign(rng: &mut StdRng, origin: Origin) -> Option<String> {
    match origin {
        Origin::Campaign(number) => {
            let name = CAMPAIGNS[number as usize % CAMPAIGNS.len()];
            Some(format!("{name}-{number}"))
        }
        Origin::Upload(number) => Some(format!("list-{number}")),
        Origin::Organic if rng.random_bool(0.3) => CAMPAIGNS.choose(rng).map(|&one| one.to_owned()),
        Origin::Organic => None,
    }
}

/// Some hundreds a head, give or take a factor of ten.
fn draw_potential(rng: &mut StdRng, employees: u32) -> f64 {
    let per_head = 300.0 * 10.0_f64.powf(rng.random::<f64>() * 2.0 - 1.0);
    (f64::from(employees) * per_head).round().max(100.0)
}

fn contact<'a>(rng: &mut StdRng, person: &Person) -> Contact<'a> {
    Contact {
        name: dirt::text(rng, &person.name),
        email: present(rng, NO_EMAIL).then(|| dirt::text(rng, &person.email)),
        phone: present(rng, NO_PHONE).then(|| dirt::digits(rng, &person.phone)),
        language: person.language,
    }
}

fn firm<'a>(rng: &mut StdRng, country: Country, company: &'a Company) -> Firm<'a> {
    Firm {
        name: dirt::text(rng, &company.name),
        domain: present(rng, 0.3).then_some(company.domain.as_str()),
        account: company.account,
        industry: present(rng, NO_INDUSTRY).then(|| industry(rng, country, company)),
        employees: present(rng, NO_SIZE).then_some(company.employees),
        revenue: present(rng, NO_SIZE).then_some(company.revenue),
    }
}

fn industry(rng: &mut StdRng, country: Country, company: &Company) -> String {
    let at = (country == Country::America) as usize;
    if rng.random_bool(INDUSTRY_IN_WORDS) {
        return dirt::text(rng, company.industry.words[at]);
    }
    let code = [company.industry.china, company.industry.america][at];
    dirt::text(rng, code)
}

fn address(rng: &mut StdRng, arrival: &Arrival, spot: Spot) -> Address {
    let place = spot.place;
    let from_list = matches!(arrival.origin, Origin::Upload(_));
    let missing = if from_list {
        NO_POSITION_LIST
    } else {
        NO_POSITION_WEB
    };
    let located = present(rng, missing);
    let street = present(rng, NO_STREET).then(|| street(rng, arrival.country));
    let house_number = street.is_some().then(|| house_number(rng, arrival.country));
    let city_known = present(rng, NO_CITY);
    Address {
        country: place.country_as_written(rng),
        region: present(rng, NO_CITY).then(|| place.region.as_written(rng)),
        city: city_known.then(|| place.city.as_written(rng)),
        district: (city_known && rng.random_bool(0.7)).then(|| place.district.as_written(rng)),
        admin: rng
            .random_bool(ADMIN_CODE)
            .then(|| place.code_as_written(rng)),
        street,
        house_number,
        postal_code: present(rng, NO_POSTAL).then(|| dirt::digits(rng, &place.postal)),
        lat: located.then_some(spot.lat),
        lon: located.then_some(spot.lon),
    }
}

fn street(rng: &mut StdRng, country: Country) -> String {
    let names: &[&str] = match country {
        Country::China => &["人民路", "中山路", "解放路", "建设路", "新华路", "和平路"],
        Country::America => &[
            "Main St",
            "Oak Avenue",
            "Park Ave",
            "2nd Street",
            "Maple Dr",
        ],
    };
    let name = names.choose(rng).copied().unwrap_or_default();
    dirt::text(rng, name)
}

fn house_number(rng: &mut StdRng, country: Country) -> String {
    let number = rng.random_range(1..600);
    match (country, rng.random_range(0..4)) {
        (Country::China, 0) => format!("{number}号"),
        (_, 1) => format!("{number}-{}", rng.random_range(1..9)),
        _ => number.to_string(),
    }
}

fn products(rng: &mut StdRng) -> Vec<&'static str> {
    let wanted = rng.random_range(0..=2);
    PRODUCTS.choose_multiple(rng, wanted).copied().collect()
}

fn history(rng: &mut StdRng, arrival: &Arrival) -> Option<History> {
    rng.random_bool(BOUGHT_BEFORE).then(|| {
        let ago = crate::event::Span::days(rng.random_range(10..900));
        let day = arrival.at.minus(ago).to_string();
        let orders = rng.random_range(1..30);
        History {
            orders,
            last_order_at: day.chars().take("2026-02-01".len()).collect(),
            lifetime_value: f64::from(orders * rng.random_range(200..4_000)),
        }
    })
}

fn attributes(rng: &mut StdRng) -> Attributes {
    Attributes {
        partner: if rng.random_bool(0.1) { "yes" } else { "no" },
        seats: rng.random_range(1..500),
        opted_in: rng.random_bool(0.8),
    }
}
