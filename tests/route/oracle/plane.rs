//! Polygons in 128 bits, circles by unit vectors.

use bailiwick::plan::condition::Circle;
use bailiwick::plan::{Area, Point};

/// Great-circle distance by unit vectors.
pub fn in_circle(point: Point, circle: &Circle) -> bool {
    let vector = |one: Point| {
        let (lat, lon) = (f64::from(one.lat_e7) / 1e7, f64::from(one.lon_e7) / 1e7);
        let (lat, lon) = (lat.to_radians(), lon.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let (a, b) = (vector(point), vector(circle.center));
    let chord = (0..3).map(|at| (a[at] - b[at]).powi(2)).sum::<f64>().sqrt();
    let metres = 2.0 * 6_371_008.8 * (chord / 2.0).min(1.0).asin();
    metres <= circle.radius_m
}

const TURN: i128 = 3_600_000_000;

/// A ring unrolled eastwards and westwards from its first vertex, closed.
fn unrolled(ring: &[Point]) -> Vec<(i128, i128)> {
    let mut path: Vec<(i128, i128)> = Vec::new();
    for point in ring.iter().chain(ring.first()) {
        let mut lon = i128::from(point.lon_e7);
        if let Some(&(last, _)) = path.last() {
            while lon - last > TURN / 2 {
                lon -= TURN;
            }
            while last - lon > TURN / 2 {
                lon += TURN;
            }
            // Exactly half a turn apart is not more than half: the step is as written.
            let before = i128::from(ring[path.len() - 1].lon_e7);
            if (i128::from(point.lon_e7) - before).abs() == TURN / 2 {
                lon = last + i128::from(point.lon_e7) - before;
            }
        }
        path.push((lon, i128::from(point.lat_e7)));
    }
    path
}

#[derive(Clone, Copy, PartialEq)]
enum Lies {
    In,
    On,
    Out,
}

/// Counts crossings of the meridian north of the point, over all copies of the unrolled ring.
fn lies(point: Point, ring: &[Point]) -> Lies {
    let path = unrolled(ring);
    let (Some(first), Some(last)) = (path.first(), path.last()) else {
        return Lies::Out;
    };
    let turned = last.0 - first.0;
    let weight: i128 = path
        .windows(2)
        .map(|e| (e[1].0 - e[0].0) * (e[0].1 + e[1].1))
        .sum();
    let north = turned.abs() == TURN && weight * turned.signum() >= 0;
    let (mut odd, lat) = (north, i128::from(point.lat_e7));
    for copy in -3..=3 {
        let lon = i128::from(point.lon_e7) + copy * TURN;
        for edge in path.windows(2) {
            let ((x1, y1), (x2, y2)) = (edge[0], edge[1]);
            let cross = (x2 - x1) * (lat - y1) - (lon - x1) * (y2 - y1);
            let boxed =
                x1.min(x2) <= lon && lon <= x1.max(x2) && y1.min(y2) <= lat && lat <= y1.max(y2);
            if boxed && cross == 0 {
                return Lies::On;
            }
            let spans = (x1 <= lon) != (x2 <= lon);
            if spans && ((x2 > x1) == (cross < 0)) {
                odd = !odd;
            }
        }
    }
    if odd { Lies::In } else { Lies::Out }
}

/// Closed, without the inside of its holes.
pub fn in_area(point: Point, area: &Area) -> bool {
    area.polygons.iter().any(|rings| {
        !rings.is_empty()
            && lies(point, &rings[0]) != Lies::Out
            && rings[1..].iter().all(|hole| lies(point, hole) != Lies::In)
    })
}

/// Surface on the unit sphere by many thin strips.
pub fn surface(area: &Area) -> f64 {
    let ring = |ring: &Vec<Point>| {
        let path = unrolled(ring);
        let strips = 64;
        let mut sum = 0.0;
        for edge in path.windows(2) {
            let width = (edge[1].0 - edge[0].0) as f64 / 1e7;
            for strip in 0..strips {
                let share = (f64::from(strip) + 0.5) / f64::from(strips);
                let lat = (edge[0].1 as f64 + (edge[1].1 - edge[0].1) as f64 * share) / 1e7;
                sum += (width / f64::from(strips)).to_radians() * lat.to_radians().sin();
            }
        }
        let turned = path.last().map_or(0, |last| last.0 - path[0].0);
        if turned.abs() == TURN {
            std::f64::consts::TAU - sum.abs()
        } else {
            sum.abs()
        }
    };
    let polygon = |rings: &Vec<Vec<Point>>| {
        let holes: f64 = rings.iter().skip(1).map(ring).sum();
        (rings.first().map_or(0.0, ring) - holes).max(0.0)
    };
    area.polygons.iter().map(polygon).sum()
}
