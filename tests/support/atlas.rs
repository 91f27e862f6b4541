//! Every county of the United States with its full border, from the npm package us-atlas.
//!
//! The package is fetched once by the npm client, at an exact version, into a cache under
//! `target/`. Also used by the benches, which share this file by its path.
#![allow(
    clippy::unwrap_used,
    reason = "data of one exact version either have this form or are not worth a test"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick::plan::{Area, Point};
use serde_json::Value;

/// The package and the version that every figure was taken with.
const PACKAGE: &str = "us-atlas@3.0.1";

/// All 3,231 counties in the package's order, their FIPS code being the id; `None`, with the
/// reason on standard error, where npm or tar is missing or nothing can be fetched.
pub fn counties() -> Option<Vec<Area>> {
    let file = fetched()?;
    let text = std::fs::read_to_string(file).unwrap();
    let topology: Value = serde_json::from_str(&text).unwrap();
    let arcs = Arcs::of(&topology);
    let geometries = topology["objects"]["counties"]["geometries"]
        .as_array()
        .unwrap();
    Some(
        geometries
            .iter()
            .map(|geometry| arcs.area(geometry))
            .collect(),
    )
}

/// The cached file, fetched where it is missing.
pub fn fetched() -> Option<PathBuf> {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/us-atlas-3.0.1");
    let file = cache.join("package/counties-10m.json");
    if !file.exists() {
        std::fs::create_dir_all(&cache).unwrap();
        let pack = format!("npm pack {PACKAGE} --silent && tar -xzf us-atlas-3.0.1.tgz");
        let done = Command::new("sh")
            .arg("-c")
            .arg(pack)
            .current_dir(&cache)
            .output();
        if !done.is_ok_and(|done| done.status.success()) {
            eprintln!("skipped: needs npm and tar, and a registry that has {PACKAGE}");
            return None;
        }
    }
    Some(file)
}

/// The shared borders of a topology, in 1e-7 degrees.
struct Arcs(Vec<Vec<Point>>);

impl Arcs {
    fn of(topology: &Value) -> Self {
        let pair = |value: &Value| [value[0].as_f64().unwrap(), value[1].as_f64().unwrap()];
        let scale = pair(&topology["transform"]["scale"]);
        let shift = pair(&topology["transform"]["translate"]);
        let arcs = topology["arcs"].as_array().unwrap();
        let decode = |arc: &Value| {
            let mut at = [0.0, 0.0];
            let steps = arc.as_array().unwrap().iter().map(pair);
            steps
                .map(|step| {
                    at = [at[0] + step[0], at[1] + step[1]];
                    Point {
                        lon_e7: ((at[0] * scale[0] + shift[0]) * 1e7).round() as i32,
                        lat_e7: ((at[1] * scale[1] + shift[1]) * 1e7).round() as i32,
                    }
                })
                .collect()
        };
        Self(arcs.iter().map(decode).collect())
    }

    fn area(&self, geometry: &Value) -> Area {
        let polygons = match geometry["type"].as_str() {
            Some("Polygon") => vec![&geometry["arcs"]],
            Some("MultiPolygon") => geometry["arcs"].as_array().unwrap().iter().collect(),
            _ => Vec::new(),
        };
        let rings = |polygon: &Value| {
            polygon
                .as_array()
                .unwrap()
                .iter()
                .map(|ring| self.ring(ring))
                .collect()
        };
        Area {
            id: geometry["id"].as_str().unwrap_or_default().into(),
            polygons: polygons.into_iter().map(rings).collect(),
        }
    }

    /// A ring of arcs; a negative number is the arc `!number` read backwards. Neighbouring arcs
    /// share a point, and so do the last and the first.
    fn ring(&self, numbers: &Value) -> Vec<Point> {
        let mut ring: Vec<Point> = Vec::new();
        for number in numbers.as_array().unwrap() {
            let number = number.as_i64().unwrap();
            let mut arc = self.0[if number < 0 { !number } else { number } as usize].clone();
            if number < 0 {
                arc.reverse();
            }
            ring.pop();
            ring.extend(arc);
        }
        ring.pop();
        ring
    }
}
