//! Turns a lead into facts, once, for router and state.

use std::borrow::Cow;
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::event::{Attribute, Lead, Text};
use crate::plan::accounts::{Accounts, NameMatch};
use crate::plan::facts::{AccountRule, Facts, Point, PositionSource};
use crate::plan::gazetteer::code;
use crate::plan::model::{AccountIx, AdminIx, Plan};

use super::needs::Needs;
use super::place::Place;
use super::text::trim;

/// Answers kept: the distinct companies of some hours at usual rates, in about 10 MB.
const CACHE_ENTRIES: u64 = 65_536;
/// How long an answer is kept. It never goes stale; the bound is for names, which should not
/// outlive their use.
const CACHE_TTL: Duration = Duration::from_secs(3_600);
/// Fewer names than this are compared in less time than the cache takes. Measured: finding an
/// answer 0.2 µs, keeping one 0.5 µs, comparing 0.3 µs and 0.4 ns a name; one lead in eight
/// repeats a company. For the same reason phone numbers (0.8 µs at worst) have no cache.
const NAMES_WORTH_CACHING: usize = 4_096;

/// What a plan's leads are normalised with. Shared between lanes.
#[derive(Debug)]
pub struct Normaliser {
    accounts: Accounts,
    needs: Needs,
    /// Country and company name as written to the account it finds.
    names: Cache<Box<str>, NameMatch>,
}

/// A lead's facts and how its place was found.
pub(super) struct Reading<'a> {
    pub facts: Facts<'a>,
    pub place: Place,
}

impl Normaliser {
    /// The normaliser of a plan's leads.
    pub fn new(plan: &Plan) -> Self {
        // Least recently used goes first: moka's own policy forgets new keys under load.
        let names = Cache::builder()
            .max_capacity(CACHE_ENTRIES)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(CACHE_TTL)
            .build();
        Self {
            accounts: Accounts::new(plan),
            needs: Needs::of(plan),
            names,
        }
    }

    /// What the plan understands of a lead. Values that are wrong or nonsense are absent.
    /// Depends on plan and lead only.
    pub fn facts<'a>(&self, plan: &Plan, lead: &'a Lead<'a>) -> Facts<'a> {
        self.read(plan, lead, Needs::ALL).facts
    }

    /// The facts that the plan's territories, teams and policy ask for: router and state
    /// decide by them as by [`Self::facts`], at half the price. Others may be absent.
    pub fn needed_facts<'a>(&self, plan: &Plan, lead: &'a Lead<'a>) -> Facts<'a> {
        self.read(plan, lead, self.needs).facts
    }

    pub(super) fn read<'a>(&self, plan: &Plan, lead: &'a Lead<'a>, needs: Needs) -> Reading<'a> {
        let address = &lead.address;
        let stated = text_of(&address.country).and_then(|raw| super::country(raw, &plan.gazetteer));
        let place = Place::by_names(&plan.gazetteer, address, stated.as_deref());
        let country = stated
            .or_else(|| country_of(plan, place.admin))
            .or_else(|| country_of_code(text_of(&address.admin)?));
        let postal =
            text_of(&address.postal_code).and_then(|raw| super::postal(raw, country.as_deref()));
        let place = place.with_postal(&plan.gazetteer, country.as_deref(), postal.as_deref());
        let own = own_position(lead);
        let mut facts = Facts {
            admin: place.admin,
            postal,
            position: own.or_else(|| place.position(&plan.gazetteer)),
            position_invalid: own.is_none() && (address.lat.is_some() || address.lon.is_some()),
            country,
            ..Facts::default()
        };
        if needs.street {
            facts.street = text_of(&address.street).and_then(super::street);
            facts.house_number = text_of(&address.house_number).and_then(super::house_number);
        }
        add_business(&mut facts, lead, needs);
        add_numbers(&mut facts, lead);
        add_person(&mut facts, lead, needs);
        self.add_account(&mut facts, lead);
        Reading { facts, place }
    }

    /// By id, then by domain, then by company name; the first that finds one decides.
    fn add_account<'a>(&self, facts: &mut Facts<'a>, lead: &'a Lead<'a>) {
        let id = text_of(&lead.company.account)
            .map(trim)
            .filter(|id| !id.is_empty());
        facts.account_id = id.map(Cow::Borrowed);
        facts.account = id
            .and_then(|id| self.accounts.by_id(id))
            .map(|ix| (ix, AccountRule::Id))
            .or_else(|| {
                Some((
                    self.by_domain(facts.domain.as_deref()?)?,
                    AccountRule::Domain,
                ))
            })
            .or_else(|| match self.by_name(lead, facts.country.as_deref()) {
                NameMatch::One(ix, _) => Some((ix, AccountRule::Name)),
                NameMatch::Nothing | NameMatch::Ambiguous(_) => None,
            });
    }

    fn by_domain(&self, domain: &str) -> Option<AccountIx> {
        self.accounts
            .by_domain(domain)
            .filter(|_| !super::is_free_mail(domain))
    }

    pub(super) fn by_name(&self, lead: &Lead<'_>, country: Option<&str>) -> NameMatch {
        let Some(raw) = text_of(&lead.company.name) else {
            return NameMatch::Nothing;
        };
        match self.accounts.names() {
            0 => NameMatch::Nothing,
            few if few < NAMES_WORTH_CACHING => self.accounts.by_name(raw, country),
            _ => self.by_cached_name(raw, country),
        }
    }

    fn by_cached_name(&self, raw: &str, country: Option<&str>) -> NameMatch {
        let key = cache_key(country, raw);
        if let Some(known) = self.names.get(&*key) {
            return known;
        }
        let found = self.accounts.by_name(raw, country);
        self.names.insert(key, found);
        found
    }
}

