//! Administrative areas by code, by name and by postal code, with ancestors and positions.
//!
//! Built once by [`GazetteerBuilder`] from the plan's files and from the codes that its
//! territories name; immutable after that, so that every lookup is a hash and a short scan.

mod builder;
pub mod code;
mod growth;
mod known;
mod row;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::facts::Point;
use super::model::AdminIx;

pub use builder::GazetteerBuilder;
pub use row::{Row, RowError};

/// Level of a country; its regions, cities and districts follow.
pub const COUNTRY: u8 = 0;
/// Level of a province or state.
pub const REGION: u8 = 1;
/// Level of a city; in the US of a county.
pub const CITY: u8 = 2;
/// Level of a district or county.
pub const DISTRICT: u8 = 3;

/// The administrative areas a plan knows: those of its gazetteer files and those its
/// territories name. Immutable once checked.
#[derive(Clone, Debug, Default)]
pub struct Gazetteer {
    nodes: Vec<Node>,
    /// Of each node what lookups ask for, close together.
    outlines: Vec<Outline>,
    by_code: FxHashMap<Box<str>, AdminIx>,
    /// Retired codes and their successors.
    retired: FxHashMap<Box<str>, AdminIx>,
    /// Folded names and aliases; each node at most once under a name.
    by_name: FxHashMap<Name, SmallVec<[AdminIx; 2]>>,
    postal: PostalTable,
}

/// A name in its table: most lie in the entry itself, since every look elsewhere waits for
/// memory.
type Name = SmallVec<[u8; 24]>;

/// The few facts of an area that every lead asks for.
#[derive(Clone, Copy, Debug)]
struct Outline {
    /// Its number in depth-first order.
    first: u32,
    /// That of its last descendant.
    last: u32,
    level: u8,
    /// Whether it is or lies in the United States, by its code.
    american: bool,
}

/// What postal codes say, by country, then by normalised code.
type PostalTable = FxHashMap<Box<str>, FxHashMap<PostalCode, PostalPoint>>;

/// A postal code in its table, in the entry itself; the longest have ten letters.
type PostalCode = SmallVec<[u8; 16]>;

/// One administrative area.
#[derive(Clone, Debug)]
pub struct Node {
    /// Canonical code, such as `cn-310104`; a country is its alpha-2 code.
    pub code: Box<str>,
    pub name: Option<Box<str>>,
    pub parent: Option<AdminIx>,
    /// Depth under the country: 0 country, 1 region, 2 city, 3 district.
    pub level: u8,
    pub position: Option<Point>,
}

/// What a postal code says of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostalPoint {
    /// The finest area that holds all of the code.
    pub admin: AdminIx,
    /// The code's own position, if the tables agree on one.
    pub position: Option<Point>,
}

/// What a name means within a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Exactly one area is meant.
    One(AdminIx),
    /// No area there has this name.
    Nothing,
    /// So many areas could be meant; none is guessed.
    Ambiguous(usize),
}

impl Gazetteer {
    /// Areas given whole, parents before their children, each code once.
    pub fn from_nodes(nodes: Vec<Node>) -> Self {
        let numbers = (0..nodes.len() as u32).map(AdminIx);
        let codes = nodes.iter().map(|node| node.code.clone());
        let mut gazetteer = Self {
            by_code: codes.zip(numbers).collect(),
            nodes,
            ..Self::default()
        };
        gazetteer.number();
        gazetteer
    }

    /// Every node, parents before children.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The area at `ix`.
    pub fn node(&self, ix: AdminIx) -> &Node {
        &self.nodes[ix.at()]
    }

    /// The area with this canonical code, or the successor of this retired one.
    pub fn by_code(&self, code: &str) -> Option<AdminIx> {
        self.by_code
            .get(code)
            .or_else(|| self.retired.get(code))
            .copied()
    }

    /// The area with this canonical code, else its nearest known ancestor by structure.
    pub fn nearest_by_code(&self, code: &str) -> Option<AdminIx> {
        std::iter::successors(Some(code), |code| code::structural_parent(code))
            .find_map(|code| self.by_code(code))
    }

    /// The area itself and its ancestors, finest first.
    pub fn chain(&self, ix: AdminIx) -> impl Iterator<Item = AdminIx> + '_ {
        std::iter::successors(Some(ix), |&one| self.nodes[one.at()].parent)
    }

    /// Whether `ix` is `scope` or lies in it.
    pub fn within(&self, ix: AdminIx, scope: AdminIx) -> bool {
        let Outline { first, last, .. } = self.outlines[scope.at()];
        (first..=last).contains(&self.outlines[ix.at()].first)
    }

    /// The area's number in depth-first order, and that of the last area that lies in it.
    pub fn span(&self, ix: AdminIx) -> (u32, u32) {
        let Outline { first, last, .. } = self.outlines[ix.at()];
        (first, last)
    }

    /// Depth under the country.
    pub fn level(&self, ix: AdminIx) -> u8 {
        self.outlines[ix.at()].level
    }

    /// Whether the area is or lies in the United States.
    pub fn is_american(&self, ix: AdminIx) -> bool {
        self.outlines[ix.at()].american
    }

    /// Whether an area has no parts.
    pub fn is_leaf(&self, ix: AdminIx) -> bool {
        let Outline { first, last, .. } = self.outlines[ix.at()];
        first == last
    }

    /// The area in `scope` (anywhere if `None`) that a folded name means, preferably at
    /// `level`. Elsewhere it must be the only one, or of one lineage; the coarsest counts then.
    pub fn by_name(&self, scope: Option<AdminIx>, folded: &str, level: u8) -> Found {
        let Some(named) = self.by_name.get(folded.as_bytes()) else {
            return Found::Nothing;
        };
        let inside = |ix: AdminIx| scope.is_none_or(|scope| self.within(ix, scope));
        let here = || named.iter().copied().filter(|&ix| inside(ix));
        let at_level = || here().filter(|&ix| self.level(ix) == level);
        match at_level().count() {
            0 => self.of_one_lineage(here()),
            1 => at_level().next().map_or(Found::Nothing, Found::One),
            many => Found::Ambiguous(many),
        }
    }

    /// The coarsest of `areas` if all the others lie in it.
    fn of_one_lineage(&self, areas: impl Iterator<Item = AdminIx> + Clone) -> Found {
        let Some(top) = areas.clone().min_by_key(|&ix| self.level(ix)) else {
            return Found::Nothing;
        };
        if areas.clone().all(|ix| self.within(ix, top)) {
            return Found::One(top);
        }
        Found::Ambiguous(areas.count())
    }

    /// The country that a folded name or alias means.
    pub fn country_by_name(&self, folded: &str) -> Option<AdminIx> {
        let named = self.by_name.get(folded.as_bytes())?;
        let mut countries = named.iter().filter(|&&ix| self.level(ix) == COUNTRY);
        let first = countries.next().copied()?;
        countries.next().is_none().then_some(first)
    }

    /// What a postal code, normalised, says in `country`; a ZIP+4 is where its ZIP is.
    pub fn by_postal(&self, country: &str, code: &str) -> Option<PostalPoint> {
        let codes = self.postal.get(country)?;
        let area = || super::normalise::postal_area(country, code);
        let point = |code: &str| codes.get(code.as_bytes()).copied();
        point(code).or_else(|| point(area()))
    }

    /// The country that an area lies in.
    pub fn country_of(&self, ix: AdminIx) -> &str {
        code::split(&self.node(ix).code).0
    }
}

#[cfg(test)]
pub(crate) mod tests;
