//! What the tests of a plan mean as sets of classes: gathered first, then asked test by test.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::plan::gazetteer::Node;
use crate::plan::{AdminIx, Dimension, Plan, Range, Test, Value};

use super::classes::{Class, ClassSet, MISSING};
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

/// The dimensions of a plan under preparation.
pub struct Scales<'p> {
    scales: Vec<Scale<'p>>,
}

/// One dimension: its classes, and what is needed to say which of them pass a test.
struct Scale<'p> {
    source: Source,
    /// All classes are below this one.
    end: Class,
    /// Named texts in byte order, with their classes.
    words: Vec<(&'p str, Class)>,
    /// Of attributes: texts that spell a number, with it.
    spelled: Vec<(f64, Class)>,
    /// For each class of an area the end of its descendants' classes.
    subtrees: Vec<Class>,
}

/// How the classes of several values are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Joined {
    /// Any of them passes (or there is only one).
    Any,
    /// All of them pass.
    All,
}

/// A test as a set of classes of a source.
pub struct Passing {
    pub source: usize,
    pub joined: Joined,
    pub set: ClassSet,
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
            leaf => self.by_dimension.entry(dimension).or_default().leaf(dimension, leaf),
        }
    }

    /// Notes a text that a dimension is compared with.
    pub fn text(&mut self, dimension: &'p Dimension, text: &'p str) {
        self.by_dimension.entry(dimension).or_default().texts.insert(text);
    }

    /// Cuts every dimension into its classes.
    pub fn scales(self, plan: &Plan) -> Scales<'p> {
        let scales: Vec<Scale<'p>> = self
            .by_dimension
            .into_iter()
            .filter_map(|(dimension, named)| named.scale(dimension, plan))
            .take(MAX_SOURCES)
            .collect();
        Scales { scales }
    }
}

