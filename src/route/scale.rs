//! What the tests of a plan mean as sets of classes.

use crate::plan::{Dimension, Range, Test, Value};

use super::classes::{Class, ClassSet, MISSING};
use super::sources::{Cuts, Kind, Mixed, OTHER, Source};
use super::truth;

/// The dimensions of a plan under preparation.
pub struct Scales<'p> {
    /// By dimension.
    scales: Vec<Scale<'p>>,
}

/// One dimension: its classes, and what is needed to say which of them pass a test.
pub struct Scale<'p> {
    pub source: Source,
    /// All classes are below this one.
    pub end: Class,
    /// Named texts in byte order, with their classes.
    pub words: Vec<(&'p str, Class)>,
    /// Of attributes: texts that spell a number, with it.
    pub spelled: Vec<(f64, Class)>,
    /// For each class of an area the end of its descendants' classes.
    pub subtrees: Vec<Class>,
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

impl<'p> Scale<'p> {
    /// A dimension of which no value is named.
    pub fn new(source: Source) -> Self {
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
            return Some(if there {
                self.present()
            } else {
                ClassSet::of([(MISSING, MISSING + 1)])
            });
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
        Some(
            passing
                .or(&unknown)
                .complement(self.end)
                .and(&self.present()),
        )
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
                let end = class
                    .checked_sub(OTHER + 1)
                    .map(|at| self.subtrees[at as usize]);
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
        let at = self
            .words
            .binary_search_by(|(known, _)| (*known).cmp(text))
            .ok()?;
        let class = self.words[at].1;
        Some((class, class + 1))
    }

    /// The run of classes of texts that begin so.
    fn beginning_with(&self, prefix: &str) -> (Class, Class) {
        let from = self.words.partition_point(|(known, _)| *known < prefix);
        let to = self
            .words
            .partition_point(|(known, _)| *known < prefix || known.starts_with(prefix));
        let class = |at: usize| self.words.get(at).map_or(self.end, |&(_, class)| class);
        (class(from), class(to))
    }

    fn prefix(&self, prefixes: &[Box<str>]) -> Option<(ClassSet, ClassSet)> {
        let unknown = match &self.source.kind {
            Kind::Text(_) | Kind::Products(_) => ClassSet::default(),
            Kind::Attribute(mixed) if mixed.cuts.0.is_empty() => {
                ClassSet::of([(Mixed::TRUE, mixed.texts())])
            }
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
                let runs =
                    [Mixed::NUMBERS, mixed.spelled()].map(|first| (first + from, first + to));
                let spelled = self
                    .spelled
                    .iter()
                    .filter(|(number, _)| truth::holds(range, *number));
                Some(ClassSet::of(
                    runs.into_iter()
                        .chain(spelled.map(|&(_, class)| (class, class + 1))),
                ))
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
    /// Scales sorted by dimension.
    pub fn of(scales: Vec<Scale<'p>>) -> Self {
        Self { scales }
    }

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
        Some(Passing {
            source,
            joined: Joined::Any,
            set,
        })
    }

    /// The end of the classes of all that lies in an administrative area of this class.
    pub fn subtree_end(&self, class: Class) -> Option<Class> {
        let scale = &self.scales[self.number(&Dimension::Admin)?];
        scale
            .subtrees
            .get(class.checked_sub(OTHER + 1)? as usize)
            .copied()
    }

    /// The sources, for use.
    pub fn into_sources(self) -> Vec<Source> {
        self.scales.into_iter().map(|scale| scale.source).collect()
    }
}
