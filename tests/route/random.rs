//! Random plans and leads over a small world, so that most conditions are met by some lead
//! and points often lie on borders.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use bailiwick::event::{Text, Timestamp};
use bailiwick::plan::condition::{Circle, Side, StreetPlace, StreetRange};
use bailiwick::plan::{
    AccountIx, AdminIx, AreaIx, Condition, Dimension, Plan, Point, Precedence, Range, TerritoryIx,
    Test, Value,
};

mod leads;

use super::build::*;

/// Dimensions that conditions ask about, attributes apart.
const DIMENSIONS: [Dimension; 21] = [
    Dimension::Account,
    Dimension::Domain,
    Dimension::Street,
    Dimension::Area,
    Dimension::Area,
    Dimension::Within,
    Dimension::Postal,
    Dimension::Admin,
    Dimension::Admin,
    Dimension::Country,
    Dimension::Industry,
    Dimension::Employees,
    Dimension::Revenue,
    Dimension::Potential,
    Dimension::Score,
    Dimension::Orders,
    Dimension::LifetimeValue,
    Dimension::Product,
    Dimension::Source,
    Dimension::Campaign,
    Dimension::Language,
];

const COUNTRIES: [&str; 3] = ["cn", "us", "de"];
const DOMAINS: [&str; 3] = ["example.com", "acme.cn", "a-rather-long-name.example"];
const INDUSTRIES: [&str; 6] = ["C", "C3", "C36", "C361", "D", "51"];
const WORDS: [&str; 6] = [
    "crm",
    "cloud",
    "web",
    "web shop",
    "we",
    "a text beyond fifteen bytes",
];
const LANGUAGES: [&str; 3] = ["zh", "en", "de"];
const STREETS: [&str; 3] = ["main st", "漕溪北路", "am alten markt zu neustadt"];
const CODES: [&str; 8] = [
    "02134",
    "02134-1234",
    "02135",
    "90001",
    "90050",
    "200030",
    "K1A0B1",
    "2000",
];
const PATTERNS: [&str; 12] = [
    "02134",
    "us:02134",
    "02134-1234",
    "9*",
    "us:9*",
    "2000*",
    "cn:200030",
    "90001..90050",
    "us:90001..90099",
    "K1A0A0..K1A9Z9",
    "02134-1000..02134-1999",
    "0*",
];
const ATTRIBUTES: [&str; 3] = ["partner", "seats", "tier"];
const ATTRIBUTE_TEXTS: [&str; 8] = ["yes", "gold", "go", "40", "40.0", "true", "7", "-3"];
const NUMBERS: [f64; 6] = [-3.0, 0.0, 7.0, 40.0, 50.5, 1000.0];

/// A source of random plans and leads.
pub struct World {
    random: SmallRng,
}

