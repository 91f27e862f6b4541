//! Leads as people write them, against the facts that a plan should see.

mod addresses;
mod explained;
mod random;

use std::borrow::Cow;

use super::*;
use crate::event::{Attribute, Lead, Text};
use crate::plan::facts::{AccountRule, Point, PositionSource};
use crate::plan::gazetteer::Gazetteer;
use crate::plan::gazetteer::tests::real;
use crate::plan::model::{Account, Plan, Policy, Precedence};

/// A plan of nothing but the real gazetteer and some accounts.
pub fn plan(accounts: &[(&str, &str, &str)]) -> Plan {
    let gazetteer = real().clone();
    Plan {
        gazetteer,
        ..plan_without_places(accounts)
    }
}

/// A plan of nothing but accounts: id, name, domain.
pub fn plan_without_places(accounts: &[(&str, &str, &str)]) -> Plan {
    Plan {
        tenant: "acme".into(),
        version: "0".into(),
        timezone: jiff::tz::TimeZone::UTC,
        precedence: Precedence::Specific,
        fallback: None,
        gazetteer: Gazetteer::default(),
        areas: Vec::new(),
        reps: Vec::new(),
        accounts: accounts.iter().map(|one| account(*one)).collect(),
        calendars: Vec::new(),
        teams: Vec::new(),
        pools: Vec::new(),
        policy: Policy::default(),
        territories: Vec::new(),
    }
}

pub fn account((id, name, domain): (&str, &str, &str)) -> Account {
    let domain = Some(domain).filter(|domain| !domain.is_empty());
    Account {
        id: id.into(),
        name: Some(name.into()),
        domains: domain.into_iter().map(Box::from).collect(),
        owner: None,
        territory: None,
    }
}

/// A lead from `field=value; field=value`.
pub fn lead(written: &str) -> Lead<'_> {
    let mut lead = Lead::default();
    for pair in written.split(';').filter(|pair| !pair.trim().is_empty()) {
        let (field, value) = pair.split_once('=').unwrap();
        let text: Option<Text<'_>> = Some(Cow::Borrowed(value));
        let number = || value.parse().ok();
        let (address, company, contact) = (&mut lead.address, &mut lead.company, &mut lead.contact);
        match field.trim() {
            "country" => address.country = text,
            "region" => address.region = text,
            "city" => address.city = text,
            "district" => address.district = text,
            "admin" => address.admin = text,
            "postal" => address.postal_code = text,
            "street" => address.street = text,
            "house" => address.house_number = text,
            "lat" => address.lat = number(),
            "lon" => address.lon = number(),
            "email" => contact.email = text,
            "phone" => contact.phone = text,
            "language" => contact.language = text,
            "company" => company.name = text,
            "domain" => company.domain = text,
            "account" => company.account = text,
            "industry" => company.industry = text,
            "employees" => company.employees = number(),
            "source" => lead.source = text,
            "product" => lead.products.push(Cow::Borrowed(value)),
            other => panic!("no field {other}"),
        }
    }
    lead
}

#[test]
fn positions_come_from_the_best_source() {
    let plan = plan(&[]);
    let normaliser = Normaliser::new(&plan);
    use PositionSource::{City, Coordinates, District, Postal};
    for (written, source, invalid) in [
        (
            "country=cn;lat=31.19;lon=121.43;postal=200030",
            Some(Coordinates),
            false,
        ),
        ("country=cn;lat=0;lon=0;postal=200030", Some(Postal), true),
        (
            "country=cn;lat=91;lon=121;district=徐汇区",
            Some(District),
            true,
        ),
        ("country=cn;lat=31;city=上海", Some(City), true),
        ("country=cn;lat=31;lon=181", None, true),
        ("lat=-90;lon=180", Some(Coordinates), false),
        ("lat=0;lon=0.0000001", Some(Coordinates), false),
        ("lat=NaN;lon=1", None, true),
        ("country=cn;region=上海", None, false),
        ("country=cn", None, false),
        ("country=us;postal=90001", Some(Postal), false),
        (
            "country=us;district=Los Angeles County",
            Some(District),
            false,
        ),
        ("country=us;region=CA", None, false),
        ("", None, false),
    ] {
        let lead = lead(written);
        let facts = normaliser.facts(&plan, &lead);
        assert_eq!(
            facts.position.map(|(_, source)| source),
            source,
            "{written}"
        );
        assert_eq!(facts.position_invalid, invalid, "{written}");
    }
}

