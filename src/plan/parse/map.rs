//! Area files: GeoJSON and TopoJSON to features whose every ring has a place.
//!
//! Both formats are read with serde straight from the text, because borrowed raw values
//! give what the formats' crates cannot: where in the file a feature or a ring stands. The
//! TopoJSON crate also indexes into a `scale` without asking whether it has two numbers.

mod geojson;
mod topojson;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::plan::problem::{Code, Collector, Draft, FileIx, Place};

use super::files::Text;

/// A named polygon as drawn.
#[derive(Debug)]
pub(crate) struct Feature {
    pub id: Option<Box<str>>,
    pub place: Place,
    /// Of each polygon the outer ring first, then its holes.
    pub polygons: Vec<Vec<Ring>>,
    /// Steps of the grid that the map's positions were rounded to, in degrees of longitude
    /// and latitude; 0 if it does not say.
    pub grid: [f64; 2],
}

/// A ring as drawn: longitude and latitude in degrees, the first position repeated at the
/// end if the ring is closed.
#[derive(Debug)]
pub(crate) struct Ring {
    pub place: Place,
    pub positions: Vec<[f64; 2]>,
}

/// A position as written: its first two numbers. A third is a height, which plays no part.
struct Position([f64; 2]);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PositionVisitor)
    }
}

/// Reads a position without an allocation; maps have millions of them.
struct PositionVisitor;

impl<'de> Visitor<'de> for PositionVisitor {
    type Value = Position;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a position of two numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Position, A::Error> {
        let mut next = |at| {
            let number = numbers.next_element::<f64>()?;
            number.ok_or_else(|| A::Error::invalid_length(at, &self))
        };
        let position = [next(0)?, next(1)?];
        while numbers.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Position(position))
    }
}

/// The head of either format.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

/// The property that may name a feature.
#[derive(Deserialize)]
struct Properties {
    id: Option<serde_json::Value>,
}

/// The features of an area file; what is wrong with them is in `out`.
pub(crate) fn features(text: &Text, out: &mut Collector) -> Vec<Feature> {
    let mut reader = Reader {
        file: text.file,
        text: &text.text,
        out,
    };
    let head: Option<Head<'_>> = reader.json(&text.text);
    let kind = head.map(|head| head.kind.unwrap_or_default());
    match kind.as_deref() {
        None => {
            reader.note_unread();
            Vec::new()
        }
        Some("Topology") => topojson::features(&mut reader),
        Some("FeatureCollection" | "Feature") => geojson::features(&mut reader),
        Some(other) => {
            let message = match other {
                "" => "the file has no `type`".to_owned(),
                _ => format!("a `{other}` is not a collection of areas"),
            };
            reader.whole(&message);
            Vec::new()
        }
    }
}

/// Reads the parts of one file.
struct Reader<'t, 'o> {
    file: FileIx,
    text: &'t str,
    out: &'o mut Collector,
}

impl<'t> Reader<'t, '_> {
    /// Reads a part of the file's text; a part that does not fit is a problem.
    fn json<T: Deserialize<'t>>(&mut self, part: &'t str) -> Option<T> {
        match serde_json::from_str(part) {
            Ok(value) => Some(value),
            Err(error) => {
                self.misread(part, &error);
                None
            }
        }
    }

    fn raw<T: Deserialize<'t>>(&mut self, part: &'t RawValue) -> Option<T> {
        self.json(part.get())
    }

    fn misread(&mut self, part: &str, error: &serde_json::Error) {
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or("");
        let message = if error.is_data() {
            format!("this is no GeoJSON or TopoJSON: {said}")
        } else {
            format!("not valid JSON: {said}")
        };
        let line_start: usize = part
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let inside = (line_start + error.column().saturating_sub(1)).min(part.len());
        let place = Place {
            file: self.file,
            start: (self.offset(part) + inside) as u32,
            len: 1,
        };
        self.out.push(Draft::new(Code::BadMap, place, message));
    }

    fn whole(&mut self, message: &str) {
        self.out
            .report(Code::BadMap, Place::whole(self.file), message);
        self.note_unread();
    }

    /// Notes that features were lost whose ids may be named.
    fn note_unread(&mut self) {
        self.out.note_unread_of("area");
    }

    /// Where a part of the text begins.
    fn offset(&self, part: &str) -> usize {
        let distance = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        distance.min(self.text.len())
    }

    fn place(&self, part: &RawValue) -> Place {
        Place {
            file: self.file,
            start: self.offset(part.get()) as u32,
            len: 1,
        }
    }

    fn report(&mut self, code: Code, part: &RawValue, message: impl Into<String>) {
        let place = self.place(part);
        self.out.push(Draft::new(code, place, message));
    }
}

/// A feature as far as it could be read. One that has an id but no polygons was reported,
/// and keeps its name, so that conditions which use it are not blamed; one that has neither
/// is nothing.
fn kept(feature: Feature) -> Option<Feature> {
    (feature.id.is_some() || !feature.polygons.is_empty()).then_some(feature)
}

/// A feature's id: its own, else the property of that name.
fn id(own: Option<serde_json::Value>, properties: Option<Properties>) -> Option<Box<str>> {
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.into()),
        serde_json::Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    };
    let property = || {
        properties
            .and_then(|properties| properties.id)
            .and_then(text)
    };
    own.and_then(text).or_else(property)
}
