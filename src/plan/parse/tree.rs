//! A YAML document as a tree of texts, lists and mappings, each with its place.
//!
//! Every scalar is the text it was written as: `007`, `no` and `2026-01-01` are not
//! numbers, booleans or dates here; whoever reads a value decides what it must be. Nodes
//! lie in one array in the order of the document, so that a plan of a hundred thousand
//! territories costs a few large allocations instead of millions of small ones.

use std::hash::{Hash as _, Hasher};
use std::sync::Arc;

use crate::plan::problem::{FileIx, Place};

/// A document. An empty one has no nodes.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(super) file: FileIx,
    pub(super) text: Arc<str>,
    pub(super) slots: Vec<Slot>,
    /// Texts that are not written in the file as they are meant: quoted, escaped, folded.
    pub(super) owned: Vec<Box<str>>,
}

/// A node as it is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub start: u32,
    pub len: u32,
    pub shape: Shape,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The text at the slot's place.
    Plain,
    /// An entry of `owned`.
    Owned(u32),
    /// What follows up to this slot are its items.
    List { end: u32 },
    /// What follows up to this slot are keys and values by turns.
    Map { end: u32 },
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A key without a value, or with YAML's word for none.
    Nothing,
    List,
    Map,
}

impl Kind {
    /// The kind as a sentence names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "a single value",
            Self::Nothing => "nothing",
            Self::List => "a list",
            Self::Map => "a mapping",
        }
    }
}

impl Tree {
    /// The document's outermost node.
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.slots.is_empty()).then_some(Node { tree: self, ix: 0 })
    }
}

/// What one slot says, wherever it lies.
#[derive(PartialEq, Eq, Hash)]
enum Said<'a> {
    Plain(&'a str),
    Owned(&'a str),
    List(u32),
    Map(u32),
}

/// A node of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a> {
    tree: &'a Tree,
    ix: u32,
}

impl<'a> Node<'a> {
    fn slot(self) -> Slot {
        self.tree.slots[self.ix as usize]
    }

    /// What the node is.
    pub fn kind(self) -> Kind {
        let slot = self.slot();
        match slot.shape {
            Shape::Plain if is_nothing(self.written()) => Kind::Nothing,
            Shape::Plain | Shape::Owned(_) => Kind::Text,
            Shape::List { .. } => Kind::List,
            Shape::Map { .. } => Kind::Map,
        }
    }

    /// What a scalar has in the file.
    fn written(self) -> &'a str {
        let slot = self.slot();
        &self.tree.text[slot.start as usize..][..slot.len as usize]
    }

    /// The text of a scalar.
    pub fn text(self) -> Option<&'a str> {
        let slot = self.slot();
        match slot.shape {
            Shape::Plain => Some(self.written()).filter(|text| !is_nothing(text)),
            Shape::Owned(ix) => Some(&self.tree.owned[ix as usize]),
            Shape::List { .. } | Shape::Map { .. } => None,
        }
    }

    /// Whether a scalar was quoted (or written as a block), so that it is surely a text.
    pub fn is_quoted(self) -> bool {
        matches!(self.slot().shape, Shape::Owned(_))
    }

    /// Where the node is written; of a list or mapping, where it begins.
    pub fn place(self) -> Place {
        let slot = self.slot();
        Place {
            file: self.tree.file,
            start: slot.start,
            len: slot.len.max(1),
        }
    }

    /// How many nodes it has, itself included.
    pub fn size(self) -> usize {
        (self.end() - self.ix) as usize
    }

    /// The items of a list; a single value counts as a list of one.
    pub fn items(self) -> Items<'a> {
        let (next, end) = match self.slot().shape {
            Shape::List { end } => (self.ix + 1, end),
            _ => (self.ix, self.end()),
        };
        let tree = self.tree;
        Items { tree, next, end }
    }

    /// The keys and values of a mapping; of anything else, none.
    pub fn entries(self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
        let mut inner = match self.slot().shape {
            Shape::Map { end } => Items {
                tree: self.tree,
                next: self.ix + 1,
                end,
            },
            _ => Items {
                tree: self.tree,
                next: 0,
                end: 0,
            },
        };
        std::iter::from_fn(move || Some((inner.next()?, inner.next()?)))
    }

    /// The value of a mapping's key.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        let mut entries = self.entries();
        entries.find_map(|(name, value)| (name.text() == Some(key)).then_some(value))
    }

    /// Whether both say the same, wherever that is written.
    pub fn says_same(self, other: Node<'_>) -> bool {
        self.size() == other.size() && self.said().eq(other.said())
    }

    /// Adds what the node says to a hash.
    pub fn hash_said(self, state: &mut impl Hasher) {
        self.said().for_each(|one| one.hash(state));
    }

    /// What it and the nodes in it say, in order.
    fn said(self) -> impl Iterator<Item = Said<'a>> {
        (self.ix..self.end()).map(move |ix| {
            let node = Node { ix, ..self };
            match node.slot().shape {
                Shape::Plain => Said::Plain(node.written()),
                Shape::Owned(at) => Said::Owned(&self.tree.owned[at as usize]),
                Shape::List { end } => Said::List(end - ix),
                Shape::Map { end } => Said::Map(end - ix),
            }
        })
    }

    /// The slot after the node's last.
    fn end(self) -> u32 {
        match self.slot().shape {
            Shape::Plain | Shape::Owned(_) => self.ix + 1,
            Shape::List { end } | Shape::Map { end } => end,
        }
    }
}

/// Whether an unquoted scalar says nothing. `no`, dates and numbers are texts like others, but
/// nobody sells to a product called `~`.
fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "~" | "null")
}

/// The items of a list, in order.
#[derive(Clone, Debug)]
pub(crate) struct Items<'a> {
    tree: &'a Tree,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.next >= self.end {
            return None;
        }
        let node = Node {
            tree: self.tree,
            ix: self.next,
        };
        self.next = node.end();
        Some(node)
    }
}
