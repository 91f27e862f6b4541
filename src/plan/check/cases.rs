//! Files of test cases: every fault of their frame at once, each at its place.
//!
//! What events hold is the engine's business; expectations name fields of decisions.

use std::sync::Arc;

use crate::plan::parse::{self, Kind, Node};
use crate::plan::problem::{Code, Place, Problems};

use super::keys::{self, Keys};
use super::reader::{Fields, Reader};

/// What is wrong with a file of cases, apart from how the cases end.
pub fn case_problems(name: &str, text: &str) -> Problems {
    let mut reader = Reader::default();
    let text: Arc<str> = text.into();
    let file = reader.out.add_source(name, Arc::clone(&text));
    if let Some(tree) = parse::read(file, &text, &mut reader.out) {
        match tree.root() {
            Some(root) => reader.cases(root),
            None => reader.report(Code::NoValue, Place::whole(file), "the file has no cases"),
        }
    }
    reader.out.finish().0
}

impl Reader {
    fn cases(&mut self, root: Node<'_>) {
        let Some(fields) = self.fields(root, &keys::CASES) else {
            return;
        };
        self.single(&fields, "at");
        let cases = fields.get("cases").map(|list| self.list(list, "cases"));
        for case in cases.unwrap_or_default() {
            if let Some(fields) = self.fields(case, &keys::CASE) {
                self.case(&fields);
            }
        }
    }

    fn case(&mut self, fields: &Fields<'_>) {
        for key in ["name", "at", "until"] {
            self.single(fields, key);
        }
        let events = fields.get("events").map(|list| self.list(list, "events"));
        for event in events.unwrap_or_default() {
            self.mapping(event, "an event");
        }
        let expected = fields.get("expect").map(|list| self.list(list, "expect"));
        for decision in expected.unwrap_or_default() {
            self.expected(decision);
        }
        if let Some(same) = fields.get("same") {
            self.keys_of(same, "same", &keys::EXPECTED);
        }
    }

    /// A key that no decision has would compare with nothing, and pass where null is expected.
    fn expected(&mut self, decision: Node<'_>) {
        self.keys_of(decision, keys::EXPECTED.what, &keys::EXPECTED);
        for (key, keys) in [
            ("due", &keys::DUE),
            ("cause", &keys::CAUSE),
            ("source", &keys::SOURCE),
            ("handover", &keys::HANDOVER),
        ] {
            // What is no mapping, such as null, is compared as a whole.
            if let Some(part) = decision.get(key).filter(|one| one.kind() == Kind::Map) {
                self.keys_of(part, keys.what, keys);
            }
        }
        let overlays = decision
            .get("overlays")
            .filter(|one| one.kind() == Kind::List);
        for overlay in overlays.into_iter().flat_map(|list| list.items()) {
            self.keys_of(overlay, keys::OVERLAY.what, &keys::OVERLAY);
        }
    }

    /// A mapping whose keys are of `keys` and may have no value.
    fn keys_of(&mut self, node: Node<'_>, what: &str, keys: &Keys) {
        self.mapping(node, what);
        for (name, _) in node.entries() {
            if let Some(key) = name.text().filter(|key| !keys.known.contains(key)) {
                self.unknown_key(name, key, keys.what, keys.known);
            }
        }
    }

    fn single(&mut self, fields: &Fields<'_>, key: &str) {
        if let Some(node) = fields.get(key) {
            self.value(node, key);
        }
    }

    fn mapping(&mut self, node: Node<'_>, what: &str) {
        if node.kind() != Kind::Map {
            self.wrong_type(node, what, "a mapping");
        }
    }
}
