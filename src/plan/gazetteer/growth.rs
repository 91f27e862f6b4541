//! How a gazetteer grows: areas, their names, and what the codes of several rows agree on.

use smallvec::SmallVec;

use crate::plan::model::AdminIx;

use super::{COUNTRY, Gazetteer, Name, Node, Outline, PostalPoint, code};

/// For the builder only.
impl Gazetteer {
    pub(super) fn push(&mut self, code: Box<str>, parent: Option<AdminIx>) -> AdminIx {
        // 2^32 rows would be over 100 GB of table; check's limit on file sizes is far below.
        let ix = AdminIx(self.nodes.len() as u32);
        let level = parent.map_or(COUNTRY, |parent| self.node(parent).level.saturating_add(1));
        self.by_code.insert(code.clone(), ix);
        self.nodes.push(Node {
            code,
            name: None,
            parent,
            level,
            position: None,
        });
        ix
    }

    pub(super) fn call(&mut self, ix: AdminIx, folded: &str) {
        let name = Name::from_slice(folded.as_bytes());
        let named = self.by_name.entry(name).or_default();
        if !named.contains(&ix) {
            named.push(ix);
        }
    }

    /// A code that an area had before means the area; a plan in which two had it is refused.
    pub(super) fn retire(&mut self, code: Box<str>, successor: AdminIx) {
        self.retired.entry(code).or_insert(successor);
    }

    /// The finest area that holds both.
    pub(super) fn common(&self, one: AdminIx, other: AdminIx) -> Option<AdminIx> {
        let above: SmallVec<[AdminIx; 8]> = self.chain(one).collect();
        self.chain(other).find(|ix| above.contains(ix))
    }

    /// Two rows on one postal code: the area that holds both, and no position unless equal.
    pub(super) fn agree(&self, point: &mut PostalPoint, other: PostalPoint) {
        if let Some(admin) = self.common(point.admin, other.admin) {
            point.admin = admin;
        }
        if point.position != other.position {
            point.position = None;
        }
    }

    /// Numbers the areas depth first, so that those inside one have consecutive numbers.
    pub(super) fn number(&mut self) {
        let count = self.nodes.len();
        let mut sizes = vec![1u32; count];
        for at in (0..count).rev() {
            if let Some(parent) = self.nodes[at].parent {
                sizes[parent.at()] += sizes[at];
            }
        }
        let mut next_root = 0;
        let mut next_inside = vec![0; count];
        self.outlines = Vec::with_capacity(count);
        for (at, node) in self.nodes.iter().enumerate() {
            let next = match node.parent {
                Some(parent) => &mut next_inside[parent.at()],
                None => &mut next_root,
            };
            let first = *next;
            *next += sizes[at];
            next_inside[at] = first + 1;
            self.outlines.push(Outline {
                first,
                last: first + sizes[at] - 1,
                level: node.level,
                american: code::split(&node.code).0 == "us",
            });
        }
    }
}
