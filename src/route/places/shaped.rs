//! Units of polygons and circles: an R-tree of their boxes, the exact test left to the search.

use std::ops::ControlFlow;

use rstar::{AABB, RTree, RTreeObject, RTreeParams};

use crate::plan::condition::Circle;
use crate::plan::{Facts, Plan};
use crate::route::search::Search;
use crate::route::shapes::{self, Bounds, ShapeIx, Shapes};
use crate::route::units::UnitRef;

use super::Place;

/// What a shape's box leads to: 32 bytes, so that two lie in a line of memory.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Leaf {
    bounds: Bounds,
    shape: ShapeIx,
    unit: UnitRef,
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
pub struct ShapeUnits {
    tree: RTree<Leaf, WideNodes>,
}

impl ShapeUnits {
    pub fn build(plan: &Plan, shapes: &mut Shapes, filed: &[(Place<'_>, UnitRef)]) -> Self {
        let mut leaves = Vec::new();
        for &(place, unit) in filed {
            match place {
                Place::Area(ix) => {
                    let first = shapes.of_area(ix).start;
                    for (at, bounds) in shapes::polygon_bounds(&plan.areas[ix.at()]) {
                        let shape = first + at as ShapeIx;
                        leaves.push(Leaf {
                            bounds,
                            shape,
                            unit,
                        });
                    }
                }
                Place::Circle(center, radius) => {
                    let circle = Circle {
                        center,
                        radius_m: f64::from_bits(radius),
                    };
                    let shape = shapes.add_circle(&circle);
                    for bounds in shapes::circle_bounds(&circle) {
                        leaves.push(Leaf {
                            bounds,
                            shape,
                            unit,
                        });
                    }
                }
                _ => {}
            }
        }
        Self {
            tree: RTree::bulk_load_with_params(leaves),
        }
    }

    pub fn offer(&self, facts: &Facts<'_>, search: &mut Search<'_>) {
        let Some((point, _)) = facts.position else {
            return;
        };
        let at = AABB::from_point([shapes::canonical_lon(point.lon_e7), point.lat_e7]);
        let everything = self.tree.locate_in_envelope_intersecting_int(at, |leaf| {
            search.offer(leaf.unit, Some(leaf.shape));
            ControlFlow::<()>::Continue(())
        });
        debug_assert_eq!(everything, ControlFlow::Continue(()));
    }
}
