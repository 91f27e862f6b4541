//! GeoJSON features, each with the polygons it draws.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::plan::problem::Code;

use super::{Feature, Position, Properties, Reader, Ring, id, kept};

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(borrow)]
    features: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    id: Option<serde_json::Value>,
    properties: Option<Properties>,
    #[serde(borrow)]
    geometry: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Geometry<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
}

/// The features of a FeatureCollection, or the one Feature that the file is.
pub(super) fn features(reader: &mut Reader<'_, '_>) -> Vec<Feature> {
    let text = reader.text;
    let Some(collection) = reader.json::<Collection<'_>>(text) else {
        reader.note_unread();
        return Vec::new();
    };
    let items = match collection.features {
        Some(items) => items,
        None => reader.json::<&RawValue>(text).into_iter().collect(),
    };
    let read = items.into_iter().filter_map(|item| feature(reader, item));
    read.collect()
}

fn feature<'t>(reader: &mut Reader<'t, '_>, raw: &'t RawValue) -> Option<Feature> {
    let Some(item) = reader.raw::<Item<'t>>(raw) else {
        reader.note_unread();
        return None;
    };
    kept(Feature {
        id: id(item.id, item.properties),
        place: reader.place(raw),
        polygons: polygons(reader, raw, item.geometry).unwrap_or_default(),
        grid: [0.0, 0.0],
    })
}

fn polygons<'t>(
    reader: &mut Reader<'t, '_>,
    raw: &'t RawValue,
    drawn: Option<&'t RawValue>,
) -> Option<Vec<Vec<Ring>>> {
    let Some(drawn) = drawn else {
        reader.report(Code::NotAPolygon, raw, "a feature has no geometry");
        return None;
    };
    let geometry: Geometry<'t> = reader.raw(drawn)?;
    let kind = geometry.kind.unwrap_or_default();
    match (&*kind, geometry.coordinates) {
        ("Polygon", Some(rings)) => Some(vec![polygon(reader, rings)?]),
        ("MultiPolygon", Some(parts)) => {
            let parts: Vec<&RawValue> = reader.raw(parts)?;
            let polygons: Vec<_> = parts
                .into_iter()
                .map(|part| polygon(reader, part))
                .collect();
            polygons.into_iter().collect()
        }
        ("Polygon" | "MultiPolygon", None) => {
            reader.report(Code::BadMap, drawn, "a polygon has no coordinates");
            None
        }
        (other, _) => {
            let message = format!("a feature is a `{other}` and not a polygon");
            reader.report(Code::NotAPolygon, drawn, message);
            None
        }
    }
}

fn polygon<'t>(reader: &mut Reader<'t, '_>, raw: &'t RawValue) -> Option<Vec<Ring>> {
    let rings: Vec<&RawValue> = reader.raw(raw)?;
    if rings.is_empty() {
        reader.report(Code::BadMap, raw, "a polygon has no ring");
        return None;
    }
    let rings: Vec<_> = rings
        .into_iter()
        .map(|ring| read_ring(reader, ring))
        .collect();
    rings.into_iter().collect()
}

fn read_ring<'t>(reader: &mut Reader<'t, '_>, raw: &'t RawValue) -> Option<Ring> {
    let written: Vec<Position> = reader.raw(raw)?;
    let positions = written
        .into_iter()
        .map(|Position(position)| position)
        .collect();
    let place = reader.place(raw);
    Some(Ring { place, positions })
}
