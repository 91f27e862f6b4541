//! Damaged leads through the reader, the normaliser and the router, and random shapes against
//! the oracle, for as long as one likes.

use proptest::collection::vec;
use proptest::prelude::*;

use bailiwick::admin::LeadReader;
use bailiwick::config::InputMapping;
use bailiwick::plan::{self, Area, Normaliser, Plan, Point};
use bailiwick::route::{Router, explain, geo};

use super::build::NOW;
use super::oracle::in_area;
use crate::support::cases;

/// A lead with all that the specification shows.
pub const LEAD: &str = r#"{"id": "L-1001", "tenant": "acme", "revision": 1, "created_at": "2026-11-23T08:15:30Z",
  "source": "webform", "campaign": "spring", "score": 87, "potential": 250000,
  "contact": {"name": "…", "email": "a@b.example", "phone": "+86 138 0013 8000", "language": "zh"},
  "company": {"name": "Acme Ltd", "domain": "example.com", "account": "A-7", "industry": "C36", "employees": 1200, "revenue": 5.0e8},
  "address": {"country": "CN", "region": "上海", "city": "上海市", "district": "徐汇区", "admin": "310104",
              "street": "漕溪北路", "house_number": "88", "postal_code": "200030", "lat": 31.19, "lon": 121.43},
  "products": ["crm", "analytics"], "history": {"orders": 3, "last_order_at": "2026-02-01", "lifetime_value": 12000},
  "attributes": {"partner": "yes", "seats": 40, "opted_in": true, "tags": ["a", "b"]} }"#;

/// What writers of JSON stumble over.
const FRAGMENTS: [&[u8]; 22] = [
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"true",
    b"1e999",
    b"-0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"99999999999999999999",
    b"\"id\":",
    b"\n",
    b"[[[[[[[[",
    b"\"\xe4\xb8\x8a\"",
    b"1e-400",
];

/// The example plan and what is made of it.
pub fn the_plan() -> &'static (Plan, Router, Normaliser) {
    static PLAN: std::sync::OnceLock<(Plan, Router, Normaliser)> = std::sync::OnceLock::new();
    PLAN.get_or_init(|| {
        let loaded = plan::load(std::path::Path::new("config/example"));
        let plan = loaded.plan.expect("the example plan is valid");
        (plan.clone(), Router::compile(&plan), Normaliser::new(&plan))
    })
}

fn point() -> impl Strategy<Value = Point> {
    const EDGES: [i32; 5] = [-1_800_000_000, -1, 0, 1, 1_800_000_000];
    let lon = prop_oneof![
        3 => -1_800_000_000..=1_800_000_000_i32,
        1 => proptest::sample::select(&EDGES[..]),
        2 => (-6..=6_i32).prop_map(|step| step * 300_000_000),
    ];
    let lat = prop_oneof![
        3 => -900_000_000..=900_000_000_i32,
        1 => proptest::sample::select(&[-900_000_000, -1, 0, 1, 900_000_000][..]),
        2 => (-3..=3_i32).prop_map(|step| step * 300_000_000),
    ];
    (lon, lat).prop_map(|(lon_e7, lat_e7)| Point { lon_e7, lat_e7 })
}

/// Positions of a ring. One that would go round the globe more than once crosses itself,
/// which no plan may, and is cut short.
fn ring() -> impl Strategy<Value = Vec<Point>> {
    const TURN: i64 = 3_600_000_000;
    vec(point(), 1..9).prop_map(|mut ring| {
        let next = ring.iter().cycle().skip(1);
        let steps = ring.iter().zip(next).map(|(from, to)| {
            let step = i64::from(to.lon_e7) - i64::from(from.lon_e7);
            match step {
                far if far > TURN / 2 => far - TURN,
                far if far < -TURN / 2 => far + TURN,
                near => near,
            }
        });
        if steps.sum::<i64>().abs() > TURN {
            ring.truncate(2);
        }
        ring
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(1_000)) })]

    #[test]
    fn damaged_leads_are_routed_or_refused(
        damages in vec((any::<usize>(), 0..30_usize, proptest::sample::select(&FRAGMENTS[..])), 0..5),
    ) {
        let mut json = LEAD.as_bytes().to_vec();
        for (at, length, fragment) in &damages {
            let from = at % (json.len() + 1);
            let to = (from + length).min(json.len());
            json.splice(from..to, fragment.iter().copied());
        }
        let reader = LeadReader::new(&InputMapping::default(), 1 << 16);
        let (plan, router, normaliser) = the_plan();
        match reader.read(&json, "acme") {
            Ok(lead) => {
                let facts = normaliser.facts(plan, &lead);
                let found = router.route(plan, &facts, NOW);
                prop_assert_eq!(&found, &explain(plan, &facts, NOW).candidates);
                let needed = normaliser.needed_facts(plan, &lead);
                prop_assert_eq!(&found, &router.route(plan, &needed, NOW));
                normaliser.trace(plan, &lead);
            }
            Err(reject) => prop_assert!(!damages.is_empty() && !reject.message.is_empty()),
        }
    }

    #[test]
    fn shapes_hold_the_points_that_the_oracle_says(
        polygons in vec(vec(ring(), 1..3), 1..3),
        points in vec(point(), 8),
    ) {
        let corners: Vec<Point> = polygons.iter().flatten().flatten().copied().collect();
        let area = Area { id: "a".into(), polygons };
        for point in points.into_iter().chain(corners) {
            prop_assert_eq!(geo::contains(&area, point), in_area(point, &area), "{:?} in {:?}", point, area);
        }
    }
}
