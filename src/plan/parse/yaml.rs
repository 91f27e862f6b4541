//! YAML text to a [`Tree`], through the event parser beneath serde-saphyr.
//!
//! serde-saphyr itself decides what an unquoted scalar is before a reader that does not
//! know the type yet can ask for its text, and ends at the first problem. A plan needs the
//! text as written and every problem at once, so this reads granit-parser's events, which
//! carry both text and place, and keeps its own bounds on depth, aliases and size.

use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};
use rustc_hash::FxHashMap;

use crate::plan::problem::{Code, Collector, Draft, FileIx, Place};

use super::tree::{Shape, Slot, Tree};

/// Lists and mappings within each other. A territory tree takes two a level, so that trees
/// of fifty levels fit; the readers' recursion stays within a thread's stack.
const MAX_DEPTH: usize = 100;

/// Nodes of one file, 16 bytes each: enough for two hundred thousand territories.
const MAX_NODES: usize = 4_000_000;

/// What a node takes of a file, about: brackets, colons and indentation included.
const BYTES_PER_NODE: usize = 6;

/// Nodes that aliases may add to one file. Aliases of aliases grow exponentially.
const MAX_ALIAS_NODES: usize = 100_000;

/// Reads one document. `None` if it has a problem, which is then in `out`.
pub(crate) fn read(file: FileIx, text: &Arc<str>, out: &mut Collector) -> Option<Tree> {
    match Builder::new(file, text).run() {
        Ok(tree) => Some(tree),
        Err(draft) => {
            out.push(*draft);
            out.note_unread();
            None
        }
    }
}

type Failure = Box<Draft>;

struct Builder<'t> {
    file: FileIx,
    text: &'t Arc<str>,
    slots: Vec<Slot>,
    owned: Vec<Box<str>>,
    open: Vec<Open>,
    /// By anchor id: first slot and the slot after the last, once the node is complete.
    anchors: FxHashMap<usize, (u32, u32)>,
    alias_nodes: usize,
    documents: usize,
}

/// A list or mapping whose end has not come yet.
struct Open {
    slot: u32,
    anchor: usize,
}

impl<'t> Builder<'t> {
    fn new(file: FileIx, text: &'t Arc<str>) -> Self {
        Self {
            file,
            text,
            slots: Vec::with_capacity((text.len() / BYTES_PER_NODE).min(MAX_NODES)),
            owned: Vec::new(),
            open: Vec::new(),
            anchors: FxHashMap::default(),
            alias_nodes: 0,
            documents: 0,
        }
    }

