//! The gazetteer against small tables and against the real ones under `config/gazetteer`.

use std::sync::LazyLock;

use super::*;
use crate::plan::normalise;

/// Builds from rows given as lines of CSV without a header; what is wrong is returned.
pub fn from_lines(builder: &mut GazetteerBuilder, lines: &str) -> Vec<(usize, RowError)> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(lines.as_bytes());
    let mut refused = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record.unwrap();
        let cell = |at: usize| record.get(at).unwrap_or("");
        let row = Row {
            code: cell(0),
            name: cell(1),
            aliases: cell(2),
            parent: cell(3),
            lat: cell(4),
            lon: cell(5),
            postal: cell(6),
        };
        let errors = builder.add_row(row).err().unwrap_or_default();
        refused.extend(errors.into_iter().map(|error| (number, error)));
    }
    refused
}

/// The committed tables of countries, China and the United States with its ZIP points.
pub fn real() -> &'static Gazetteer {
    static REAL: LazyLock<Gazetteer> = LazyLock::new(|| {
        let mut builder = GazetteerBuilder::new();
        for file in ["countries", "cn", "us", "us-zips"] {
            let path = format!("{}/config/gazetteer/{file}.csv", env!("CARGO_MANIFEST_DIR"));
            let table = std::fs::read_to_string(path).unwrap();
            let (_, rows) = table.split_once('\n').unwrap();
            assert_eq!(from_lines(&mut builder, rows), [], "{file}");
        }
        assert_eq!(builder.problems(), []);
        builder.build()
    });
    &REAL
}

fn code_of(gazetteer: &Gazetteer, ix: AdminIx) -> &str {
    &gazetteer.node(ix).code
}

fn chain_of(gazetteer: &Gazetteer, code: &str) -> Vec<String> {
    let ix = gazetteer.nearest_by_code(code).unwrap();
    gazetteer
        .chain(ix)
        .map(|ix| code_of(gazetteer, ix).to_owned())
        .collect()
}

#[test]
fn ancestors_come_from_the_parent_else_from_the_structure() {
    let mut builder = GazetteerBuilder::new();
    let refused = from_lines(
        &mut builder,
        "cn-310104,徐汇区,,cn-31\nus-06037,Los Angeles County,,\nde-BY,Bayern,,\n",
    );
    assert_eq!(refused, []);
    for code in ["cn-31", "us-06037", "cn-320102"] {
        builder.ensure_code(code);
    }
    let gazetteer = builder.build();
    for (code, chain) in [
        ("cn-310104", &["cn-310104", "cn-31", "cn"][..]),
        ("cn-320102", &["cn-320102", "cn-3201", "cn-32", "cn"]),
        ("us-06037", &["us-06037", "us-06", "us"]),
        ("us-06037101110", &["us-06037", "us-06", "us"]),
        ("us-06038", &["us-06", "us"]),
        ("de-BY", &["de-BY", "de"]),
    ] {
        assert_eq!(chain_of(&gazetteer, code), chain, "{code}");
    }
    assert_eq!(gazetteer.nearest_by_code("fr-75"), None);
    let parents_first = |(at, node): (usize, &Node)| node.parent.is_none_or(|up| up.at() < at);
    assert!(gazetteer.nodes().iter().enumerate().all(parents_first));
}

#[test]
fn rows_may_stand_in_any_order_and_countries_in_every_file() {
    let mut builder = GazetteerBuilder::new();
    let lines = "cn-310104,徐汇区,,cn-3101\ncn-3101,上海市,,cn-31\ncn,China,,\ncn-31,上海市,,cn\ncn,China,中国,\n";
    assert_eq!(from_lines(&mut builder, lines), []);
    assert_eq!(builder.problems(), []);
    let gazetteer = builder.build();
    assert_eq!(
        chain_of(&gazetteer, "cn-310104"),
        ["cn-310104", "cn-3101", "cn-31", "cn"]
    );
    assert_eq!(gazetteer.country_by_name("中国"), gazetteer.by_code("cn"));
    assert_eq!(gazetteer.nodes().len(), 4);
}

