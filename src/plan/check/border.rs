//! Borders of areas checked exactly: crossings, touching points, rings without area.
//!
//! Everything is whole numbers of 1e-7 degrees on a cylinder of 360 degrees round, so that
//! a border across the antimeridian is as good as any other. Steps of more than 180 degrees
//! of longitude go the short way round.

mod holes;
mod meeting;

use rstar::{AABB, RTree, RTreeObject};

use crate::plan::facts::Point;

pub(super) use holes::stray;
use meeting::{Edge, Meeting, cross, is_rounded, meet};

/// Half a turn, in 1e-7 degrees.
const HALF: i64 = 1_800_000_000;

/// From the equator to a pole.
const QUARTER: i64 = 900_000_000;

/// A whole turn.
const TURN: i64 = 2 * HALF;

/// Pairs of near edges compared in one area. Real coasts need a few pairs an edge; a border
/// made to need more than this is refused instead of taking minutes.
const MAX_PAIRS: usize = 20_000_000;

/// Positions of one area; the most detailed coasts of whole countries have a tenth.
const MAX_POSITIONS: usize = 2_000_000;

/// A part narrower than this on average, in metres, is left over from clipping.
const SLIVER_M: f64 = 1.0;

/// A loop is tiny if its area is at most this part of its ring's. The largest in the US
/// counties of us-atlas is a three-thousandth.
const TINY: i128 = 1000;

/// Positions of a loop at most; longer ones are drawn and not left over.
const MAX_LOOP: usize = 16;

/// Metres of 1e-7 degree of latitude.
const M_PER_STEP: f64 = 0.011_132;

/// A position on the plane that the cylinder is unrolled to.
type Spot = (i64, i64);

/// What there is to say of an area's border.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Findings {
    /// Where it crosses itself: the first position in degrees, with its ring, and how many.
    pub crossings: Vec<(usize, [f64; 2])>,
    /// Where it crosses itself in a loop that is next to nothing.
    pub loops: Vec<(usize, [f64; 2])>,
    /// Where it touches itself.
    pub touches: Vec<(usize, [f64; 2])>,
    /// Rings without area.
    pub flat: Vec<usize>,
    /// Rings narrower than a sliver.
    pub slivers: Vec<usize>,
    /// The border is too tangled to be checked.
    pub tangled: bool,
}

/// A ring on the cylinder, without positions that follow themselves.
struct Loop {
    spots: Vec<Spot>,
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        // Every coordinate is far below 2^53, so that nothing is lost.
        let corner = |(x, y): Spot| [x as f64, y as f64];
        AABB::from_corners(corner(self.from), corner(self.to))
    }
}

/// Examines all rings of one area together: parts and holes must not cross either. A ring
/// without positions is left out. `grid` is what the map's positions were rounded to, in 1e-7 degrees.
pub(super) fn examine<'p>(rings: impl Iterator<Item = &'p [Point]>, grid: [i64; 2]) -> Findings {
    let loops: Vec<Loop> = rings.map(Loop::new).collect();
    let mut findings = Findings::default();
    if loops.iter().map(|one| one.spots.len()).sum::<usize>() > MAX_POSITIONS {
        findings.tangled = true;
        return findings;
    }
    let mut edges = Vec::new();
    for (ring, one) in loops.iter().enumerate() {
        if one.spots.is_empty() {
            continue;
        }
        if one.is_flat() {
            findings.flat.push(ring);
        } else if one.mean_width_m().is_some_and(|width| width < SLIVER_M) {
            findings.slivers.push(ring);
        }
        one.add_edges(ring as u32, &mut edges);
    }
    compare(&loops, edges, grid, &mut findings);
    let Findings {
        crossings,
        touches,
        flat,
        ..
    } = &mut findings;
    // A bow tie's halves cancel out, and a flat ring touches itself everywhere.
    flat.retain(|ring| crossings.iter().all(|(crossing, _)| crossing != ring));
    touches.retain(|(ring, _)| !flat.contains(ring));
    findings
}

