//! Exact point-in-polygon in whole 1e-7 degrees: closed polygons, holes, the antimeridian, the poles.
//!
//! A meridian is drawn from the point to the north pole and its crossings with a ring are
//! counted on the cylinder of longitudes, edge by edge, so that no ring needs unwrapping.
//! Edges are straight in longitude and latitude. Each product of two differences stays below
//! 3.24e18 and their sum below 6.5e18, so 64 bits suffice.

use crate::plan::{Area, Point};

use super::sphere::{TURN_E7, surface_below_edge_m2, wrap};

/// Where a point lies of a ring or an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Outside,
    Border,
    Inside,
}

/// Which pole a ring goes round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pole {
    North,
    South,
}

/// What an edge does to the meridian from a point to the north pole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// They do not meet.
    Apart,
    /// The edge crosses the meridian.
    Crosses,
    /// The point itself lies on the edge.
    Touches,
}

/// Whether the point lies in the area, borders included.
pub fn contains(area: &Area, point: Point) -> bool {
    area.polygons.iter().any(|rings| in_polygon(rings, point))
}

/// The first ring bounds the polygon, the others are holes: their inside is outside and
/// their border inside.
fn in_polygon(rings: &[Vec<Point>], point: Point) -> bool {
    let Some((outer, holes)) = rings.split_first() else {
        return false;
    };
    side_of(outer, point) != Side::Outside
        && holes
            .iter()
            .all(|hole| side_of(hole, point) != Side::Inside)
}

/// Where the point lies of the ring.
pub fn side_of(ring: &[Point], point: Point) -> Side {
    let mut inside = pole_of(ring) == Some(Pole::North);
    for (from, to) in edges(ring) {
        match meet(from, to, point) {
            Meeting::Apart => {}
            Meeting::Crosses => inside = !inside,
            Meeting::Touches => return Side::Border,
        }
    }
    if inside { Side::Inside } else { Side::Outside }
}

/// The edges of a ring, the closing one last.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    let next = ring.iter().skip(1).chain(ring.first());
    ring.iter().copied().zip(next.copied())
}

/// How an edge meets the meridian that goes north from the point. The western end belongs to
/// the edge and the eastern does not, so a vertex between two edges is crossed once.
pub fn meet(from: Point, to: Point, point: Point) -> Meeting {
    let span = wrap(i64::from(to.lon_e7) - i64::from(from.lon_e7));
    let (west, east, width) = if span < 0 {
        (to, from, -span)
    } else {
        (from, to, span)
    };
    let along = east_of(west, point);
    if along > width {
        return Meeting::Apart;
    }
    let (low, high) = (i64::from(west.lat_e7), i64::from(east.lat_e7));
    let lat = i64::from(point.lat_e7);
    if width == 0 {
        let between = low.min(high) <= lat && lat <= low.max(high);
        return if between {
            Meeting::Touches
        } else {
            Meeting::Apart
        };
    }
    // Positive where the edge passes north of the point.
    let above = along * (high - low) - width * (lat - low);
    match above {
        0 => Meeting::Touches,
        1.. if along < width => Meeting::Crosses,
        _ => Meeting::Apart,
    }
}

/// How far east of `west` the point lies, from 0 up to a whole turn.
fn east_of(west: Point, point: Point) -> i64 {
    let difference = i64::from(point.lon_e7) - i64::from(west.lon_e7);
    if difference < 0 {
        difference + TURN_E7
    } else if difference >= TURN_E7 {
        difference - TURN_E7
    } else {
        difference
    }
}

/// The pole that a ring goes round, if it does: the one on the side of its mean latitude,
/// because files do not agree on the direction of rings and no territory is larger than a
/// hemisphere.
pub fn pole_of(ring: &[Point]) -> Option<Pole> {
    let (mut turned, mut latitude) = (0_i64, 0_i128);
    for (from, to) in edges(ring) {
        let step = wrap(i64::from(to.lon_e7) - i64::from(from.lon_e7));
        turned += step;
        latitude += i128::from(step) * i128::from(i64::from(from.lat_e7) + i64::from(to.lat_e7));
    }
    // A ring that goes round twice crosses itself, and holds neither pole.
    if turned / TURN_E7 % 2 == 0 {
        return None;
    }
    let northern = latitude * i128::from(turned.signum()) >= 0;
    Some(if northern { Pole::North } else { Pole::South })
}

/// Surface of an area in square metres on the sphere, holes taken off. Only for ranks: the
/// sum is the same on every machine, but rounded.
pub fn surface_m2(area: &Area) -> f64 {
    area.polygons
        .iter()
        .map(|rings| polygon_surface_m2(rings))
        .sum()
}

fn polygon_surface_m2(rings: &[Vec<Point>]) -> f64 {
    let mut surfaces = rings.iter().map(|ring| ring_surface_m2(ring));
    let outer = surfaces.next().unwrap_or(0.0);
    (outer - surfaces.sum::<f64>()).max(0.0)
}

fn ring_surface_m2(ring: &[Point]) -> f64 {
    let below = edges(ring)
        .map(|(from, to)| surface_below_edge_m2(from, to))
        .sum::<f64>()
        .abs();
    match pole_of(ring) {
        None => below,
        Some(_) => {
            let radius = super::sphere::EARTH_RADIUS_M;
            (2.0 * std::f64::consts::PI * radius * radius - below).abs()
        }
    }
}
