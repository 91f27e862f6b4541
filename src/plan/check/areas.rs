//! Areas: positions on the globe, closed rings, names.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::plan::facts::Point;
use crate::plan::model::Area;
use crate::plan::parse::{Feature, Ring, Value};
use crate::plan::problem::{Code, Collector, Draft, FileIx, Place};

use super::Checker;
use super::border::{self, Findings};
use super::names::Placed;
use super::reader::Reader;

/// Steps of the grid that positions are kept on, a degree.
const PER_DEGREE: f64 = 1e7;

/// Features by their ids; those without are warnings, one a file.
pub(super) fn named<'a>(maps: &'a [Feature], reader: &mut Reader) -> Vec<(Value<'a>, &'a Feature)> {
    let mut found = Vec::new();
    let mut nameless: BTreeMap<FileIx, (usize, Place)> = BTreeMap::new();
    for feature in maps {
        match &feature.id {
            Some(id) => match reader.id(Value::at(id, feature.place)) {
                Some(id) => found.push((id, feature)),
                None => reader.out.note_unread_of("area"),
            },
            None => {
                let first = (0, feature.place);
                nameless.entry(feature.place.file).or_insert(first).0 += 1;
            }
        }
    }
    for (count, place) in nameless.into_values() {
        let message =
            format!("no condition can name {count} of this file's features, this one first");
        reader.report(Code::NamelessArea, place, message);
    }
    found
}

