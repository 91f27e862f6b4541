//! TopoJSON: borders as arcs that neighbours share.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::plan::problem::{Code, Place};

use super::{Feature, Position, Properties, Reader, Ring, id, kept};

/// Collections within collections; maps use one.
const MAX_NESTING: usize = 8;

#[derive(Deserialize)]
struct Topology<'a> {
    #[serde(borrow)]
    objects: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
    #[serde(borrow)]
    arcs: Option<&'a RawValue>,
    #[serde(borrow)]
    transform: Option<&'a RawValue>,
}

/// From whole numbers on a grid to degrees.
#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

#[derive(Deserialize)]
struct Geometry<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    id: Option<serde_json::Value>,
    properties: Option<Properties>,
    #[serde(borrow)]
    arcs: Option<&'a RawValue>,
    #[serde(borrow)]
    geometries: Option<Vec<&'a RawValue>>,
}

type Arc = Vec<[f64; 2]>;

/// All arcs in degrees, and the grid they were rounded to.
struct Arcs {
    list: Vec<Arc>,
    grid: [f64; 2],
    /// Positions that polygons may still be joined from.
    left: Cell<usize>,
}

/// Positions of all polygons of a file. Arcs may be named again and again, so that a small
/// file could stand for endless borders.
const MAX_POSITIONS: usize = 8_000_000;

/// All polygons of all objects of a topology.
pub(super) fn features(reader: &mut Reader<'_, '_>) -> Vec<Feature> {
    let text = reader.text;
    let Some(topology) = reader.json::<Topology<'_>>(text) else {
        reader.note_unread();
        return Vec::new();
    };
    let (Some(objects), Some(arcs)) = (topology.objects, topology.arcs) else {
        reader.whole("a topology needs `objects` and `arcs`");
        return Vec::new();
    };
    let transform = match topology.transform.map(|raw| reader.raw::<Transform>(raw)) {
        Some(None) => {
            reader.note_unread();
            return Vec::new();
        }
        found => found.flatten(),
    };
    let Some(list) = read_arcs(reader, arcs, transform.as_ref()) else {
        reader.note_unread();
        return Vec::new();
    };
    let grid = transform.map_or([0.0, 0.0], |transform| transform.scale);
    let left = Cell::new(MAX_POSITIONS);
    let arcs = Arcs { list, grid, left };
    let mut features = Vec::new();
    for object in objects.into_values() {
        collect(reader, object, &arcs, 0, &mut features);
    }
    features
}

/// Arcs in degrees. Under a transform positions are steps from the one before; each arc is
/// worked out once, so that both neighbours get the very same border.
fn read_arcs<'t>(
    reader: &mut Reader<'t, '_>,
    raw: &'t RawValue,
    transform: Option<&Transform>,
) -> Option<Vec<Arc>> {
    let written: Vec<Vec<Position>> = reader.raw(raw)?;
    let arcs = written.into_iter().map(|positions| {
        let positions = positions.into_iter().map(|Position(position)| position);
        match transform {
            None => positions.collect(),
            Some(transform) => unfold(positions, transform),
        }
    });
    Some(arcs.collect())
}

fn unfold(steps: impl Iterator<Item = [f64; 2]>, transform: &Transform) -> Arc {
    let Transform { scale, translate } = transform;
    let mut at = [0.0, 0.0];
    let positions = steps.map(|step| {
        at = [at[0] + step[0], at[1] + step[1]];
        [
            at[0] * scale[0] + translate[0],
            at[1] * scale[1] + translate[1],
        ]
    });
    positions.collect()
}

fn collect<'t>(
    reader: &mut Reader<'t, '_>,
    raw: &'t RawValue,
    arcs: &Arcs,
    nesting: usize,
    features: &mut Vec<Feature>,
) {
    let Some(geometry) = reader.raw::<Geometry<'t>>(raw) else {
        reader.note_unread();
        return;
    };
    let kind = geometry.kind.clone().unwrap_or_default();
    match &*kind {
        "GeometryCollection" if nesting < MAX_NESTING => {
            for inner in geometry.geometries.into_iter().flatten() {
                collect(reader, inner, arcs, nesting + 1, features);
            }
        }
        "Polygon" | "MultiPolygon" => features.extend(feature(reader, raw, geometry, arcs)),
        "GeometryCollection" => {
            let message = format!("collections are nested more than {MAX_NESTING} deep");
            reader.report(Code::BadMap, raw, message);
            reader.note_unread();
        }
        other => {
            let message = match other {
                "" => "a feature has no geometry".to_owned(),
                _ => format!("a feature is a `{other}` and not a polygon"),
            };
            reader.report(Code::NotAPolygon, raw, message);
            features.extend(kept(Feature {
                id: id(geometry.id, geometry.properties),
                place: reader.place(raw),
                polygons: Vec::new(),
                grid: [0.0, 0.0],
            }));
        }
    }
}

fn feature<'t>(
    reader: &mut Reader<'t, '_>,
    raw: &'t RawValue,
    geometry: Geometry<'t>,
    arcs: &Arcs,
) -> Option<Feature> {
    let polygons = polygons(reader, raw, &geometry, arcs);
    kept(Feature {
        id: id(geometry.id, geometry.properties),
        place: reader.place(raw),
        polygons: polygons.unwrap_or_default(),
        grid: arcs.grid.map(f64::abs),
    })
}

fn polygons<'t>(
    reader: &mut Reader<'t, '_>,
    raw: &'t RawValue,
    geometry: &Geometry<'t>,
    arcs: &Arcs,
) -> Option<Vec<Vec<Ring>>> {
    let Some(written) = geometry.arcs else {
        reader.report(Code::BadMap, raw, "a polygon has no arcs");
        return None;
    };
    let place = reader.place(raw);
    let parts: Vec<Vec<Vec<i64>>> = match geometry.kind.as_deref() {
        Some("Polygon") => vec![reader.raw(written)?],
        _ => reader.raw(written)?,
    };
    let polygons: Option<Vec<_>> = parts
        .iter()
        .map(|rings| polygon(rings, arcs, place))
        .collect();
    if polygons.is_none() {
        if arcs.left.get() == 0 {
            let message = format!("the polygons have more than {MAX_POSITIONS} positions");
            reader.report(Code::TooLarge, written, message);
        } else {
            let message = "a polygon names an arc that is not there";
            reader.report(Code::BadMap, written, message);
        }
    }
    polygons
}

fn polygon(rings: &[Vec<i64>], arcs: &Arcs, place: Place) -> Option<Vec<Ring>> {
    let rings = rings.iter().map(|indexes| {
        let positions = join(indexes, arcs)?;
        Some(Ring { place, positions })
    });
    rings.collect()
}

/// The arcs one after another; each begins where the one before ends. A negative index is
/// the arc of its complement, backwards. Nothing if there is no such arc or too many.
fn join(indexes: &[i64], arcs: &Arcs) -> Option<Arc> {
    let mut positions: Arc = Vec::new();
    for &index in indexes {
        let forward = index >= 0;
        let index = if forward { index } else { !index };
        let arc = arcs.list.get(usize::try_from(index).ok()?)?;
        arcs.left.set(arcs.left.get().saturating_sub(arc.len()));
        if arcs.left.get() == 0 {
            return None;
        }
        // The first position repeats the last of the arc before.
        positions.pop();
        if forward {
            positions.extend(arc);
        } else {
            positions.extend(arc.iter().rev());
        }
    }
    Some(positions)
}
