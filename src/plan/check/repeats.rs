//! Conditions that a plan writes more than once: read once, kept once.
//!
//! Large plans are a few hundred conditions on business within each of many places, and a
//! hundred thousand copies of them were most of such a plan's memory.

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::plan::condition::Condition;
use crate::plan::parse::Node;

use super::Checker;
use super::condition::Scope;

/// The conditions of territories read so far, by what they say.
#[derive(Debug)]
pub(super) struct Repeats<'a> {
    read: HashTable<Read<'a>>,
    always: Arc<Condition>,
}

/// A condition that was read.
#[derive(Debug)]
struct Read<'a> {
    hash: u64,
    node: Node<'a>,
    /// What was known of the lead above it, which is part of what it means.
    above: Scope,
    below: Scope,
    condition: Arc<Condition>,
    /// Nothing was to be said of it. Otherwise each place where it stands is told.
    is_sound: bool,
}

impl Default for Repeats<'_> {
    fn default() -> Self {
        Self {
            read: HashTable::new(),
            always: Arc::new(Condition::always()),
        }
    }
}

impl<'a> Repeats<'a> {
    /// The condition that holds for every lead.
    pub fn always(&self) -> Arc<Condition> {
        Arc::clone(&self.always)
    }

    fn find(&self, hash: u64, node: Node<'a>, above: &Scope) -> Option<&Read<'a>> {
        self.read.find(hash, |one| {
            one.hash == hash && one.above == *above && one.node.says_same(node)
        })
    }
}

impl<'a> Checker<'a> {
    /// A territory's own condition; one that says the same is the same one.
    pub(super) fn repeated_condition(
        &mut self,
        node: Node<'a>,
        scope: &mut Scope,
    ) -> Arc<Condition> {
        let above = scope.clone();
        let hash = hash_of(node, &above);
        if let Some(read) = self.repeats.find(hash, node, &above)
            && read.is_sound
        {
            scope.clone_from(&read.below);
            return Arc::clone(&read.condition);
        }
        let before = self.reader.out.reported();
        let condition = self.condition(node, scope);
        if let Some(read) = self.repeats.find(hash, node, &above) {
            return Arc::clone(&read.condition);
        }
        let read = Read {
            hash,
            node,
            above,
            below: scope.clone(),
            condition: Arc::new(condition),
            is_sound: self.reader.out.reported() == before,
        };
        let condition = Arc::clone(&read.condition);
        self.repeats.read.insert_unique(hash, read, |one| one.hash);
        condition
    }
}

fn hash_of(node: Node<'_>, above: &Scope) -> u64 {
    let mut hasher = FxHasher::default();
    above.country.hash(&mut hasher);
    node.hash_said(&mut hasher);
    hasher.finish()
}