impl<'a> Checker<'a> {
    /// All areas, their borders examined side by side.
    pub(super) fn all_areas(&mut self, placed: &[Placed<&'a Feature>]) -> Vec<Area> {
        let named = placed.iter();
        let named = named.map(|&(at, feature)| (at, self.areas.id(at), feature));
        let named: Vec<(usize, &str, &Feature)> = named.collect();
        let examined = named.into_par_iter().map(|(at, id, feature)| {
            let mut reader = Reader::default();
            (at, area(id, feature, &mut reader), reader.out)
        });
        let examined: Vec<(usize, Area, Collector)> = examined.collect();
        let mut areas = Vec::with_capacity(examined.len());
        for (at, area, out) in examined {
            self.reader.out.append(out);
            // Of those that share an id the first counts.
            if at == areas.len() {
                areas.push(area);
            }
        }
        areas
    }
}

/// An area on the grid, its border checked.
fn area(id: &str, feature: &Feature, reader: &mut Reader) -> Area {
    let before = reader.out.errors();
    let grid = feature.grid.map(grid_step);
    let polygons = feature.polygons.iter().map(|rings| {
        let rings = rings.iter().map(|one| ring(id, one, grid, reader));
        rings.collect()
    });
    let polygons: Vec<Vec<Option<Vec<Point>>>> = polygons.collect();
    let rings = polygons.iter().flatten();
    let sound = rings.map(|ring| ring.as_deref().unwrap_or(&[]));
    report(id, feature, &border::examine(sound, grid), reader);
    let whole = |rings: Vec<Option<Vec<Point>>>| rings.into_iter().flatten().collect();
    let mut polygons: Vec<Vec<Vec<Point>>> = polygons.into_iter().map(whole).collect();
    if reader.out.errors() == before {
        for (rings, drawn) in polygons.iter_mut().zip(&feature.polygons) {
            turn_out(id, rings, drawn, reader);
            report_stray(id, rings, drawn, reader);
        }
    }
    Area {
        id: id.into(),
        polygons,
    }
}

/// Puts the outer ring first where it is drawn as a hole round the other. Some maps have a
/// continent round a pole so, with the pole itself as its border; read as it is written,
/// nothing would lie in it.
fn turn_out(id: &str, rings: &mut [Vec<Point>], drawn: &[Ring], reader: &mut Reader) {
    let reach = |ring: &Vec<Point>| border::polar_reach(ring);
    let Some(outer) = rings.first().and_then(reach) else {
        return;
    };
    let wider = |hole: i64| outer.signum() == hole.signum() && hole.abs() > outer.abs();
    let hole = (1..rings.len()).find(|&at| reach(&rings[at]).is_some_and(wider));
    if let Some(hole) = hole {
        rings.swap(0, hole);
        let message = format!("a hole of the area `{id}` goes round its border");
        reader.report(Code::InsideOut, drawn[hole].place, message);
    }
}

/// A hole that cuts nothing out is mostly a part that was meant to be a polygon of its own.
fn report_stray(id: &str, rings: &[Vec<Point>], drawn: &[Ring], reader: &mut Reader) {
    let Some(hole) = border::stray(rings) else {
        return;
    };
    let at = rings[hole].first().map_or(String::new(), |at| shown(*at));
    let message = format!(
        "a hole of the area `{id}` lies outside its border, at {at}, where it cuts nothing out"
    );
    reader.report(Code::StrayHole, drawn[hole].place, message);
}

/// One problem of each kind an area, at the first position.
fn report(id: &str, feature: &Feature, found: &Findings, reader: &mut Reader) {
    let rings: Vec<&Ring> = feature.polygons.iter().flatten().collect();
    for (code, what, positions) in [
        (Code::SelfCrossing, "crosses", &found.crossings),
        (Code::TinyLoop, "crosses", &found.loops),
        (Code::RingTouches, "touches", &found.touches),
    ] {
        let Some((ring, [lon, lat])) = positions.first() else {
            continue;
        };
        let more = more(positions.len(), "and at", "more");
        let message = format!("the border of the area `{id}` {what} itself at {lon}, {lat}{more}");
        reader.report(code, rings[*ring].place, message);
    }
    for (code, what, which) in [
        (Code::FlatRing, "no area", &found.flat),
        (
            Code::Sliver,
            "a mean width of less than a metre",
            &found.slivers,
        ),
    ] {
        let Some(ring) = which.first() else { continue };
        let more = more(which.len(), "as have", "more of its rings");
        let at = rings[*ring].positions.first().map_or([0.0; 2], |at| *at);
        let message = format!(
            "a ring of the area `{id}` at {} has {what}{more}",
            on_grid(at[0], at[1]).map_or(String::new(), shown)
        );
        let draft = Draft::new(code, rings[*ring].place, message);
        reader.out.push(match goes_round(rings[*ring]) {
            true => draft.help(
                "180 and -180 degrees are one meridian, so that an edge between them has no \
                 length; put positions less than 180 degrees apart between",
            ),
            false => draft,
        });
    }
    if found.tangled {
        let message = format!("the border of the area `{id}` is too tangled to be checked");
        let draft = Draft::new(Code::TooLarge, feature.place, message);
        reader.out.push(draft.help("simplify the area's border"));
    }
}

/// Whether an edge is meant to go once round the globe, as in a box drawn on a flat map.
fn goes_round(ring: &Ring) -> bool {
    let mut steps = ring.positions.windows(2);
    steps.any(|two| (two[0][0] - two[1][0]).abs() >= 360.0)
}

/// What to add to a sentence about the first of several.
fn more(count: usize, word: &str, things: &str) -> String {
    match count {
        0 | 1 => String::new(),
        _ => format!(", {word} {} {things}", count - 1),
    }
}

/// The furthest that rounding to a map's own grid can move two positions apart, in 1e-7
/// degrees. Positions without a grid are rounded to 1e-7 degrees themselves.
fn grid_step(degrees: f64) -> i64 {
    (degrees * PER_DEGREE).ceil().min(f64::from(i32::MAX)) as i64 + 1
}

/// A ring on the grid, without its repeated end and without positions that follow
/// themselves. Nothing if it has an error, which leaves the other rings to be examined.
fn ring(id: &str, ring: &Ring, grid: [i64; 2], reader: &mut Reader) -> Option<Vec<Point>> {
    let before = reader.out.errors();
    let mut points = Vec::with_capacity(ring.positions.len());
    for &[lon, lat] in &ring.positions {
        let Some(point) = on_grid(lon, lat) else {
            let message = format!("the area `{id}` has the position {lon}, {lat}");
            reader.report(Code::BadPosition, ring.place, message);
            return None;
        };
        points.push(point);
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        let message = format!("a ring of the area `{id}` has no positions");
        reader.report(Code::BadMap, ring.place, message);
        return None;
    };
    let closed = first == last;
    if !closed {
        not_closed(id, ring, (*first, *last), grid, reader);
    }
    points.dedup();
    if closed && points.len() > 1 {
        points.pop();
    }
    (reader.out.errors() == before).then_some(points)
}

/// A gap that the map's rounding explains is only worth a warning.
fn not_closed(id: &str, ring: &Ring, ends: (Point, Point), grid: [i64; 2], reader: &mut Reader) {
    let (first, last) = ends;
    let gap = |a: i32, b: i32| (i64::from(a) - i64::from(b)).abs();
    let rounded =
        gap(first.lon_e7, last.lon_e7) <= grid[0] && gap(first.lat_e7, last.lat_e7) <= grid[1];
    let code = match rounded {
        true => Code::RingGap,
        false => Code::RingNotClosed,
    };
    let (first, last) = (shown(first), shown(last));
    let message = format!("a ring of the area `{id}` begins at {first} and ends at {last}");
    reader.report(code, ring.place, message);
}

fn on_grid(lon: f64, lat: f64) -> Option<Point> {
    let in_range = lon.abs() <= 180.0 && lat.abs() <= 90.0;
    in_range.then(|| Point {
        lon_e7: (lon * PER_DEGREE).round() as i32,
        lat_e7: (lat * PER_DEGREE).round() as i32,
    })
}

/// A position as written in area files: longitude, latitude.
fn shown(point: Point) -> String {
    let degrees = |e7: i32| f64::from(e7) / PER_DEGREE;
    format!("{}, {}", degrees(point.lon_e7), degrees(point.lat_e7))
}