fn compare(loops: &[Loop], edges: Vec<Edge>, grid: [i64; 2], findings: &mut Findings) {
    let tree = RTree::bulk_load(edges);
    let pairs = tree.intersection_candidates_with_other_tree(&tree);
    for (count, (a, b)) in pairs.enumerate() {
        if count == MAX_PAIRS {
            findings.tangled = true;
            return;
        }
        // Each pair comes both ways round, and each edge with itself.
        if (a.ring, a.at) >= (b.ring, b.at) {
            continue;
        }
        match meet(loops, a, b) {
            Meeting::Apart => {}
            Meeting::Touch(at) => findings.touches.push((a.ring as usize, at)),
            Meeting::Cross(at) if is_tiny_loop(loops, a, b, at) || is_rounded(a, b, grid) => {
                findings.loops.push((a.ring as usize, at));
            }
            Meeting::Cross(at) => findings.crossings.push((a.ring as usize, at)),
        }
    }
    for found in [
        &mut findings.crossings,
        &mut findings.loops,
        &mut findings.touches,
    ] {
        found.sort_by(|a, b| {
            a.0.cmp(&b.0)
                .then(a.1[0].total_cmp(&b.1[0]))
                .then(a.1[1].total_cmp(&b.1[1]))
        });
        found.dedup();
    }
}

/// How far from its pole a ring round one reaches on average, in 1e-7 degrees: positive for
/// the north, negative for the south, nothing for any other ring.
pub(super) fn polar_reach(ring: &[Point]) -> Option<i64> {
    let one = Loop::new(ring);
    let (_, round) = one.shoelace();
    let middle = one.spots.iter().map(|spot| spot.1).sum::<i64>();
    let middle = middle.checked_div(one.spots.len() as i64)?;
    let reach = QUARTER - middle.abs();
    (round != 0).then_some(if middle < 0 { -reach } else { reach })
}

impl Loop {
    fn new(ring: &[Point]) -> Self {
        let spot = |point: &Point| {
            // 180 and -180 are one meridian.
            let lon = i64::from(point.lon_e7);
            let lon = if lon == HALF { -HALF } else { lon };
            (lon, i64::from(point.lat_e7))
        };
        let mut spots: Vec<Spot> = ring.iter().map(spot).collect();
        spots.dedup();
        while spots.len() > 1 && spots.first() == spots.last() {
            spots.pop();
        }
        Self { spots }
    }

    fn spot(&self, at: usize) -> Spot {
        self.spots[at % self.spots.len()]
    }

    /// The way from a position to the next, by the shorter side.
    fn step(&self, at: usize) -> Spot {
        let (from, to) = (self.spot(at), self.spot(at + 1));
        (short_way(to.0 - from.0), to.1 - from.1)
    }

    /// Twice the area, and how far the ring goes round: not at all, or once if it holds a
    /// pole.
    fn shoelace(&self) -> (i128, i64) {
        let (mut sum, mut x) = (0_i128, 0_i64);
        for at in 0..self.spots.len() {
            let (dx, dy) = self.step(at);
            let y = self.spot(at).1;
            sum += i128::from(x) * i128::from(y + dy) - i128::from(x + dx) * i128::from(y);
            x += dx;
        }
        (sum, x)
    }

    /// Whether there is no area, or one that cancels out.
    fn is_flat(&self) -> bool {
        let (double_area, round) = self.shoelace();
        round == 0 && double_area == 0
    }

    /// Twice the area over the length; `None` for a ring that holds a pole.
    fn mean_width_m(&self) -> Option<f64> {
        let (double_area, round) = self.shoelace();
        if round != 0 {
            return None;
        }
        let middle = self.spots.iter().map(|spot| spot.1).sum::<i64>() as f64;
        let lat = (middle / self.spots.len() as f64 / 1e7).to_radians();
        let length = |at| {
            let (dx, dy) = self.step(at);
            (dx as f64 * lat.cos()).hypot(dy as f64)
        };
        let around: f64 = (0..self.spots.len()).map(length).sum();
        Some(double_area.abs() as f64 * lat.cos() / around * M_PER_STEP)
    }

