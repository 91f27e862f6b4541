//! Conditions over a lead's dimensions, as the plan means them.
//!
//! Logic is three-valued as in SQL: a test of something the lead does not have is unknown,
//! `not` of unknown is unknown, and only true matches.

use super::facts::Point;
use super::model::{AccountIx, AdminIx, AreaIx};

/// A condition. An empty `All` is always true.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Every part holds.
    All(Vec<Condition>),
    /// At least one part holds.
    Any(Vec<Condition>),
    /// The part does not hold.
    Not(Box<Condition>),
    /// One dimension passes a test.
    Clause(Clause),
}

impl Condition {
    /// The condition that holds for every lead.
    pub const fn always() -> Self {
        Self::All(Vec::new())
    }
}

/// A test of one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    pub dimension: Dimension,
    pub test: Test,
}

/// What a condition can ask about. The first eight are places and names, the rest attributes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    Account,
    Domain,
    Street,
    Area,
    Within,
    Postal,
    Admin,
    Country,
    Industry,
    Employees,
    Revenue,
    Potential,
    Score,
    Orders,
    LifetimeValue,
    Product,
    Source,
    Campaign,
    Language,
    /// `attr.<name>`.
    Attribute(Box<str>),
}

/// A test of a value. A dimension with several values (products, list attributes, admin
/// ancestors, areas) passes `OneOf` and `Prefix` if any of its values does.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The value is one of these.
    OneOf(Vec<Value>),
    /// The value begins with one of these normalised texts.
    Prefix(Vec<Box<str>>),
    /// The number lies in the range.
    Range(Range),
    /// There is a value (or there is none). Never unknown.
    Exists(bool),
    /// The test fails on a value that is there; unknown stays unknown.
    Not(Box<Test>),
    /// Every test passes.
    All(Vec<Test>),
}

/// `min` inclusive, `max` exclusive; an absent end is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub min: Option<f64>,
    pub max: Option<f64>,
}

/// A value as a plan names it, in the form [`super::Facts`] has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Normalised text: country (`cn`), industry code or prefix, product, source, domain ….
    Text(Box<str>),
    Number(f64),
    Bool(bool),
    /// An administrative area: the lead's code or one of its ancestors.
    Admin(AdminIx),
    Account(AccountIx),
    Area(AreaIx),
    Circle(Circle),
    Postal(PostalPattern),
    /// Boxed, as it is seldom and three times as large as the others.
    Street(Box<StreetRange>),
}

/// A circle on the sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    pub center: Point,
    /// Great-circle radius in metres.
    pub radius_m: f64,
}

/// Postal codes in one country, or in the lead's own if `country` is `None`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostalPattern {
    /// Lower-case alpha-2.
    pub country: Option<Box<str>>,
    pub codes: PostalCodes,
}

/// Which postal codes, in normalised form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostalCodes {
    /// This code; a ZIP+4 also lies where its ZIP lies.
    Exact(Box<str>),
    /// Every code that begins so.
    Prefix(Box<str>),
    /// From one code to another of the same form and length, both included.
    Range(Box<str>, Box<str>),
}

/// House numbers of one street.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreetRange {
    /// Where the street is.
    pub place: StreetPlace,
    /// Normalised street name.
    pub name: Box<str>,
    /// Lowest house number, inclusive; open if `None`.
    pub from: Option<u32>,
    /// Highest house number, inclusive; open if `None`.
    pub to: Option<u32>,
    pub side: Side,
}

/// The place that holds a street.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StreetPlace {
    Admin(AdminIx),
    Postal(PostalPattern),
}

/// Sides of a street.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Side {
    Even,
    Odd,
    #[default]
    Both,
}

/// A number as a plan writes it: with an exponent where its digits would fill a line.
pub fn number_text(number: f64) -> String {
    let plain = number == 0.0 || (1e-6..1e16).contains(&number.abs());
    match plain {
        true => number.to_string(),
        false => format!("{number:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn numbers_are_short_and_read_back_as_themselves() {
        for (number, text) in [
            (0.0, "0"),
            (5e8, "500000000"),
            (0.25, "0.25"),
            (1e308, "1e308"),
            (-2.5e-9, "-2.5e-9"),
        ] {
            assert_eq!(number_text(number), text);
            assert_eq!(text.parse(), Ok(number));
        }
    }
}
