//! Where leads are: real towns by population, with the names and codes that people write.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand_distr::{Distribution, StandardNormal};
use serde_json::Value;

use crate::cli::demo::example;

use super::arrivals::Country;
use super::dirt;

/// Towns with their position, the code of their district and their population.
const TOWNS: &str = include_str!("../../../../config/demo/places.csv");
/// Tables of the example plan for the names of what a town lies in.
const GAZETTEERS: [&str; 2] = ["gazetteer/cn.csv", "gazetteer/us.csv"];
/// The example plan's polygons, whose borders are visited on purpose.
const AREAS: &str = "areas/metro.geojson";

/// Leads grow a little slower than population.
const POPULATION_EXPONENT: f64 = 0.9;
/// One lead in ten is from the country around its town.
const RURAL: f64 = 0.10;
/// Standard distance from a town's middle, in degrees of latitude: 3 km, and 30 km.
const TOWN_SPREAD: f64 = 0.027;
const RURAL_SPREAD: f64 = 0.27;
/// Share of leads within 50 m of a polygon's border, and exactly on a vertex of one.
const NEAR_BORDER: f64 = 0.01;
const ON_VERTEX: f64 = 0.002;
/// 50 m in degrees of latitude.
const BORDER_SPREAD: f64 = 0.000_45;
/// Share of leads whose position cannot be true.
const NONSENSE: f64 = 0.003;
/// Share of names that are not the official ones.
const ALIAS: f64 = 0.3;
/// Share of given administrative codes that are out of use: 0.5 % of all leads.
const RETIRED: f64 = 0.033;

/// A real town.
#[derive(Debug, PartialEq)]
pub struct Place {
    country: Country,
    pub region: Names,
    pub city: Names,
    pub district: Names,
    /// Code of the district, such as `cn-310104`.
    code: String,
    /// Codes that once stood for it.
    retired: Vec<String>,
    pub postal: String,
    lat: f64,
    lon: f64,
    /// Relative number of leads.
    weight: f64,
}

/// The names of one area, the official one first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names(Vec<String>);

/// Where one person is.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    pub place: &'static Place,
    pub lat: f64,
    pub lon: f64,
}

impl Names {
    /// The official name.
    pub fn name(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// One of the names, with what typing does to it.
    pub fn as_written(&self, rng: &mut StdRng) -> String {
        let alias = if rng.random_bool(ALIAS) {
            self.0.choose(rng)
        } else {
            None
        };
        dirt::text(rng, alias.map_or(self.name(), String::as_str))
    }
}

impl Place {
    /// The country in one of the ways people write it.
    pub fn country_as_written(&self, rng: &mut StdRng) -> &'static str {
        let forms: &[&'static str] = match self.country {
            Country::China => &["CN", "CN", "China", "中国", "cn", "中华人民共和国"],
            Country::America => &["US", "US", "USA", "United States", "us", "U.S.A."],
        };
        forms.choose(rng).copied().unwrap_or_default()
    }

    /// The district's code, bare or with its country, now and then one that is out of use.
    pub fn code_as_written(&self, rng: &mut StdRng) -> String {
        let old = if rng.random_bool(RETIRED) {
            self.retired.choose(rng)
        } else {
            None
        };
        let code = old.unwrap_or(&self.code);
        match code.split_once('-') {
            Some((_, bare)) if rng.random_bool(0.5) => bare.to_owned(),
            _ => code.clone(),
        }
    }
}

/// Somewhere in that country.
pub fn draw(rng: &mut StdRng, country: Country) -> Spot {
    let ticket = rng.random::<f64>();
    if ticket < NEAR_BORDER + ON_VERTEX {
        let spread = if ticket < ON_VERTEX {
            0.0
        } else {
            BORDER_SPREAD
        };
        return on_border(rng, country, spread);
    }
    let place = MAP.town(rng, country);
    if ticket > 1.0 - NONSENSE {
        return nonsense(rng, place);
    }
    let rural = rng.random_bool(RURAL);
    let spread = if rural { RURAL_SPREAD } else { TOWN_SPREAD };
    near(rng, place, (place.lat, place.lon), spread)
}

/// A point scattered around `(lat, lon)`, to the sixth decimal as browsers give it.
fn near(rng: &mut StdRng, place: &'static Place, (lat, lon): (f64, f64), spread: f64) -> Spot {
    let north: f64 = StandardNormal.sample(rng);
    let east: f64 = StandardNormal.sample(rng);
    let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
    Spot {
        place,
        lat: round(lat + north * spread),
        lon: round(lon + east * spread / lat.to_radians().cos()),
    }
}

/// A vertex of a polygon, or a point of an edge moved by at most some tens of metres.
fn on_border(rng: &mut StdRng, country: Country, spread: f64) -> Spot {
    let rings = MAP.rings(country);
    let Some(ring) = rings.choose(rng).filter(|ring| ring.len() > 1) else {
        let place = MAP.town(rng, country);
        return near(rng, place, (place.lat, place.lon), TOWN_SPREAD);
    };
    let at = rng.random_range(0..ring.len() - 1);
    let ((lat, lon), (next_lat, next_lon)) = (ring[at], ring[at + 1]);
    let place = MAP.nearest(country, lat, lon);
    if spread == 0.0 {
        return Spot { place, lat, lon };
    }
    let along = rng.random::<f64>();
    let middle = (
        lat + (next_lat - lat) * along,
        lon + (next_lon - lon) * along,
    );
    near(rng, place, middle, spread / 3.0)
}

