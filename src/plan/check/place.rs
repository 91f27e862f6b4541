//! Places in conditions: codes, postal codes, areas, circles and streets.

use crate::plan::condition::{
    Circle, Dimension, PostalCodes, PostalPattern, Side, StreetPlace, StreetRange, Value as Meaning,
};
use crate::plan::facts::Point;
use crate::plan::gazetteer::code;
use crate::plan::model::{AdminIx, AreaIx};
use crate::plan::normalise;
use crate::plan::parse::{Node, Value};
use crate::plan::problem::{Code, Draft};

use super::Checker;
use super::condition::Scope;
use super::keys::{CIRCLE, STREET};
use super::reader::Fields;

/// Half the earth's circumference: a larger circle holds everything.
const MAX_RADIUS_KM: f64 = 20_038.0;

/// Dimensions whose values are written as mappings.
pub(super) const fn is_place(about: &Dimension) -> bool {
    matches!(about, Dimension::Within | Dimension::Street)
}

impl<'a> Checker<'a> {
    /// A place written as one value.
    pub(super) fn place(
        &mut self,
        about: &Dimension,
        value: Value<'a>,
        scope: &Scope,
    ) -> Option<Meaning> {
        match about {
            Dimension::Area => {
                let area = self.areas.resolve(value, &mut self.reader)?;
                Some(Meaning::Area(AreaIx(area)))
            }
            Dimension::Postal => self.postal(value, scope).map(Meaning::Postal),
            Dimension::Admin => self.admin(value, scope).map(Meaning::Admin),
            _ => {
                let help = match about {
                    Dimension::Street => {
                        "write it as {admin: cn-310104, name: 漕溪北路, from: 1, to: 99}"
                    }
                    _ => "write it as {lat: 31.2, lon: 121.4, km: 5}",
                };
                let message = format!("`{}` should be a mapping", value.text);
                let draft = Draft::new(Code::WrongType, value.place(), message);
                self.reader.out.push(draft.help(help));
                None
            }
        }
    }

    /// A place written as a mapping.
    pub(super) fn mapped_place(
        &mut self,
        about: &Dimension,
        node: Node<'a>,
        scope: &Scope,
    ) -> Option<Meaning> {
        match about {
            Dimension::Street => self.street(node, scope).map(Box::new).map(Meaning::Street),
            _ => self.circle(node).map(Meaning::Circle),
        }
    }

    /// An administrative code; the gazetteer takes it in if it lacks it.
    fn admin(&mut self, value: Value<'a>, scope: &Scope) -> Option<AdminIx> {
        let Some(code) = code::canonical(value.text, scope.country.as_deref()) else {
            let message = format!("`{}` is not an administrative code", value.text);
            let help = "write it as cn-310104, us-06037 or de-BY, or beside `country`";
            self.reader.bad(value.place(), message, help);
            return None;
        };
        self.warn_of_unknown_code(&code, value);
        Some(self.gazetteer.ensure_code(&code))
    }

    /// `200030`, `2000*`, `90001..90099`, each perhaps after `us:`.
    fn postal(&mut self, value: Value<'a>, scope: &Scope) -> Option<PostalPattern> {
        let (country, codes) = self.postal_country(value, scope)?;
        let codes = if let Some((low, high)) = codes.split_once("..") {
            self.postal_range(value, country.as_deref(), low, high)?
        } else if let Some(prefix) = codes.strip_suffix('*') {
            let prefix = normalise::postal_prefix(prefix.trim());
            PostalCodes::Prefix(self.postal_form(value, prefix)?)
        } else {
            let code = normalise::postal(codes, country.as_deref());
            if code.is_none() && self.misspelt_extension(value, country.as_deref(), codes) {
                return None;
            }
            PostalCodes::Exact(self.postal_form(value, code)?)
        };
        let pattern = PostalPattern { country, codes };
        self.warn_of_unknown_postal(&pattern, value);
        Some(pattern)
    }

    /// The country of a postal code and what follows it.
    fn postal_country(
        &mut self,
        value: Value<'a>,
        scope: &Scope,
    ) -> Option<(Option<Box<str>>, &'a str)> {
        let Some((country, codes)) = value.text.split_once(':') else {
            let country = scope.country.as_deref().map(Box::from);
            return Some((country, value.text.trim()));
        };
        let Some(country) = normalise::iso_country(country.trim()) else {
            let message = format!("`{country}` is not a country");
            let help = "write its two letters before the colon, as in us:02134";
            self.reader.bad(value.place(), message, help);
            return None;
        };
        Some((Some(country.into()), codes.trim()))
    }

    fn postal_range(
        &mut self,
        value: Value<'a>,
        country: Option<&str>,
        low: &str,
        high: &str,
    ) -> Option<PostalCodes> {
        let low = normalise::postal(low.trim(), country);
        let low = self.postal_form(value, low)?;
        let high = normalise::postal(high.trim(), country);
        let high = self.postal_form(value, high)?;
        if postal_shape(&low) != postal_shape(&high) {
            let message = format!("`{low}` and `{high}` have different forms");
            let help = "both ends of a range need the same length, and letters and digits at the same places";
            self.reader.bad(value.place(), message, help);
            return None;
        }
        if low > high {
            let message = format!("no code is at least {low} and at most {high}");
            let draft = Draft::new(Code::EmptyRange, value.place(), message);
            let help = format!("both ends belong to the range; write {high}..{low}");
            self.reader.out.push(draft.help(help));
        }
        Some(PostalCodes::Range(low, high))
    }

