//! Units of countries, domains and administrative areas, by class.

use crate::plan::Dimension;
use crate::route::classes::Class;
use crate::route::scale::Scales;
use crate::route::search::Search;
use crate::route::units::Unit;

use super::Place;
use super::lists::{Lists, Span};

/// Units by the class of a text.
#[derive(Debug, Default)]
pub struct ByClass {
    source: usize,
    classes: usize,
    /// Empty if no rule is filed here.
    units: Vec<Unit>,
}

impl ByClass {
    pub fn of(scales: &Scales<'_>, dimension: &Dimension) -> Self {
        let source = scales.number(dimension).unwrap_or(0);
        let classes = scales
            .number(dimension)
            .map_or(0, |source| scales.end(source) as usize);
        Self {
            source,
            classes,
            units: Vec::new(),
        }
    }

    pub fn set(&mut self, class: Class, unit: Unit) {
        self.units.resize(self.classes, Unit::default());
        self.units[class as usize] = unit;
    }

    #[inline]
    pub fn offer<'s>(&'s self, search: &mut Search<'s>) {
        if !self.units.is_empty() {
            let class = search.notes.class(self.source);
            search.offer_unit(&self.units[class as usize]);
        }
    }
}

/// Units of administrative areas: for each class a list of its own and those of its ancestors.
#[derive(Debug, Default)]
pub struct Chains {
    source: usize,
    /// By class; empty if no rule is filed here.
    spans: Vec<Span>,
    lists: Lists,
}

impl Chains {
    pub fn build(scales: &Scales<'_>, filed: &[(Place<'_>, Unit)]) -> Self {
        let Some(source) = scales.number(&Dimension::Admin) else {
            return Self::default();
        };
        let mut own: Vec<Option<Unit>> = vec![None; scales.end(source) as usize];
        for &(place, unit) in filed {
            if let Place::Admin(class) = place {
                own[class as usize] = Some(unit);
            }
        }
        if own.iter().all(Option::is_none) {
            return Self::default();
        }
        let mut chains = Self {
            source,
            ..Self::default()
        };
        // Classes are in depth-first order, so those still open are the ancestors.
        let mut open: Vec<(Class, Unit)> = Vec::new();
        for (class, unit) in own.into_iter().enumerate() {
            open.retain(|&(end, _)| (class as Class) < end);
            if let (Some(unit), Some(end)) = (unit, scales.subtree_end(class as Class)) {
                open.push((end, unit));
            }
            let list = chains.lists.add(open.iter().map(|&(_, unit)| unit));
            chains.spans.push(list);
        }
        chains
    }

    #[inline]
    pub fn offer<'s>(&'s self, search: &mut Search<'s>) {
        if !self.spans.is_empty() {
            let class = search.notes.class(self.source);
            self.lists.offer(self.spans[class as usize], search);
        }
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.spans[..]) + self.lists.bytes()
    }
}
