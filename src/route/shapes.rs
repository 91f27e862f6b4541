//! Polygons and circles made ready for exact tests: rings cut into stripes of longitude, so that a coast costs what a square does.

use crate::plan::condition::Circle;
use crate::plan::{Area, AreaIx, Point};

use super::geo::{self, Meeting, Pole, Side};
use super::sphere::{self, Cap, HALF_TURN_E7, TURN_E7, wrap};

/// Edges that a stripe should hold beside the long ones that cross it: two lines of memory.
const EDGES_PER_STRIPE: usize = 4;

/// Stripes of one ring at most; more would cost more memory than the ring.
const MAX_STRIPES: usize = 1 << 16;

/// A longitude and latitude box in 1e-7 degrees, borders included: west, south, east, north.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub low: [i32; 2],
    pub high: [i32; 2],
}

/// A shape's number.
pub type ShapeIx = u32;

/// Every polygon and circle of a plan.
#[derive(Debug, Default)]
pub struct Shapes {
    shapes: Vec<Shape>,
    holes: Vec<Ring>,
    /// For each ring and stripe the first of its edges; one more at the end of each ring.
    stripes: Vec<u32>,
    edges: Vec<Edge>,
    /// First shape of each area, and one more.
    areas: Vec<ShapeIx>,
}

/// What a box test is followed by.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// The outer ring, at hand because it is always asked, and where its holes are.
    Polygon {
        outer: Ring,
        first_hole: u32,
        holes: u32,
    },
    Circle(Cap),
}

/// A ring in stripes that are a power of two wide.
#[derive(Clone, Copy, Debug)]
struct Ring {
    west: i32,
    /// Width of a stripe as a power of two.
    shift: u8,
    /// Where its stripes begin.
    first: u32,
    count: u32,
    /// The ring goes round the north pole.
    holds_north_pole: bool,
}

/// An edge from its western end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    pub lon: i32,
    pub lat: i32,
    /// Up to 180 degrees.
    pub width: i32,
    pub rise: i32,
}

/// Where a shape ends.
#[derive(Clone, Debug)]
pub enum Outline {
    Edges(Vec<Edge>),
    Cap(Cap),
}

/// The extent of a ring on the cylinder of longitudes.
struct Extent {
    /// From -180 degrees up to 180.
    west: i64,
    width: i64,
    south: i32,
    north: i32,
}

impl Shapes {
    /// All polygons of the areas, in their order.
    pub fn of_areas(areas: &[Area]) -> Self {
        let mut shapes = Self::default();
        for area in areas {
            shapes.areas.push(shapes.shapes.len() as ShapeIx);
            for rings in &area.polygons {
                shapes.add_polygon(rings);
            }
        }
        shapes.areas.push(shapes.shapes.len() as ShapeIx);
        shapes
    }

    /// Adds a circle.
    pub fn add_circle(&mut self, circle: &Circle) -> ShapeIx {
        self.shapes.push(Shape::Circle(Cap::of(circle)));
        self.shapes.len() as ShapeIx - 1
    }

    /// The polygons of an area.
    pub fn of_area(&self, ix: AreaIx) -> std::ops::Range<ShapeIx> {
        self.areas[ix.at()]..self.areas[ix.at() + 1]
    }

