//! Units of polygons and circles: a mosaic of cells where shapes are many, an R-tree of their boxes where they are few.

use std::ops::ControlFlow;

use rstar::{AABB, RTree, RTreeObject, RTreeParams};

use crate::plan::condition::Circle;
use crate::plan::{Facts, Plan, Point};
use crate::route::search::Search;
use crate::route::shapes::{self, Bounds, ShapeIx, Shapes};
use crate::route::units::Unit;

use super::Place;
use super::mosaic::{Mosaic, Placed};

/// Shapes that one look at a node of the tree tells apart. A mosaic of so few would be larger
/// and no quicker.
const FEW_SHAPES: usize = 3;

/// What a shape's box leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Leaf {
    bounds: Bounds,
    unit: u32,
}

impl RTreeObject for Leaf {
    type Envelope = AABB<[i32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.bounds.low, self.bounds.high)
    }
}

/// Nodes of 16: fewer levels to descend, and the boxes of a node are read in a row.
#[derive(Debug)]
struct WideNodes;

impl RTreeParams for WideNodes {
    const MIN_SIZE: usize = 4;
    const MAX_SIZE: usize = 16;
    const REINSERTION_COUNT: usize = 2;
    type DefaultInsertionStrategy = rstar::RStarInsertionStrategy;
}

/// Units by shape.
#[derive(Debug)]
pub enum ShapeUnits {
    Few(Boxes),
    Many(Mosaic),
}

/// Units by the boxes of their shapes.
#[derive(Debug)]
pub struct Boxes {
    tree: RTree<Leaf, WideNodes>,
    units: Vec<Unit>,
}

impl ShapeUnits {
    pub fn build(plan: &Plan, shapes: &mut Shapes, filed: &[(Place<'_>, Unit)]) -> Self {
        let placed = place(plan, shapes, filed);
        if placed.len() <= FEW_SHAPES {
            Self::Few(Boxes::of(&placed))
        } else {
            Self::Many(Mosaic::of(shapes, &placed))
        }
    }

    pub fn offer<'s>(&'s self, facts: &Facts<'_>, search: &mut Search<'s>) {
        let Some((point, _)) = facts.position else {
            return;
        };
        match self {
            Self::Few(boxes) => boxes.each(point, |unit| search.offer_unit(unit)),
            Self::Many(mosaic) => {
                mosaic.each(point, |owners, overlays| search.offer(owners, overlays));
            }
        }
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Few(boxes) => {
                boxes.tree.size() * size_of::<Leaf>() + size_of_val(&boxes.units[..])
            }
            Self::Many(mosaic) => mosaic.bytes(),
        }
    }
}