impl<'p> Named<'p> {
    fn leaf(&mut self, dimension: &Dimension, test: &'p Test) {
        match test {
            Test::OneOf(values) => values.iter().for_each(|value| self.value(dimension, value)),
            Test::Prefix(prefixes) => self.prefixes.extend(prefixes.iter().map(|one| &**one)),
            Test::Range(range) => {
                self.cuts.extend(range.min.iter().chain(&range.max).copied());
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
                    self.cuts.extend(truth::as_number(text).into_iter().flat_map(point));
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
        let source = |kind| Source { dimension: dimension.clone(), kind };
        match dimension {
            Dimension::Country
            | Dimension::Domain
            | Dimension::Industry
            | Dimension::Source
            | Dimension::Campaign
            | Dimension::Language => Some(self.words(OTHER + 1, |words| source(Kind::Text(words)))),
            Dimension::Product => Some(self.words(OTHER + 1, |words| source(Kind::Products(words)))),
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
        Scale { words: numbered, end: next, ..Scale::new(source(words)) }
    }

    fn cuts(&mut self) -> Cuts {
        let mut cuts: Vec<f64> = self.cuts.iter().copied().filter(|cut| !cut.is_nan()).collect();
        cuts.sort_unstable_by(f64::total_cmp);
        // Minus zero equals zero, so it must not be a cut beside it.
        cuts.dedup_by(|a, b| a == b);
        Cuts(cuts)
    }

    fn numbers(&mut self, source: impl FnOnce(Cuts) -> Source) -> Scale<'p> {
        let cuts = self.cuts();
        let end = 1 + cuts.intervals();
        Scale { end, ..Scale::new(source(cuts)) }
    }

    fn mixed(&mut self, name: &str, source: &dyn Fn(Kind) -> Source) -> Scale<'p> {
        let cuts = self.cuts();
        if !cuts.0.is_empty() {
            // A text may then both begin with a prefix and spell a number; such prefixes are
            // left to one-by-one evaluation.
            self.prefixes.clear();
        }
        let mut mixed = Mixed { name: name.into(), words: Words::default(), cuts };
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
        Scale { end, subtrees, ..Scale::new(source(classes)) }
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
        children.entry(named_above(nodes, named, ix)).or_default().push(ix);
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

impl<'p> Scale<'p> {
    fn new(source: Source) -> Self {
        Self {
            source,
            end: OTHER + 1,
            words: Vec::new(),
            spelled: Vec::new(),
            subtrees: Vec::new(),
        }
    }

    fn present(&self) -> ClassSet {
        ClassSet::of([(MISSING + 1, self.end)])
    }

    /// The classes that pass a test, or that fail it while the value is there. `None` if the
    /// test cannot be put into classes.
    fn set(&self, test: &Test, wanted: bool) -> Option<ClassSet> {
        if let Test::Exists(there) = test {
            let there = *there == wanted;
            return Some(if there { self.present() } else { ClassSet::of([(MISSING, MISSING + 1)]) });
        }
        let (passing, unknown) = match test {
            Test::OneOf(values) => (self.one_of(values)?, ClassSet::default()),
            Test::Prefix(prefixes) => self.prefix(prefixes)?,
            Test::Range(range) => (self.range(range, wanted)?, ClassSet::default()),
            _ => return None,
        };
        if wanted {
            return Some(passing);
        }
        Some(passing.or(&unknown).complement(self.end).and(&self.present()))
    }

    fn one_of(&self, values: &[Value]) -> Option<ClassSet> {
        let mut runs = Vec::with_capacity(values.len());
        for value in values {
            self.value(value, &mut runs)?;
        }
        Some(ClassSet::of(runs))
    }

    fn value(&self, value: &Value, runs: &mut Vec<(Class, Class)>) -> Option<()> {
        match (&self.source.kind, value) {
            (Kind::Text(_), Value::Text(text)) if self.source.dimension == Dimension::Industry => {
                runs.push(self.beginning_with(text));
            }
            (Kind::Text(_) | Kind::Products(_), Value::Text(text)) => runs.extend(self.word(text)),
            (Kind::Number(cuts), Value::Number(number)) if !number.is_nan() => {
                let class = 1 + cuts.interval(*number);
                runs.push((class, class + 1));
            }
            (Kind::Admin(classes), Value::Admin(ix)) => {
                // Every area that a test names has a class of its own.
                let class = classes[ix.at()];
                let end = class.checked_sub(OTHER + 1).map(|at| self.subtrees[at as usize]);
                runs.extend(end.map(|end| (class, end)));
            }
            (Kind::Attribute(mixed), value) => self.attribute_value(mixed, value, runs),
            _ => return None,
        }
        Some(())
    }

    fn attribute_value(&self, mixed: &Mixed, value: &Value, runs: &mut Vec<(Class, Class)>) {
        let one = |class: Class| (class, class + 1);
        match value {
            Value::Text(text) => {
                runs.extend(self.word(text));
                if let Some(number) = truth::as_number(text) {
                    runs.push(one(Mixed::NUMBERS + mixed.cuts.interval(number)));
                }
                runs.extend(match &**text {
                    "true" => Some(one(Mixed::TRUE)),
                    "false" => Some(one(Mixed::FALSE)),
                    _ => None,
                });
            }
            Value::Number(number) => {
                let interval = mixed.cuts.interval(*number);
                runs.push(one(Mixed::NUMBERS + interval));
                runs.push(one(mixed.spelled() + interval));
                let spelled = self.spelled.iter().filter(|(held, _)| held == number);
                runs.extend(spelled.map(|&(_, class)| one(class)));
            }
            Value::Bool(flag) => {
                runs.push(one(if *flag { Mixed::TRUE } else { Mixed::FALSE }));
                runs.extend(self.word(if *flag { "true" } else { "false" }));
            }
            _ => {}
        }
    }

    fn word(&self, text: &str) -> Option<(Class, Class)> {
        let at = self.words.binary_search_by(|(known, _)| (*known).cmp(text)).ok()?;
        let class = self.words[at].1;
        Some((class, class + 1))
    }

    /// The run of classes of texts that begin so.
    fn beginning_with(&self, prefix: &str) -> (Class, Class) {
        let from = self.words.partition_point(|(known, _)| *known < prefix);
        let to = self.words.partition_point(|(known, _)| *known < prefix || known.starts_with(prefix));
        let class = |at: usize| self.words.get(at).map_or(self.end, |&(_, class)| class);
        (class(from), class(to))
    }

    fn prefix(&self, prefixes: &[Box<str>]) -> Option<(ClassSet, ClassSet)> {
        let unknown = match &self.source.kind {
            Kind::Text(_) | Kind::Products(_) => ClassSet::default(),
            Kind::Attribute(mixed) if mixed.cuts.0.is_empty() => ClassSet::of([(Mixed::TRUE, mixed.texts())]),
            _ => return None,
        };
        let runs = prefixes.iter().map(|prefix| self.beginning_with(prefix));
        Some((ClassSet::of(runs), unknown))
    }

    fn range(&self, range: &Range, wanted: bool) -> Option<ClassSet> {
        if range.min.or(range.max).is_some_and(f64::is_nan) || range.max.is_some_and(f64::is_nan) {
            return None;
        }
        match &self.source.kind {
            Kind::Number(cuts) => {
                let (from, to) = between(cuts, range);
                Some(ClassSet::of([(1 + from, 1 + to)]))
            }
            // Of several texts only those that spell numbers count, which `not` must know.
            Kind::Attribute(mixed) if wanted && !mixed.cuts.0.is_empty() => {
                let (from, to) = between(&mixed.cuts, range);
                let runs = [Mixed::NUMBERS, mixed.spelled()].map(|first| (first + from, first + to));
                let spelled = self.spelled.iter().filter(|(number, _)| truth::holds(range, *number));
                Some(ClassSet::of(runs.into_iter().chain(spelled.map(|&(_, class)| (class, class + 1)))))
            }
            _ => None,
        }
    }
}

fn between(cuts: &Cuts, range: &Range) -> (u32, u32) {
    let from = range.min.map_or(0, |min| cuts.interval(min));
    let to = range.max.map_or(cuts.intervals(), |max| cuts.interval(max));
    (from, to)
}

impl<'p> Scales<'p> {
    /// A test as a set of classes, if its dimension and form allow it.
    pub fn passing(&self, dimension: &Dimension, test: &Test, wanted: bool) -> Option<Passing> {
        let source = self.number(dimension)?;
        let scale = &self.scales[source];
        let always_any = matches!(test, Test::Exists(_));
        let all = scale.source.is_plural() && !wanted && !always_any;
        Some(Passing {
            source,
            joined: if all { Joined::All } else { Joined::Any },
            set: scale.set(test, wanted)?,
        })
    }

    /// The number of a dimension's source.
    pub fn number(&self, dimension: &Dimension) -> Option<usize> {
        self.scales
            .binary_search_by(|scale| scale.source.dimension.cmp(dimension))
            .ok()
    }

    /// Whether leads may have several values in a source.
    pub fn is_plural(&self, source: usize) -> bool {
        self.scales[source].source.is_plural()
    }

    /// The end of a source's classes.
    pub fn end(&self, source: usize) -> Class {
        self.scales[source].end
    }

    /// How many sources there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// The leads whose only value is this text.
    pub fn text(&self, dimension: &Dimension, text: &str) -> Option<Passing> {
        let source = self.number(dimension)?;
        let set = ClassSet::of(self.scales[source].word(text));
        Some(Passing { source, joined: Joined::Any, set })
    }

    /// The end of the classes of all that lies in an administrative area of this class.
    pub fn subtree_end(&self, class: Class) -> Option<Class> {
        let scale = &self.scales[self.number(&Dimension::Admin)?];
        scale.subtrees.get(class.checked_sub(OTHER + 1)? as usize).copied()
    }

    /// The sources, for use.
    pub fn into_sources(self) -> Vec<Source> {
        self.scales.into_iter().map(|scale| scale.source).collect()
    }
}
