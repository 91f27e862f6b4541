//! The names a plan defines, and what refers to them.

use std::cell::Cell;

use rustc_hash::FxHashMap;

use crate::plan::parse::Value;
use crate::plan::problem::{Code, Draft, Place};

use super::reader::Reader;

/// A thing with the position of its id.
pub(crate) type Placed<T> = (usize, T);

/// Reads every thing, and keeps of those that share a position the first.
pub(super) fn each<T: Copy, U>(
    things: &[Placed<T>],
    mut read: impl FnMut(usize, T) -> U,
) -> Vec<U> {
    let mut list = Vec::with_capacity(things.len());
    for &(at, thing) in things {
        let one = read(at, thing);
        if at == list.len() {
            list.push(one);
        }
    }
    list
}

/// Stands for an id that is missing or cannot be one: what has it is read for its other
/// problems, and no name leads to it.
pub(super) const fn nameless(place: Place) -> Value<'static> {
    Value::at("", place)
}

/// All things of one kind by their ids.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    /// What one of them is called, such as `team`.
    what: &'static str,
    ids: Vec<Value<'a>>,
    by_id: FxHashMap<&'a str, u32>,
    used: Vec<Cell<bool>>,
}

impl<'a> Index<'a> {
    /// Indexes things by id in the order given, and gives each with its position. An id that
    /// comes again is a problem; its thing shares the first one's position, so that it can be
    /// read for its own problems. One that is [`nameless`] has a position that no name finds.
    pub fn gather<T>(
        what: &'static str,
        things: Vec<(Value<'a>, T)>,
        reader: &mut Reader,
    ) -> (Self, Vec<Placed<T>>) {
        let mut index = Self {
            what,
            ids: Vec::with_capacity(things.len()),
            by_id: FxHashMap::default(),
            used: Vec::new(),
        };
        let placed = things.into_iter();
        let placed = placed.map(|(id, thing)| (index.add(id, reader), thing));
        let placed = placed.collect();
        index.used = vec![Cell::new(false); index.ids.len()];
        (index, placed)
    }

    /// The same with things sorted by id, as the plan keeps them.
    pub fn gather_sorted<T>(
        what: &'static str,
        mut things: Vec<(Value<'a>, T)>,
        reader: &mut Reader,
    ) -> (Self, Vec<Placed<T>>) {
        things.sort_by_key(|(id, _)| id.text);
        Self::gather(what, things, reader)
    }

    fn add(&mut self, id: Value<'a>, reader: &mut Reader) -> usize {
        let next = self.ids.len();
        if id.text.is_empty() {
            self.ids.push(id);
            return next;
        }
        let at = *self.by_id.entry(id.text).or_insert(next as u32) as usize;
        if at == next {
            self.ids.push(id);
        } else {
            let message = format!("the {} `{}` is given twice", self.what, id.text);
            let first = self.ids[at].place();
            let draft = Draft::new(Code::DuplicateId, id.place(), message);
            reader.out.push(draft.related(first, "first given here"));
        }
        at
    }

    /// The position of what a name stands for; a name that stands for nothing is a problem.
    pub fn find(&self, name: Value<'_>, reader: &mut Reader) -> Option<u32> {
        let found = self.position(name.text);
        if found.is_none() && reader.out.names_are_complete(self.what) {
            let ids = self.ids.iter().map(|id| id.text);
            let candidates = ids.filter(|id| !id.is_empty());
            let near = reader.suggester.nearest(name.text, candidates);
            let message = format!("there is no {} `{}`", self.what, name.text);
            let draft = Draft::new(Code::Dangling, name.place(), message);
            reader.out.push(draft.did_you_mean(near));
        }
        found
    }

    /// The same, noting that what it stands for is used.
    pub fn resolve(&self, name: Value<'_>, reader: &mut Reader) -> Option<u32> {
        let found = self.find(name, reader)?;
        self.used[found as usize].set(true);
        Some(found)
    }

    /// The position of an id.
    pub fn position(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The id at a position.
    pub fn id(&self, at: usize) -> &'a str {
        self.ids[at].text
    }

    /// Where the id at a position is given.
    pub fn place(&self, at: usize) -> Place {
        self.ids[at].place()
    }

    /// Whether anything refers to the one at a position.
    pub fn is_used(&self, at: usize) -> bool {
        self.used[at].get()
    }
}
