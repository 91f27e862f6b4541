//! How two edges of a border meet: apart, touching, or crossing each other.

use super::{HALF, Loop, Spot, TURN};

/// An edge of a ring, or its copy on the other side of the antimeridian.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub ring: u32,
    pub at: u32,
    pub from: Spot,
    pub to: Spot,
}

/// How two edges meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meeting {
    Apart,
    Touch([f64; 2]),
    Cross([f64; 2]),
}

/// How two different edges meet, apart from neighbours meeting in their common position.
pub(super) fn meet(loops: &[Loop], a: &Edge, b: &Edge) -> Meeting {
    let sides_of_a = (side(a.from, a.to, b.from), side(a.from, a.to, b.to));
    let sides_of_b = (side(b.from, b.to, a.from), side(b.from, b.to, a.to));
    if sides_of_a.0 * sides_of_a.1 < 0 && sides_of_b.0 * sides_of_b.1 < 0 {
        return Meeting::Cross(intersection(a, b));
    }
    if sides_of_a.0 * sides_of_a.1 > 0 || sides_of_b.0 * sides_of_b.1 > 0 {
        return Meeting::Apart;
    }
    let length = |edge: &Edge| loops[edge.ring as usize].spots.len() as u32;
    if a.ring == b.ring && (a.at + 1) % length(a) == b.at {
        return neighbours(a, b);
    }
    if a.ring == b.ring && (b.at + 1) % length(b) == a.at {
        return neighbours(b, a);
    }
    let ends = [(a, a.from, b), (a, a.to, b), (b, b.from, a), (b, b.to, a)];
    let touching = ends.iter().filter(|(_, spot, edge)| holds(edge, *spot));
    let through = touching
        .clone()
        .any(|(own, spot, edge)| passes(loops, own, *spot, edge));
    match touching.map(|(_, spot, _)| degrees(*spot)).next() {
        Some(at) if through => Meeting::Cross(at),
        Some(at) => Meeting::Touch(at),
        None => Meeting::Apart,
    }
}

/// Neighbours meet where the first ends; they touch beyond it if the second turns back.
fn neighbours(first: &Edge, second: &Edge) -> Meeting {
    // The copy of one may lie beside the original of the other.
    if first.to != second.from || side(first.from, first.to, second.to) != 0 {
        return Meeting::Apart;
    }
    let back = (first.from.0 - first.to.0, first.from.1 - first.to.1);
    let on = (second.to.0 - second.from.0, second.to.1 - second.from.1);
    match along(back, on) > 0 {
        true => Meeting::Touch(degrees(first.to)),
        false => Meeting::Apart,
    }
}

/// Whether the border that has `spot` at an end of `own` goes there from one side of the
/// other border to its other side.
fn passes(loops: &[Loop], own: &Edge, spot: Spot, edge: &Edge) -> bool {
    let (before, after) = arms(loops, own, spot);
    if spot != edge.from && spot != edge.to {
        let (left, right) = (
            side(edge.from, edge.to, before),
            side(edge.from, edge.to, after),
        );
        return left * right < 0;
    }
    let (other_before, other_after) = arms(loops, edge, spot);
    let between = |arm: Spot| is_between(spot, before, after, arm);
    let collinear = [other_before, other_after]
        .iter()
        .any(|&arm| same_direction(spot, arm, before) || same_direction(spot, arm, after));
    !collinear && between(other_before) != between(other_after)
}

/// The positions before and after the end `spot` of an edge, on that edge's side of the
/// antimeridian.
fn arms(loops: &[Loop], edge: &Edge, spot: Spot) -> (Spot, Spot) {
    let ring = &loops[edge.ring as usize];
    let length = ring.spots.len();
    let at = edge.at as usize;
    if spot == edge.from {
        let (dx, dy) = ring.step((at + length - 1) % length);
        ((spot.0 - dx, spot.1 - dy), edge.to)
    } else {
        let (dx, dy) = ring.step((at + 1) % length);
        (edge.from, (spot.0 + dx, spot.1 + dy))
    }
}