    /// Whether the loop from `at` over so many positions and back is tiny beside the ring.
    fn is_tiny(&self, from: usize, count: usize, at: [f64; 2]) -> bool {
        if count > MAX_LOOP {
            return false;
        }
        let center = ((at[0] * 1e7).round() as i64, (at[1] * 1e7).round() as i64);
        let spots = (from..from + count).map(|at| self.spot(at));
        let away: Vec<Spot> = spots
            .map(|(x, y)| (short_way(x - center.0), y - center.1))
            .collect();
        let double_area: i128 = away.windows(2).map(|two| cross(two[0], two[1])).sum();
        double_area.abs() * TINY <= self.shoelace().0.abs()
    }

    fn add_edges(&self, ring: u32, edges: &mut Vec<Edge>) {
        for at in 0..self.spots.len() {
            let from = self.spot(at);
            let (dx, dy) = self.step(at);
            let to = (from.0 + dx, from.1 + dy);
            let at = at as u32;
            edges.push(Edge { ring, at, from, to });
            let shift = match to.0 {
                x if x >= HALF => -TURN,
                x if x < -HALF => TURN,
                _ => continue,
            };
            let moved = |(x, y): Spot| (x + shift, y);
            edges.push(Edge {
                ring,
                at,
                from: moved(from),
                to: moved(to),
            });
        }
    }
}

fn short_way(dx: i64) -> i64 {
    match dx {
        far if far > HALF => far - TURN,
        far if far < -HALF => far + TURN,
        near => near,
    }
}

