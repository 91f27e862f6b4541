//! The files of a plan merged: what each top-level key holds, over all files.

use crate::plan::parse::{Node, Text, Tree, Value};
use crate::plan::problem::{Code, Draft, Place};

use super::keys::{PLAN, POLICY};
use super::reader::{Fields, Reader};

/// One YAML file, read.
#[derive(Debug)]
pub(crate) struct Document {
    pub text: Text,
    pub tree: Tree,
}

/// A plan's top-level values, lists and mappings joined over its files in order.
#[derive(Debug, Default)]
pub(crate) struct Sections<'a> {
    pub tenant: Option<Value<'a>>,
    pub timezone: Option<Value<'a>>,
    pub precedence: Option<Value<'a>>,
    pub fallback: Option<Node<'a>>,
    /// Paths.
    pub gazetteer: Vec<Value<'a>>,
    /// Paths.
    pub areas: Vec<Value<'a>>,
    /// Paths and inline reps.
    pub reps: Vec<Node<'a>>,
    /// Paths and inline accounts.
    pub accounts: Vec<Node<'a>>,
    pub bands: Vec<(Value<'a>, Node<'a>)>,
    pub calendars: Vec<(Value<'a>, Node<'a>)>,
    pub teams: Vec<Node<'a>>,
    pub pools: Vec<Node<'a>>,
    pub policy: Fields<'a>,
    pub territories: Vec<Node<'a>>,
    version: Option<Value<'a>>,
    fallback_key: Option<Place>,
}

impl<'a> Sections<'a> {
    /// Joins the documents of a plan.
    pub fn gather(documents: &'a [Document], reader: &mut Reader) -> Self {
        let mut sections = Self::default();
        for document in documents {
            let root = document.tree.root();
            let fields = root.and_then(|root| reader.fields(root, &PLAN));
            if let Some(fields) = fields {
                sections.add(&fields, reader);
            } else if root.is_some() {
                reader.out.note_unread();
            }
        }
        sections
    }

    fn add(&mut self, fields: &Fields<'a>, reader: &mut Reader) {
        self.add_head(fields, reader);
        let values = |key, reader: &mut Reader| match fields.get(key) {
            Some(node) => reader.values(node, key),
            None => Vec::new(),
        };
        self.gazetteer.extend(values("gazetteer", reader));
        self.areas.extend(values("areas", reader));
        for (key, list) in [("reps", &mut self.reps), ("accounts", &mut self.accounts)] {
            list.extend(fields.get(key).into_iter().flat_map(Node::items));
        }
        for (key, list) in [
            ("teams", &mut self.teams),
            ("pools", &mut self.pools),
            ("territories", &mut self.territories),
        ] {
            let node = fields.get(key);
            list.extend(node.map_or_else(Vec::new, |node| reader.list(node, key)));
        }
        for (key, map) in [
            ("bands", &mut self.bands),
            ("calendars", &mut self.calendars),
        ] {
            let node = fields.get(key);
            map.extend(node.map_or_else(Vec::new, |node| reader.named(node, key)));
        }
        if let Some(policy) = fields.get("policy") {
            reader.add_fields(&mut self.policy, policy, &POLICY);
        }
    }

    fn add_head(&mut self, fields: &Fields<'a>, reader: &mut Reader) {
        for (key, slot, may_repeat) in [
            ("version", &mut self.version, true),
            ("tenant", &mut self.tenant, true),
            ("timezone", &mut self.timezone, false),
            ("precedence", &mut self.precedence, false),
        ] {
            let Some(value) = fields.get(key).and_then(|node| reader.value(node, key)) else {
                continue;
            };
            if key == "version" {
                check_version(value, reader);
            }
            match slot {
                None => *slot = Some(value),
                Some(first) if !may_repeat => {
                    reader.duplicate_key(key, value.place(), first.place());
                }
                Some(first) if first.text != value.text => disagree(key, value, *first, reader),
                Some(_) => {}
            }
        }
        if let Some(fallback) = fields.get("fallback") {
            match self.fallback_key {
                Some(first) => reader.duplicate_key("fallback", fallback.place(), first),
                None => self.fallback = Some(fallback),
            }
            self.fallback_key = Some(fallback.place());
        }
    }
}

/// The one version of the plan language there is.
fn check_version(value: Value<'_>, reader: &mut Reader) {
    if value.text != "1" {
        let message = format!("`{}` is not a version of the plan language", value.text);
        reader.bad(value.place(), message, "write `version: 1`");
    }
}

fn disagree(key: &str, value: Value<'_>, first: Value<'_>, reader: &mut Reader) {
    let message = format!(
        "the {key} is `{}` here and `{}` elsewhere in the plan",
        value.text, first.text
    );
    let draft = Draft::new(Code::Disagreement, value.place(), message);
    reader
        .out
        .push(draft.related(first.place(), "first given here"));
}
