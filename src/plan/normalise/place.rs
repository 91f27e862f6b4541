//! Finds the administrative area and the position of a lead's address.

use crate::event::Address;
use crate::plan::facts::{Point, PositionSource};
use crate::plan::gazetteer::{CITY, DISTRICT, Found, Gazetteer, PostalPoint, REGION};
use crate::plan::model::AdminIx;

use super::text::{text, trim};

/// What became of one field of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Resolution {
    /// The lead does not have it.
    #[default]
    Absent,
    Found(AdminIx),
    /// A code that is not known; its nearest known ancestor.
    Nearest(AdminIx),
    /// What stands above it, or a code, says it already.
    Settled,
    /// A city of the United States without its state: the name of a county says nothing then.
    NeedsState,
    /// The gazetteer has no such area there.
    Unknown,
    /// So many areas there have the name.
    Ambiguous(usize),
}

impl Resolution {
    pub const fn area(self) -> Option<AdminIx> {
        match self {
            Self::Found(ix) | Self::Nearest(ix) => Some(ix),
            Self::Absent
            | Self::Settled
            | Self::NeedsState
            | Self::Unknown
            | Self::Ambiguous(_) => None,
        }
    }
}

/// Levels of an address as people write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Region,
    City,
    District,
}

/// What an address says of where it is, field by field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub code: Resolution,
    pub region: Resolution,
    pub city: Resolution,
    pub district: Resolution,
    /// The finest area that code and names agree on; the country at least, if it is known.
    pub admin: Option<AdminIx>,
    /// The same without a town of the United States, which may reach into other counties.
    sure: Option<AdminIx>,
    pub postal: Option<PostalPoint>,
    /// The postal code's area lies in `admin` and is finer, or is all there is.
    pub refined: bool,
}

impl Place {
    /// Resolves code and names, from the top down: each field within what those above it
    /// found. A code goes before names; neither contradicts the other, the finer refines.
    pub fn by_names(gazetteer: &Gazetteer, address: &Address<'_>, country: Option<&str>) -> Self {
        let root = country.and_then(|country| gazetteer.by_code(country));
        let code = by_code(gazetteer, address.admin.as_deref(), country);
        let mut place = Self {
            code,
            admin: code.area().or(root),
            sure: code.area().or(root),
            ..Self::default()
        };
        // A country that the gazetteer does not know has no areas in it either: a name must
        // not be looked for in others.
        if country.is_some() && place.admin.is_none() {
            return place;
        }
        let american = place.admin.is_some_and(|ix| gazetteer.is_american(ix));
        let order = if american {
            // A county is more certain than a city that is only known by its county's name.
            [Field::Region, Field::District, Field::City]
        } else {
            [Field::Region, Field::City, Field::District]
        };
        for field in order {
            place.resolve(gazetteer, field, address, country, american);
        }
        place
    }

    fn resolve(
        &mut self,
        gazetteer: &Gazetteer,
        field: Field,
        address: &Address<'_>,
        country: Option<&str>,
        american: bool,
    ) {
        let (raw, level) = match field {
            Field::Region => (&address.region, REGION),
            Field::City if american => (&address.city, DISTRICT),
            Field::City => (&address.city, CITY),
            Field::District if american => (&address.district, CITY),
            Field::District => (&address.district, DISTRICT),
        };
        let Some(raw) = raw.as_deref() else {
            return;
        };
        let mut found = match self.admin {
            Some(ix) if gazetteer.is_leaf(ix) && gazetteer.level(ix) >= level => {
                Resolution::Settled
            }
            scope if american && field == Field::District => {
                by_county_name(gazetteer, scope, raw, level, country)
            }
            scope if american && field == Field::City => {
                by_town_name(gazetteer, scope, raw, level, country)
            }
            scope => by_name(gazetteer, scope, raw, level, country),
        };
        let stateless = field == Field::City && !self.has_state(gazetteer);
        if stateless && found.area().is_some_and(|ix| gazetteer.is_american(ix)) {
            found = Resolution::NeedsState;
        }
        self.admin = found.area().or(self.admin);
        if !(american && field == Field::City) {
            self.sure = self.admin;
        }
        match field {
            Field::Region => self.region = found,
            Field::City => self.city = found,
            Field::District => self.district = found,
        }
    }

    fn has_state(&self, gazetteer: &Gazetteer) -> bool {
        self.admin.is_some_and(|ix| gazetteer.level(ix) >= REGION)
    }

    /// Adds what the postal code, normalised, says.
    pub fn with_postal(
        mut self,
        gazetteer: &Gazetteer,
        country: Option<&str>,
        postal: Option<&str>,
    ) -> Self {
        self.postal = country
            .zip(postal)
            .and_then(|(country, code)| gazetteer.by_postal(country, code));
        let Some(point) = self.postal else {
            return self;
        };
        let finer = |ix| ix != point.admin && gazetteer.within(point.admin, ix);
        if self.sure.is_none_or(finer) && self.admin != Some(point.admin) {
            self.refined = true;
            self.admin = Some(point.admin);
        }
        self
    }

