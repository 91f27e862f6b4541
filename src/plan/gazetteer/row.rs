//! One row of a gazetteer table: its cells as written, and as meant.

use smallvec::SmallVec;
use thiserror::Error;

use super::code;
use crate::plan::facts::Point;
use crate::plan::normalise;

/// One row of a gazetteer table: its cells as written, `aliases` and `postal` with their `|`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row<'a> {
    /// Canonical or bare code; empty in a row that only gives postal codes a position.
    pub code: &'a str,
    pub name: &'a str,
    /// Other names; one that looks like a code is a retired code of this area.
    pub aliases: &'a str,
    /// The parent's code; empty if the code's structure says it.
    pub parent: &'a str,
    pub lat: &'a str,
    pub lon: &'a str,
    pub postal: &'a str,
}

/// What is wrong with a row. The message says what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RowError {
    #[error("`{0}` is not an administrative code; write it as `cn-310104`, `us-06037` or `de-BY`")]
    Code(Box<str>),
    #[error("`{0}` is not an administrative code; name the parent by its code, such as `cn-31`")]
    Parent(Box<str>),
    #[error("`{0}` is already in the gazetteer; remove one of the two rows")]
    Duplicate(Box<str>),
    #[error("`{0}` is an alias of another row; a code, present or former, is one place's")]
    Former(Box<str>),
    #[error("`{0}` is a code of another row already; a code, present or former, is one place's")]
    Taken(Box<str>),
    #[error("the row has no name; write what people call the place")]
    NoName,
    #[error("a row without a code must have a postal code and the parent it lies in")]
    Nameless,
    #[error("{}", not_degrees(.0, "latitude", "longitude", 90))]
    Latitude(Box<str>),
    #[error("{}", not_degrees(.0, "longitude", "latitude", 180))]
    Longitude(Box<str>),
    #[error("`{0}` is not a postal code of its country")]
    Postal(Box<str>),
    #[error("no row has the code `{0}` that this row names as its parent; add one or correct it")]
    UnknownParent(Box<str>),
    #[error("`{0}` lies in itself; correct the parent of one of the rows of the circle")]
    Cycle(Box<str>),
    #[error("`{0}` lies too many levels under its country; correct its parent")]
    TooDeep(Box<str>),
}

impl RowError {
    /// The column of the offending cell.
    pub const fn column(&self) -> &'static str {
        match self {
            Self::Code(_) | Self::Duplicate(_) | Self::Former(_) | Self::Nameless => "code",
            Self::Taken(_) => "aliases",
            Self::NoName => "name",
            Self::Parent(_) | Self::UnknownParent(_) | Self::Cycle(_) | Self::TooDeep(_) => {
                "parent"
            }
            Self::Latitude(_) => "lat",
            Self::Longitude(_) => "lon",
            Self::Postal(_) => "postal",
        }
    }
}

/// Most places have two or three names.
pub(super) type Names = SmallVec<[Box<str>; 4]>;
/// Most rows have at most one retired or postal code.
pub(super) type Codes = SmallVec<[Box<str>; 1]>;

/// A row as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Canonical; `None` in a row that only places postal codes.
    pub code: Option<Box<str>>,
    pub name: Option<Box<str>>,
    /// The folded name and aliases.
    pub folded: Names,
    /// Canonical codes this area had before.
    pub retired: Codes,
    /// Canonical, if the row names one.
    pub parent: Option<Box<str>>,
    pub position: Option<Point>,
    /// Normalised postal codes.
    pub postal: Codes,
}