#[test]
fn bad_rows_say_what_is_wrong() {
    let text = |text: &str| Box::<str>::from(text);
    for (line, error) in [
        ("上海,上海,,cn", RowError::Code(text("上海"))),
        ("cn-31,上海,,上海", RowError::Parent(text("上海"))),
        (",Somewhere,,cn-31", RowError::Nameless),
        (",Somewhere,,,1,1,200030", RowError::Nameless),
        ("cn-31,上海,,cn,91,1", RowError::Latitude(text("91"))),
        ("cn-31,上海,,cn,31", RowError::Longitude(text(""))),
        ("cn-31,上海,,cn,x,121", RowError::Latitude(text("x"))),
        ("cn-31,上海,,cn,31,NaN", RowError::Longitude(text("NaN"))),
        ("cn-31,上海,,cn,31,121,2000", RowError::Postal(text("2000"))),
        ("cn-31, ,沪,cn", RowError::NoName),
    ] {
        let refused = from_lines(&mut GazetteerBuilder::new(), line);
        assert_eq!(refused, [(0, error)], "{line}");
    }
    let twice = from_lines(
        &mut GazetteerBuilder::new(),
        "cn-31,上海,,\ncn-310000,上海,,",
    );
    assert_eq!(twice, [(1, RowError::Duplicate(text("cn-31")))]);
}

#[test]
fn all_that_is_wrong_with_a_row_is_said_and_the_rest_of_it_counts() {
    let text = |text: &str| Box::<str>::from(text);
    let mut builder = GazetteerBuilder::new();
    let lines = "cn-31,上海,,cn,91,,2000\ncn-3101,上海,,cn-31\ncn-31,上海,,cn,31,\n";
    let wrong = [
        (0, RowError::Latitude(text("91"))),
        (0, RowError::Longitude(text(""))),
        (0, RowError::Postal(text("2000"))),
        (2, RowError::Longitude(text(""))),
        (2, RowError::Duplicate(text("cn-31"))),
    ];
    assert_eq!(from_lines(&mut builder, lines), wrong);
    assert_eq!(builder.problems(), []);
}

#[test]
fn circles_and_unknown_parents_are_problems_and_the_structure_decides() {
    let mut builder = GazetteerBuilder::new();
    let lines = "de-A,A,,de-B\nde-B,B,,de-A\nde-C,C,,de-X\nde-D,D,,de-X\nde-E,E,,de-E\n,,,us-06037,1,1,90001\n";
    assert_eq!(from_lines(&mut builder, lines), []);
    let problems = builder.problems();
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert!(problems.contains(&(2, RowError::UnknownParent("de-X".into()))));
    assert!(problems.contains(&(4, RowError::Cycle("de-E".into()))));
    assert!(problems.contains(&(5, RowError::UnknownParent("us-06037".into()))));
    let gazetteer = builder.build();
    assert_eq!(chain_of(&gazetteer, "de-E"), ["de-E", "de"]);
    assert_eq!(
        chain_of(&gazetteer, "us-06037"),
        ["us-06037", "us-06", "us"]
    );
}

#[test]
fn a_long_chain_of_parents_neither_overflows_nor_nests_too_deep() {
    let lines: String = (0..20_000)
        .rev()
        .map(|at| format!("de-N{},N,,de-N{at}\n", at + 1))
        .collect();
    let mut builder = GazetteerBuilder::new();
    assert_eq!(
        from_lines(&mut builder, &format!("{lines}de-N0,N,,de\n")),
        []
    );
    assert!(builder.problems().len() > 1_000);
    let gazetteer = builder.build();
    assert!(gazetteer.nodes().iter().all(|node| node.level <= 9));
}

#[test]
fn a_retired_code_gives_its_successor() {
    let mut builder = GazetteerBuilder::new();
    let lines = "cn-310101,黄浦区,cn-310103,cn-3101\ncn-310104,徐汇区,cn-310199,cn-3101\n";
    assert_eq!(from_lines(&mut builder, lines), []);
    let kept = builder.ensure_code("cn-310199");
    let gazetteer = builder.build();
    assert_eq!(gazetteer.by_code("cn-310104"), Some(kept));
    assert_eq!(
        gazetteer.by_code("cn-310103"),
        gazetteer.by_code("cn-310101")
    );
}