/// Whether two edges of a ring cross only to close a loop that is next to nothing of it.
/// Simplified maps have such loops, and either half of them is as right as the other.
fn is_tiny_loop(loops: &[Loop], a: &Edge, b: &Edge, at: [f64; 2]) -> bool {
    let ring = &loops[a.ring as usize];
    let (first, last, length) = (a.at as usize, b.at as usize, ring.spots.len());
    a.ring == b.ring
        && (ring.is_tiny(first + 1, last - first, at)
            || ring.is_tiny(last + 1, length - (last - first), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Positions that nobody rounded.
    fn examine_exact<'p>(rings: impl Iterator<Item = &'p [Point]>) -> Findings {
        examine(rings, [1, 1])
    }

    fn ring(positions: &[(f64, f64)]) -> Vec<Point> {
        let point = |&(lon, lat): &(f64, f64)| Point {
            lon_e7: (lon * 1e7).round() as i32,
            lat_e7: (lat * 1e7).round() as i32,
        };
        positions.iter().map(point).collect()
    }

    fn examined(rings: &[&[(f64, f64)]]) -> Findings {
        let rings: Vec<_> = rings.iter().map(|one| ring(one)).collect();
        examine_exact(rings.iter().map(Vec::as_slice))
    }

    type Positions<'a> = &'a [(f64, f64)];

    #[test]
    fn sound_borders_have_nothing_to_say() {
        let cases: [(&str, &[Positions<'_>]); 6] = [
            ("square", &[&[(0., 0.), (1., 0.), (1., 1.), (0., 1.)]]),
            (
                "collinear vertex",
                &[&[(0., 0.), (1., 0.), (2., 0.), (2., 2.)]],
            ),
            (
                "antimeridian",
                &[&[(179., 0.), (-179., 0.), (-179., 1.), (179., 1.)]],
            ),
            ("pole", &[&[(0., 80.), (120., 80.), (-120., 80.)]]),
            (
                "hole",
                &[
                    &[(0., 0.), (9., 0.), (9., 9.), (0., 9.)],
                    &[(1., 1.), (2., 1.), (2., 2.)],
                ],
            ),
            (
                "on the antimeridian",
                &[&[(170., 0.), (180., 0.), (180., 1.), (170., 1.)]],
            ),
        ];
        for (name, rings) in cases {
            assert_eq!(examined(rings), Findings::default(), "{name}");
        }
    }

    #[test]
    fn crossings_are_found_with_their_position() {
        let cases: [(&str, &[Positions<'_>], [f64; 2]); 5] = [
            (
                "bow tie",
                &[&[(0., 0.), (2., 2.), (2., 0.), (0., 2.)]],
                [1., 1.],
            ),
            (
                "bow tie over the antimeridian",
                &[&[(179., 0.), (-179., 2.), (-179., 0.), (179., 2.)]],
                [-180., 1.],
            ),
            (
                "through a vertex",
                &[&[(0., 0.), (1., 1.), (2., 2.), (2., 0.), (0., 2.)]],
                [1., 1.],
            ),
            (
                "vertex on vertex",
                &[&[(0., 0.), (1., 1.), (2., 2.), (2., 0.), (1., 1.), (0., 2.)]],
                [1., 1.],
            ),
            (
                "hole over the border",
                &[
                    &[(0., 0.), (4., 0.), (4., 4.), (0., 4.)],
                    &[(1., 1.), (5., 2.), (1., 3.)],
                ],
                [4., 1.75],
            ),
        ];
        for (name, rings, at) in cases {
            let found = examined(rings);
            let positions: Vec<_> = found.crossings.iter().map(|(_, at)| *at).collect();
            assert!(positions.contains(&at), "{name}: {found:?}");
        }
    }

    #[test]
    fn a_loop_that_is_next_to_nothing_is_told_apart_from_a_crossing() {
        let found = examined(&[&[
            (0., 0.),
            (9., 0.),
            (9., 9.),
            (5., 9.),
            (4.99, 9.01),
            (5., 9.01),
            (4.99, 9.),
            (0., 9.),
        ]]);
        assert_eq!((found.crossings.len(), found.loops.len()), (0, 1));
        assert_eq!(found.loops[0].1, [4.995, 9.005]);
    }

    #[test]
    fn touching_is_no_crossing() {
        let cases: [(&str, &[Positions<'_>], [f64; 2]); 5] = [
            (
                "two triangles in a point",
                &[&[(0., 0.), (1., 1.), (2., 0.), (2., 2.), (1., 1.), (0., 2.)]],
                [1., 1.],
            ),
            (
                "vertex on edge",
                &[&[(0., 0.), (4., 0.), (4., 4.), (2., 0.), (0., 4.)]],
                [2., 0.],
            ),
            (
                "spike",
                &[&[(0., 0.), (2., 0.), (2., 2.), (2., 5.), (2., 2.), (0., 2.)]],
                [2., 5.],
            ),
            (
                "hole at the border",
                &[
                    &[(0., 0.), (4., 0.), (4., 4.), (0., 4.)],
                    &[(0., 2.), (1., 1.), (1., 3.)],
                ],
                [0., 2.],
            ),
            (
                "at the antimeridian",
                &[
                    &[(170., 0.), (180., 1.), (170., 2.)],
                    &[(-170., 0.), (-180., 1.), (-170., 2.)],
                ],
                [-180., 1.],
            ),
        ];
        for (name, rings, at) in cases {
            let found = examined(rings);
            let positions: Vec<_> = found.touches.iter().map(|(_, at)| *at).collect();
            assert!(positions.contains(&at), "{name}: {found:?}");
            assert_eq!(found.crossings, [], "{name}");
        }
    }

    #[test]
    fn rings_without_area_and_slivers_are_told_apart() {
        let flat = [(7., 0.), (8., 1.), (9., 2.)];
        let point = [(5., 5.)];
        let thin = [(0., 0.), (1., 0.), (1., 0.000_001), (0., 0.000_001)];
        let found = examined(&[&flat, &point, &thin]);
        assert_eq!((found.flat, found.slivers), (vec![0, 1], vec![2]));
        assert_eq!(found.crossings, []);
    }

    #[test]
    fn what_a_maps_own_rounding_explains_is_no_crossing() {
        // One corner lies half a step beyond the edge that it should be this side of.
        let bay = [(0., 0.), (9., 0.), (9., 9.), (4., -0.005), (0., 9.)];
        let bow_tie = [(0., 0.), (9., 9.), (9., 0.), (0., 9.)];
        let found = |ring: &[Point], grid| {
            let found = examine([ring].into_iter(), grid);
            (found.crossings.len(), found.loops.len())
        };
        assert_eq!(found(&ring(&bay), [1, 1]), (2, 0));
        assert_eq!(found(&ring(&bay), [100_000, 100_000]), (0, 2));
        assert_eq!(found(&ring(&bay), [10_000, 10_000]), (2, 0));
        assert_eq!(found(&ring(&bow_tie), [100_000, 100_000]), (1, 0));
    }
}
