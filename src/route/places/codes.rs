//! Units of countries, domains and administrative areas, by class.

use crate::plan::Dimension;
use crate::route::classes::Class;
use crate::route::scale::Scales;
use crate::route::search::Search;
use crate::route::units::UnitRef;

use super::Place;

/// Units by the class of a text.
#[derive(Debug, Default)]
pub struct ByClass {
    source: usize,
    classes: usize,
    /// Empty if no rule is filed here.
    units: Vec<UnitRef>,
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

    pub fn set(&mut self, class: Class, unit: UnitRef) {
        self.units.resize(self.classes, UnitRef::NONE);
        self.units[class as usize] = unit;
    }

    pub fn offer(&self, search: &mut Search<'_>) {
        if !self.units.is_empty() {
            let class = search.notes.class(self.source);
            search.offer(self.units[class as usize], None);
        }
    }
}

/// Units of administrative areas: for each class its own and those of its ancestors.
#[derive(Debug, Default)]
pub struct Chains {
    source: usize,
    /// Where each class's units begin, and one more; empty if no rule is filed here.
    starts: Vec<u32>,
    units: Vec<UnitRef>,
}

impl Chains {
    pub fn build(scales: &Scales<'_>, filed: &[(Place<'_>, UnitRef)]) -> Self {
        let Some(source) = scales.number(&Dimension::Admin) else {
            return Self::default();
        };
        let mut own: Vec<Option<UnitRef>> = vec![None; scales.end(source) as usize];
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
            starts: Vec::new(),
            units: Vec::new(),
        };
        // Classes are in depth-first order, so those still open are the ancestors.
        let mut open: Vec<(Class, UnitRef)> = Vec::new();
        for (class, unit) in own.into_iter().enumerate() {
            chains.starts.push(chains.units.len() as u32);
            open.retain(|&(end, _)| (class as Class) < end);
            if let (Some(unit), Some(end)) = (unit, scales.subtree_end(class as Class)) {
                open.push((end, unit));
            }
            chains.units.extend(open.iter().map(|&(_, unit)| unit));
        }
        chains.starts.push(chains.units.len() as u32);
        chains
    }

    pub fn offer(&self, search: &mut Search<'_>) {
        if self.starts.is_empty() {
            return;
        }
        let class = search.notes.class(self.source) as usize;
        let units = self.starts[class] as usize..self.starts[class + 1] as usize;
        for &unit in &self.units[units] {
            search.offer(unit, None);
        }
    }
}
