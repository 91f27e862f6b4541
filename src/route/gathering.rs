//! Every value that the tests of a plan name, gathered and cut into classes.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::plan::gazetteer::Node;
use crate::plan::{AdminIx, Dimension, Plan, Test, Value};

use super::classes::Class;
use super::scale::{Scale, Scales};
use super::sources::{Cuts, Kind, MAX_SOURCES, Mixed, OTHER, Source, Words};
use super::truth;

/// Every value that the tests of one dimension name.
#[derive(Default)]
struct Named<'p> {
    texts: FxHashSet<&'p str>,
    prefixes: FxHashSet<&'p str>,
    cuts: Vec<f64>,
    areas: FxHashSet<AdminIx>,
}

/// Gathers the values that tests name.
#[derive(Default)]
pub struct Gathering<'p> {
    by_dimension: BTreeMap<&'p Dimension, Named<'p>>,
}

impl<'p> Gathering<'p> {
    /// Notes what one test names.
    pub fn test(&mut self, dimension: &'p Dimension, test: &'p Test) {
        match test {
            Test::Not(inner) => self.test(dimension, inner),
            Test::All(parts) => parts.iter().for_each(|part| self.test(dimension, part)),
            Test::Exists(_) => {
                self.by_dimension.entry(dimension).or_default();
            }
            leaf => {
                self.by_dimension
                    .entry(dimension)
                    .or_default()
                    .leaf(dimension, leaf);
                self.countries(leaf);
            }
        }
    }

    /// A postal code of one country also asks for the country.
    fn countries(&mut self, test: &'p Test) {
        let Test::OneOf(values) = test else {
            return;
        };
        for value in values {
            if let Value::Postal(pattern) = value
                && let Some(country) = &pattern.country
            {
                let named = self.by_dimension.entry(&Dimension::Country).or_default();
                named.texts.insert(country);
            }
        }
    }

    /// Cuts every dimension into its classes.
    pub fn scales(self, plan: &Plan) -> Scales<'p> {
        let scales: Vec<Scale<'p>> = self
            .by_dimension
            .into_iter()
            .filter_map(|(dimension, named)| named.scale(dimension, plan))
            .take(MAX_SOURCES)
            .collect();
        Scales::of(scales)
    }
}

impl<'p> Named<'p> {
    fn leaf(&mut self, dimension: &Dimension, test: &'p Test) {
        match test {
            Test::OneOf(values) => values.iter().for_each(|value| self.value(dimension, value)),
            Test::Prefix(prefixes) => self.prefixes.extend(prefixes.iter().map(|one| &**one)),
            Test::Range(range) => {
                self.cuts
                    .extend(range.min.iter().chain(&range.max).copied());
            }
            Test::Exists(_) | Test::Not(_) | Test::All(_) => {}
        }
    }

    fn value(&mut self, dimension: &Dimension, value: &'p Value) {
        match value {
            Value::Text(text) if *dimension == Dimension::Industry => {
                self.prefixes.insert(text);
            }
            Value::Text(text) => {
                self.texts.insert(text);
                if matches!(dimension, Dimension::Attribute(_)) {
                    self.cuts
                        .extend(truth::as_number(text).into_iter().flat_map(point));
                }
            }
            Value::Number(number) => self.cuts.extend(point(*number)),
            Value::Bool(_) => self.texts.extend(["true", "false"]),
            Value::Admin(ix) => {
                self.areas.insert(*ix);
            }
            _ => {}
        }
    }

