//! Firms: names, domains, industries and sizes as they are spread in an economy.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::cli::demo::example;

use super::arrivals::Country;

/// One firm; every person of it shows the same one.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    pub name: String,
    pub domain: String,
    /// Id in the customer's CRM, known for few.
    pub account: Option<&'static str>,
    pub industry: &'static Industry,
    pub employees: u32,
    /// Yearly revenue in the tenant's currency.
    pub revenue: f64,
}

/// An industry in both code systems and in words.
#[derive(Debug, PartialEq)]
pub struct Industry {
    /// Section and division of GB/T 4754.
    pub china: &'static str,
    /// NAICS.
    pub america: &'static str,
    pub words: [&'static str; 2],
    /// Relative frequency among leads.
    share: u32,
}

const fn industry(
    china: &'static str,
    america: &'static str,
    words: [&'static str; 2],
    share: u32,
) -> Industry {
    Industry {
        china,
        america,
        words,
        share,
    }
}

const INDUSTRIES: [Industry; 14] = [
    industry("C36", "336", ["汽车制造", "Automotive"], 7),
    industry("C39", "334", ["电子设备", "Electronics"], 9),
    industry("C35", "333", ["专用设备", "Machinery"], 8),
    industry("C27", "325", ["医药", "Pharmaceuticals"], 5),
    industry("C14", "311", ["食品", "Food"], 5),
    industry("I65", "541", ["软件", "Software"], 16),
    industry("I64", "518", ["互联网", "Internet"], 8),
    industry("F51", "423", ["批发", "Wholesale"], 10),
    industry("F52", "44-45", ["零售", "Retail"], 9),
    industry("G59", "493", ["物流仓储", "Logistics"], 6),
    industry("J66", "522", ["银行", "Banking"], 4),
    industry("E47", "236", ["建筑", "Construction"], 6),
    industry("P83", "611", ["教育", "Education"], 4),
    industry("Q84", "622", ["医院", "Hospitals"], 3),
];

/// Share of firms up to each number of staff: 88 % under 20, 2 % over 500.
const SIZES: [(f64, f64); 4] = [(1.0, 0.0), (20.0, 0.88), (500.0, 0.98), (100_000.0, 1.0)];

/// The named accounts of the example plan, which some leads come from.
const ACCOUNTS: &str = "accounts.csv";
/// Share of leads from a firm that the example plan names.
const FROM_ACCOUNT: f64 = 0.02;
/// Share of those that carry the account's id; the others are known by their domain.
const ACCOUNT_ID_KNOWN: f64 = 0.5;

const CHINESE_BRANDS: [&str; 24] = [
    "华", "鑫", "瑞", "恒", "德", "盛", "泰", "博", "宏", "远", "嘉", "信", "创", "安", "达", "联",
    "科", "新", "正", "和", "金", "光", "海", "云",
];
const CHINESE_BRAND_SOUNDS: [&str; 24] = [
    "hua", "xin", "rui", "heng", "de", "sheng", "tai", "bo", "hong", "yuan", "jia", "xin",
    "chuang", "an", "da", "lian", "ke", "xin", "zheng", "he", "jin", "guang", "hai", "yun",
];
const CHINESE_FORMS: [&str; 4] = ["有限公司", "股份有限公司", "有限责任公司", "集团有限公司"];
const AMERICAN_BRANDS: [&str; 24] = [
    "Summit",
    "Pioneer",
    "Redwood",
    "Liberty",
    "Cascade",
    "Keystone",
    "Prairie",
    "Harbor",
    "Granite",
    "Beacon",
    "Evergreen",
    "Frontier",
    "Lakeside",
    "Ironwood",
    "Bluebird",
    "Canyon",
    "Monarch",
    "Northstar",
    "Patriot",
    "Riverbend",
    "Silverline",
    "Trailhead",
    "Vanguard",
    "Westgate",
];
const AMERICAN_FORMS: [&str; 5] = ["Inc.", "LLC", "Corp.", "Co.", "Group, Inc."];

impl Company {
    /// A firm that has not been seen before; `serial` keeps its domain its own.
    pub fn found(rng: &mut StdRng, country: Country, city: &str, serial: u64) -> Self {
        if rng.random_bool(FROM_ACCOUNT) {
            return Self::listed(rng, country);
        }
        let industry = draw_industry(rng);
        let (name, label) = match country {
            Country::China => chinese_name(rng, city, industry),
            Country::America => american_name(rng, industry),
        };
        let domain = format!("{label}{serial}.example");
        let employees = draw_size(rng);
        Self {
            name,
            domain,
            account: None,
            industry,
            employees,
            revenue: draw_revenue(rng, employees),
        }
    }

    /// One of the example plan's named accounts: large, and of a fixed name and domain.
    fn listed(rng: &mut StdRng, country: Country) -> Self {
        let rows: Vec<[&'static str; 3]> = example::file(ACCOUNTS)
            .lines()
            .skip(1)
            .filter_map(account_row)
            .filter(|row| row[0].starts_with("CN") == (country == Country::China))
            .collect();
        let [id, name, domain] = rows.choose(rng).copied().unwrap_or([""; 3]);
        let employees = rng.random_range(2_000..60_000);
        Self {
            name: name.to_owned(),
            domain: domain.to_owned(),
            account: rng.random_bool(ACCOUNT_ID_KNOWN).then_some(id),
            industry: draw_industry(rng),
            employees,
            revenue: draw_revenue(rng, employees),
        }
    }
}

/// Id, name and first domain of `id,name,domains,…`.
fn account_row(line: &'static str) -> Option<[&'static str; 3]> {
    let mut cells = line.split(',');
    let (id, name, domains) = (cells.next()?, cells.next()?, cells.next()?);
    Some([id, name, domains.split('|').next()?])
}

fn draw_industry(rng: &mut StdRng) -> &'static Industry {
    let total: u32 = INDUSTRIES.iter().map(|one| one.share).sum();
    let mut ticket = rng.random_range(0..total);
    for one in &INDUSTRIES {
        if ticket < one.share {
            return one;
        }
        ticket -= one.share;
    }
    &INDUSTRIES[0]
}

/// Staff, straight between the listed shares in the logarithm: a Zipf-like tail.
fn draw_size(rng: &mut StdRng) -> u32 {
    let ticket = rng.random::<f64>();
    let upper = SIZES
        .partition_point(|&(_, share)| share <= ticket)
        .clamp(1, SIZES.len() - 1);
    let ((from, low), (to, high)) = (SIZES[upper - 1], SIZES[upper]);
    let along = (ticket - low) / (high - low);
    (from * (to / from).powf(along)) as u32
}

/// A hundred thousand a head, give or take a factor of three.
fn draw_revenue(rng: &mut StdRng, employees: u32) -> f64 {
    let per_head = 100_000.0 * 3.0_f64.powf(rng.random::<f64>() * 2.0 - 1.0);
    (f64::from(employees) * per_head / 1_000.0).round() * 1_000.0
}

fn chinese_name(rng: &mut StdRng, city: &str, industry: &Industry) -> (String, String) {
    let (a, b) = (
        rng.random_range(0..CHINESE_BRANDS.len()),
        rng.random_range(0..CHINESE_BRANDS.len()),
    );
    let form = CHINESE_FORMS.choose(rng).copied().unwrap_or_default();
    let place = city.trim_end_matches('市');
    let name = format!(
        "{place}{}{}{}{form}",
        CHINESE_BRANDS[a], CHINESE_BRANDS[b], industry.words[0]
    );
    let label = format!("{}{}", CHINESE_BRAND_SOUNDS[a], CHINESE_BRAND_SOUNDS[b]);
    (name, label)
}

fn american_name(rng: &mut StdRng, industry: &Industry) -> (String, String) {
    let brand = AMERICAN_BRANDS.choose(rng).copied().unwrap_or_default();
    let form = AMERICAN_FORMS.choose(rng).copied().unwrap_or_default();
    let name = format!("{brand} {} {form}", industry.words[1]);
    (name, brand.to_lowercase())
}
