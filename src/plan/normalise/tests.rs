//! Leads as people write them, against the facts that a plan should see.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::event::{Address, Attribute, Lead, Text};
use crate::plan::facts::{AccountRule, Facts, Point, PositionSource};
use crate::plan::gazetteer::tests::real;
use crate::plan::model::{Account, Plan, Policy, Precedence};

/// A plan of nothing but the real gazetteer and some accounts.
pub fn plan(accounts: &[(&str, &str, &str)]) -> Plan {
    Plan {
        tenant: "acme".into(),
        version: "0".into(),
        timezone: jiff::tz::TimeZone::UTC,
        precedence: Precedence::Specific,
        fallback: None,
        gazetteer: real().clone(),
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

fn admin_of(plan: &Plan, facts: &Facts<'_>) -> Option<String> {
    facts
        .admin
        .map(|ix| plan.gazetteer.node(ix).code.to_string())
}

/// An address, its country, and the code of its area.
type Located = (&'static str, Option<&'static str>, Option<&'static str>);

const ADDRESSES: &[Located] = &[
    // The specification's own example.
    (
        "country=CN;region=上海;city=上海市;district=徐汇区;admin=310104",
        Some("cn"),
        Some("cn-310104"),
    ),
    (
        "country=CN;region=上海;city=上海市;district=徐汇区",
        Some("cn"),
        Some("cn-310104"),
    ),
    (
        "country=CN;region=上海;city=上海市",
        Some("cn"),
        Some("cn-3101"),
    ),
    ("country=CN;region=上海", Some("cn"), Some("cn-31")),
    ("country=CN;city=上海", Some("cn"), Some("cn-3101")),
    (
        "country=China;city=Shanghai;district=Xuhui",
        Some("cn"),
        Some("cn-310104"),
    ),
    (
        "country=中国;district=徐汇区",
        Some("cn"),
        Some("cn-310104"),
    ),
    (
        "country=cn;region=吉林;city=吉林",
        Some("cn"),
        Some("cn-2202"),
    ),
    (
        "country=cn;region=北京;district=朝阳区",
        Some("cn"),
        Some("cn-110105"),
    ),
    ("country=cn;district=朝阳区", Some("cn"), Some("cn")),
    (
        "country=cn;region=江苏;city=杭州",
        Some("cn"),
        Some("cn-32"),
    ),
    (
        "country=cn;region=江苏省;city=昆山市",
        Some("cn"),
        Some("cn-320583"),
    ),
    (
        "country=cn;region=华东;city=苏州",
        Some("cn"),
        Some("cn-3205"),
    ),
    (
        "country=cn;region=湖北;city=仙桃市",
        Some("cn"),
        Some("cn-429004"),
    ),
    // Codes: bare, retired, with zeros, unknown.
    ("country=cn;admin=310000", Some("cn"), Some("cn-31")),
    ("country=cn;admin=310103", Some("cn"), Some("cn-310101")),
    ("country=cn;admin=310199", Some("cn"), Some("cn-3101")),
    ("admin=cn-310104", Some("cn"), Some("cn-310104")),
    ("admin=310104", None, None),
    ("country=cn;admin=上海", Some("cn"), Some("cn")),
    (
        "country=cn;admin=31;district=徐汇区",
        Some("cn"),
        Some("cn-310104"),
    ),
    // The United States: state, city, county.
    ("country=US;region=CA", Some("us"), Some("us-06")),
    ("country=US;region=California", Some("us"), Some("us-06")),
    ("country=US;region=us-06", Some("us"), Some("us-06")),
    ("country=US;admin=CA", Some("us"), Some("us-06")),
    ("country=US;admin=us-CA", Some("us"), Some("us-06")),
    ("country=US;admin=6037", Some("us"), Some("us-06037")),
    (
        "country=US;region=CA;district=Los Angeles County",
        Some("us"),
        Some("us-06037"),
    ),
    (
        "country=US;region=CA;city=Orange",
        Some("us"),
        Some("us-06059"),
    ),
    ("country=US;city=Washington", Some("us"), Some("us")),
    (
        "country=US;region=TX;city=Houston",
        Some("us"),
        Some("us-48"),
    ),
    (
        "country=US;region=MS;city=Jackson",
        Some("us"),
        Some("us-28"),
    ),
    // Postal codes refine, and never contradict.
    ("country=US;postal=90001", Some("us"), Some("us-06037")),
    (
        "country=US;region=CA;city=Los Angeles;postal=90001-1234",
        Some("us"),
        Some("us-06037"),
    ),
    (
        "country=US;region=NY;postal=90001",
        Some("us"),
        Some("us-36"),
    ),
    ("country=CN;postal=200030", Some("cn"), Some("cn-310104")),
    (
        "country=CN;city=上海;postal=２０００３０",
        Some("cn"),
        Some("cn-310104"),
    ),
    // Without a country only what is unmistakable.
    ("city=徐汇区", Some("cn"), Some("cn-310104")),
    ("region=CA", None, None),
    ("city=Dallas", None, None),
    ("postal=90001", None, None),
    ("country=Atlantis", None, None),
    ("country=de;region=Georgia", Some("de"), Some("de")),
    ("country=ZZ;region=California", Some("us"), Some("us-06")),
];

#[test]
fn addresses_resolve_to_their_finest_certain_area() {
    let plan = plan(&[]);
    let normaliser = Normaliser::new(&plan);
    for &(written, country, admin) in ADDRESSES {
        let lead = lead(written);
        let facts = normaliser.facts(&plan, &lead);
        assert_eq!(facts.country.as_deref(), country, "country of {written}");
        assert_eq!(
            admin_of(&plan, &facts).as_deref(),
            admin,
            "area of {written}"
        );
    }
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

/// A lead, a field of it, and the value and note that `explain` has for the field.
type Explained = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
);

const EXPLAINED: &[Explained] = &[
    (
        "country=CN;district=朝阳区",
        "address.district",
        None,
        Some("ambiguous: 2 areas there are called 朝阳区"),
    ),
    (
        "country=CN;postal=200030",
        "position",
        Some("31.1652, 121.4352"),
        Some("from the postal code 200030"),
    ),
    (
        "country=CN;postal=200030",
        "admin",
        Some("cn-310104 (徐汇区)"),
        Some("from the postal code 200030"),
    ),
    (
        "country=CN;lat=91;lon=1",
        "position",
        None,
        Some("out of range, treated as absent"),
    ),
    (
        "country=CN;postal=2000",
        "address.postal_code",
        None,
        Some("not a code of the lead's country, treated as absent"),
    ),
    (
        "phone=13800138000",
        "contact.phone",
        None,
        Some("without a country a number must begin with +, treated as absent"),
    ),
    (
        "country=Atlantis",
        "address.country",
        None,
        Some("not a known country, treated as absent"),
    ),
    (
        "region=徐汇区",
        "address.country",
        Some("cn"),
        Some("from the rest of the address"),
    ),
    (
        "country=cn;admin=310199",
        "address.admin",
        Some("cn-3101 (上海市)"),
        Some("unknown code; its nearest known ancestor"),
    ),
    (
        "company=Acme Widgts Inc",
        "account",
        Some("A-1"),
        Some("by its name, alike to 96 %"),
    ),
    (
        "email=li@example.com",
        "company.domain",
        Some("example.com"),
        Some("from the e-mail address"),
    ),
    ("source=Web", "source", Some("web"), None),
];

#[test]
fn explain_says_what_became_of_each_field() {
    let plan = plan(&[("A-1", "Acme Widgets", "")]);
    let normaliser = Normaliser::new(&plan);
    for &(written, field, value, note) in EXPLAINED {
        let lead = lead(written);
        let traces = normaliser.trace(&plan, &lead);
        let trace = traces.iter().find(|trace| &*trace.field == field);
        let trace = trace.unwrap_or_else(|| panic!("no {field} of {written}"));
        assert_eq!(
            (trace.value.as_deref(), trace.note.as_deref()),
            (value, note),
            "{written}"
        );
    }
}

/// Text of any kind, with words that mean something mixed in.
fn any_text() -> impl Strategy<Value = Option<Text<'static>>> {
    let words = prop::sample::select(vec![
        "CN",
        "us",
        "上海",
        "上海市",
        "朝阳区",
        "CA",
        "Los Angeles",
        "310104",
        "us-06",
        "90001",
        "cn-",
        "-",
        "+86 138",
        "a@b.c",
        "C36",
        "36",
        "３６",
        "Co., Ltd.",
        "xn--",
        "ß",
        "İ",
        "𝟙",
    ]);
    prop_oneof![
        1 => Just(None),
        3 => words.prop_map(|word| Some(Cow::Borrowed(word))),
        1 => "\\PC{0,20}".prop_map(|text| Some(Cow::Owned(text))),
        1 => any::<String>().prop_map(|text| Some(Cow::Owned(text))),
    ]
}

fn any_lead() -> impl Strategy<Value = Lead<'static>> {
    let texts = prop::collection::vec(any_text(), 16);
    let numbers = prop::collection::vec(prop::option::of(any::<f64>()), 3);
    (texts, numbers).prop_map(|(texts, numbers)| {
        let mut lead = Lead {
            address: any_address(&texts, &numbers),
            ..Lead::default()
        };
        lead.source = texts[8].clone();
        lead.contact.email = texts[9].clone();
        lead.contact.phone = texts[10].clone();
        lead.contact.language = texts[11].clone();
        lead.company.name = texts[12].clone();
        lead.company.domain = texts[13].clone();
        lead.company.industry = texts[14].clone();
        lead.company.account = texts[15].clone();
        lead.company.employees = numbers[2];
        lead.products = texts.iter().flatten().cloned().collect();
        lead
    })
}

fn any_address(texts: &[Option<Text<'static>>], numbers: &[Option<f64>]) -> Address<'static> {
    Address {
        country: texts[0].clone(),
        region: texts[1].clone(),
        city: texts[2].clone(),
        district: texts[3].clone(),
        admin: texts[4].clone(),
        street: texts[5].clone(),
        house_number: texts[6].clone(),
        postal_code: texts[7].clone(),
        lat: numbers[0],
        lon: numbers[1],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_lead_has_facts_that_neither_cache_nor_repetition_changes(lead in any_lead()) {
        thread_local! {
            static PLAN: (Plan, Normaliser) = {
                let plan = plan(&[("A-1", "Acme Widgets", "acme.com"), ("A-2", "上海", "b.c")]);
                let normaliser = Normaliser::new(&plan);
                (plan, normaliser)
            };
        }
        PLAN.with(|(plan, warm)| {
            let cold = Normaliser::new(plan).facts(plan, &lead);
            let first = warm.facts(plan, &lead);
            prop_assert_eq!(&first, &warm.facts(plan, &lead));
            prop_assert_eq!(&first, &cold);
            warm.trace(plan, &lead);
            Ok(())
        })?;
    }
}
