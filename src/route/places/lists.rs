//! Lists of rules of several places, put together once so that a lead finds them in a row.

use crate::route::search::Search;
use crate::route::units::{Entry, Unit};

/// Where a list begins, and how many of its rules are for owners and how many for overlays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    first: u32,
    owners: u32,
    overlays: u32,
}

/// Lists, one behind the other.
#[derive(Debug, Default)]
pub struct Lists {
    entries: Vec<Entry>,
}

impl Span {
    /// Whether the list has no rules at all.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.owners | self.overlays == 0
    }
}

impl Lists {
    /// Adds a list of the rules of these places.
    pub fn add(&mut self, units: impl Iterator<Item = Unit> + Clone) -> Span {
        let first = self.entries.len();
        self.entries
            .extend(units.clone().filter_map(|unit| unit.owners));
        let owners = self.entries.len() - first;
        self.entries[first..].sort_by_key(|entry| entry.best);
        self.entries.extend(units.filter_map(|unit| unit.overlays));
        Span {
            first: first as u32,
            owners: owners as u32,
            overlays: (self.entries.len() - first - owners) as u32,
        }
    }

    /// A list's rules for owners, by their best ranks, and those for overlays.
    #[inline]
    pub fn at(&self, span: Span) -> (&[Entry], &[Entry]) {
        let (first, owners) = (span.first as usize, span.owners as usize);
        let entries = &self.entries[first..first + owners + span.overlays as usize];
        entries.split_at(owners)
    }

    /// Offers a list to the search.
    #[inline]
    pub fn offer<'s>(&'s self, span: Span, search: &mut Search<'s>) {
        let (owners, overlays) = self.at(span);
        search.offer(owners, overlays);
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.entries[..])
    }
}