#[test]
fn a_code_present_or_former_is_one_places() {
    let text = |text: &str| Box::<str>::from(text);
    for (lines, wrong) in [
        (
            "cn-32,S,cn-00,cn\ncn-34,T,cn-00,cn",
            Some(RowError::Taken(text("cn-00"))),
        ),
        (
            "cn-32,S,,cn\ncn-34,T,320000,cn",
            Some(RowError::Taken(text("cn-32"))),
        ),
        (
            "cn-32,S,cn-34,cn\ncn-34,T,,cn",
            Some(RowError::Former(text("cn-34"))),
        ),
        ("cn,China,cn-00,\ncn,China,cn-00,", None),
        ("cn-32,S,320000|cn-00|cn-00,cn\ncn-34,T,,cn", None),
    ] {
        let found = from_lines(&mut GazetteerBuilder::new(), lines);
        let wrong: Vec<_> = wrong.into_iter().map(|wrong| (1, wrong)).collect();
        assert_eq!(found, wrong, "{lines}");
    }
}

#[test]
fn a_parent_of_two_letters_is_a_country() {
    let mut builder = GazetteerBuilder::new();
    let lines = "cn-31,S,,zz\nxx-1,W,,qq\nfr-75,P,,fr\n";
    assert_eq!(from_lines(&mut builder, lines), []);
    let unknown = |code: &str| RowError::UnknownParent(code.into());
    assert_eq!(builder.problems(), [(0, unknown("zz")), (1, unknown("qq"))]);
}

#[test]
fn real_names_resolve_within_their_parent() {
    let gazetteer = real();
    for (scope, name, level, code) in [
        ("us", "CA", REGION, Some("us-06")),
        ("us", "California", REGION, Some("us-06")),
        ("us", "加州", REGION, Some("us-06")),
        ("us-06", "Los Angeles County", CITY, Some("us-06037")),
        ("us", "Washington County", CITY, None),
        ("us-49", "Washington County", CITY, Some("us-49053")),
        ("cn", "上海", REGION, Some("cn-31")),
        ("cn", "上海市", CITY, Some("cn-3101")),
        ("cn", "Shanghai", CITY, Some("cn-3101")),
        ("cn", "徐汇", DISTRICT, Some("cn-310104")),
        ("cn-31", "Xuhui District", DISTRICT, Some("cn-310104")),
        ("cn", "朝阳区", DISTRICT, None),
        ("cn-11", "朝阳区", DISTRICT, Some("cn-110105")),
        ("cn-1101", "徐汇区", DISTRICT, None),
        ("cn", "吉林", REGION, Some("cn-22")),
        ("cn", "吉林", CITY, Some("cn-2202")),
        ("cn", "Suzhou", CITY, None),
        ("cn-32", "Suzhou", CITY, Some("cn-3205")),
        ("cn-32", "昆山", CITY, Some("cn-320583")),
        ("cn", "市辖区", CITY, None),
    ] {
        let scope_ix = gazetteer.by_code(scope);
        let found = match gazetteer.by_name(scope_ix, &normalise::text(name), level) {
            Found::One(ix) => Some(code_of(gazetteer, ix)),
            Found::Nothing | Found::Ambiguous(_) => None,
        };
        assert_eq!(found, code, "{name} in {scope}");
    }
}

#[test]
fn real_postal_codes_have_a_district_and_a_position() {
    let gazetteer = real();
    for (country, code, admin) in [
        ("us", "90001", "us-06037"),
        ("us", "02134", "us-25025"),
        ("us", "02134-1234", "us-25025"),
        ("cn", "200030", "cn-310104"),
    ] {
        let point = gazetteer.by_postal(country, code).unwrap();
        assert_eq!(code_of(gazetteer, point.admin), admin, "{code}");
        assert!(point.position.is_some(), "{code}");
    }
    assert_eq!(gazetteer.by_postal("us", "00000"), None);
    assert_eq!(gazetteer.by_postal("de", "90001"), None);
}

#[test]
fn what_lies_in_a_scope_is_what_has_it_in_its_chain() {
    let gazetteer = real();
    let count = gazetteer.nodes().len() as u32;
    for step in 0..2_000u32 {
        let ix = AdminIx(step.wrapping_mul(2_654_435_761) % count);
        let other = AdminIx(step.wrapping_mul(40_503) % count);
        for scope in gazetteer.chain(other).collect::<Vec<_>>() {
            let expected = gazetteer.chain(ix).any(|above| above == scope);
            assert_eq!(gazetteer.within(ix, scope), expected);
        }
    }
}
