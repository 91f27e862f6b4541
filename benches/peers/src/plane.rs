//! rstar for the boxes, geo for the borders, and a dictionary or a scan of the county's rules: what one writes in an afternoon.

use bailiwick::plan::{Area, Facts, Plan, Point};
use geo::{Contains, Coord, LineString, MultiPolygon, Polygon};
use rstar::{AABB, RTree, RTreeObject};

use super::Rule;
use super::dictionary::Dictionary;

/// A county's box and its number.
struct Boxed {
    low: [f64; 2],
    high: [f64; 2],
    area: usize,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.low, self.high)
    }
}

/// Counties and their rules.
pub struct Plane {
    tree: RTree<Boxed>,
    borders: Vec<MultiPolygon<f64>>,
    /// Of each county industry, sizes and territory, the most specific first.
    rules: Vec<Vec<Known>>,
    dictionary: Dictionary,
}

type Known = (Option<String>, Option<(f64, Option<f64>)>, u32);

impl Plane {
    pub fn of(plan: &Plan, rules: &[Rule]) -> Self {
        let mut boxes = Vec::new();
        for (at, area) in plan.areas.iter().enumerate() {
            boxes.extend(area.polygons.iter().map(|rings| boxed(&rings[0], at)));
        }
        let mut by_area: Vec<Vec<Known>> = vec![Vec::new(); plan.areas.len()];
        for rule in rules {
            let known = (rule.industry.clone(), rule.employees, rule.territory);
            by_area[rule.area as usize].push(known);
        }
        Self {
            tree: RTree::bulk_load(boxes),
            borders: plan.areas.iter().map(border).collect(),
            rules: by_area,
            dictionary: Dictionary::of(plan),
        }
    }

    /// The county that holds a lead's position.
    pub fn county(&self, facts: &Facts<'_>) -> Option<usize> {
        let (point, _) = facts.position?;
        let at = position(&point);
        self.tree
            .locate_in_envelope_intersecting(AABB::from_point([at.x, at.y]))
            .find(|one| self.borders[one.area].contains(&at))
            .map(|one| one.area)
    }

    pub fn by_dictionary(&self, facts: &Facts<'_>) -> Option<u32> {
        self.dictionary.find(self.county(facts)? as u32, facts)
    }

    pub fn by_scan(&self, facts: &Facts<'_>) -> Option<u32> {
        let code = facts.industry.as_deref();
        let rules = &self.rules[self.county(facts)?];
        rules
            .iter()
            .find(|(industry, sizes, _)| {
                let of_industry = industry
                    .as_deref()
                    .is_none_or(|wanted| code.is_some_and(|code| code.starts_with(wanted)));
                let of_size = sizes.is_none_or(|(min, max)| {
                    facts
                        .employees
                        .is_some_and(|count| min <= count && max.is_none_or(|max| count < max))
                });
                of_industry && of_size
            })
            .map(|(_, _, territory)| *territory)
    }
}

fn position(point: &Point) -> Coord<f64> {
    Coord {
        x: f64::from(point.lon_e7),
        y: f64::from(point.lat_e7),
    }
}

fn border(area: &Area) -> MultiPolygon<f64> {
    let ring = |ring: &Vec<Point>| LineString::from(ring.iter().map(position).collect::<Vec<_>>());
    let polygon = |rings: &Vec<Vec<Point>>| {
        Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect())
    };
    MultiPolygon(area.polygons.iter().map(polygon).collect())
}

fn boxed(ring: &[Point], area: usize) -> Boxed {
    let mut one = Boxed {
        low: [f64::INFINITY; 2],
        high: [f64::NEG_INFINITY; 2],
        area,
    };
    for at in ring.iter().map(position) {
        one.low = [one.low[0].min(at.x), one.low[1].min(at.y)];
        one.high = [one.high[0].max(at.x), one.high[1].max(at.y)];
    }
    one
}
