//! Circles and surfaces on the sphere, with sines of our own so that every machine agrees.
//!
//! The standard library's sine differs between platforms in the last bit, which could move
//! a lead on the edge of a circle. These sums of products are IEEE arithmetic only.

use crate::plan::Point;
use crate::plan::condition::Circle;

use super::cover::Cell;

/// Mean radius of the earth in metres (IUGG).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// 360 degrees in 1e-7 degrees.
pub const TURN_E7: i64 = 3_600_000_000;

/// 180 degrees in 1e-7 degrees.
pub const HALF_TURN_E7: i64 = TURN_E7 / 2;

/// 90 degrees in 1e-7 degrees.
const QUARTER_TURN_E7: i64 = TURN_E7 / 4;

/// Radians in 1e-7 degrees.
const RADIANS_PER_E7: f64 = std::f64::consts::PI / HALF_TURN_E7 as f64;

/// A circle made ready for tests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cap {
    center: Point,
    /// Cosine of the centre's latitude.
    cos_lat: f64,
    /// Haversine of the angular radius; 1 or more holds the whole sphere.
    reach: f64,
}

impl Cap {
    /// The circle as a cap of the sphere.
    pub fn of(circle: &Circle) -> Self {
        Self {
            center: circle.center,
            cos_lat: cos_e7(i64::from(circle.center.lat_e7)),
            reach: haversine_of_radius(circle.radius_m),
        }
    }

    /// Whether the point is in the circle or on its edge.
    pub fn contains(&self, point: Point) -> bool {
        let lat = i64::from(point.lat_e7) - i64::from(self.center.lat_e7);
        let lon = wrap(i64::from(point.lon_e7) - i64::from(self.center.lon_e7));
        self.without_sines(lat, lon)
            .unwrap_or_else(|| self.by_sines(lat, lon, point))
    }

    /// Whether a point so far from the centre is in the circle, where the squares of the
    /// angles tell: but for a hundredth of the radius round the edge they do.
    fn without_sines(&self, lat: i64, lon: i64) -> Option<bool> {
        let half = |angle: i64| angle as f64 * (0.5 * RADIANS_PER_E7);
        let (north, east) = (half(lat), half(lon));
        // A cosine changes by at most the angle by which its latitude does.
        let change = 2.0 * north.abs();
        let (north, east) = (north * north, east * east);
        let most = (self.cos_lat + change).min(1.0);
        let least = (self.cos_lat - change).max(0.0);
        if (north + self.cos_lat * most * east) * (1.0 + SLACK) + TINY <= self.reach {
            return Some(true);
        }
        // The square of a sine is that of its angle less at most a third of its square.
        let short = 1.0 - north.max(east) / 3.0 - SLACK;
        let near = (north + self.cos_lat * least * east) * short;
        (near - TINY > self.reach).then_some(false)
    }

    fn by_sines(&self, lat: i64, lon: i64, point: Point) -> bool {
        let north = half_sine(lat);
        let east = half_sine(lon);
        let cosines = self.cos_lat * cos_e7(i64::from(point.lat_e7));
        north * north + cosines * (east * east) <= self.reach
    }
}

impl Cap {
    /// Whether a whole cell is in the circle, or nothing of it; `None` near the edge. The
    /// bounds of each term are taken apart, and widened by far more than any rounding.
    pub fn holds(&self, cell: Cell) -> Option<bool> {
        let (near_lat, far_lat) = distances(cell.south, cell.north, self.center.lat_e7, false);
        let (near_lon, far_lon) = distances(cell.west, cell.east, self.center.lon_e7, true);
        let (south, north) = (i64::from(cell.south), i64::from(cell.north));
        let (one, other) = (cos_e7(south), cos_e7(north));
        let equator = south <= 0 && 0 <= north;
        let most = if equator { 1.0 } else { one.max(other) };
        let haversine = |lat: i64, lon: i64, cosine: f64| {
            let (north, east) = (half_sine(lat), half_sine(lon));
            north * north + self.cos_lat * cosine * (east * east)
        };
        let far = haversine(far_lat, far_lon, most);
        let near = haversine(near_lat, near_lon, one.min(other).max(0.0));
        if far * (1.0 + SLACK) + TINY <= self.reach {
            return Some(true);
        }
        (near * (1.0 - SLACK) - TINY > self.reach).then_some(false)
    }
}

