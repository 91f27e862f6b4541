//! Bands: names for conditions, ranges and lists, expanded where they are used.

use std::collections::BTreeSet;

use crate::plan::parse::{Kind, Node, Value};
use crate::plan::problem::{Code, Draft};

use super::Checker;
use super::names::Index;

/// Values that all uses of bands together may stand for. Bands of bands grow exponentially,
/// as aliases do; a hundred thousand territories that each use a large band stay below.
const MAX_EXPANDED: usize = 2_000_000;

/// The bands of a plan, and those being expanded now.
#[derive(Debug)]
pub(super) struct Bands<'a> {
    pub index: Index<'a>,
    pub nodes: Vec<Node<'a>>,
    /// From the outermost inwards.
    open: Vec<u32>,
    expanded: usize,
    /// Whether that they stand for too much has been said.
    overgrown: bool,
    /// Circles that have been reported.
    circles: BTreeSet<Vec<u32>>,
}

impl<'a> Bands<'a> {
    /// Bands by their names.
    pub const fn new(index: Index<'a>, nodes: Vec<Node<'a>>) -> Self {
        Self {
            index,
            nodes,
            open: Vec::new(),
            expanded: 0,
            overgrown: false,
            circles: BTreeSet::new(),
        }
    }
}

impl<'a> Checker<'a> {
    /// Reads what a band stands for by `read`, unless it is being read already or the plan's
    /// bands grow out of bounds.
    pub(super) fn expand<T>(
        &mut self,
        name: Value<'a>,
        read: impl FnOnce(&mut Self, Node<'a>) -> Option<T>,
    ) -> Option<T> {
        let band = self.bands.index.resolve(name, &mut self.reader)?;
        if let Some(begin) = self.bands.open.iter().position(|&open| open == band) {
            self.report_cycle(name, begin);
            return None;
        }
        let node = self.bands.nodes[band as usize];
        self.bands.expanded = self.bands.expanded.saturating_add(node.size());
        if self.bands.expanded > MAX_EXPANDED {
            if std::mem::replace(&mut self.bands.overgrown, true) {
                return None;
            }
            let message = format!("bands stand for more than {MAX_EXPANDED} values");
            let draft = Draft::new(Code::TooLarge, name.place(), message);
            let help = "use fewer bands within bands";
            self.reader.out.push(draft.help(help));
            return None;
        }
        self.bands.open.push(band);
        let meaning = read(self, node);
        self.bands.open.pop();
        meaning
    }

    fn report_cycle(&mut self, name: Value<'a>, begin: usize) {
        let mut members = self.bands.open[begin..].to_vec();
        members.sort_unstable();
        // However it is entered, it is one circle.
        if !self.bands.circles.insert(members) {
            return;
        }
        let open = self.bands.open[begin..].iter();
        let ids = open.map(|&band| self.bands.index.id(band as usize));
        let circle: Vec<&str> = ids.chain([name.text]).collect();
        let message = format!("the band leads back to itself: {}", circle.join(" -> "));
        self.reader.report(Code::Cycle, name.place(), message);
    }

    /// The names in a `band`. It has no operators of its own: what is round it has them.
    pub(super) fn band_names(&mut self, node: Node<'a>) -> Vec<Value<'a>> {
        if node.kind() == Kind::Map {
            let message = "`band` should be a band's name or a list of them, not a mapping";
            let draft = Draft::new(Code::WrongType, node.place(), message);
            let negated = node.get("not").and_then(Node::text);
            self.reader.out.push(match negated {
                Some(band) => draft.help(format!("write not: {{band: {band}}}")),
                None => draft.help("write it as in band: large, or not: {band: large}"),
            });
            return Vec::new();
        }
        if node.items().next().is_none() {
            self.empty(node, "an empty list matches nothing");
        }
        self.reader.values(node, "a band's name")
    }

    /// Reads each band once, so that one that nothing uses is checked too.
    pub(super) fn check_bands(&mut self) {
        for at in 0..self.bands.nodes.len() {
            let node = self.bands.nodes[at];
            if is_condition(node) {
                self.bands.open.push(at as u32);
                self.condition(node, &mut super::condition::Scope::default());
                self.bands.open.pop();
            }
        }
    }
}

/// Whether a band's meaning is a whole condition, and not a value or range that takes its
/// dimension from where it is used.
pub(super) fn is_condition(node: Node<'_>) -> bool {
    node.kind() == Kind::Map && !node.entries().all(|(key, value)| is_operator(key, value))
}

fn is_operator(key: Node<'_>, value: Node<'_>) -> bool {
    match key.text() {
        Some("min" | "max" | "prefix" | "exists") => true,
        Some("not") => !is_condition(value),
        _ => false,
    }
}
