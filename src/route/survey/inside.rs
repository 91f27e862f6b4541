//! Whether one polygon lies inside another: proven where their borders do not meet at all.

use crate::plan::{Area, Point};

use super::super::geo::{contains, edges, pole_of};
use super::super::sphere::HALF_TURN_E7;

/// Pairs of edges compared at most: two borders of some thousand vertices each.
const MAX_PAIRS: usize = 50_000_000;

/// Whether all of `small` lies in `large`. Of areas whose borders meet, that cross the
/// antimeridian or hold a pole, it does not know unless they are the same.
pub fn lies_in(small: &Area, large: &Area) -> bool {
    if small.polygons == large.polygons {
        return true;
    }
    let rings = |area: &Area| area.polygons.iter().flatten().count();
    let sane = |area: &Area| area.polygons.iter().flatten().all(|ring| is_plain(ring));
    if rings(small) == 0 || !sane(small) || !sane(large) {
        return false;
    }
    let first = |ring: &Vec<Point>| ring[0];
    let mut outer = small.polygons.iter().filter_map(|rings| rings.first());
    let mut theirs = large.polygons.iter().flatten();
    // Where borders do not meet, one vertex speaks for its whole ring.
    outer.all(|ring| contains(large, first(ring)))
        && theirs.all(|ring| !contains(small, first(ring)))
        && !borders_meet(small, large)
}

/// A ring with vertices that neither goes round the globe nor crosses the antimeridian.
fn is_plain(ring: &[Point]) -> bool {
    let long = |(from, to): (Point, Point)| {
        (i64::from(from.lon_e7) - i64::from(to.lon_e7)).abs() >= HALF_TURN_E7
    };
    !ring.is_empty() && pole_of(ring).is_none() && !edges(ring).any(long)
}

fn borders_meet(one: &Area, other: &Area) -> bool {
    let all = |area: &Area| -> Vec<(Point, Point)> {
        let rings = area.polygons.iter().flatten();
        rings.flat_map(|ring| edges(ring)).collect()
    };
    let (ours, theirs) = (all(one), all(other));
    if ours.len().saturating_mul(theirs.len()) > MAX_PAIRS {
        return true;
    }
    let meets = |ours: &(Point, Point)| theirs.iter().any(|theirs| edges_meet(*ours, *theirs));
    ours.iter().any(meets)
}

/// Whether two edges have a point in common, in whole numbers.
fn edges_meet(one: (Point, Point), other: (Point, Point)) -> bool {
    let apart = |a: i32, b: i32, c: i32, d: i32| a.max(b) < c.min(d) || c.max(d) < a.min(b);
    if apart(one.0.lon_e7, one.1.lon_e7, other.0.lon_e7, other.1.lon_e7)
        || apart(one.0.lat_e7, one.1.lat_e7, other.0.lat_e7, other.1.lat_e7)
    {
        return false;
    }
    let sides = |edge: (Point, Point), other: (Point, Point)| {
        turn(edge.0, edge.1, other.0) * turn(edge.0, edge.1, other.1) <= 0
    };
    // Edges on one line whose boxes meet count as meeting, which is the careful answer.
    sides(one, other) && sides(other, one)
}

/// The side of the line from `from` to `to` on which the point lies: -1, 0 or 1.
fn turn(from: Point, to: Point, point: Point) -> i128 {
    let difference = |a: i32, b: i32| i128::from(a) - i128::from(b);
    let cross = difference(to.lon_e7, from.lon_e7) * difference(point.lat_e7, from.lat_e7)
        - difference(to.lat_e7, from.lat_e7) * difference(point.lon_e7, from.lon_e7);
    cross.signum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square by its south-western corner and side, in degrees.
    fn square(lon: i32, lat: i32, side: i32) -> Vec<Point> {
        let corners = [(0, 0), (side, 0), (side, side), (0, side)];
        let place = |(east, north)| Point {
            lon_e7: (lon + east) * 10_000_000,
            lat_e7: (lat + north) * 10_000_000,
        };
        corners.map(place).to_vec()
    }

    fn area(polygons: Vec<Vec<Vec<Point>>>) -> Area {
        Area {
            id: "a".into(),
            polygons,
        }
    }

    #[test]
    fn an_area_lies_in_another_if_nothing_of_it_is_outside() {
        let large = area(vec![vec![square(0, 0, 10)]]);
        let holed = area(vec![vec![square(0, 0, 10), square(4, 4, 2)]]);
        let twice = area(vec![vec![square(0, 0, 10)], vec![square(20, 0, 5)]]);
        let round = area(vec![vec![square(170, 0, 9), square(-179, 0, 3)]]);
        let ring = |lon, lat, side| area(vec![vec![square(lon, lat, side)]]);
        for (small, large, expected) in [
            (&ring(1, 1, 2), &large, true),
            (&large, &ring(1, 1, 2), false),
            (&large, &large, true),
            // It touches the border, crosses it, lies beside it.
            (&ring(0, 1, 2), &large, false),
            (&ring(9, 1, 2), &large, false),
            (&ring(11, 1, 2), &large, false),
            // In a hole, round a hole, beside a hole.
            (&ring(4, 4, 1), &holed, false),
            (&ring(3, 3, 4), &holed, false),
            (&ring(1, 1, 2), &holed, true),
            (&holed, &large, false),
            // Of several parts each must be inside one.
            (
                &area(vec![vec![square(1, 1, 1)], vec![square(21, 1, 1)]]),
                &twice,
                true,
            ),
            (
                &area(vec![vec![square(1, 1, 1)], vec![square(31, 1, 1)]]),
                &twice,
                false,
            ),
            (&ring(171, 1, 2), &round, true),
        ] {
            assert_eq!(lies_in(small, large), expected, "{small:?} in {large:?}");
        }
    }
}