/// Room for rounding: relative, and for squares of angles below a thousandth of 1e-7 degrees.
const SLACK: f64 = 1e-9;
const TINY: f64 = 1e-22;

/// The least and greatest distance of a closed interval from a centre, round the earth for
/// longitudes.
fn distances(low: i32, high: i32, center: i32, round: bool) -> (i64, i64) {
    let (low, high) = (
        i64::from(low) - i64::from(center),
        i64::from(high) - i64::from(center),
    );
    let (mut near, mut far) = (i64::MAX, 0);
    for turn in [-TURN_E7, 0, TURN_E7] {
        if !round && turn != 0 {
            continue;
        }
        let half = if round { HALF_TURN_E7 } else { TURN_E7 };
        let (from, to) = ((low + turn).max(-half), (high + turn).min(half));
        if from > to {
            continue;
        }
        far = far.max(from.abs()).max(to.abs());
        near = near.min(if from <= 0 && 0 <= to {
            0
        } else {
            from.abs().min(to.abs())
        });
    }
    (near, far)
}

/// A circle's box in 1e-7 degrees: the western and eastern longitude, which may lie beyond
/// 180 degrees, and the southern and northern latitude.
pub fn circle_bounds(circle: &Circle) -> (i64, i64, i64, i64) {
    let angle = circle.radius_m / EARTH_RADIUS_M / RADIANS_PER_E7;
    let (lon, lat) = (
        i64::from(circle.center.lon_e7),
        i64::from(circle.center.lat_e7),
    );
    let everywhere = (
        -HALF_TURN_E7,
        HALF_TURN_E7,
        -QUARTER_TURN_E7,
        QUARTER_TURN_E7,
    );
    if angle >= QUARTER_TURN_E7 as f64 || !angle.is_finite() {
        return everywhere;
    }
    // One more unit on each side is worth more than any rounding of these sines.
    let rise = angle.ceil() as i64 + 1;
    let (south, north) = (lat - rise, lat + rise);
    if south <= -QUARTER_TURN_E7 || north >= QUARTER_TURN_E7 {
        let (south, north) = (south.max(-QUARTER_TURN_E7), north.min(QUARTER_TURN_E7));
        return (-HALF_TURN_E7, HALF_TURN_E7, south, north);
    }
    let ratio = (sine(angle * RADIANS_PER_E7) / cos_e7(lat)).min(1.0);
    let reach = (ratio.asin() / RADIANS_PER_E7).ceil() as i64 + 2;
    (lon - reach, lon + reach, south, north)
}

/// Surface of a circle in square metres.
pub fn circle_surface_m2(circle: &Circle) -> f64 {
    4.0 * std::f64::consts::PI
        * EARTH_RADIUS_M
        * EARTH_RADIUS_M
        * haversine_of_radius(circle.radius_m).min(1.0)
}

/// Rounding in distances never comes near this many metres.
const ROUNDING_M: f64 = 1.0;

/// Whether all of a circle lies in another; of circles that just touch it may not know.
pub fn circle_lies_in(small: &Circle, large: &Circle) -> bool {
    let (one, other) = (small.center, large.center);
    let north = half_sine(i64::from(one.lat_e7) - i64::from(other.lat_e7));
    let east = half_sine(wrap(i64::from(one.lon_e7) - i64::from(other.lon_e7)));
    let cosines = cos_e7(i64::from(one.lat_e7)) * cos_e7(i64::from(other.lat_e7));
    let haversine = (north * north + cosines * east * east).clamp(0.0, 1.0);
    let apart_m = 2.0 * EARTH_RADIUS_M * haversine.sqrt().asin();
    apart_m + small.radius_m + ROUNDING_M <= large.radius_m
}