/// Every shape that rules are filed under. Circles join the areas among the shapes.
fn place(plan: &Plan, shapes: &mut Shapes, filed: &[(Place<'_>, Unit)]) -> Vec<Placed> {
    let mut placed = Vec::new();
    for &(place, unit) in filed {
        match place {
            Place::Area(ix) => {
                let first = shapes.of_area(ix).start;
                for (at, bounds) in shapes::polygon_bounds(&plan.areas[ix.at()]) {
                    placed.push(Placed {
                        shape: first + at as ShapeIx,
                        bounds,
                        unit,
                    });
                }
            }
            Place::Circle(center, radius) => {
                let circle = Circle {
                    center,
                    radius_m: f64::from_bits(radius),
                };
                placed.push(Placed {
                    shape: shapes.add_circle(&circle),
                    bounds: shapes::circle_bounds(&circle),
                    unit,
                });
            }
            _ => {}
        }
    }
    placed
}

impl Boxes {
    fn of(placed: &[Placed]) -> Self {
        let leaves = placed.iter().zip(0..).flat_map(|(one, unit)| {
            let bounds = one.bounds.iter();
            bounds.map(move |&bounds| Leaf { bounds, unit })
        });
        Self {
            tree: RTree::bulk_load_with_params(leaves.collect()),
            units: placed
                .iter()
                .map(|one| one.unit.within(one.shape))
                .collect(),
        }
    }

    /// Shows the units of all shapes whose boxes hold a point.
    fn each<'s>(&'s self, point: Point, mut see: impl FnMut(&'s Unit)) {
        let at = AABB::from_point([shapes::canonical_lon(point.lon_e7), point.lat_e7]);
        let everything = self.tree.locate_in_envelope_intersecting_int(at, |leaf| {
            see(&self.units[leaf.unit as usize]);
            ControlFlow::<()>::Continue(())
        });
        debug_assert_eq!(everything, ControlFlow::Continue(()));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::plan::Area;
    use crate::route::sieve::Sieve;
    use crate::route::units::{Entry, Held, NO_SHAPE};

    use super::*;

    const DEGREE: i32 = 10_000_000;

    /// Points on a coarse grid over the whole world and a little beside it.
    fn point() -> impl Strategy<Value = Point> {
        (-36..=36_i32, -18..=18_i32, -1..=1_i32, -1..=1_i32).prop_map(|(lon, lat, east, north)| {
            Point {
                lon_e7: (lon * 5 * DEGREE + east).clamp(-180 * DEGREE, 180 * DEGREE),
                lat_e7: (lat * 5 * DEGREE + north).clamp(-90 * DEGREE, 90 * DEGREE),
            }
        })
    }

    fn polygon() -> impl Strategy<Value = Vec<Vec<Point>>> {
        let ring = |count| prop::collection::vec(point(), count);
        (ring(3..9), ring(0..5)).prop_map(|(outer, hole)| vec![outer, hole])
    }

    fn circle() -> impl Strategy<Value = Circle> {
        let radius = prop_oneof![Just(1.0), 100.0..50_000.0, 1e5..2.1e7_f64];
        (point(), radius).prop_map(|(center, radius_m)| Circle { center, radius_m })
    }

    /// A shape's unit, known by its number.
    fn unit(number: usize) -> Unit {
        let owners = Some(Entry {
            reject: Sieve::default(),
            best: number as u32,
            shape: NO_SHAPE,
            at: 0,
            len: 0,
            held: Held::Here,
        });
        Unit {
            owners,
            overlays: None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]
        #[test]
        fn the_mosaic_agrees_with_the_tree(
            polygons in prop::collection::vec(polygon(), 1..6),
            circles in prop::collection::vec(circle(), 1..6),
            tried in prop::collection::vec((point(), -3_000_000..3_000_000_i32), 40),
        ) {
            let area = Area { id: "one".into(), polygons };
            let mut shapes = Shapes::of_areas(std::slice::from_ref(&area));
            let mut outlines: Vec<(ShapeIx, Vec<Bounds>)> = shapes::polygon_bounds(&area)
                .map(|(at, bounds)| (at as ShapeIx, bounds))
                .collect();
            for circle in &circles {
                outlines.push((shapes.add_circle(circle), shapes::circle_bounds(circle)));
            }
            let placed: Vec<Placed> = outlines
                .into_iter()
                .enumerate()
                .map(|(at, (shape, bounds))| Placed { shape, bounds, unit: unit(at) })
                .collect();
            let (boxes, mosaic) = (Boxes::of(&placed), Mosaic::of(&shapes, &placed));
            let centers = circles.iter().map(|one| (one.center, 0));
            for (near, shift) in tried.into_iter().chain(centers) {
                let lon_e7 = (near.lon_e7 + shift).clamp(-180 * DEGREE, 180 * DEGREE);
                let point = Point { lon_e7, ..near };
                let inside = |entry: &Entry| entry.shape == NO_SHAPE || shapes.contains(entry.shape, point);
                let (mut by_boxes, mut by_cells) = (Vec::new(), Vec::new());
                boxes.each(point, |unit| by_boxes.extend(unit.owners.filter(inside).map(|one| one.best)));
                mosaic.each(point, |owners, _| {
                    by_cells.extend(owners.iter().filter(|one| inside(one)).map(|one| one.best));
                });
                by_boxes.sort_unstable();
                by_boxes.dedup();
                by_cells.sort_unstable();
                prop_assert_eq!(by_boxes, by_cells, "{:?}", point);
            }
        }
    }
}
