//! How a shape lies to a cell of longitude and latitude: all of it inside, none of it, or something of the border.
//!
//! The answer may call a cell a border cell that is none, never the other way round: a cell
//! that no edge meets is inside or outside as a whole, and of circles the least and greatest
//! distances are bounded with room for every rounding.

use crate::plan::Point;

use super::shapes::{Bounds, Edge, Outline, ShapeIx, Shapes, east_of};
use super::sphere::TURN_E7;

/// A cell, its sides included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub west: i32,
    pub east: i32,
    pub south: i32,
    pub north: i32,
}

impl Cell {
    /// Whether it has a point in common with a box.
    pub const fn meets(&self, bounds: &Bounds) -> bool {
        self.west <= bounds.high[0]
            && bounds.low[0] <= self.east
            && self.south <= bounds.high[1]
            && bounds.low[1] <= self.north
    }
}

/// How a shape lies to a cell.
#[derive(Clone, Debug)]
pub enum Relation {
    Outside,
    /// The outline as far as it may meet the cell.
    Border(Outline),
    Inside,
}

/// How a shape, of which this is the outline near the cell, lies to it.
pub fn relation(shapes: &Shapes, shape: ShapeIx, outline: &Outline, cell: Cell) -> Relation {
    match outline {
        Outline::Edges(edges) => {
            let near: Vec<Edge> = edges
                .iter()
                .filter(|edge| may_meet(edge, cell))
                .copied()
                .collect();
            let corner = Point {
                lon_e7: cell.west,
                lat_e7: cell.south,
            };
            if !near.is_empty() {
                Relation::Border(Outline::Edges(near))
            } else if shapes.contains(shape, corner) {
                Relation::Inside
            } else {
                Relation::Outside
            }
        }
        Outline::Cap(cap) => match cap.holds(cell) {
            Some(true) => Relation::Inside,
            Some(false) => Relation::Outside,
            None => Relation::Border(outline.clone()),
        },
    }
}

/// Whether an edge meets a cell or comes close to it.
fn may_meet(edge: &Edge, cell: Cell) -> bool {
    let (south, north) = (edge.lat.min(edge.end()), edge.lat.max(edge.end()));
    if north < cell.south || cell.north < south {
        return false;
    }
    let along = east_of(edge.lon, cell.west);
    [along, along - TURN_E7]
        .into_iter()
        .any(|west| cuts(edge, cell, west))
}

/// Whether the straight line through an edge cuts a cell that begins so far east of it and
/// that its longitudes reach.
fn cuts(edge: &Edge, cell: Cell, west: i64) -> bool {
    let east = west + i64::from(cell.east) - i64::from(cell.west);
    if west > i64::from(edge.width) || east < 0 {
        return false;
    }
    let side = |along: i64, lat: i32| {
        let up = i128::from(lat) - i128::from(edge.lat);
        (i128::from(along) * i128::from(edge.rise) - i128::from(edge.width) * up).signum()
    };
    let first = side(west, cell.south);
    first == 0
        || [(west, cell.north), (east, cell.south), (east, cell.north)]
            .into_iter()
            .any(|(along, lat)| side(along, lat) != first)
}
