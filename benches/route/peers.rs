//! What one would write instead: a linear scan, and rstar with one dictionary that knows counties, industries and sizes only.

use std::collections::HashMap;

use bailiwick::plan::{AreaIx, Condition, Dimension, Facts, Plan, Point, Test, Value};
use bailiwick::route::{Truth, geo, truth};
use rstar::{AABB, RTree, RTreeObject};

use super::leads::{Leads, Places};
use super::measure::Timed;

/// Leads on which answers are compared.
const COMPARED: usize = 20_000;

pub fn run(plan: &Plan, leads: &Leads, places: &Places, ours: &dyn Fn(&Facts<'_>) -> Option<u32>) {
    let plain = Plain::of(plan);
    let theirs = |facts: &Facts<'_>| plain.route(plan, facts);
    let differ = (0..COMPARED).filter(|&at| {
        let facts = leads.facts(at, places);
        ours(&facts) != theirs(&facts)
    });
    println!(
        "  {} of {COMPARED} answers differ from the plain peer's",
        differ.count()
    );
    Timed::of(leads, places, &theirs).print("plain rstar + dictionary");
    scan(plan, leads, places);
}

/// The mean of a linear scan in file order; too slow for a histogram.
fn scan(plan: &Plan, leads: &Leads, places: &Places) {
    let count = (3_000_000 / plan.territories.len()).clamp(3, 300);
    let began = std::time::Instant::now();
    for at in 0..count {
        let facts = leads.facts(at, places);
        let matching = plan
            .territories
            .iter()
            .filter(|one| truth::condition(plan, &facts, &one.condition) == Truth::True)
            .count();
        std::hint::black_box(matching);
    }
    let mean = super::since(began).as_nanos() as f64 / count as f64;
    println!(
        "  {:<28} mean {mean:.0} over {count} leads",
        "linear scan, all conditions"
    );
}

/// A polygon's box, with its area.
struct Boxed {
    low: [f64; 2],
    high: [f64; 2],
    area: AreaIx,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.low, self.high)
    }
}

/// Boxes in floats, borders in the plan's own order, and one dictionary.
struct Plain {
    tree: RTree<Boxed>,
    /// Of each area, industry and size band the territory; shorter keys are wider.
    rules: HashMap<(u32, String, u32), u32>,
    bands: Vec<f64>,
}

impl Plain {
    fn of(plan: &Plan) -> Self {
        let mut boxes = Vec::new();
        for (area, at) in plan.areas.iter().zip(0..) {
            for rings in &area.polygons {
                boxes.push(boxed(&rings[0], AreaIx(at)));
            }
        }
        let mut plain = Self {
            tree: RTree::bulk_load(boxes),
            rules: HashMap::new(),
            bands: Vec::new(),
        };
        for territory in &plan.territories {
            plain.bands.extend(parts(&territory.condition).2);
        }
        plain.bands.sort_unstable_by(f64::total_cmp);
        plain.bands.dedup();
        for (territory, at) in plan.territories.iter().zip(0..) {
            let (area, industry, min) = parts(&territory.condition);
            let band = min.map_or(0, |min| plain.band(min));
            plain
                .rules
                .insert((area.0, industry.unwrap_or_default(), band), at);
        }
        plain
    }

    fn band(&self, number: f64) -> u32 {
        self.bands.partition_point(|&min| min <= number) as u32
    }

    fn route(&self, plan: &Plan, facts: &Facts<'_>) -> Option<u32> {
        let (point, _) = facts.position?;
        let at = [f64::from(point.lon_e7), f64::from(point.lat_e7)];
        let inside = |one: &&Boxed| geo::contains(&plan.areas[one.area.at()], point);
        let found = self
            .tree
            .locate_in_envelope_intersecting(AABB::from_point(at))
            .find(inside)?;
        let band = facts.employees.map_or(0, |count| self.band(count));
        // Plans name three letters of an industry.
        let industry = facts.industry.as_deref().map_or("", |code| &code[..3]);
        for (industry, band) in [(industry, band), ("", band), ("", 0)] {
            if let Some(&rule) = self.rules.get(&(found.area.0, industry.to_owned(), band)) {
                return Some(rule);
            }
        }
        None
    }
}

fn boxed(ring: &[Point], area: AreaIx) -> Boxed {
    let ends = |of: fn(&Point) -> i32| {
        let all = || ring.iter().map(of);
        (
            f64::from(all().min().unwrap_or(0)),
            f64::from(all().max().unwrap_or(0)),
        )
    };
    let (west, east) = ends(|point| point.lon_e7);
    let (south, north) = ends(|point| point.lat_e7);
    Boxed {
        low: [west, south],
        high: [east, north],
        area,
    }
}

fn parts(condition: &Condition) -> (AreaIx, Option<String>, Option<f64>) {
    let (mut area, mut industry, mut min) = (AreaIx(0), None, None);
    let Condition::All(parts) = condition else {
        return (area, industry, min);
    };
    for part in parts {
        let Condition::Clause(clause) = part else {
            continue;
        };
        match (&clause.dimension, &clause.test) {
            (Dimension::Area, Test::OneOf(values)) => {
                if let Value::Area(ix) = values[0] {
                    area = ix;
                }
            }
            (Dimension::Industry, Test::OneOf(values)) => {
                if let Value::Text(code) = &values[0] {
                    industry = Some(code.to_string());
                }
            }
            (_, Test::Range(range)) => min = range.min,
            _ => {}
        }
    }
    (area, industry, min)
}
