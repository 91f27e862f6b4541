//! Holes that lie outside the ring they should cut a hole into.

use crate::plan::facts::Point;

use super::meeting::cross;
use super::{Loop, MAX_PAIRS, Spot, TURN};

/// Where a position lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Inside,
    Border,
    Outside,
}

/// The first hole of a polygon, by its position among the rings, that lies outside the outer
/// ring. The rings must not cross each other, so that one position of a hole off the outer
/// ring's border speaks for all of it. Nothing is said of rings round a pole.
pub(in crate::plan::check) fn stray(rings: &[Vec<Point>]) -> Option<usize> {
    let (outer, holes) = rings.split_first()?;
    let outer = unrolled(&Loop::new(outer))?;
    let mut left = MAX_PAIRS;
    for (at, hole) in holes.iter().enumerate() {
        for spot in Loop::new(hole).spots {
            left = left.checked_sub(outer.len())?;
            match side(&outer, spot) {
                Side::Inside => break,
                Side::Border => {}
                Side::Outside => return Some(at + 1),
            }
        }
    }
    None
}

/// The positions on the plane; `None` for a ring round a pole.
fn unrolled(ring: &Loop) -> Option<Vec<Spot>> {
    let mut at = *ring.spots.first()?;
    let mut spots = Vec::with_capacity(ring.spots.len());
    for step in 0..ring.spots.len() {
        spots.push(at);
        let (dx, dy) = ring.step(step);
        at = (at.0 + dx, at.1 + dy);
    }
    (at == spots[0]).then_some(spots)
}

/// Where a position lies of a ring, which may be unrolled a turn beside it.
fn side(ring: &[Spot], (x, y): Spot) -> Side {
    let turns = [-TURN, 0, TURN].map(|shift| side_on_plane(ring, (x + shift, y)));
    let found = turns.into_iter().find(|side| *side != Side::Outside);
    found.unwrap_or(Side::Outside)
}

fn side_on_plane(ring: &[Spot], (x, y): Spot) -> Side {
    let mut inside = false;
    for (at, &from) in ring.iter().enumerate() {
        let to = ring[(at + 1) % ring.len()];
        let turn = cross((to.0 - from.0, to.1 - from.1), (x - from.0, y - from.1));
        let beside = (from.0.min(to.0)..=from.0.max(to.0)).contains(&x)
            && (from.1.min(to.1)..=from.1.max(to.1)).contains(&y);
        if turn == 0 && beside {
            return Side::Border;
        }
        let upward = from.1 <= y && y < to.1;
        let downward = to.1 <= y && y < from.1;
        if upward && turn > 0 || downward && turn < 0 {
            inside = !inside;
        }
    }
    match inside {
        true => Side::Inside,
        false => Side::Outside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(lon: i32, lat: i32, side: i32) -> Vec<Point> {
        let corners = [(0, 0), (side, 0), (side, side), (0, side)];
        let point = |(x, y): (i32, i32)| Point {
            lon_e7: ((lon + x + 180).rem_euclid(360) - 180) * 10_000_000,
            lat_e7: (lat + y) * 10_000_000,
        };
        corners.map(point).to_vec()
    }

    #[test]
    fn holes_outside_are_told_from_those_inside() {
        for (name, rings, found) in [
            ("inside", vec![square(0, 0, 9), square(1, 1, 2)], None),
            ("outside", vec![square(0, 0, 9), square(20, 1, 2)], Some(1)),
            (
                "the second",
                vec![square(0, 0, 9), square(1, 1, 2), square(1, 20, 2)],
                Some(2),
            ),
            (
                "at the border",
                vec![square(0, 0, 9), square(0, 0, 2)],
                None,
            ),
            (
                "at the border, outside",
                vec![square(0, 0, 9), square(9, 0, 2)],
                Some(1),
            ),
            (
                "round the outer ring",
                vec![square(0, 0, 2), square(-1, -1, 9)],
                Some(1),
            ),
            (
                "over the antimeridian",
                vec![square(175, 0, 9), square(-179, 1, 2)],
                None,
            ),
            (
                "beside the antimeridian",
                vec![square(175, 0, 9), square(-170, 1, 2)],
                Some(1),
            ),
            ("no hole", vec![square(0, 0, 9)], None),
            ("nothing", vec![], None),
        ] {
            assert_eq!(stray(&rings), found, "{name}");
        }
    }

    #[test]
    fn nothing_is_said_of_a_ring_round_a_pole() {
        let at = |lon: i32| Point {
            lon_e7: lon * 10_000_000,
            lat_e7: 800_000_000,
        };
        let pole = vec![at(0), at(120), at(-120)];
        assert_eq!(stray(&[pole, square(0, 0, 2)]), None);
    }
}