    fn scale(mut self, dimension: &Dimension, plan: &Plan) -> Option<Scale<'p>> {
        let source = |kind| Source {
            dimension: dimension.clone(),
            kind,
        };
        match dimension {
            Dimension::Country
            | Dimension::Domain
            | Dimension::Industry
            | Dimension::Source
            | Dimension::Campaign
            | Dimension::Language => Some(self.words(OTHER + 1, |words| source(Kind::Text(words)))),
            Dimension::Product => {
                Some(self.words(OTHER + 1, |words| source(Kind::Products(words))))
            }
            Dimension::Employees
            | Dimension::Revenue
            | Dimension::Potential
            | Dimension::Score
            | Dimension::Orders
            | Dimension::LifetimeValue => Some(self.numbers(|cuts| source(Kind::Number(cuts)))),
            Dimension::Admin => Some(self.nodes(plan, |classes| source(Kind::Admin(classes)))),
            Dimension::Attribute(name) => Some(self.mixed(name, &source)),
            Dimension::Account
            | Dimension::Street
            | Dimension::Area
            | Dimension::Within
            | Dimension::Postal => None,
        }
    }

    /// Numbers the texts in byte order from `next` on. What begins with a prefix and is not
    /// named itself has a class right behind the prefix, so that all of it is one run.
    fn words(&mut self, mut next: Class, source: impl FnOnce(Words) -> Source) -> Scale<'p> {
        let mut sorted: Vec<&str> = self.texts.union(&self.prefixes).copied().collect();
        sorted.sort_unstable();
        let mut words = Words::default();
        let mut numbered = Vec::with_capacity(sorted.len());
        for text in sorted {
            words.exact.insert(text, next);
            numbered.push((text, next));
            next += 1;
            if self.prefixes.contains(text) {
                words.below.insert(text, next);
                next += 1;
            }
        }
        Scale {
            words: numbered,
            end: next,
            ..Scale::new(source(words))
        }
    }

    fn cuts(&mut self) -> Cuts {
        let mut cuts: Vec<f64> = self
            .cuts
            .iter()
            .copied()
            .filter(|cut| !cut.is_nan())
            .collect();
        cuts.sort_unstable_by(f64::total_cmp);
        // Minus zero equals zero, so it must not be a cut beside it.
        cuts.dedup_by(|a, b| a == b);
        Cuts(cuts)
    }

    fn numbers(&mut self, source: impl FnOnce(Cuts) -> Source) -> Scale<'p> {
        let cuts = self.cuts();
        let end = 1 + cuts.intervals();
        Scale {
            end,
            ..Scale::new(source(cuts))
        }
    }

    fn mixed(&mut self, name: &str, source: &dyn Fn(Kind) -> Source) -> Scale<'p> {
        let cuts = self.cuts();
        if !cuts.0.is_empty() {
            // A text may then both begin with a prefix and spell a number; such prefixes are
            // left to one-by-one evaluation.
            self.prefixes.clear();
        }
        let mut mixed = Mixed {
            name: name.into(),
            words: Words::default(),
            cuts,
        };
        let first = mixed.texts();
        let mut words = Words::default();
        let mut scale = self.words(first, |numbered| {
            words = numbered;
            source(Kind::Number(Cuts::default()))
        });
        mixed.words = words;
        scale.source = source(Kind::Attribute(mixed));
        scale.spelled = scale
            .words
            .iter()
            .filter_map(|&(text, class)| Some((truth::as_number(text)?, class)))
            .collect();
        scale
    }

    /// Numbers the named areas depth first, so that an area and all below it are one run.
    fn nodes(&self, plan: &Plan, source: impl FnOnce(Vec<Class>) -> Source) -> Scale<'p> {
        let nodes = plan.gazetteer.nodes();
        let order = depth_first(nodes, &self.areas);
        let first = OTHER + 1;
        let mut classes = vec![OTHER; nodes.len()];
        for (at, ix) in order.iter().enumerate() {
            classes[ix.at()] = first + at as Class;
        }
        let mut subtrees: Vec<Class> = (1..=order.len() as Class).map(|at| first + at).collect();
        for (at, ix) in order.iter().enumerate().rev() {
            let end = subtrees[at];
            if let Some(above) = named_above(nodes, &self.areas, *ix) {
                let above = (classes[above.at()] - first) as usize;
                subtrees[above] = subtrees[above].max(end);
            }
        }
        for at in 0..nodes.len() {
            if let (OTHER, Some(parent)) = (classes[at], nodes[at].parent) {
                classes[at] = classes[parent.at()];
            }
        }
        let end = first + order.len() as Class;
        Scale {
            end,
            subtrees,
            ..Scale::new(source(classes))
        }
    }
}

/// The cuts that single out one number.
fn point(number: f64) -> [f64; 2] {
    [number, number.next_up()]
}

fn named_above(nodes: &[Node], named: &FxHashSet<AdminIx>, ix: AdminIx) -> Option<AdminIx> {
    std::iter::successors(nodes[ix.at()].parent, |one| nodes[one.at()].parent)
        .find(|one| named.contains(one))
}

fn depth_first(nodes: &[Node], named: &FxHashSet<AdminIx>) -> Vec<AdminIx> {
    let mut children: BTreeMap<Option<AdminIx>, Vec<AdminIx>> = BTreeMap::new();
    for &ix in named {
        children
            .entry(named_above(nodes, named, ix))
            .or_default()
            .push(ix);
    }
    for below in children.values_mut() {
        below.sort_unstable_by(|a, b| b.cmp(a));
    }
    let mut order = Vec::with_capacity(named.len());
    let mut open = children.remove(&None).unwrap_or_default();
    while let Some(ix) = open.pop() {
        order.push(ix);
        open.extend(children.remove(&Some(ix)).unwrap_or_default());
    }
    order
}