    /// A shape's outline; an edge may be there more than once.
    pub fn outline(&self, shape: ShapeIx) -> Outline {
        let (outer, holes) = match &self.shapes[shape as usize] {
            Shape::Circle(cap) => return Outline::Cap(*cap),
            Shape::Polygon {
                outer,
                first_hole,
                holes,
            } => (outer, self.holes_at(*first_hole, *holes)),
        };
        let stripes = |ring: &Ring| {
            let first = ring.first as usize;
            self.stripes[first] as usize..self.stripes[first + ring.count as usize] as usize
        };
        Outline::Edges(
            [outer]
                .into_iter()
                .chain(holes)
                .flat_map(|ring| &self.edges[stripes(ring)])
                .copied()
                .collect(),
        )
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.shapes[..])
            + size_of_val(&self.holes[..])
            + size_of_val(&self.stripes[..])
            + size_of_val(&self.edges[..])
    }

    /// Whether the point lies in the area, borders included.
    pub fn area_contains(&self, ix: AreaIx, point: Point) -> bool {
        self.of_area(ix).any(|shape| self.contains(shape, point))
    }

    /// Whether the point lies in the shape, borders included.
    pub fn contains(&self, shape: ShapeIx, point: Point) -> bool {
        match &self.shapes[shape as usize] {
            Shape::Polygon {
                outer,
                first_hole,
                holes,
            } => {
                self.side_of(outer, point) != Side::Outside
                    && self
                        .holes_at(*first_hole, *holes)
                        .iter()
                        .all(|hole| self.side_of(hole, point) != Side::Inside)
            }
            Shape::Circle(cap) => cap.contains(point),
        }
    }

    fn holes_at(&self, first: u32, count: u32) -> &[Ring] {
        &self.holes[first as usize..(first + count) as usize]
    }

    fn side_of(&self, ring: &Ring, point: Point) -> Side {
        let along = east_of(ring.west, point.lon_e7);
        let stripe = along >> ring.shift;
        let mut inside = ring.holds_north_pole;
        if stripe < i64::from(ring.count) {
            let at = ring.first as usize + stripe as usize;
            for edge in &self.edges[self.stripes[at] as usize..self.stripes[at + 1] as usize] {
                match edge.meets(point) {
                    Meeting::Apart => {}
                    Meeting::Crosses => inside = !inside,
                    Meeting::Touches => return Side::Border,
                }
            }
        }
        if inside { Side::Inside } else { Side::Outside }
    }

    fn add_polygon(&mut self, rings: &[Vec<Point>]) {
        // A polygon without rings holds nothing, like a ring without points.
        let (outer, holes) = rings
            .split_first()
            .map_or((&[][..], &[][..]), |(outer, holes)| (&outer[..], holes));
        let outer = self.add_ring(outer);
        let first_hole = self.holes.len() as u32;
        for hole in holes {
            let hole = self.add_ring(hole);
            self.holes.push(hole);
        }
        self.shapes.push(Shape::Polygon {
            outer,
            first_hole,
            holes: holes.len() as u32,
        });
    }

    /// Cuts a ring into stripes.
    fn add_ring(&mut self, ring: &[Point]) -> Ring {
        let extent = Extent::of(ring);
        let wanted = (ring.len() / EDGES_PER_STRIPE).clamp(1, MAX_STRIPES) as i64;
        let shift = (0..)
            .find(|&shift| extent.width >> shift < wanted)
            .unwrap_or(63);
        let count = (extent.width >> shift) as usize + 1;
        let mut stripes: Vec<Vec<Edge>> = vec![Vec::new(); count];
        for (from, to) in geo::edges(ring) {
            let edge = Edge::between(from, to);
            for at in extent.stripes_of(&edge, shift) {
                stripes[at].push(edge);
            }
        }
        let first = self.stripes.len() as u32;
        for stripe in stripes {
            self.stripes.push(self.edges.len() as u32);
            self.edges.extend(stripe);
        }
        self.stripes.push(self.edges.len() as u32);
        Ring {
            west: extent.west as i32,
            shift: shift as u8,
            first,
            count: count as u32,
            holds_north_pole: geo::pole_of(ring) == Some(Pole::North),
        }
    }
}

/// The boxes that hold an area's polygons, each with its place among them. One that crosses
/// the antimeridian has two, one without points none.
pub fn polygon_bounds(area: &Area) -> impl Iterator<Item = (usize, Vec<Bounds>)> + '_ {
    area.polygons.iter().enumerate().map(|(at, rings)| {
        let outer = rings.first().map_or(&[][..], Vec::as_slice);
        let bounds = if outer.is_empty() {
            Vec::new()
        } else {
            Extent::of(outer).bounds()
        };
        (at, bounds)
    })
}

/// The boxes that hold a circle.
pub fn circle_bounds(circle: &Circle) -> Vec<Bounds> {
    let (west, east, south, north) = sphere::circle_bounds(circle);
    Extent::cut(west, east - west, south as i32, north as i32).bounds()
}

/// A longitude of the query as boxes have it: 180 degrees east is 180 degrees west.
pub const fn canonical_lon(lon_e7: i32) -> i32 {
    if lon_e7 as i64 == HALF_TURN_E7 {
        -(HALF_TURN_E7 as i32)
    } else {
        lon_e7
    }
}

impl Extent {
    fn of(ring: &[Point]) -> Self {
        let (mut at, mut least, mut most) = (0_i64, 0_i64, 0_i64);
        for (from, to) in geo::edges(ring) {
            at += wrap(i64::from(to.lon_e7) - i64::from(from.lon_e7));
            least = least.min(at);
            most = most.max(at);
        }
        let start = ring.first().map_or(0, |point| i64::from(point.lon_e7));
        let latitudes = || ring.iter().map(|point| point.lat_e7);
        let mut extent = Self::cut(
            start + least,
            most - least,
            latitudes().min().unwrap_or(0),
            latitudes().max().unwrap_or(0),
        );
        match geo::pole_of(ring) {
            Some(Pole::North) => extent.north = 900_000_000,
            Some(Pole::South) => extent.south = -900_000_000,
            None => {}
        }
        extent
    }

    /// An extent that begins between -180 and 180 degrees and is at most a whole turn wide.
    fn cut(west: i64, width: i64, south: i32, north: i32) -> Self {
        let west = (west + HALF_TURN_E7).rem_euclid(TURN_E7) - HALF_TURN_E7;
        if width >= TURN_E7 {
            return Self {
                west: -HALF_TURN_E7,
                width: TURN_E7 - 1,
                south,
                north,
            };
        }
        Self {
            west,
            width,
            south,
            north,
        }
    }

