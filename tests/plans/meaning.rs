//! What conditions mean: each as written beside the value the router gets.

use bailiwick::plan::condition::{
    Circle, PostalCodes, PostalPattern, Side, StreetPlace, StreetRange,
};
use bailiwick::plan::{
    AccountIx, Clause, Condition, Dimension, Plan, Point, Range, Test, Value, load_str,
};

/// What the conditions below may refer to.
const AROUND: &str = "
bands:
  large: {employees: {min: 1000}}
  middle: {min: 20, max: 1000}
  software: [crm, ERP]
accounts: [{id: A-7}, {id: A-8}]
territories:
  - {id: china, where: {country: cn}, children: [{id: zip, where: {postal: 2000*}}]}
";

fn plan(condition: &str) -> Plan {
    let yaml = format!("version: 1{AROUND}  - {{id: it, where: {condition}}}\n");
    let loaded = load_str(&yaml);
    let text = loaded.problems.render_text(false);
    loaded.plan.unwrap_or_else(|| panic!("{condition}\n{text}"))
}

fn condition(written: &str) -> Condition {
    let plan = plan(written);
    let it = plan.territory_by_id("it").unwrap();
    Condition::clone(&plan.territory(it).condition)
}

fn clause(dimension: Dimension, test: Test) -> Condition {
    Condition::Clause(Clause { dimension, test })
}

fn texts(dimension: Dimension, texts: &[&str]) -> Condition {
    let texts = texts.iter().map(|&text| Value::Text(text.into()));
    clause(dimension, Test::OneOf(texts.collect()))
}

fn range(dimension: Dimension, min: Option<f64>, max: Option<f64>) -> Condition {
    clause(dimension, Test::Range(Range { min, max }))
}

fn attribute(name: &str) -> Dimension {
    Dimension::Attribute(name.into())
}

fn postal(country: Option<&str>, codes: PostalCodes) -> Value {
    let country = country.map(Box::from);
    Value::Postal(PostalPattern { country, codes })
}

fn check(cases: &[(&str, Condition)]) {
    for (written, expected) in cases {
        assert_eq!(&condition(written), expected, "{written}");
    }
}

#[test]
fn texts_are_folded_as_a_lead_s_are() {
    use Dimension::{Campaign, Country, Domain, Industry, Language, Product, Source};
    check(&[
        ("{product: [CRM, ＥＲＰ]}", texts(Product, &["crm", "erp"])),
        ("{source: Web  Form}", texts(Source, &["web form"])),
        ("{campaign: 'Spring '}", texts(Campaign, &["spring"])),
        ("{language: zh_CN}", texts(Language, &["zh-cn"])),
        ("{country: [CN, usa]}", texts(Country, &["cn", "us"])),
        ("{domain: WWW.Example.com}", texts(Domain, &["example.com"])),
        ("{industry: [C, c36]}", texts(Industry, &["C", "C36"])),
        (
            "{industry: 31-33}",
            texts(Industry, &["31", "C31", "32", "C32", "33", "C33"]),
        ),
        ("{source: no}", texts(Source, &["no"])),
        ("{source: 2026-01-01}", texts(Source, &["2026-01-01"])),
    ]);
}

#[test]
fn numbers_are_compared_by_value_and_by_range() {
    use Dimension::{Employees, Orders, Revenue, Score};
    let number = |about, number| clause(about, Test::OneOf(vec![Value::Number(number)]));
    check(&[
        ("{orders: 0}", number(Orders, 0.0)),
        (
            "{employees: {min: 10, max: 20}}",
            range(Employees, Some(10.0), Some(20.0)),
        ),
        ("{revenue: {min: 5.0e8}}", range(Revenue, Some(5e8), None)),
        ("{score: {max: -1.5}}", range(Score, None, Some(-1.5))),
        (
            "{employees: [{max: 5}, 7, {min: 100}, 9]}",
            Condition::Any(vec![
                clause(
                    Employees,
                    Test::OneOf(vec![Value::Number(7.0), Value::Number(9.0)]),
                ),
                range(Employees, None, Some(5.0)),
                range(Employees, Some(100.0), None),
            ]),
        ),
    ]);
}

#[test]
fn attributes_are_text_and_what_else_they_can_be() {
    let one_of = |name, values| clause(attribute(name), Test::OneOf(values));
    let text = |text: &str| Value::Text(text.into());
    check(&[
        (
            "{attr.seats: 40}",
            one_of("seats", vec![text("40"), Value::Number(40.0)]),
        ),
        ("{attr.code: 007}", one_of("code", vec![text("007")])),
        ("{attr.seats: '40'}", one_of("seats", vec![text("40")])),
        (
            "{attr.in: true}",
            one_of("in", vec![text("true"), Value::Bool(true)]),
        ),
        (
            "{attr.seats: {min: 3}}",
            range(attribute("seats"), Some(3.0), None),
        ),
        ("{attr.a.b: x}", one_of("a.b", vec![text("x")])),
    ]);
}