/// The signed surface in square metres between an edge, straight in longitude and latitude,
/// and the equator. Simpson's rule is right to 1e-4 even for an edge of 90 degrees.
pub fn surface_below_edge_m2(from: Point, to: Point) -> f64 {
    let (a, b) = (i64::from(from.lat_e7), i64::from(to.lat_e7));
    let width = wrap(i64::from(to.lon_e7) - i64::from(from.lon_e7)) as f64 * RADIANS_PER_E7;
    let middle = sine((a + b) as f64 * 0.5 * RADIANS_PER_E7);
    let mean = (sine_e7(a) + 4.0 * middle + sine_e7(b)) / 6.0;
    width * mean * EARTH_RADIUS_M * EARTH_RADIUS_M
}

/// A difference of longitudes, brought between -180 and 180 degrees: edges more than 180
/// degrees long cross the antimeridian.
pub const fn wrap(difference_e7: i64) -> i64 {
    if difference_e7 > HALF_TURN_E7 {
        difference_e7 - TURN_E7
    } else if difference_e7 < -HALF_TURN_E7 {
        difference_e7 + TURN_E7
    } else {
        difference_e7
    }
}

fn haversine_of_radius(radius_m: f64) -> f64 {
    let half = radius_m / EARTH_RADIUS_M / 2.0;
    if half >= std::f64::consts::FRAC_PI_2 {
        return f64::INFINITY;
    }
    let sine = sine(half);
    sine * sine
}

/// Sine of half an angle between -180 and 180 degrees.
fn half_sine(angle_e7: i64) -> f64 {
    sine(angle_e7 as f64 * (0.5 * RADIANS_PER_E7))
}

fn sine_e7(latitude_e7: i64) -> f64 {
    sine(latitude_e7 as f64 * RADIANS_PER_E7)
}

/// Cosine of a latitude.
fn cos_e7(latitude_e7: i64) -> f64 {
    sine((QUARTER_TURN_E7 - latitude_e7.abs()) as f64 * RADIANS_PER_E7)
}

/// Taylor's coefficients of the sine behind the first, highest power first.
const COEFFICIENTS: [f64; 11] = coefficients();

const fn coefficients() -> [f64; 11] {
    let mut all = [0.0; 11];
    let (mut at, mut power, mut factor) = (11, 1.0, 1.0);
    while at > 0 {
        at -= 1;
        factor /= -(power + 1.0) * (power + 2.0);
        power += 2.0;
        all[at] = factor;
    }
    all
}

