//! Areas: positions on the globe, closed rings, names.

use std::collections::BTreeMap;

use crate::plan::facts::Point;
use crate::plan::model::Area;
use crate::plan::parse::{Feature, Ring, Value};
use crate::plan::problem::{Code, Draft, FileIx, Place};

use super::reader::Reader;

/// Steps of the grid that positions are kept on, a degree.
const PER_DEGREE: f64 = 1e7;

/// Features by their ids; those without are warnings, one a file.
pub(super) fn named<'a>(maps: &'a [Feature], reader: &mut Reader) -> Vec<(Value<'a>, &'a Feature)> {
    let mut found = Vec::new();
    let mut nameless: BTreeMap<FileIx, (usize, Place)> = BTreeMap::new();
    for feature in maps {
        match &feature.id {
            Some(id) => {
                let id = reader.id(Value::at(id, feature.place));
                found.extend(id.map(|id| (id, feature)));
            }
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

/// An area with its place, rings checked.
pub(super) fn area(id: &str, feature: &Feature, reader: &mut Reader) -> Area {
    let polygons = feature.polygons.iter().map(|rings| {
        let rings = rings.iter().map(|one| ring(id, one, reader));
        rings.collect()
    });
    Area {
        id: id.into(),
        polygons: polygons.collect(),
    }
}

/// A ring on the grid, without its repeated end and without positions that follow
/// themselves.
fn ring(id: &str, ring: &Ring, reader: &mut Reader) -> Vec<Point> {
    let mut points = Vec::with_capacity(ring.positions.len());
    for &[lon, lat] in &ring.positions {
        let Some(point) = on_grid(lon, lat) else {
            let message = format!("the area `{id}` has the position {lon}, {lat}");
            reader.report(Code::BadPosition, ring.place, message);
            return Vec::new();
        };
        points.push(point);
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        let message = format!("a ring of the area `{id}` has no positions");
        reader.report(Code::BadMap, ring.place, message);
        return points;
    };
    if first != last {
        let message = format!(
            "a ring of the area `{id}` begins at {} and ends at {}",
            shown(*first),
            shown(*last)
        );
        reader
            .out
            .push(Draft::new(Code::RingNotClosed, ring.place, message));
    }
    points.dedup();
    if points.len() > 1 {
        points.pop();
    }
    points
}

fn on_grid(lon: f64, lat: f64) -> Option<Point> {
    let in_range = lon.abs() <= 180.0 && lat.abs() <= 90.0;
    in_range.then(|| Point {
        lon_e7: (lon * PER_DEGREE).round() as i32,
        lat_e7: (lat * PER_DEGREE).round() as i32,
    })
}

/// A position as written in area files: longitude, latitude.
pub(super) fn shown(point: Point) -> String {
    let degrees = |e7: i32| f64::from(e7) / PER_DEGREE;
    format!("{}, {}", degrees(point.lon_e7), degrees(point.lat_e7))
}