    fn bounds(&self) -> Vec<Bounds> {
        let (south, north) = (self.south, self.north);
        let bounds = |west: i64, east: i64| Bounds {
            low: [west as i32, south],
            high: [east as i32, north],
        };
        let east = self.west + self.width;
        if east < HALF_TURN_E7 {
            return vec![bounds(self.west, east)];
        }
        vec![
            bounds(self.west, HALF_TURN_E7),
            bounds(-HALF_TURN_E7, east - TURN_E7),
        ]
    }

    /// The stripes that an edge crosses, each once. An edge of a ring round a pole may come
    /// back to the ring's beginning.
    fn stripes_of(&self, edge: &Edge, shift: u32) -> impl Iterator<Item = usize> + use<> {
        let from = east_of(self.west as i32, edge.lon);
        let to = from + i64::from(edge.width);
        let stripe = |along: i64| (along.min(self.width) >> shift) as usize;
        let head = stripe(from)..stripe(to) + 1;
        let tail_end = if to >= TURN_E7 {
            stripe(to - TURN_E7) + 1
        } else {
            0
        };
        (0..tail_end.min(head.start)).chain(head)
    }
}

impl Edge {
    fn between(from: Point, to: Point) -> Self {
        let span = wrap(i64::from(to.lon_e7) - i64::from(from.lon_e7));
        let (west, east) = if span < 0 { (to, from) } else { (from, to) };
        Self {
            lon: west.lon_e7,
            lat: west.lat_e7,
            // Half a turn and the difference of two latitudes are below 2^31.
            width: span.abs() as i32,
            rise: (i64::from(east.lat_e7) - i64::from(west.lat_e7)) as i32,
        }
    }

    /// The latitude of the eastern end.
    pub const fn end(&self) -> i32 {
        (self.lat as i64 + self.rise as i64) as i32
    }

    /// As [`geo::meet`], from the western end.
    fn meets(&self, point: Point) -> Meeting {
        let along = east_of(self.lon, point.lon_e7);
        let (width, rise) = (i64::from(self.width), i64::from(self.rise));
        if along > width {
            return Meeting::Apart;
        }
        let up = i64::from(point.lat_e7) - i64::from(self.lat);
        if width == 0 {
            let between = rise.min(0) <= up && up <= rise.max(0);
            return if between {
                Meeting::Touches
            } else {
                Meeting::Apart
            };
        }
        match along * rise - width * up {
            0 => Meeting::Touches,
            1.. if along < width => Meeting::Crosses,
            _ => Meeting::Apart,
        }
    }
}

/// How far east of `west` a longitude lies, from 0 up to a whole turn.
pub fn east_of(west: i32, lon: i32) -> i64 {
    let difference = i64::from(lon) - i64::from(west);
    if difference < 0 {
        difference + TURN_E7
    } else if difference >= TURN_E7 {
        difference - TURN_E7
    } else {
        difference
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Coordinates that often coincide, on a coarse grid over the whole world.
    fn points(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Point>> {
        let point = (-12..=12_i32, -6..=6_i32).prop_map(|(lon, lat)| Point {
            lon_e7: lon * 150_000_000,
            lat_e7: lat * 150_000_000,
        });
        prop::collection::vec(point, count)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]
        #[test]
        fn stripes_change_nothing(outer in points(0..40), hole in points(0..6), tried in points(1..60)) {
            let area = Area { id: "one".into(), polygons: vec![vec![outer, hole]] };
            let shapes = Shapes::of_areas(std::slice::from_ref(&area));
            for point in tried {
                let expected = geo::contains(&area, point);
                prop_assert_eq!(shapes.area_contains(AreaIx(0), point), expected, "{:?}", point);
                let [lon, lat] = [canonical_lon(point.lon_e7), point.lat_e7];
                let boxed = polygon_bounds(&area).flat_map(|(_, all)| all).any(|one| {
                    one.low[0] <= lon && lon <= one.high[0] && one.low[1] <= lat && lat <= one.high[1]
                });
                prop_assert!(boxed || !expected, "{:?} lies outside the boxes", point);
            }
        }
    }

    #[test]
    fn a_long_ring_is_looked_at_in_one_stripe() {
        let coast = |at: i32| Point {
            lon_e7: at * 1000,
            lat_e7: (at * 7919 % 1000) * 100,
        };
        let mut ring: Vec<Point> = (0..50_000).map(coast).collect();
        ring.push(Point {
            lon_e7: 25_000_000,
            lat_e7: -900_000,
        });
        let area = Area {
            id: "coast".into(),
            polygons: vec![vec![ring]],
        };
        let shapes = Shapes::of_areas(&[area]);
        let longest = shapes
            .stripes
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]))
            .max();
        assert!(longest < Some(20), "{longest:?}");
    }
}