/// Sine for angles up to a quarter turn either way: Taylor's series up to the 23rd power,
/// whose rest (1e-20) lies below the last bit.
fn sine(angle: f64) -> f64 {
    let square = angle * angle;
    let rest = COEFFICIENTS
        .iter()
        .fold(0.0, |sum, factor| sum * square + factor);
    angle + angle * square * rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lon: f64) -> Point {
        Point {
            lon_e7: (lon * 1e7).round() as i32,
            lat_e7: (lat * 1e7).round() as i32,
        }
    }

    fn circle(lat: f64, lon: f64, km: f64) -> Circle {
        Circle {
            center: point(lat, lon),
            radius_m: km * 1000.0,
        }
    }

    #[test]
    fn our_sine_is_the_library_sine_to_the_last_bits() {
        for step in -900..=900 {
            let angle = f64::from(step) * 0.1_f64.to_radians();
            assert!((sine(angle) - angle.sin()).abs() < 4e-16, "at {angle}");
        }
    }

    #[test]
    fn circles_hold_what_lies_within_their_great_circle_distance() {
        // Distances by the haversine formula with the same radius, computed elsewhere:
        // one degree of a meridian is 111.195 km; Los Angeles to New York 3,935.75 km.
        let cases = [
            (circle(0.0, 0.0, 111.196), point(1.0, 0.0), true),
            (circle(0.0, 0.0, 111.194), point(1.0, 0.0), false),
            (
                circle(34.0522, -118.2437, 3_936.5),
                point(40.7128, -74.0060),
                true,
            ),
            (
                circle(34.0522, -118.2437, 3_935.0),
                point(40.7128, -74.0060),
                false,
            ),
            (circle(0.0, 179.9, 50.0), point(0.0, -179.9), true),
            (circle(89.9, 0.0, 30.0), point(89.9, 180.0), true),
            (circle(89.9, 0.0, 20.0), point(89.9, 180.0), false),
            (circle(10.0, 10.0, 30_000.0), point(-10.0, -170.0), true),
            (circle(31.2, 121.4, 0.0), point(31.2, 121.4), true),
        ];
        for (circle, point, expected) in cases {
            assert_eq!(
                Cap::of(&circle).contains(point),
                expected,
                "{point:?} in {circle:?}"
            );
        }
    }

    #[test]
    fn squares_of_angles_never_contradict_sines() {
        let mut told = [0, 0];
        for lat in [-89.5, -60.0, 0.0, 33.3, 45.0, 80.0, 89.9] {
            for km in [0.0, 0.01, 1.0, 30.0, 400.0, 3_000.0, 15_000.0] {
                let circle = circle(lat, 179.0, km);
                let cap = Cap::of(&circle);
                let (west, east, south, north) = circle_bounds(&circle);
                // Points of a grid over the circle's box and a little beside it.
                for step in 0..2_500_i64 {
                    let (across, up) = (step % 50, step / 50);
                    let lon = wrap((west + (east - west) * (across - 2) / 45) % TURN_E7);
                    let lat = south + (north - south) * (up - 2) / 45;
                    let point = Point {
                        lon_e7: lon as i32,
                        lat_e7: lat.clamp(-QUARTER_TURN_E7, QUARTER_TURN_E7) as i32,
                    };
                    let up = i64::from(point.lat_e7) - i64::from(cap.center.lat_e7);
                    let along = wrap(lon - i64::from(cap.center.lon_e7));
                    if let Some(quick) = cap.without_sines(up, along) {
                        told[usize::from(quick)] += 1;
                        assert_eq!(
                            quick,
                            cap.by_sines(up, along, point),
                            "{point:?} {circle:?}"
                        );
                    }
                }
            }
        }
        assert!(told[0] > 5_000 && told[1] > 50_000, "{told:?}");
    }

    #[test]
    fn a_circle_lies_in_its_box() {
        for lat in [-89.0, -60.0, 0.0, 45.0, 80.0, 89.5] {
            for km in [0.01, 5.0, 400.0, 2_000.0, 9_000.0] {
                let circle = circle(lat, 170.0, km);
                let cap = Cap::of(&circle);
                let (west, east, south, north) = circle_bounds(&circle);
                for step in 0..20_000_i64 {
                    let lon = -HALF_TURN_E7 + step * 179_993 % TURN_E7;
                    let lat = -QUARTER_TURN_E7 + step * 89_977 % HALF_TURN_E7;
                    let point = Point {
                        lon_e7: lon as i32,
                        lat_e7: lat as i32,
                    };
                    let boxed = (south..=north).contains(&lat)
                        && [lon - TURN_E7, lon, lon + TURN_E7]
                            .iter()
                            .any(|lon| (west..=east).contains(lon));
                    assert!(boxed || !cap.contains(point), "{point:?} of {circle:?}");
                }
            }
        }
    }

    #[test]
    fn surfaces_are_those_of_the_sphere() {
        let hemisphere = circle_surface_m2(&circle(90.0, 0.0, 10_007.557_6));
        assert!(
            (hemisphere / 2.550_329_5e14 - 1.0).abs() < 1e-5,
            "{hemisphere}"
        );
        let below = surface_below_edge_m2(point(30.0, 0.0), point(30.0, 1.0));
        // R² times one degree in radians times sin 30°.
        assert!((below / 3.542_08e11 - 1.0).abs() < 1e-4, "{below}");
    }
}