fn pick<'t, T>(random: &mut SmallRng, all: &'t [T]) -> &'t T {
    &all[random.random_range(0..all.len())]
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            random: SmallRng::seed_from_u64(seed),
        }
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.random.random_range(0..count) == 0
    }

    fn word(&mut self, all: &[&str]) -> Box<str> {
        (*pick(&mut self.random, all)).into()
    }

    fn some(&mut self, all: &[&str]) -> Option<Text<'static>> {
        (!self.one_in(3)).then(|| Text::Owned(self.word(all).into()))
    }

    /// On a grid of 5 degrees, so that points meet borders and vertices.
    fn grid_point(&mut self) -> Point {
        let lon = self.random.random_range(-36..=36) * 50_000_000;
        let lat = self.random.random_range(-18..=18) * 50_000_000;
        Point {
            lon_e7: lon,
            lat_e7: lat,
        }
    }

    fn lead_point(&mut self) -> Point {
        let mut point = self.grid_point();
        if self.one_in(2) {
            let lon = point.lon_e7 + self.random.random_range(-20_000_000..20_000_000);
            let lat = point.lat_e7 + self.random.random_range(-20_000_000..20_000_000);
            point.lon_e7 = lon.clamp(-1_800_000_000, 1_800_000_000);
            point.lat_e7 = lat.clamp(-900_000_000, 900_000_000);
        }
        point
    }

    fn ring(&mut self) -> Vec<Point> {
        if self.one_in(6) {
            let lat = self.random.random_range(-17..=17) * 50_000_000;
            return [0, 1_000_000_000, -1_000_000_000]
                .map(|lon_e7| Point {
                    lon_e7,
                    lat_e7: lat,
                })
                .to_vec();
        }
        let corner = self.grid_point();
        let count = self.random.random_range(3..8);
        let mut ring: Vec<Point> = (0..count)
            .map(|_| {
                let east = self.random.random_range(0..12_i64) * 50_000_000;
                let north = self.random.random_range(0..8_i64) * 50_000_000;
                let lon =
                    (i64::from(corner.lon_e7) + east + 1_800_000_000).rem_euclid(3_600_000_000);
                let lat = (i64::from(corner.lat_e7) + north).min(900_000_000);
                Point {
                    lon_e7: (lon - 1_800_000_000) as i32,
                    lat_e7: lat as i32,
                }
            })
            .collect();
        if self.one_in(5) {
            ring.truncate(2);
        }
        ring
    }

    /// A plan with up to 14 territories, or, one in twelve, with so many that their values
    /// outnumber the bits of a sieve.
    pub fn plan(&mut self) -> Plan {
        let mut plan = empty_plan();
        if self.one_in(5) {
            plan.precedence = Precedence::Listed;
        }
        for at in 0..4 {
            let polygons = (0..self.random.random_range(1..3))
                .map(|_| {
                    (0..self.random.random_range(1..3))
                        .map(|_| self.ring())
                        .collect()
                })
                .collect();
            add_area(&mut plan, &format!("area{at}"), polygons);
        }
        let count = if self.one_in(12) {
            self.random.random_range(40..90_u32)
        } else {
            self.random.random_range(1..15_u32)
        };
        for at in 0..3 {
            let territory = self
                .one_in(4)
                .then(|| TerritoryIx(self.random.random_range(0..count)));
            add_account(&mut plan, &format!("A-{at}"), territory);
        }
        self.grow(&mut plan, count);
        plan
    }

    /// Adds territories depth first: each below one of the path to the last.
    fn grow(&mut self, plan: &mut Plan, count: u32) {
        let mut open: Vec<String> = vec![String::new()];
        for _ in 0..count {
            open.truncate(self.random.random_range(1..=open.len()));
            let id = format!("t{:03}", self.random.random_range(0..1_000_000));
            let condition = self.condition(plan, 2);
            let overlay = self.one_in(5);
            let raise = if self.one_in(8) { 1 } else { 0 };
            let from = self
                .one_in(8)
                .then(|| Timestamp(NOW.0 + self.random.random_range(-1..=1)));
            let parent = open[open.len() - 1].clone();
            let added = add(plan, &parent, &id, condition);
            added.overlay |= overlay;
            added.priority += raise;
            added.effective_from = from;
            open.push(id);
        }
    }

    fn condition(&mut self, plan: &Plan, depth: u32) -> Condition {
        let kind = if depth == 0 {
            9
        } else {
            self.random.random_range(0..10)
        };
        match kind {
            0..=2 => {
                let count = self.random.random_range(0..4);
                all((0..count)
                    .map(|_| self.condition(plan, depth - 1))
                    .collect())
            }
            3 => {
                let count = self.random.random_range(0..4);
                any((0..count)
                    .map(|_| self.condition(plan, depth - 1))
                    .collect())
            }
            4 => not(self.condition(plan, depth - 1)),
            _ => {
                let dimension = self.dimension();
                let test = self.test(plan, &dimension, 2);
                clause(dimension, test)
            }
        }
    }

    fn dimension(&mut self) -> Dimension {
        if self.one_in(5) {
            Dimension::Attribute(self.word(&ATTRIBUTES))
        } else {
            pick(&mut self.random, &DIMENSIONS).clone()
        }
    }

    fn test(&mut self, plan: &Plan, dimension: &Dimension, depth: u32) -> Test {
        match self.random.random_range(0..12) {
            0 => Test::Exists(self.random.random()),
            1 if depth > 0 => Test::Not(Box::new(self.test(plan, dimension, depth - 1))),
            2 if depth > 0 => Test::All(
                (0..2)
                    .map(|_| self.test(plan, dimension, depth - 1))
                    .collect(),
            ),
            3 | 4 => self.odd_test(dimension),
            _ => {
                if is_numeric(dimension) && !self.one_in(4) {
                    return Test::Range(self.range());
                }
                let count = self.random.random_range(1..4);
                Test::OneOf((0..count).map(|_| self.value(plan, dimension)).collect())
            }
        }
    }

    /// A prefix or a range where the dimension has texts or numbers.
    fn odd_test(&mut self, dimension: &Dimension) -> Test {
        if is_numeric(dimension) || (matches!(dimension, Dimension::Attribute(_)) && self.one_in(2))
        {
            return Test::Range(self.range());
        }
        let prefix: Box<str> = match dimension {
            Dimension::Attribute(_) => self.word(&["g", "4", "go", "t", ""]),
            Dimension::Industry => self.word(&["C3", "5", ""]),
            Dimension::Postal => self.word(&["9", "02134-", "2000"]),
            Dimension::Admin => self.word(&["cn-31", "us", "us-06"]),
            Dimension::Account => self.word(&["A-", "A-1", "X"]),
            Dimension::Area | Dimension::Within => return Test::Exists(true),
            _ => self.word(&["w", "we", "example", "c", "a text beyond"]),
        };
        Test::Prefix(vec![prefix])
    }

    fn range(&mut self) -> Range {
        let mut end =
            || (self.random.random_range(0..3) > 0).then(|| *pick(&mut self.random, &NUMBERS));
        Range {
            min: end(),
            max: end(),
        }
    }

    fn value(&mut self, plan: &Plan, dimension: &Dimension) -> Value {
        match dimension {
            Dimension::Account if self.one_in(2) => Value::Text(self.word(&["A-0", "A-1", "X-9"])),
            Dimension::Account => Value::Account(AccountIx(self.random.random_range(0..3))),
            Dimension::Domain => Value::Text(self.word(&DOMAINS)),
            Dimension::Street => Value::Street(self.street().into()),
            Dimension::Area => Value::Area(AreaIx(self.random.random_range(0..4))),
            Dimension::Within => Value::Circle(Circle {
                center: self.grid_point(),
                radius_m: f64::from(self.random.random_range(1..40)) * 270_311.0,
            }),
            Dimension::Postal => Value::Postal(postal_pattern(&self.word(&PATTERNS))),
            Dimension::Admin => Value::Admin(self.node(plan)),
            Dimension::Country => Value::Text(self.word(&COUNTRIES)),
            Dimension::Industry => Value::Text(self.word(&INDUSTRIES)),
            Dimension::Language => Value::Text(self.word(&LANGUAGES)),
            Dimension::Product | Dimension::Source | Dimension::Campaign => {
                Value::Text(self.word(&WORDS))
            }
            Dimension::Attribute(_) => match self.random.random_range(0..6) {
                0 => Value::Bool(self.random.random()),
                1 => Value::Number(*pick(&mut self.random, &NUMBERS)),
                _ => Value::Text(self.word(&ATTRIBUTE_TEXTS)),
            },
            _ => Value::Number(*pick(&mut self.random, &NUMBERS)),
        }
    }

    fn node(&mut self, plan: &Plan) -> AdminIx {
        AdminIx(
            self.random
                .random_range(0..plan.gazetteer.nodes().len() as u32),
        )
    }

    fn street(&mut self) -> StreetRange {
        let place = if self.one_in(2) {
            StreetPlace::Postal(postal_pattern(&self.word(&PATTERNS)))
        } else {
            StreetPlace::Admin(AdminIx(self.random.random_range(0..10)))
        };
        let end = |random: &mut SmallRng| {
            (random.random_range(0..3) > 0).then(|| random.random_range(0..30))
        };
        StreetRange {
            place,
            name: self.word(&STREETS),
            from: end(&mut self.random),
            to: end(&mut self.random),
            side: *pick(
                &mut self.random,
                &[Side::Both, Side::Both, Side::Even, Side::Odd],
            ),
        }
    }
}

fn is_numeric(dimension: &Dimension) -> bool {
    matches!(
        dimension,
        Dimension::Employees
            | Dimension::Revenue
            | Dimension::Potential
            | Dimension::Score
            | Dimension::Orders
            | Dimension::LifetimeValue
    )
}
