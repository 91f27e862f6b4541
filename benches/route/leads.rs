//! American and Chinese leads, skewed by population, in a compact form from which facts are made on the spot.

use std::collections::HashMap;

use bailiwick::event::{Attribute, Text, Timestamp};
use bailiwick::plan::{AccountIx, AccountRule, AdminIx, Facts, Plan, Point, PositionSource};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// A moment at which everything is in effect.
pub const NOW: Timestamp = Timestamp(1_795_421_730_000);

/// Distinct leads; more are the same again.
pub const LEADS: usize = 100_000;

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
pub const CAMPAIGNS: [&str; 5] = ["spring", "trial", "webinar", "fair-26", "newsletter"];
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

/// Where leads are: postal code, county or district, position.
struct Zip {
    code: String,
    county: String,
    point: Point,
}

/// Leads and the texts they share.
pub struct Leads {
    country: &'static str,
    all: Vec<Compact>,
    zips: Vec<Zip>,
    industries: Vec<String>,
    domains: Vec<String>,
}

/// The plan's numbers of counties, by their code, and how many leads are of named accounts.
pub struct Places {
    counties: HashMap<String, AdminIx>,
    accounts: u32,
    one_in: u32,
}

impl Places {
    pub fn of(plan: &Plan) -> Self {
        let nodes = plan.gazetteer.nodes().iter().zip(0..);
        Self {
            counties: nodes
                .map(|(node, at)| (node.code.to_string(), AdminIx(at)))
                .collect(),
            accounts: plan.accounts.len() as u32,
            one_in: 9,
        }
    }

    /// One lead in so many is of an account that the plan lists.
    #[allow(dead_code, reason = "the bench of peers has no accounts")]
    pub fn named(self, one_in: u32) -> Self {
        Self { one_in, ..self }
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

/// A row of a gazetteer: code, name, aliases, parent, latitude, longitude, postal code.
fn zip(row: &[String], county: usize) -> Zip {
    Zip {
        point: Point {
            lon_e7: degrees(&row[5]),
            lat_e7: degrees(&row[4]),
        },
        county: row[county].clone(),
        code: row[6].clone(),
    }
}

/// Positions of American towns, the most populous first.
#[allow(dead_code, reason = "the bench of peers draws no metro areas")]
pub fn towns() -> Vec<Point> {
    let american = rows("demo/places.csv").into_iter();
    let american = american.filter(|row| row[0] == "us");
    american
        .map(|row| Point {
            lon_e7: degrees(&row[6]),
            lat_e7: degrees(&row[5]),
        })
        .collect()
}

impl Leads {
    /// Seeded: four in ten near a random ZIP code, the others near the largest towns.
    pub fn american(seed: u64) -> Self {
        let rows = rows("gazetteer/us-zips.csv");
        let zips = rows.iter().filter(|row| row.len() == 7);
        let zips: Vec<Zip> = zips.map(|row| zip(row, 3)).collect();
        let names = zips.iter().map(|one| one.code.clone()).collect();
        Self::around(seed, "us", zips, names, 4)
    }

    /// The same in China, near districts instead of ZIP codes.
    #[allow(dead_code, reason = "the bench of peers stays in one country")]
    pub fn chinese(seed: u64) -> Self {
        const DISTRICT: usize = "cn-310104".len();
        let rows = rows("gazetteer/cn.csv");
        let districts = rows.iter().filter(|row| row[0].len() == DISTRICT);
        let placed = districts.filter(|row| !row[4].is_empty());
        let zips: Vec<Zip> = placed.map(|row| zip(row, 0)).collect();
        let names = zips.iter().map(|one| one.county.clone()).collect();
        Self::around(seed, "cn", zips, names, 3)
    }

    /// All ZIP codes in order.
    #[allow(dead_code, reason = "the bench of peers has no postal codes")]
    pub fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self.zips.iter().map(|one| &*one.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// `names` are those by which the table of populous places names one in its `column`.
    fn around(
        seed: u64,
        country: &'static str,
        zips: Vec<Zip>,
        names: Vec<String>,
        column: usize,
    ) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let by_name: HashMap<String, usize> = names.into_iter().zip(0..).collect();
        let mut towns: Vec<(f64, usize)> = Vec::new();
        let mut reach = 0.0;
        for row in rows("demo/places.csv")
            .iter()
            .filter(|row| row[0] == country)
        {
            if let (Some(&at), Ok(people)) = (by_name.get(&row[column]), row[7].parse::<f64>()) {
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
            country,
            all,
            zips,
            industries: (0..INDUSTRIES)
                .map(|at| format!("{}9", industry(at)))
                .collect(),
            domains: (0..50_000).map(domain).collect(),
        }
    }

    /// A lead's industry and its number of employees.
    #[allow(dead_code, reason = "only peers ask for no more than that")]
    pub fn firm(&self, at: usize) -> (Option<&str>, Option<f64>) {
        let lead = &self.all[at % self.all.len()];
        let industry = lead.industry.map(|at| &*self.industries[usize::from(at)]);
        (industry, lead.employees)
    }

    /// The facts of a lead; all texts are borrowed.
    pub fn facts<'l>(&'l self, at: usize, places: &Places) -> Facts<'l> {
        let lead = &self.all[at % self.all.len()];
        let zip = &self.zips[lead.zip as usize];
        let pick = |all: &'static [&'static str], by: u32| {
            Text::Borrowed(all[(lead.number / by) as usize % all.len()])
        };
        let firm = lead.number as usize % self.domains.len();
        let is_named = places.accounts > 0 && lead.number.is_multiple_of(places.one_in);
        let account = is_named.then(|| {
            let which = lead.number / places.one_in % places.accounts;
            (AccountIx(which), AccountRule::Domain)
        });
        Facts {
            country: Some(self.country.into()),
            admin: places.counties.get(&zip.county).copied(),
            postal: (!zip.code.is_empty()).then(|| (&*zip.code).into()),
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
            campaign: (!lead.number.is_multiple_of(4)).then(|| pick(&CAMPAIGNS, 17)),
            language: Some(
                if lead.number.is_multiple_of(8) {
                    "es"
                } else {
                    "en"
                }
                .into(),
            ),
            orders: Some(f64::from(lead.number % 23)),
            lifetime_value: Some(f64::from(lead.number % 9_000) * 10.0),
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
