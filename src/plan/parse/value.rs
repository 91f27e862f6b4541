//! One text of a plan and where it is written, be it in YAML or in a table.

use crate::plan::problem::Place;

use super::table::Row;
use super::tree::{Kind, Node};

/// A text with its place. The place is worked out only if a problem needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    pub text: &'a str,
    origin: Origin<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    Node(Node<'a>),
    Cell(Row<'a>, usize),
    Place(Place),
}

impl<'a> Value<'a> {
    /// The text of a scalar; `None` if the node is none.
    pub fn of_node(node: Node<'a>) -> Option<Self> {
        let origin = Origin::Node(node);
        Some(Self {
            text: node.text()?,
            origin,
        })
    }

    /// A text from a file that is neither YAML nor a table.
    pub const fn at(text: &'a str, place: Place) -> Self {
        let origin = Origin::Place(place);
        Self { text, origin }
    }

    /// Where it is written.
    pub fn place(self) -> Place {
        match self.origin {
            Origin::Node(node) => node.place(),
            Origin::Cell(row, column) => row.place(column),
            Origin::Place(place) => place,
        }
    }

    /// Whether it was quoted, so that it is surely meant as text.
    pub fn is_quoted(self) -> bool {
        matches!(self.origin, Origin::Node(node) if node.is_quoted())
    }
}

/// A thing that is written either as a YAML mapping or as a table's row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Record<'a> {
    Inline(Node<'a>),
    Row(Row<'a>),
}

impl<'a> Record<'a> {
    /// Where it begins.
    pub fn place(self) -> Place {
        match self {
            Self::Inline(node) => node.place(),
            Self::Row(row) => row.place(0),
        }
    }

    /// Names of the fields it has.
    pub fn names(self) -> Vec<&'a str> {
        match self {
            Self::Inline(node) => node.entries().filter_map(|(key, _)| key.text()).collect(),
            Self::Row(row) => row.header().collect(),
        }
    }

    /// Whether a field that has no text is missing; one that is there with something else in
    /// it is reported as that.
    pub fn may_lack(self, field: &str) -> bool {
        match self {
            Self::Inline(node) => node.kind() == Kind::Map && node.get(field).is_none(),
            Self::Row(_) => true,
        }
    }

    /// A field's only text, if it has one that is not empty.
    pub fn value(self, field: &str) -> Option<Value<'a>> {
        match self {
            Self::Inline(node) => Value::of_node(node.get(field)?),
            Self::Row(row) => {
                let column = row.column(field)?;
                let text = Some(row.cell(column)).filter(|text| !text.is_empty())?;
                let origin = Origin::Cell(row, column);
                Some(Value { text, origin })
            }
        }
    }

    /// A field's texts: the items of a list, or the parts of a cell between `|`.
    pub fn values(self, field: &str) -> Vec<Value<'a>> {
        match (self, self.value(field)) {
            (Self::Row(_), Some(Value { text, origin })) => {
                let parts = text.split('|').map(str::trim);
                let parts = parts.filter(|part| !part.is_empty());
                parts.map(|text| Value { text, origin }).collect()
            }
            (Self::Inline(node), _) => {
                let items = node.get(field).map(Node::items);
                items
                    .into_iter()
                    .flatten()
                    .filter_map(Value::of_node)
                    .collect()
            }
            (Self::Row(_), None) => Vec::new(),
        }
    }

    /// The nodes of a mapping whose kind is not among those a field may have, with what
    /// they are: a mapping in a rep, a list where one text belongs.
    pub fn misfits(self, lists: &[&str]) -> Vec<(&'a str, Node<'a>)> {
        let Self::Inline(node) = self else {
            return Vec::new();
        };
        let misfit = |key: &str, value: Node<'_>| match value.kind() {
            Kind::Text | Kind::Nothing => false,
            Kind::Map => true,
            Kind::List => {
                !lists.contains(&key) || value.items().any(|item| item.kind() != Kind::Text)
            }
        };
        let entries = node.entries();
        let named = entries.filter_map(|(key, value)| Some((key.text()?, value)));
        named.filter(|&(key, value)| misfit(key, value)).collect()
    }
}