fn nonsense(rng: &mut StdRng, place: &'static Place) -> Spot {
    let (lat, lon) = match rng.random_range(0..3) {
        0 => (0.0, 0.0),
        // Degrees times a million, as a careless export has them.
        1 => (place.lat * 1e6, place.lon * 1e6),
        _ => (999.0, 999.0),
    };
    Spot { place, lat, lon }
}

static MAP: LazyLock<Map> = LazyLock::new(Map::read);

/// All towns by country with running sums of their weights, and the polygons' rings.
struct Map {
    towns: [Vec<Place>; 2],
    sums: [Vec<f64>; 2],
    rings: [Vec<Ring>; 2],
}

/// Points as latitude and longitude.
type Ring = Vec<(f64, f64)>;

impl Map {
    fn read() -> Self {
        let names = names_by_code();
        let mut towns = [Vec::new(), Vec::new()];
        for row in rows(TOWNS) {
            if let Some(town) = town(&row, &names) {
                towns[town.country as usize].push(town);
            }
        }
        let sums = [running_sums(&towns[0]), running_sums(&towns[1])];
        let (east, west) = rings().into_iter().partition(|ring| ring[0].1 > 0.0);
        Self {
            towns,
            sums,
            rings: [east, west],
        }
    }

    fn town(&self, rng: &mut StdRng, country: Country) -> &Place {
        let sums = &self.sums[country as usize];
        let total = sums.last().copied().unwrap_or(0.0);
        let ticket = rng.random::<f64>() * total;
        let at = sums.partition_point(|&sum| sum <= ticket);
        &self.towns[country as usize][at.min(sums.len() - 1)]
    }

    fn rings(&self, country: Country) -> &[Ring] {
        &self.rings[country as usize]
    }

    fn nearest(&self, country: Country, lat: f64, lon: f64) -> &Place {
        let towns = &self.towns[country as usize];
        let apart = |town: &Place| (town.lat - lat).powi(2) + (town.lon - lon).powi(2);
        let first = &towns[0];
        towns.iter().fold(first, |best, town| {
            if apart(town) < apart(best) {
                town
            } else {
                best
            }
        })
    }
}

fn running_sums(towns: &[Place]) -> Vec<f64> {
    let add = |sum: &mut f64, town: &Place| {
        *sum += town.weight;
        Some(*sum)
    };
    towns.iter().scan(0.0, add).collect()
}

/// Rows of a table with a header line, as column name to cell.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows = reader.deserialize().filter_map(Result::ok);
    rows.collect()
}

/// Names, and codes out of use, of one area of the gazetteer.
type Area = (Names, Vec<String>, String);

fn names_by_code() -> BTreeMap<String, Area> {
    let mut found = BTreeMap::new();
    for row in GAZETTEERS.iter().flat_map(|path| rows(example::file(path))) {
        let aliases = row["aliases"].split('|').filter(|alias| !alias.is_empty());
        let is_code = |alias: &&str| alias.starts_with("cn-") || alias.starts_with("us-");
        let (codes, others): (Vec<&str>, Vec<&str>) = aliases.partition(is_code);
        let mut names = vec![row["name"].clone()];
        names.extend(others.into_iter().map(str::to_owned));
        let codes = codes.into_iter().map(str::to_owned).collect();
        found.insert(
            row["code"].clone(),
            (Names(names), codes, row["parent"].clone()),
        );
    }
    found
}

fn town(row: &BTreeMap<String, String>, names: &BTreeMap<String, Area>) -> Option<Place> {
    let code = &row["district_code"];
    let (district, retired, parent) = names.get(code)?.clone();
    let region = names.get(code.get(..5)?)?.0.clone();
    let country = if row["country"] == "cn" {
        Country::China
    } else {
        Country::America
    };
    // American towns are no areas of the gazetteer; Chinese cities are, as the district's parent.
    let city = match (country, names.get(&parent)) {
        (Country::China, Some((city, ..))) if parent.len() > 5 => city.clone(),
        _ => Names(vec![row["city"].clone()]),
    };
    Some(Place {
        country,
        region,
        city,
        district,
        code: code.clone(),
        retired,
        postal: row["postal"].clone(),
        lat: row["lat"].parse().ok()?,
        lon: row["lon"].parse().ok()?,
        weight: row["population"]
            .parse::<f64>()
            .ok()?
            .powf(POPULATION_EXPONENT),
    })
}

/// Outer rings of the polygons, none without points.
fn rings() -> Vec<Ring> {
    let Ok(map) = serde_json::from_str::<Value>(example::file(AREAS)) else {
        return Vec::new();
    };
    let point = |pair: &Value| Some((pair[1].as_f64()?, pair[0].as_f64()?));
    let features = map["features"].as_array().into_iter().flatten();
    features
        .filter_map(|feature| feature["geometry"]["coordinates"][0].as_array())
        .map(|ring| ring.iter().filter_map(point).collect::<Ring>())
        .filter(|ring| !ring.is_empty())
        .collect()
}