    /// The position that the lead has without coordinates of its own: the postal code's, else
    /// the district's, else the city's. A region's or country's middle is nowhere near.
    pub fn position(&self, gazetteer: &Gazetteer) -> Option<(Point, PositionSource)> {
        if let Some(point) = self.postal.and_then(|postal| postal.position) {
            return Some((point, PositionSource::Postal));
        }
        let fine = |&ix: &AdminIx| gazetteer.level(ix) >= CITY;
        let areas = gazetteer.chain(self.admin?).take_while(fine);
        // A city that is a region of its own stands at the region's level.
        for ix in areas.chain(self.city.area()) {
            if let Some(point) = gazetteer.node(ix).position {
                return Some((point, source_of(gazetteer, ix)));
            }
        }
        None
    }
}

/// Counties of the United States stand at the level of cities and are what is called district.
fn source_of(gazetteer: &Gazetteer, ix: AdminIx) -> PositionSource {
    let level = gazetteer.level(ix);
    let county = level == CITY && gazetteer.is_american(ix);
    if level >= DISTRICT || county {
        return PositionSource::District;
    }
    PositionSource::City
}

fn by_code(gazetteer: &Gazetteer, raw: Option<&str>, country: Option<&str>) -> Resolution {
    let Some(raw) = raw.filter(|raw| !trim(raw).is_empty()) else {
        return Resolution::Absent;
    };
    let Some(code) = super::code(raw, country) else {
        return Resolution::Unknown;
    };
    if let Some(ix) = gazetteer.by_code(&code) {
        return Resolution::Found(ix);
    }
    // `us-CA` and `CA` beside `US` name a region by its abbreviation.
    if let Some(found) = by_abbreviation(gazetteer, &code) {
        return Resolution::Found(found);
    }
    match gazetteer.nearest_by_code(&code) {
        Some(ix) => Resolution::Nearest(ix),
        None => Resolution::Unknown,
    }
}

fn by_abbreviation(gazetteer: &Gazetteer, code: &str) -> Option<AdminIx> {
    let (country, local) = code.split_once('-')?;
    let root = gazetteer.by_code(country)?;
    let letters = local.bytes().all(|b| b.is_ascii_uppercase());
    let folded = letters.then(|| local.to_ascii_lowercase())?;
    match gazetteer.by_name(Some(root), &folded, REGION) {
        Found::One(ix) => Some(ix).filter(|&ix| gazetteer.level(ix) == REGION),
        Found::Nothing | Found::Ambiguous(_) => None,
    }
}

fn by_name(
    gazetteer: &Gazetteer,
    scope: Option<AdminIx>,
    raw: &str,
    level: u8,
    country: Option<&str>,
) -> Resolution {
    let folded = text(raw);
    if folded.is_empty() {
        return Resolution::Absent;
    }
    match gazetteer.by_name(scope, &folded, level) {
        // Without a country `CA` may be Canada as well as California.
        Found::One(_) if scope.is_none() && super::iso_country(&folded).is_some() => {
            Resolution::Ambiguous(2)
        }
        Found::One(ix) => Resolution::Found(ix),
        Found::Ambiguous(many) => Resolution::Ambiguous(many),
        Found::Nothing => by_written_code(gazetteer, scope, raw, country),
    }
}

/// A town: New York in the state of that name is the county of that name and not the state.
fn by_town_name(
    gazetteer: &Gazetteer,
    scope: Option<AdminIx>,
    raw: &str,
    level: u8,
    country: Option<&str>,
) -> Resolution {
    match by_name(gazetteer, scope, raw, level, country) {
        Resolution::Found(ix) if gazetteer.node(ix).level < CITY => {
            by_name(gazetteer, scope, raw, CITY, country)
        }
        found => found,
    }
}

/// What kinds of counties the United States have, as their full names end.
const COUNTY_KINDS: [&str; 6] = [
    " county",
    " parish",
    " borough",
    " census area",
    " municipality",
    " city",
];

/// A county, whose kind people leave out: `Houston` as county is Houston County, though the
/// town of that name lies in another one. An independent city may be meant as well as the
/// county beside it.
fn by_county_name(
    gazetteer: &Gazetteer,
    scope: Option<AdminIx>,
    raw: &str,
    level: u8,
    country: Option<&str>,
) -> Resolution {
    let mut name = text(raw).into_owned();
    let bare = name.len();
    if COUNTY_KINDS.iter().any(|kind| name.ends_with(kind)) {
        return by_name(gazetteer, scope, raw, level, country);
    }
    let mut hits = 0;
    let mut first = None;
    for kind in COUNTY_KINDS {
        name.truncate(bare);
        name.push_str(kind);
        match gazetteer.by_name(scope, &name, level) {
            Found::One(ix) if first == Some(ix) => {}
            Found::One(ix) => {
                hits += 1;
                first = first.or(Some(ix));
            }
            Found::Ambiguous(many) => hits += many,
            Found::Nothing => {}
        }
    }
    match (hits, first) {
        (1, Some(ix)) => Resolution::Found(ix),
        (0, _) => by_name(gazetteer, scope, raw, level, country),
        (many, _) => Resolution::Ambiguous(many),
    }
}

/// A code in place of a name: `us-06` as region.
fn by_written_code(
    gazetteer: &Gazetteer,
    scope: Option<AdminIx>,
    raw: &str,
    country: Option<&str>,
) -> Resolution {
    let coded = raw.bytes().any(|b| b.is_ascii_digit() || b == b'-');
    let code = if coded {
        super::code(raw, country)
    } else {
        None
    };
    let area = code.and_then(|code| gazetteer.by_code(&code));
    let inside = |&ix: &AdminIx| scope.is_none_or(|scope| gazetteer.within(ix, scope));
    area.filter(inside)
        .map_or(Resolution::Unknown, Resolution::Found)
}
