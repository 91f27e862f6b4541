//! Plans as sales teams draw them: lists of ZIP codes, overlapping metro areas, named accounts.

use std::f64::consts::TAU;

use bailiwick::plan::condition::{PostalCodes, PostalPattern};
use bailiwick::plan::{
    Account, AccountIx, Area, Condition, Dimension, Plan, Point, TerritoryIx, Value,
};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::plans::{cut, divide, empty, one_of, push};

/// Rules of one list, metro area or county: ten industries by three sizes, and the rest.
const RULES: usize = 31;

/// ZIP codes of one list.
const LISTED: usize = 13;

/// Metro areas, drawn over each other round the largest towns.
const METROS: usize = 3_200;
const TOWNS: usize = 400;

/// Accounts that a plan names: every other one in the table of accounts, the rest by a
/// territory of its own.
const ACCOUNTS: usize = 5_000;

/// Neighbouring ZIP codes in lists, each list by industries and sizes.
pub fn zip_lists(codes: &[&str]) -> Plan {
    let mut plan = empty(&[]);
    for (at, list) in codes.chunks(LISTED).enumerate() {
        let pattern = |code: &&str| {
            Value::Postal(PostalPattern {
                country: Some("us".into()),
                codes: PostalCodes::Exact((*code).into()),
            })
        };
        let place = one_of(Dimension::Postal, list.iter().map(pattern).collect());
        cut(&mut plan, &format!("list-{at:05}"), place, RULES);
    }
    plan
}

/// Polygons as people draw them round towns: 8 to 40 corners, 5 to 50 km wide, eight to a town.
pub fn metros(towns: &[Point]) -> Plan {
    let mut random = SmallRng::seed_from_u64(11);
    let mut plan = empty(&[]);
    for at in 0..METROS {
        let town = towns[at % TOWNS.min(towns.len())];
        plan.areas.push(Area {
            id: format!("metro-{at:05}").into(),
            polygons: vec![vec![drawn(&mut random, town)]],
        });
    }
    divide(plan, RULES)
}

/// A ring without crossings: one corner in each direction, some nearer and some farther.
fn drawn(random: &mut SmallRng, town: Point) -> Vec<Point> {
    const DEGREE: f64 = 1e7;
    let mut aside = || (random.random::<f64>() - 0.5) * 0.4 * DEGREE;
    let (east, north) = (aside(), aside());
    let radius = random.random_range(0.05..0.5) * DEGREE;
    let corners = random.random_range(8..=40);
    let corner = |at: i32| {
        let angle = TAU * f64::from(at) / f64::from(corners);
        let far = radius * random.random_range(0.6..1.4);
        Point {
            lon_e7: town.lon_e7 + (east + far * angle.cos()) as i32,
            lat_e7: town.lat_e7 + (north + far * angle.sin()) as i32,
        }
    };
    (0..corners).map(corner).collect()
}

/// Every county by industry and size, and accounts before all of them.
pub fn named_accounts(counties: &[Area]) -> Plan {
    let mut plan = divide(empty(counties), RULES);
    let fields = plan.territories.len();
    for at in 0..ACCOUNTS {
        let listed = at % 2 == 0;
        plan.accounts.push(Account {
            id: format!("A-{at:05}").into(),
            name: None,
            domains: Vec::new(),
            owner: None,
            territory: listed.then_some(TerritoryIx((at * 7_919 % fields) as u32)),
        });
        if !listed {
            push(&mut plan, format!("key-{at:05}"), vec![account(at)]);
        }
    }
    plan
}

fn account(at: usize) -> Condition {
    let account = Value::Account(AccountIx(at as u32));
    one_of(Dimension::Account, vec![account])
}