    /// Whether a code is one but for what stands behind its hyphen, as a ZIP+4 with a digit too
    /// many; then the code before the hyphen is suggested.
    fn misspelt_extension(&mut self, value: Value<'a>, country: Option<&str>, code: &str) -> bool {
        let Some((before, _)) = code.split_once('-') else {
            return false;
        };
        if normalise::postal(before, country).is_none() {
            return false;
        }
        let near = value.text.split_once('-').map(|(before, _)| before);
        let message = format!("`{}` is not a postal code", value.text);
        let draft = Draft::new(Code::BadValue, value.place(), message);
        self.reader.out.push(draft.did_you_mean(near));
        true
    }

    fn postal_form(
        &mut self,
        value: Value<'a>,
        form: Option<std::borrow::Cow<'_, str>>,
    ) -> Option<Box<str>> {
        if form.is_none() {
            let message = format!("`{}` is not a postal code", value.text);
            let help = "write a code as 200030, a prefix as 2000* or a range as 90001..90099, in its country's form";
            self.reader.bad(value.place(), message, help);
        }
        form.map(|form| form.into())
    }

    /// The operand of `prefix` on postal codes.
    pub(super) fn postal_prefix(&mut self, value: Value<'a>, scope: &Scope) -> Option<Meaning> {
        let (country, prefix) = self.postal_country(value, scope)?;
        let prefix = normalise::postal_prefix(prefix);
        let codes = PostalCodes::Prefix(self.postal_form(value, prefix)?);
        Some(Meaning::Postal(PostalPattern { country, codes }))
    }

    fn circle(&mut self, node: Node<'a>) -> Option<Circle> {
        let fields = self.reader.fields(node, &CIRCLE)?;
        let lat = self.bounded(&fields, "lat", -90.0, 90.0);
        let lon = self.bounded(&fields, "lon", -180.0, 180.0);
        let km = self.bounded(&fields, "km", 0.0, MAX_RADIUS_KM);
        let (lat, lon, km) = (lat?, lon?, km?);
        if km == 0.0 {
            let message = "a circle of radius 0 holds nothing";
            self.reader.report(Code::EmptyRange, node.place(), message);
        }
        Some(Circle {
            center: Point {
                lon_e7: (lon * 1e7).round() as i32,
                lat_e7: (lat * 1e7).round() as i32,
            },
            radius_m: km * 1000.0,
        })
    }

    fn bounded(&mut self, fields: &Fields<'a>, key: &str, min: f64, max: f64) -> Option<f64> {
        let value = self.reader.value(fields.get(key)?, key)?;
        let number = self.reader.number(value)?;
        if !(min..=max).contains(&number) {
            let message = format!("`{key}` cannot be {}", value.text);
            let help = format!("write a number from {min} to {max}");
            self.reader.bad(value.place(), message, help);
            return None;
        }
        Some(number)
    }

    fn street(&mut self, node: Node<'a>, scope: &Scope) -> Option<StreetRange> {
        let fields = self.reader.fields(node, &STREET)?;
        let place = self.street_place(node, &fields, scope);
        let name = self.reader.value(fields.get("name")?, "`name`")?;
        let folded = normalise::street(name.text);
        if folded.is_none() {
            let message = format!("`{}` is not a street", name.text);
            self.reader
                .bad(name.place(), message, "write the street's name");
        }
        let sides = [
            ("even", Side::Even),
            ("odd", Side::Odd),
            ("both", Side::Both),
        ];
        let side = self.reader.choice_of(&fields, "side", &sides);
        let from = self.reader.count_of(&fields, "from");
        let to = self.reader.count_of(&fields, "to");
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            let message = format!("no house number is at least {from} and at most {to}");
            let draft = Draft::new(Code::EmptyRange, node.place(), message);
            let help = format!("both ends belong to the range; write `from: {to}, to: {from}`");
            self.reader.out.push(draft.help(help));
        }
        Some(StreetRange {
            place: place?,
            name: folded?.into(),
            from,
            to,
            side: side.unwrap_or_default(),
        })
    }

    fn street_place(
        &mut self,
        node: Node<'a>,
        fields: &Fields<'a>,
        scope: &Scope,
    ) -> Option<StreetPlace> {
        match (fields.get("admin"), fields.get("postal")) {
            (Some(admin), None) => {
                let value = self.reader.value(admin, "`admin`")?;
                self.admin(value, scope).map(StreetPlace::Admin)
            }
            (None, Some(postal)) => {
                let value = self.reader.value(postal, "`postal`")?;
                self.postal(value, scope).map(StreetPlace::Postal)
            }
            (None, None) => {
                let message = "a street needs the key `admin` or `postal`";
                self.reader.report(Code::MissingKey, node.place(), message);
                None
            }
            (Some(_), Some(_)) => {
                let message = "a street lies in an `admin` area or in a `postal` code, not both";
                self.reader
                    .bad(node.place(), message, "remove one of the two");
                None
            }
        }
    }
}

/// Where a postal code has digits, letters and other characters.
fn postal_shape(code: &str) -> Vec<u8> {
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        other => other,
    };
    code.bytes().map(kind).collect()
}