fn cache_key(country: Option<&str>, raw: &str) -> Box<str> {
    let country = country.unwrap_or("");
    let mut key = String::with_capacity(country.len() + 1 + raw.len());
    key.push_str(country);
    key.push('\n');
    key.push_str(raw);
    key.into()
}

pub(super) fn text_of<'a>(field: &'a Option<Text<'a>>) -> Option<&'a str> {
    field.as_deref()
}

/// The country of an area that was found without one being stated.
fn country_of(plan: &Plan, admin: Option<AdminIx>) -> Option<Cow<'static, str>> {
    let code = plan.gazetteer.country_of(admin?);
    Some(match super::iso_country(code) {
        Some(code) => Cow::Borrowed(code),
        None => Cow::Owned(code.to_owned()),
    })
}

/// The country that a code names by itself, in a plan that knows nothing of where it lies.
fn country_of_code(raw: &str) -> Option<Cow<'static, str>> {
    let code = super::code(raw, None)?;
    // Two letters alone may well be a state: `CA`.
    let (country, _) = Some(code::split(&code)).filter(|(_, local)| !local.is_empty())?;
    super::iso_country(country).map(Cow::Borrowed)
}

fn own_position(lead: &Lead<'_>) -> Option<(Point, PositionSource)> {
    let point = Point::from_degrees(lead.address.lat?, lead.address.lon?)?;
    Some((point, PositionSource::Coordinates))
}

/// The registrable domain of an address that is not free-mail.
fn business_domain(email: Text<'_>) -> Option<Text<'_>> {
    let host = |email: &str| super::email_domain(email).map(str::len);
    let start = email.len() - host(&email)?;
    if super::is_free_mail(&email[start..]) {
        return None;
    }
    let domain = match email {
        Cow::Borrowed(email) => super::domain(&email[start..])?,
        Cow::Owned(email) => Cow::Owned(super::domain(&email[start..])?.into_owned()),
    };
    Some(domain).filter(|domain| !super::is_free_mail(domain))
}

fn add_person<'a>(facts: &mut Facts<'a>, lead: &'a Lead<'a>, needs: Needs) {
    if needs.language {
        facts.language = text_of(&lead.contact.language).and_then(super::language);
    }
    if needs.email || needs.domain {
        facts.email = text_of(&lead.contact.email).and_then(super::email);
    }
    if needs.phone {
        let country = facts.country.as_deref();
        facts.phone = text_of(&lead.contact.phone).and_then(|raw| super::phone(raw, country));
    }
    if needs.domain {
        facts.domain = text_of(&lead.company.domain)
            .and_then(super::domain)
            .or_else(|| facts.email.clone().and_then(business_domain));
    }
}

fn add_business<'a>(facts: &mut Facts<'a>, lead: &'a Lead<'a>, needs: Needs) {
    if needs.industry {
        let country = facts.country.as_deref();
        let industry = text_of(&lead.company.industry);
        facts.industry = industry.and_then(|raw| super::industry(raw, country));
    }
    if needs.products {
        let products = lead.products.iter();
        facts.products = products.filter_map(|raw| super::some_text(raw)).collect();
    }
    if needs.source {
        facts.source = text_of(&lead.source).and_then(super::some_text);
    }
    if needs.campaign {
        facts.campaign = text_of(&lead.campaign).and_then(super::some_text);
    }
    if needs.attributes {
        let attributes = lead.attributes.iter();
        facts.attributes = attributes
            .filter_map(|(name, value)| Some((Cow::Borrowed(&**name), attribute(value)?)))
            .collect();
    }
}

fn attribute<'a>(value: &'a Attribute<'a>) -> Option<Attribute<'a>> {
    Some(match value {
        Attribute::Text(raw) => Attribute::Text(super::some_text(raw)?),
        Attribute::Number(number) if !number.is_finite() => return None,
        Attribute::Number(number) => Attribute::Number(*number),
        Attribute::Bool(flag) => Attribute::Bool(*flag),
        Attribute::List(raws) => Attribute::List(
            raws.iter()
                .filter_map(|raw| super::some_text(raw))
                .collect(),
        ),
    })
}

fn add_numbers(facts: &mut Facts<'_>, lead: &Lead<'_>) {
    let number = |value: Option<f64>| value.filter(|number| number.is_finite());
    facts.employees = number(lead.company.employees);
    facts.revenue = number(lead.company.revenue);
    facts.potential = number(lead.potential);
    facts.score = number(lead.score);
    facts.orders = number(lead.history.orders);
    facts.lifetime_value = number(lead.history.lifetime_value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::normalise::tests::plan_without_places;

    #[test]
    fn the_cache_answers_as_the_comparison_does() {
        let plan = plan_without_places(&[
            ("A-1", "Acme Widgets Inc.", ""),
            ("A-2", "Globex Logistics East", ""),
            ("A-3", "Globex Logistics West", ""),
        ]);
        let normaliser = Normaliser::new(&plan);
        let names = [
            "Acme Widgets",
            "Acme Widgts",
            "Globex Logistics Est",
            "Initech",
            "",
        ];
        for round in 0..3 {
            for name in names {
                for country in [None, Some("us")] {
                    let cached = normaliser.by_cached_name(name, country);
                    let compared = normaliser.accounts.by_name(name, country);
                    assert_eq!(cached, compared, "{name:?} in round {round}");
                }
            }
        }
    }
}