#[test]
fn coordinates_are_kept_at_a_ten_millionth_of_a_degree() {
    let plan = plan(&[]);
    let lead = lead("lat=31.19000004;lon=-121.43");
    let facts = Normaliser::new(&plan).facts(&plan, &lead);
    let point = Point {
        lon_e7: -1_214_300_000,
        lat_e7: 311_900_000,
    };
    assert_eq!(facts.position, Some((point, PositionSource::Coordinates)));
}

#[test]
fn accounts_are_found_by_id_then_domain_then_name() {
    let plan = plan(&[
        ("A-1", "Acme Widgets Inc.", "acme.com"),
        ("A-2", "华为技术有限公司", "huawei.com"),
        ("A-3", "Gmail Fans", "gmail.com"),
        ("A-4", "Globex Logistics East", ""),
        ("A-5", "Globex Logistics West", ""),
        ("A-6", "Twin Towers Trading", "twin.example"),
        ("A-7", "Twin Towers Trading Ltd", "twin.example"),
        ("A-8", "Global Growth Fund 12", ""),
    ]);
    let normaliser = Normaliser::new(&plan);
    use AccountRule::{Domain, Id, Name};
    for (written, expected) in [
        ("account=A-1", Some(("A-1", Id))),
        ("account= A-1 ;domain=huawei.com", Some(("A-1", Id))),
        ("account=A-99;domain=www.HUAWEI.com", Some(("A-2", Domain))),
        ("email=li@mail.huawei.com", Some(("A-2", Domain))),
        ("domain=gmail.com", None),
        ("email=li@gmail.com", None),
        ("company=ACME Widgets, LLC", Some(("A-1", Name))),
        ("company=Acme Widgts", Some(("A-1", Name))),
        ("company=Acme", None),
        ("company=华为技术股份有限公司", Some(("A-2", Name))),
        ("company=Globex Logistics East Ltd", Some(("A-4", Name))),
        ("company=Globex Logistics Est", None),
        ("company=Globex Logistcs East", Some(("A-4", Name))),
        ("company=Globex Logistics", None),
        ("company=Twin Towers Trading", None),
        ("domain=twin.example", None),
        ("company=Global Growth Fund 12", Some(("A-8", Name))),
        ("company=Global Growth Fund 13", None),
        ("company=GmbH", None),
        ("", None),
    ] {
        let lead = lead(written);
        let facts = normaliser.facts(&plan, &lead);
        let found = facts
            .account
            .map(|(ix, rule)| (&*plan.accounts[ix.at()].id, rule));
        assert_eq!(found, expected, "{written}");
    }
}

#[test]
fn texts_are_folded_and_nonsense_is_absent() {
    let plan = plan(&[]);
    let mut lead = lead(
        "country=CN;source= WebForm ;product=CRM;product= ;product=Ａnalytics;language=zh_CN;\
         email= Wang@Example.COM ;phone=138 0013 8000;industry=3610;street=漕溪北路;house=88号;\
         employees=inf",
    );
    lead.attributes = vec![
        ("Partner".into(), Attribute::Text("YES".into())),
        ("empty".into(), Attribute::Text(" ".into())),
        ("flag".into(), Attribute::Bool(true)),
        ("list".into(), Attribute::List(vec!["A".into(), "".into()])),
        ("seats".into(), Attribute::Number(40.0)),
        ("size".into(), Attribute::Number(f64::NAN)),
    ];
    let facts = Normaliser::new(&plan).facts(&plan, &lead);
    assert_eq!(facts.source.as_deref(), Some("webform"));
    assert_eq!(facts.products, ["crm", "analytics"]);
    assert_eq!(facts.language.as_deref(), Some("zh-cn"));
    assert_eq!(facts.email.as_deref(), Some("wang@example.com"));
    assert_eq!(facts.domain.as_deref(), Some("example.com"));
    assert_eq!(facts.phone.as_deref(), Some("+8613800138000"));
    assert_eq!(facts.industry.as_deref(), Some("C3610"));
    assert_eq!(facts.street.as_deref(), Some("漕溪北路"));
    assert_eq!(facts.house_number, Some(88));
    assert_eq!(facts.employees, None);
    let attributes = vec![
        ("Partner".into(), Attribute::Text("yes".into())),
        ("flag".into(), Attribute::Bool(true)),
        ("list".into(), Attribute::List(vec!["a".into()])),
        ("seats".into(), Attribute::Number(40.0)),
    ];
    assert_eq!(facts.attributes, attributes);
}
