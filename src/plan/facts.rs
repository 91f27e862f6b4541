//! A lead as a plan understands it: normalised once, then read by router and state.

use crate::event::{Attribute, Text};

use smallvec::SmallVec;

use super::model::{AccountIx, AdminIx, TerritoryIx};

/// Second owners of one lead that need no allocation.
pub const OVERLAYS_INSIDE: usize = 16;

/// The territories a lead falls into: the value that router hands to state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// The owner's territory: the matching one of lowest rank.
    pub territory: Option<TerritoryIx>,
    /// Overlay territories that add second owners, in order of rank. As many as any plan is
    /// likely to add to one lead lie in here; more need an allocation.
    pub overlays: SmallVec<[TerritoryIx; OVERLAYS_INSIDE]>,
}

/// A position in 1e-7 degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// -1_800_000_000 to 1_800_000_000.
    pub lon_e7: i32,
    /// -900_000_000 to 900_000_000.
    pub lat_e7: i32,
}

impl Point {
    /// The point at these degrees, to the nearest 1e-7; nothing if they are out of range, not
    /// numbers, or both zero (what software writes that knows no position).
    pub fn from_degrees(lat_deg: f64, lon_deg: f64) -> Option<Self> {
        let in_range = lat_deg.abs() <= 90.0 && lon_deg.abs() <= 180.0;
        let nowhere = lat_deg == 0.0 && lon_deg == 0.0;
        let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
        (in_range && !nowhere).then(|| Self {
            lon_e7: e7(lon_deg),
            lat_e7: e7(lat_deg),
        })
    }
}

/// Where a lead's position came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionSource {
    /// Its own coordinates.
    Coordinates,
    /// Its postal code's position.
    Postal,
    /// Its district's position.
    District,
    /// Its city's position.
    City,
}

/// How a lead's account was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountRule {
    Id,
    Domain,
    Name,
}

/// The normalised lead. Text is NFKC, trimmed and case-folded where case means nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts<'a> {
    /// Lower-case alpha-2.
    pub country: Option<Text<'a>>,
    /// The finest administrative area known of the lead.
    pub admin: Option<AdminIx>,
    /// In its country's form, upper case, without inner spaces.
    pub postal: Option<Text<'a>>,
    pub position: Option<(Point, PositionSource)>,
    /// Coordinates were given but are out of range or 0/0.
    pub position_invalid: bool,
    /// Street name, folded.
    pub street: Option<Text<'a>>,
    /// The leading number of the house number.
    pub house_number: Option<u32>,
    /// Upper-case code.
    pub industry: Option<Text<'a>>,
    pub employees: Option<f64>,
    pub revenue: Option<f64>,
    pub potential: Option<f64>,
    pub score: Option<f64>,
    pub orders: Option<f64>,
    pub lifetime_value: Option<f64>,
    pub products: Vec<Text<'a>>,
    pub source: Option<Text<'a>>,
    pub campaign: Option<Text<'a>>,
    pub language: Option<Text<'a>>,
    /// The account the lead belongs to, and the rule that found it.
    pub account: Option<(AccountIx, AccountRule)>,
    /// The lead's own account id, even where the plan does not list it.
    pub account_id: Option<Text<'a>>,
    /// Registrable domain of the company, else of a business e-mail address.
    pub domain: Option<Text<'a>>,
    /// Normalised address of the person, for deduplication.
    pub email: Option<Text<'a>>,
    /// E.164, for deduplication.
    pub phone: Option<Text<'a>>,
    /// Sorted by name, texts folded.
    pub attributes: Vec<(Text<'a>, Attribute<'a>)>,
}
