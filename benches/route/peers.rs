//! What one would write instead: rstar with one dictionary that knows counties, industries and sizes only.

use bailiwick::plan::{AreaIx, Facts, Plan, Point};
use bailiwick::route::geo;
use rstar::{AABB, RTree, RTreeObject};

use super::dictionary::Dictionary;
use super::leads::{Leads, Places};
use super::measure::Timed;

/// Times the plain peer, once it gave the `answers` that were compared with the oracle.
pub fn run(plan: &Plan, leads: &Leads, places: &Places, answers: &[Option<u32>]) {
    let plain = Plain::of(plan);
    let theirs = |facts: &Facts<'_>| plain.route(plan, facts);
    let differ = answers
        .iter()
        .enumerate()
        .filter(|(at, answer)| theirs(&leads.facts(*at, places)) != **answer);
    assert_eq!(differ.count(), 0, "the plain peer answers otherwise");
    println!("  {} answers of the plain peer are equal", answers.len());
    Timed::of(leads, places, &theirs).print("plain rstar + dictionary");
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

/// Boxes in floats, borders in the plan's own order tested by the router's plain reference,
/// and one dictionary.
struct Plain {
    tree: RTree<Boxed>,
    dictionary: Dictionary,
}

impl Plain {
    fn of(plan: &Plan) -> Self {
        let mut boxes = Vec::new();
        for (area, at) in plan.areas.iter().zip(0..) {
            for rings in &area.polygons {
                boxes.push(boxed(&rings[0], AreaIx(at)));
            }
        }
        Self {
            tree: RTree::bulk_load(boxes),
            dictionary: Dictionary::of(plan),
        }
    }

    fn route(&self, plan: &Plan, facts: &Facts<'_>) -> Option<u32> {
        let (point, _) = facts.position?;
        let at = [f64::from(point.lon_e7), f64::from(point.lat_e7)];
        let inside = |one: &&Boxed| geo::contains(&plan.areas[one.area.at()], point);
        let found = self
            .tree
            .locate_in_envelope_intersecting(AABB::from_point(at))
            .find(inside)?;
        self.dictionary.find(found.area.0, facts)
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
