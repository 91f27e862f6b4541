//! Addresses as people write them, against the areas they lie in.

use super::{Normaliser, lead, plan, plan_without_places};
use crate::plan::facts::Facts;
use crate::plan::model::Plan;

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
        Some("us-48201"),
    ),
    (
        "country=US;region=Mass.;city=boston",
        Some("us"),
        Some("us-25025"),
    ),
    (
        "country=US;region=MS;city=Jackson",
        Some("us"),
        Some("us-28049"),
    ),
    (
        "country=US;region=NY;city=New York",
        Some("us"),
        Some("us-36061"),
    ),
    (
        "country=US;region=DC;city=Washington",
        Some("us"),
        Some("us-11001"),
    ),
    // As county a name is the county's, as city the town's.
    (
        "country=US;region=TX;district=Houston",
        Some("us"),
        Some("us-48225"),
    ),
    (
        "country=US;region=LA;district=orleans",
        Some("us"),
        Some("us-22071"),
    ),
    (
        "country=US;region=VA;district=Richmond",
        Some("us"),
        Some("us-51"),
    ),
    (
        "country=US;region=FL;district=Dade County",
        Some("us"),
        Some("us-12086"),
    ),
    // A town that lies in several counties says nothing of them.
    (
        "country=US;region=MO;city=St. Louis",
        Some("us"),
        Some("us-29"),
    ),
    ("country=US;city=Boston", Some("us"), Some("us")),
    // Postal codes refine, and contradict nothing but a town, which may reach further.
    (
        "country=US;region=TX;city=Houston;postal=77478",
        Some("us"),
        Some("us-48157"),
    ),
    (
        "country=US;region=TX;city=Houston;district=Harris County;postal=77478",
        Some("us"),
        Some("us-48201"),
    ),
    (
        "country=US;region=TX;city=Houston;postal=02139",
        Some("us"),
        Some("us-48201"),
    ),
    (
        "country=cn;region=上海;city=Luwan",
        Some("cn"),
        Some("cn-310101"),
    ),
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
fn a_code_names_its_country_where_the_plan_has_no_gazetteer() {
    let plan = plan_without_places(&[]);
    let normaliser = Normaliser::new(&plan);
    for (written, country) in [
        ("admin=us-06037", Some("us")),
        ("admin=CN-310104", Some("cn")),
        ("admin=de-BY", Some("de")),
        // What the lead says itself goes first.
        ("country=FR;admin=us-06037", Some("fr")),
        ("country=US;admin=06037", Some("us")),
        // Nothing says which country this is of; two letters may be a state.
        ("admin=310104", None),
        ("admin=CA", None),
        ("admin=zz-06", None),
    ] {
        let lead = lead(written);
        let facts = normaliser.facts(&plan, &lead);
        assert_eq!(facts.country.as_deref(), country, "country of {written}");
        assert_eq!(facts.admin, None, "area of {written}");
    }
}
