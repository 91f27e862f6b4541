//! Files of test cases: every fault of their frame at once, each at its place.
//!
//! What events and expectations hold is the engine's business and is judged case by case.

use std::sync::Arc;

use crate::plan::parse::{self, Kind, Node};
use crate::plan::problem::{Code, Place, Problems};

use super::keys;
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
        for (key, what) in [("events", "an event"), ("expect", "a decision expected")] {
            let items = fields.get(key).map(|list| self.list(list, key));
            for item in items.unwrap_or_default() {
                self.mapping(item, what);
            }
        }
        if let Some(same) = fields.get("same") {
            self.mapping(same, "same");
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
