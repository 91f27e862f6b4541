//! Administrative areas by code and by name, with ancestors and positions.

use rustc_hash::FxHashMap;

use super::facts::Point;
use super::model::AdminIx;

/// The administrative areas a plan knows: those of its gazetteer files and those its
/// territories name. Immutable once checked.
#[derive(Clone, Debug, Default)]
pub struct Gazetteer {
    nodes: Vec<Node>,
    by_code: FxHashMap<Box<str>, AdminIx>,
}

/// One administrative area.
#[derive(Clone, Debug)]
pub struct Node {
    /// Canonical code, such as `cn-310104`; a country is its alpha-2 code.
    pub code: Box<str>,
    pub name: Option<Box<str>>,
    pub parent: Option<AdminIx>,
    /// 0 country, 1 region, 2 city, 3 district.
    pub level: u8,
    pub position: Option<Point>,
}

impl Gazetteer {
    /// Areas given whole, parents before their children, each code once.
    pub fn from_nodes(nodes: Vec<Node>) -> Self {
        let numbers = (0..nodes.len() as u32).map(AdminIx);
        let codes = nodes.iter().map(|node| node.code.clone());
        Self {
            by_code: codes.zip(numbers).collect(),
            nodes,
        }
    }

    /// Every node, parents before children.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The area with this canonical code.
    pub fn by_code(&self, code: &str) -> Option<AdminIx> {
        self.by_code.get(code).copied()
    }

    /// The area itself and its ancestors, finest first.
    pub fn chain(&self, ix: AdminIx) -> impl Iterator<Item = AdminIx> + '_ {
        std::iter::successors(Some(ix), |&one| self.nodes[one.at()].parent)
    }
}