    fn run(mut self) -> Result<Tree, Failure> {
        let options = granit_parser::options! { emit_comments: false };
        for event in Parser::new_from_str_with_options(self.text, options) {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            self.event(event, span)?;
        }
        Ok(Tree {
            file: self.file,
            text: Arc::clone(self.text),
            slots: self.slots,
            owned: self.owned,
        })
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Failure> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.tag(tag.as_deref(), span)?;
                self.scalar(&text, style, span)?;
                self.complete(self.slots.len() as u32 - 1, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), span)?;
                self.begin(Shape::List { end: 0 }, anchor, span)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), span)?;
                self.begin(Shape::Map { end: 0 }, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(id) => self.alias(id, span)?,
            Event::DocumentStart(..) => self.document(span)?,
            // Comments and anchors' own events are switched off; the rest carries nothing.
            _ => {}
        }
        Ok(())
    }

    fn document(&mut self, span: Span) -> Result<(), Failure> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        let draft = self.draft(Code::BadYaml, span, "a second document begins in this file");
        Err(Box::new(
            draft.help("keep one document a file; remove the line `---`"),
        ))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span) -> Result<(), Failure> {
        let (start, len) = bytes(span);
        let written = self.text.get(start as usize..(start + len) as usize);
        let shape = match style {
            // The parser gives a value that is not there the text `~`.
            ScalarStyle::Plain if len == 0 || written == Some(text) => Shape::Plain,
            _ => {
                self.owned.push(text.into());
                Shape::Owned(self.owned.len() as u32 - 1)
            }
        };
        self.push(Slot { start, len, shape }, span)
    }

    fn begin(&mut self, shape: Shape, anchor: usize, span: Span) -> Result<(), Failure> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.too_deep(span.start));
        }
        let slot = self.slots.len() as u32;
        self.open.push(Open { slot, anchor });
        let (start, len) = bytes(span);
        self.push(Slot { start, len, shape }, span)
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let end = self.slots.len() as u32;
        self.slots[open.slot as usize].shape = match self.slots[open.slot as usize].shape {
            Shape::Map { .. } => Shape::Map { end },
            _ => Shape::List { end },
        };
        self.complete(open.slot, open.anchor);
    }

    fn complete(&mut self, slot: u32, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (slot, self.slots.len() as u32));
        }
    }

    /// Copies what the alias stands for, places included: a problem in it is shown where
    /// it is written.
    fn alias(&mut self, id: usize, span: Span) -> Result<(), Failure> {
        let Some(&(from, to)) = self.anchors.get(&id) else {
            let message = "an alias stands inside the value it repeats";
            return Err(Box::new(self.draft(Code::BadAlias, span, message)));
        };
        self.alias_nodes += (to - from) as usize;
        if self.alias_nodes > MAX_ALIAS_NODES {
            let message = format!("aliases repeat more than {MAX_ALIAS_NODES} values");
            return Err(Box::new(self.draft(Code::BadAlias, span, message)));
        }
        let moved = self.slots.len() as u32 - from;
        for at in from..to {
            let mut slot = self.slots[at as usize];
            if let Shape::List { end } | Shape::Map { end } = &mut slot.shape {
                *end += moved;
            }
            self.push(slot, span)?;
        }
        Ok(())
    }

    fn push(&mut self, slot: Slot, span: Span) -> Result<(), Failure> {
        if self.slots.len() == MAX_NODES {
            let message = format!("the file has more than {MAX_NODES} values");
            return Err(Box::new(self.draft(Code::TooLarge, span, message)));
        }
        self.slots.push(slot);
        Ok(())
    }

    /// Tags of YAML's own types change nothing, as every value stays text; others would be
    /// dropped in silence.
    fn tag(&self, tag: Option<&Tag>, span: Span) -> Result<(), Failure> {
        match tag {
            Some(tag) if !tag.is_yaml_core_schema() => {
                let span = span.tag_span().unwrap_or(span);
                let message = format!("the tag `{}` means nothing in a plan", tag.original());
                let draft = self.draft(Code::BadYaml, span, message);
                Err(Box::new(draft.help("remove the tag")))
            }
            _ => Ok(()),
        }
    }

    fn draft(&self, code: Code, span: Span, message: impl Into<String>) -> Draft {
        let (start, len) = bytes(span);
        Draft::new(code, self.place(start, len), message)
    }

    const fn place(&self, start: u32, len: u32) -> Place {
        let len = if len == 0 { 1 } else { len };
        Place {
            file: self.file,
            start,
            len,
        }
    }

    fn too_deep(&self, at: Marker) -> Failure {
        let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
        let place = self.place(at.byte_offset().unwrap_or(0) as u32, 1);
        Box::new(Draft::new(Code::TooDeep, place, message))
    }

    fn syntax(&self, error: &ScanError) -> Failure {
        let at = *error.marker();
        let start = at.byte_offset().unwrap_or(0);
        let place = self.place(start as u32, 1);
        let is_tab = matches!(
            error.kind(),
            ErrorKind::TabNotAllowed
                | ErrorKind::TabInBlockIndentation
                | ErrorKind::TabInIndentation
                | ErrorKind::TabAtBlockScalarStart
                | ErrorKind::TabInPlainScalar
        );
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => self.too_deep(at),
            ErrorKind::UnknownAnchor => Box::new(Draft::new(
                Code::BadAlias,
                place,
                "an alias repeats an anchor that was not given before it",
            )),
            _ if is_tab || self.tab_near(start).is_some() => {
                let start = self.tab_near(start).unwrap_or(start);
                let message = "a tab stands where YAML wants spaces";
                let draft = Draft::new(Code::BadYaml, self.place(start as u32, 1), message);
                Box::new(draft.help("indent with spaces"))
            }
            kind => Box::new(Draft::new(
                Code::BadYaml,
                place,
                format!("not valid YAML: {kind}"),
            )),
        }
    }

    /// The first tab in the indentation of the line at `at` or of the next, where a parser
    /// that reads ahead may have stumbled.
    fn tab_near(&self, at: usize) -> Option<usize> {
        let head = self.text.get(..at)?;
        let mut begin = head.rfind('\n').map_or(0, |end| end + 1);
        for line in self.text[begin..].split_inclusive('\n').take(2) {
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = line[..indent].find('\t') {
                return Some(begin + tab);
            }
            begin += line.len();
        }
        None
    }
}

/// Start and length in bytes; the parser knows byte offsets as it reads from one text.
fn bytes(span: Span) -> (u32, u32) {
    let start = span.start.byte_offset().unwrap_or(0);
    let end = span.end.byte_offset().unwrap_or(start);
    (start as u32, end.saturating_sub(start) as u32)
}