impl Row<'_> {
    /// Reads every cell. One that cannot be read is a problem and counts as empty; nothing
    /// is left of a row that does not say what it is about.
    pub(super) fn read(&self, problems: &mut Vec<RowError>) -> Option<Meaning> {
        let parent = noted(self.read_parent(), problems);
        let code = noted(self.read_code(parent.as_deref()), problems);
        let misread = !problems.is_empty();
        let position = self.read_position(problems);
        let Some(place) = code.as_deref().or(parent.as_deref()) else {
            problems.extend((!misread).then_some(RowError::Nameless));
            return None;
        };
        let country = code::split(place).0;
        let postal = self.read_postal(country, problems);
        if code.is_none() && self.postal.trim().is_empty() && !misread {
            problems.push(RowError::Nameless);
        }
        if code.is_none() && (misread || postal.is_empty()) {
            return None;
        }
        let (folded, retired) = self.read_names(country);
        let name = Some(self.name.trim()).filter(|name| !name.is_empty());
        let name = name.map(Box::from);
        problems.extend((code.is_some() && name.is_none()).then_some(RowError::NoName));
        Some(Meaning {
            code,
            name,
            folded,
            retired,
            parent,
            position,
            postal,
        })
    }

    fn read_parent(&self) -> Result<Option<Box<str>>, RowError> {
        let cell = self.parent.trim();
        if cell.is_empty() {
            return Ok(None);
        }
        let own = code::canonical(self.code, None);
        let country = own.as_deref().map(|own| code::split(own).0);
        let parent = code::canonical(cell, country.filter(|_| cell.len() > 2));
        match parent {
            Some(parent) => Ok(Some(parent.into())),
            None => Err(RowError::Parent(cell.into())),
        }
    }

    fn read_code(&self, parent: Option<&str>) -> Result<Option<Box<str>>, RowError> {
        let cell = self.code.trim();
        if cell.is_empty() {
            return Ok(None);
        }
        let country = parent.map(|parent| code::split(parent).0);
        match code::canonical(cell, country) {
            Some(code) => Ok(Some(code.into())),
            None => Err(RowError::Code(cell.into())),
        }
    }

    fn read_position(&self, problems: &mut Vec<RowError>) -> Option<Point> {
        let (lat, lon) = (self.lat.trim(), self.lon.trim());
        if lat.is_empty() && lon.is_empty() {
            return None;
        }
        let degrees = |cell: &str, limit: f64| {
            let value = cell.parse::<f64>().ok();
            value.filter(|value| value.abs() <= limit)
        };
        let lat_deg = degrees(lat, 90.0).ok_or_else(|| RowError::Latitude(lat.into()));
        let lon_deg = degrees(lon, 180.0).ok_or_else(|| RowError::Longitude(lon.into()));
        let (lat_deg, lon_deg) = (
            noted(lat_deg.map(Some), problems),
            noted(lon_deg.map(Some), problems),
        );
        Point::from_degrees(lat_deg?, lon_deg?)
    }

    fn read_postal(&self, country: &str, problems: &mut Vec<RowError>) -> Codes {
        let cells = self.postal.split('|').map(str::trim);
        let cells = cells.filter(|cell| !cell.is_empty());
        let codes = cells.filter_map(|cell| match normalise::postal(cell, Some(country)) {
            Some(code) => Some(code.into()),
            None => {
                problems.push(RowError::Postal(cell.into()));
                None
            }
        });
        codes.collect()
    }

    /// Folded names, and codes that the area had before, both without repetition.
    fn read_names(&self, country: &str) -> (Names, Codes) {
        let mut folded = Names::new();
        let mut retired = Codes::new();
        for name in std::iter::once(self.name).chain(self.aliases.split('|')) {
            if let Some(code) = as_code(name.trim(), country) {
                retired.push(code);
                continue;
            }
            let name = normalise::text(name);
            if !name.is_empty() && !folded.iter().any(|known| **known == *name) {
                folded.push(name.into());
            }
        }
        (folded, retired)
    }
}

/// What was read; nothing of a cell that has a problem.
fn noted<T>(read: Result<Option<T>, RowError>, problems: &mut Vec<RowError>) -> Option<T> {
    read.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    })
}

/// What is said of a cell that holds no degrees; `other` is the cell beside it.
fn not_degrees(cell: &str, what: &str, other: &str, limit: u8) -> String {
    match cell {
        "" => format!(
            "the row has a {other} but no {what}; write degrees between -{limit} and {limit}, or leave both cells empty"
        ),
        cell => {
            format!("`{cell}` is not a {what}; write degrees between -{limit} and {limit}")
        }
    }
}

/// An alias that looks like a code of `country`: its prefix and letters or digits, or digits
/// only (`us-CA`, `310103`).
fn as_code(alias: &str, country: &str) -> Option<Box<str>> {
    let digits = !alias.is_empty() && alias.bytes().all(|b| b.is_ascii_digit());
    let prefixed = alias.len() > country.len() + 1
        && alias.as_bytes()[country.len()] == b'-'
        && alias.as_bytes()[..country.len()].eq_ignore_ascii_case(country.as_bytes())
        && alias
            .bytes()
            .skip(country.len() + 1)
            .all(|b| b.is_ascii_alphanumeric());
    if !digits && !prefixed {
        return None;
    }
    code::canonical(alias, Some(country)).map(Box::from)
}