/// Whether `arm` lies in the turn from `from` to `to` round `center`, counterclockwise.
fn is_between(center: Spot, from: Spot, to: Spot, arm: Spot) -> bool {
    let (to_side, arm_from) = (side(center, from, to), side(center, from, arm));
    let arm_to = side(center, arm, to);
    if to_side > 0 || (to_side == 0 && same_direction(center, from, to)) {
        arm_from > 0 && arm_to > 0
    } else {
        arm_from > 0 || arm_to > 0
    }
}

fn same_direction(center: Spot, a: Spot, b: Spot) -> bool {
    let a = (a.0 - center.0, a.1 - center.1);
    let b = (b.0 - center.0, b.1 - center.1);
    cross(a, b) == 0 && along(a, b) > 0
}

pub(super) fn along(a: Spot, b: Spot) -> i128 {
    i128::from(a.0) * i128::from(b.0) + i128::from(a.1) * i128::from(b.1)
}

pub(super) fn cross(a: Spot, b: Spot) -> i128 {
    i128::from(a.0) * i128::from(b.1) - i128::from(a.1) * i128::from(b.0)
}

/// 1 if `spot` is left of the line from `from` to `to`, -1 if right, 0 if on it.
fn side(from: Spot, to: Spot, spot: Spot) -> i32 {
    let line = (to.0 - from.0, to.1 - from.1);
    let beside = (spot.0 - from.0, spot.1 - from.1);
    cross(line, beside).signum() as i32
}

/// Whether a position lies on an edge, ends included.
fn holds(edge: &Edge, spot: Spot) -> bool {
    let within = |a: i64, b: i64, x: i64| (a.min(b)..=a.max(b)).contains(&x);
    side(edge.from, edge.to, spot) == 0
        && within(edge.from.0, edge.to.0, spot.0)
        && within(edge.from.1, edge.to.1, spot.1)
}

/// Where two edges that cross do so, for the eye.
fn intersection(a: &Edge, b: &Edge) -> [f64; 2] {
    let f = |spot: Spot| (spot.0 as f64, spot.1 as f64);
    let ((ax, ay), (bx, by)) = (f(a.from), f(a.to));
    let ((cx, cy), (dx, dy)) = (f(b.from), f(b.to));
    let across = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx);
    let along = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / across;
    let spot = (
        (ax + along * (bx - ax)).round() as i64,
        (ay + along * (by - ay)).round() as i64,
    );
    degrees(spot)
}

/// Rounding moves each end by half a step of the map's grid along each axis, so that an end
/// and an edge that were apart have come no further into each other than this.
const ROUNDED_STEPS: f64 = 1.5;

/// An end that lies on the other edge, but for what is lost in dividing.
const ON_EDGE_STEPS: f64 = 1e-6;

/// Whether two edges cross by so little that the map's own rounding explains it.
pub(super) fn is_rounded(a: &Edge, b: &Edge, grid: [i64; 2]) -> bool {
    let ends = [(a.from, b), (a.to, b), (b.from, a), (b.to, a)];
    let mut apart = ends.iter().map(|(spot, edge)| steps(*spot, edge, grid));
    apart.any(|steps| (ON_EDGE_STEPS..=ROUNDED_STEPS).contains(&steps))
}

/// Steps of a grid between a position and an edge.
fn steps(spot: Spot, edge: &Edge, grid: [i64; 2]) -> f64 {
    let scaled = |(x, y): Spot| (x as f64 / grid[0] as f64, y as f64 / grid[1] as f64);
    let ((ax, ay), (bx, by), (px, py)) = (scaled(edge.from), scaled(edge.to), scaled(spot));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let along = match length > 0.0 {
        true => (((px - ax) * dx + (py - ay) * dy) / length).clamp(0.0, 1.0),
        false => 0.0,
    };
    (px - ax - along * dx).hypot(py - ay - along * dy)
}

/// Longitude and latitude, the longitude back within its range.
pub(super) fn degrees((x, y): Spot) -> [f64; 2] {
    let x = match x {
        far if far > HALF => far - TURN,
        far if far < -HALF => far + TURN,
        near => near,
    };
    [x as f64 / 1e7, y as f64 / 1e7]
}
