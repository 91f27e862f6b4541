//! Borders of areas checked exactly: crossings, touching points, rings without area.
//!
//! Everything is whole numbers of 1e-7 degrees on a cylinder of 360 degrees round, so that
//! a border across the antimeridian is as good as any other. Steps of more than 180 degrees
//! of longitude go the short way round.

use rstar::{AABB, RTree, RTreeObject};

use crate::plan::facts::Point;

/// Half a turn, in 1e-7 degrees.
const HALF: i64 = 1_800_000_000;

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

/// An edge of a ring, or its copy on the other side of the antimeridian.
#[derive(Clone, Copy, Debug)]
struct Edge {
    ring: u32,
    at: u32,
    from: Spot,
    to: Spot,
}

/// How two edges meet.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meeting {
    Apart,
    Touch([f64; 2]),
    Cross([f64; 2]),
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        // Every coordinate is far below 2^53, so that nothing is lost.
        let corner = |(x, y): Spot| [x as f64, y as f64];
        AABB::from_corners(corner(self.from), corner(self.to))
    }
}

/// Examines all rings of one area together: parts and holes must not cross either.
pub(super) fn examine<'p>(rings: impl Iterator<Item = &'p [Point]>) -> Findings {
    let loops: Vec<Loop> = rings.map(Loop::new).collect();
    let mut findings = Findings::default();
    if loops.iter().map(|one| one.spots.len()).sum::<usize>() > MAX_POSITIONS {
        findings.tangled = true;
        return findings;
    }
    let mut edges = Vec::new();
    for (ring, one) in loops.iter().enumerate() {
        if one.is_flat() {
            findings.flat.push(ring);
        } else if one.mean_width_m().is_some_and(|width| width < SLIVER_M) {
            findings.slivers.push(ring);
        }
        one.add_edges(ring as u32, &mut edges);
    }
    compare(&loops, edges, &mut findings);
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

fn compare(loops: &[Loop], edges: Vec<Edge>, findings: &mut Findings) {
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
            Meeting::Cross(at) if is_tiny_loop(loops, a, b, at) => {
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

/// How two different edges meet, apart from neighbours meeting in their common position.
fn meet(loops: &[Loop], a: &Edge, b: &Edge) -> Meeting {
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

fn along(a: Spot, b: Spot) -> i128 {
    i128::from(a.0) * i128::from(b.0) + i128::from(a.1) * i128::from(b.1)
}

fn cross(a: Spot, b: Spot) -> i128 {
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

/// Longitude and latitude, the longitude back within its range.
fn degrees((x, y): Spot) -> [f64; 2] {
    let x = match x {
        far if far > HALF => far - TURN,
        far if far < -HALF => far + TURN,
        near => near,
    };
    [x as f64 / 1e7, y as f64 / 1e7]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(positions: &[(f64, f64)]) -> Vec<Point> {
        let point = |&(lon, lat): &(f64, f64)| Point {
            lon_e7: (lon * 1e7).round() as i32,
            lat_e7: (lat * 1e7).round() as i32,
        };
        positions.iter().map(point).collect()
    }

    fn examined(rings: &[&[(f64, f64)]]) -> Findings {
        let rings: Vec<_> = rings.iter().map(|one| ring(one)).collect();
        examine(rings.iter().map(Vec::as_slice))
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
}