#[test]
fn operators_and_groups_nest() {
    use Dimension::{Account, Product, Source};
    let not = |test| Test::Not(Box::new(test));
    let one_of = |text: &str| Test::OneOf(vec![Value::Text(text.into())]);
    let account = |at| Value::Account(AccountIx(at));
    check(&[
        ("{}", Condition::All(vec![])),
        ("{source: {not: ads}}", clause(Source, not(one_of("ads")))),
        (
            "{source: {prefix: Web}}",
            clause(Source, Test::Prefix(vec!["web".into()])),
        ),
        (
            "{source: {exists: false}}",
            clause(Source, Test::Exists(false)),
        ),
        (
            "{account: [A-8, A-7]}",
            clause(Account, Test::OneOf(vec![account(1), account(0)])),
        ),
        (
            "{source: web, product: {prefix: c, not: crm}}",
            Condition::All(vec![
                texts(Source, &["web"]),
                Condition::All(vec![
                    clause(Product, not(one_of("crm"))),
                    clause(Product, Test::Prefix(vec!["c".into()])),
                ]),
            ]),
        ),
        (
            "{any: [{source: web}, {not: {product: crm}}]}",
            Condition::Any(vec![
                texts(Source, &["web"]),
                Condition::Not(Box::new(texts(Product, &["crm"]))),
            ]),
        ),
        (
            "{source: {not: [ads, {prefix: x}]}}",
            Condition::Not(Box::new(Condition::Any(vec![
                texts(Source, &["ads"]),
                clause(Source, Test::Prefix(vec!["x".into()])),
            ]))),
        ),
    ]);
}

#[test]
fn bands_stand_for_conditions_and_for_values() {
    use Dimension::{Employees, Product, Revenue};
    let large = || range(Employees, Some(1000.0), None);
    let middle = |about| range(about, Some(20.0), Some(1000.0));
    check(&[
        ("{band: large}", large()),
        ("{employees: {band: large}}", large()),
        ("{employees: large}", large()),
        ("{revenue: middle}", middle(Revenue)),
        ("{revenue: {band: middle}}", middle(Revenue)),
        ("{product: software}", texts(Product, &["crm", "erp"])),
        (
            "{product: [software, bi]}",
            texts(Product, &["crm", "erp", "bi"]),
        ),
        // Quotes make it a text, and so does a band about something else.
        ("{product: 'software'}", texts(Product, &["software"])),
        ("{product: large}", texts(Product, &["large"])),
        ("{employees: {not: {band: middle}}}", {
            let range = Range {
                min: Some(20.0),
                max: Some(1000.0),
            };
            clause(Employees, Test::Not(Box::new(Test::Range(range))))
        }),
        (
            "{band: [large, large]}",
            Condition::Any(vec![large(), large()]),
        ),
    ]);
}

#[test]
fn postal_codes_take_the_country_written_with_them_or_beside_or_above() {
    use PostalCodes::{Exact, Prefix, Range};
    let only =
        |country, codes| clause(Dimension::Postal, Test::OneOf(vec![postal(country, codes)]));
    let us = || texts(Dimension::Country, &["us"]);
    check(&[
        ("{postal: '200030'}", only(None, Exact("200030".into()))),
        (
            "{postal: us:02134}",
            only(Some("us"), Exact("02134".into())),
        ),
        (
            "{postal: US:02134-1234}",
            only(Some("us"), Exact("02134-1234".into())),
        ),
        ("{postal: 2000*}", only(None, Prefix("2000".into()))),
        (
            "{postal: {prefix: us:941}}",
            only(Some("us"), Prefix("941".into())),
        ),
        (
            "{postal: us:90001..90099}",
            only(Some("us"), Range("90001".into(), "90099".into())),
        ),
        (
            "{country: us, postal: 90001}",
            Condition::All(vec![us(), only(Some("us"), Exact("90001".into()))]),
        ),
    ]);
    let plan = plan("{}");
    let zip = plan.territory(plan.territory_by_id("zip").unwrap());
    assert_eq!(*zip.condition, only(Some("cn"), Prefix("2000".into())));
}

#[test]
fn places_are_resolved() {
    let written = "{admin: [cn-310000, US-6037], street: {admin: cn-310104, name: 漕溪北路, from: 1, side: odd}}";
    let plan = plan(written);
    let code = |code: &str| plan.gazetteer.by_code(code).unwrap();
    let street = StreetRange {
        place: StreetPlace::Admin(code("cn-310104")),
        name: "漕溪北路".into(),
        from: Some(1),
        to: None,
        side: Side::Odd,
    };
    let admins = [code("cn-31"), code("us-06037")].map(Value::Admin);
    let it = plan.territory(plan.territory_by_id("it").unwrap());
    let expected = Condition::All(vec![
        clause(Dimension::Admin, Test::OneOf(admins.to_vec())),
        clause(
            Dimension::Street,
            Test::OneOf(vec![Value::Street(street.into())]),
        ),
    ]);
    assert_eq!(*it.condition, expected);
    let circle = Circle {
        center: Point {
            lon_e7: -1_214_000_000,
            lat_e7: 312_000_001,
        },
        radius_m: 1500.0,
    };
    check(&[(
        "{within: {lat: 31.2000001, lon: -121.4, km: 1.5}}",
        clause(Dimension::Within, Test::OneOf(vec![Value::Circle(circle)])),
    )]);
}
