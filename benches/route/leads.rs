//! American leads, skewed by population, in a compact form from which facts are made on the spot.

use std::collections::HashMap;

use bailiwick::event::{Attribute, Text, Timestamp};
use bailiwick::plan::{AccountIx, AccountRule, AdminIx, Facts, Plan, Point, PositionSource};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// A moment at which everything is in effect.
pub const NOW: Timestamp = Timestamp(1_795_421_730_000);

/// Distinct leads; more are the same again.
const LEADS: usize = 100_000;

pub const INDUSTRIES: usize = 62;
pub const PRODUCTS: [&str; 12] = [
    "crm",
    "analytics",
    "cloud",
    "erp",
    "pos",
    "iot",
    "voice",
    "mail",
    "forms",
    "maps",
    "bots",
    "sso",
];
pub const SOURCES: [&str; 6] = ["webform", "fair", "partner", "call", "upload", "referral"];
pub const TIERS: [&str; 4] = ["gold", "silver", "bronze", "none"];
pub const STREETS: [&str; 8] = [
    "main street",
    "market street",
    "broadway",
    "oak avenue",
    "2nd avenue",
    "park road",
    "martin luther king boulevard",
    "elm street",
];

/// One lead, without the texts that its numbers stand for.
struct Compact {
    point: Point,
    zip: u32,
    industry: Option<u8>,
    employees: Option<f64>,
    number: u32,
}

/// A town's ZIP codes: postal code, county, position.
struct Zip {
    code: String,
    county: String,
    point: Point,
}

/// Leads and the texts they share.
pub struct Leads {
    all: Vec<Compact>,
    zips: Vec<Zip>,
    industries: Vec<String>,
    domains: Vec<String>,
}

/// The plan's numbers of counties, by ZIP code.
pub struct Places {
    counties: HashMap<String, AdminIx>,
    accounts: u32,
}

impl Places {
    pub fn of(plan: &Plan) -> Self {
        let nodes = plan.gazetteer.nodes().iter().zip(0..);
        Self {
            counties: nodes
                .map(|(node, at)| (node.code.to_string(), AdminIx(at)))
                .collect(),
            accounts: plan.accounts.len() as u32,
        }
    }
}

/// Sections and divisions of an industry table: `A`, `A01` and so on.
pub fn industry(number: usize) -> String {
    format!("{}{:02}", char::from(b'A' + (number % 20) as u8), number)
}

/// The domain of a firm.
pub fn domain(number: usize) -> String {
    format!("firm-{number}.example")
}

fn degrees(text: &str) -> i32 {
    (text.parse::<f64>().unwrap_or(0.0) * 1e7).round() as i32
}

fn rows(file: &str) -> Vec<Vec<String>> {
    let path = format!("{}/config/{file}", super::ROOT);
    let text = std::fs::read_to_string(path).expect("the file is part of the repository");
    text.lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

impl Leads {
    /// Seeded: four in ten near a random ZIP code, the others near the largest towns.
    pub fn american(seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let zips: Vec<Zip> = rows("gazetteer/us-zips.csv")
            .into_iter()
            .filter(|row| row.len() == 7)
            .map(|row| Zip {
                point: Point {
                    lon_e7: degrees(&row[5]),
                    lat_e7: degrees(&row[4]),
                },
                county: row[3].clone(),
                code: row[6].clone(),
            })
            .collect();
        let by_code: HashMap<&str, usize> = zips
            .iter()
            .zip(0..)
            .map(|(zip, at)| (&*zip.code, at))
            .collect();
        let mut towns: Vec<(f64, usize)> = Vec::new();
        let mut reach = 0.0;
        for row in rows("demo/places.csv").iter().filter(|row| row[0] == "us") {
            if let (Some(&at), Ok(people)) = (by_code.get(&*row[4]), row[7].parse::<f64>()) {
                reach += people.powf(0.9);
                towns.push((reach, at));
            }
        }
        let all = (0..LEADS)
            .map(|_| {
                let zip = if random.random_bool(0.4) {
                    random.random_range(0..zips.len())
                } else {
                    let drawn = random.random_range(0.0..reach);
                    towns[towns.partition_point(|town| town.0 < drawn)].1
                };
                lead(&mut random, zip, zips[zip].point)
            })
            .collect();
        Self {
            all,
            zips,
            industries: (0..INDUSTRIES)
                .map(|at| format!("{}9", industry(at)))
                .collect(),
            domains: (0..50_000).map(domain).collect(),
        }
    }

    /// The facts of a lead; all texts are borrowed.
    pub fn facts<'l>(&'l self, at: usize, places: &Places) -> Facts<'l> {
        let lead = &self.all[at % self.all.len()];
        let zip = &self.zips[lead.zip as usize];
        let pick = |all: &'static [&'static str], by: u32| {
            Text::Borrowed(all[(lead.number / by) as usize % all.len()])
        };
        let firm = lead.number as usize % self.domains.len();
        let account = (lead.number.is_multiple_of(9) && places.accounts > 0).then(|| {
            (
                AccountIx(lead.number % places.accounts),
                AccountRule::Domain,
            )
        });
        Facts {
            country: Some("us".into()),
            admin: places.counties.get(&zip.county).copied(),
            postal: Some((&*zip.code).into()),
            position: Some((lead.point, PositionSource::Coordinates)),
            street: (lead.number % 5 < 3).then(|| pick(&STREETS, 3)),
            house_number: Some(lead.number % 1200),
            industry: lead
                .industry
                .map(|at| (&*self.industries[usize::from(at)]).into()),
            employees: lead.employees,
            revenue: lead.employees.map(|count| count * 1e5),
            potential: Some(f64::from(lead.number % 1_000_000)),
            score: Some(f64::from(lead.number % 101)),
            products: vec![pick(&PRODUCTS, 7), pick(&PRODUCTS, 31)],
            source: Some(pick(&SOURCES, 11)),
            language: Some("en".into()),
            account,
            domain: Some((&*self.domains[firm]).into()),
            attributes: vec![("tier".into(), Attribute::Text(pick(&TIERS, 13)))],
            ..Facts::default()
        }
    }
}

/// A lead near a ZIP code: industries Zipf-like, nine in ten firms under twenty people, one
/// value in ten missing.
fn lead(random: &mut SmallRng, zip: usize, near: Point) -> Compact {
    let spread = 600_000.0;
    let mut jitter = || ((random.random::<f64>() + random.random::<f64>() - 1.0) * spread) as i32;
    let point = Point {
        lon_e7: near.lon_e7 + jitter(),
        lat_e7: near.lat_e7 + jitter(),
    };
    let skewed = (INDUSTRIES as f64).powf(random.random::<f64>()) as u8 - 1;
    let employees = (1.0 / (1.0 - random.random::<f64>())).powf(1.2).floor();
    Compact {
        point,
        zip: zip as u32,
        industry: random.random_bool(0.9).then_some(skewed),
        employees: random.random_bool(0.9).then_some(employees),
        number: random.random_range(0..u32::MAX / 2),
    }
}
