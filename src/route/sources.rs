//! The dimensions a plan asks about, each with its values cut into classes that no condition tells apart.
//!
//! Texts become dictionary numbers, ranges become runs of elementary intervals, codes with
//! their descendants become runs of a depth-first order: every test is a set of few intervals
//! of classes, and a lead's value is one number.

use crate::event::Attribute;
use crate::plan::{AdminIx, Dimension, Facts};

use super::classes::{Class, MISSING};
use super::dictionary::{Dictionary, Prefixes};
use super::truth;

/// The class of a value that is there and that no test names.
pub const OTHER: Class = 1;

/// Dimensions that can be classified at one time. Conditions on further attributes are
/// evaluated one by one; no plan seen so far names more than twenty.
pub const MAX_SOURCES: usize = 64;

/// Classes of all dimensions with several values that a lead's notes hold.
const MANY_LEN: usize = 24;

/// Cuts that are counted in less time than searching among them takes.
const FEW_CUTS: usize = 16;

/// Notes: nothing yet, and more values than the notes hold.
const UNKNOWN: u32 = u32::MAX;
const TOO_MANY: u32 = u32::MAX - 1;

/// One dimension and how to classify a lead's value in it.
#[derive(Debug)]
pub struct Source {
    pub dimension: Dimension,
    pub kind: Kind,
}

/// How values of a dimension are classified.
#[derive(Debug)]
pub enum Kind {
    /// One text.
    Text(Words),
    /// The products: several texts.
    Products(Words),
    /// One number.
    Number(Cuts),
    /// The nearest administrative area, at or above the lead's, that a condition names: its
    /// class for each node of the gazetteer.
    Admin(Vec<Class>),
    /// A free attribute: a text, a number, a truth value or several texts.
    Attribute(Mixed),
}

/// Classes of texts: the exact ones that are named, then what begins with a named prefix.
#[derive(Debug, Default)]
pub struct Words {
    pub exact: Dictionary,
    pub below: Prefixes,
}

/// The ends of ranges, ascending. Interval `i` lies below cut `i`.
#[derive(Debug, Default)]
pub struct Cuts(pub Vec<f64>);

/// Classes of an attribute, by what the value is: `TRUE`, `FALSE`, numbers, texts that spell
/// numbers, texts.
#[derive(Debug)]
pub struct Mixed {
    pub name: Box<str>,
    pub words: Words,
    pub cuts: Cuts,
}

impl Words {
    #[inline]
    fn class(&self, text: &str) -> Class {
        match self.exact.get(text) {
            Some(class) => class,
            None => self.below.of(text).next().unwrap_or(OTHER),
        }
    }
}

impl Cuts {
    /// The interval that holds a number.
    #[inline]
    pub fn interval(&self, number: f64) -> u32 {
        if self.0.len() <= FEW_CUTS {
            return self.0.iter().map(|&cut| u32::from(cut <= number)).sum();
        }
        self.0.partition_point(|&cut| cut <= number) as u32
    }

    /// How many intervals there are.
    pub fn intervals(&self) -> u32 {
        self.0.len() as u32 + 1
    }
}

impl Mixed {
    pub const TRUE: Class = 2;
    pub const FALSE: Class = 3;
    /// The class of numbers in the lowest interval.
    pub const NUMBERS: Class = 4;

    /// The class of texts that spell a number in the lowest interval. Without a test of
    /// numbers there is nothing to spell.
    pub fn spelled(&self) -> Class {
        Self::NUMBERS + self.cuts.intervals()
    }

    /// The first class of texts.
    pub fn texts(&self) -> Class {
        if self.cuts.0.is_empty() {
            self.spelled()
        } else {
            self.spelled() + self.cuts.intervals()
        }
    }

    #[inline]
    fn text_class(&self, text: &str) -> Class {
        let class = self.words.class(text);
        if class != OTHER || self.cuts.0.is_empty() {
            return class;
        }
        truth::as_number(text).map_or(OTHER, |number| self.spelled() + self.cuts.interval(number))
    }

    fn each_class(&self, held: Option<&Attribute<'_>>, see: &mut dyn FnMut(Class)) {
        match held {
            None => see(MISSING),
            Some(Attribute::Text(text)) => see(self.text_class(text)),
            Some(Attribute::Number(number)) => see(Self::NUMBERS + self.cuts.interval(*number)),
            Some(Attribute::Bool(true)) => see(Self::TRUE),
            Some(Attribute::Bool(false)) => see(Self::FALSE),
            Some(Attribute::List(texts)) if texts.is_empty() => see(MISSING),
            Some(Attribute::List(texts)) => {
                texts.iter().for_each(|text| see(self.text_class(text)))
            }
        }
    }
}

impl Source {
    /// Whether a lead may have several values here.
    pub const fn is_plural(&self) -> bool {
        matches!(self.kind, Kind::Products(_) | Kind::Attribute(_))
    }

    /// The class of the lead's only value.
    #[inline]
    fn class(&self, facts: &Facts<'_>) -> Class {
        match &self.kind {
            Kind::Text(words) => {
                text_of(facts, &self.dimension).map_or(MISSING, |text| words.class(text))
            }
            Kind::Number(cuts) => truth::number(facts, &self.dimension)
                .map_or(MISSING, |number| 1 + cuts.interval(number)),
            Kind::Admin(classes) => facts.admin.map_or(MISSING, |ix| class_of(classes, ix)),
            Kind::Products(_) | Kind::Attribute(_) => MISSING,
        }
    }

    /// The classes of all the lead's values.
    fn each_class(&self, facts: &Facts<'_>, see: &mut dyn FnMut(Class)) {
        match &self.kind {
            Kind::Products(words) if !facts.products.is_empty() => {
                facts
                    .products
                    .iter()
                    .for_each(|text| see(words.class(text)));
            }
            Kind::Attribute(mixed) => mixed.each_class(truth::attribute(facts, &mixed.name), see),
            _ => see(self.class(facts)),
        }
    }
}

#[inline]
fn class_of(classes: &[Class], ix: AdminIx) -> Class {
    classes.get(ix.at()).copied().unwrap_or(OTHER)
}

#[inline]
fn text_of<'f>(facts: &'f Facts<'_>, dimension: &Dimension) -> Option<&'f str> {
    let text = match dimension {
        Dimension::Country => &facts.country,
        Dimension::Domain => &facts.domain,
        Dimension::Industry => &facts.industry,
        Dimension::Source => &facts.source,
        Dimension::Campaign => &facts.campaign,
        Dimension::Language => &facts.language,
        _ => return None,
    };
    text.as_deref()
}

/// One lead's classes, each found at its first use and noted.
pub struct Notes<'l> {
    pub facts: &'l Facts<'l>,
    sources: &'l [Source],
    noted: [u32; MAX_SOURCES],
    many: [Class; MANY_LEN],
    many_len: usize,
}

impl<'l> Notes<'l> {
    #[inline]
    pub fn new(facts: &'l Facts<'l>, sources: &'l [Source]) -> Self {
        Self {
            facts,
            sources,
            noted: [UNKNOWN; MAX_SOURCES],
            many: [MISSING; MANY_LEN],
            many_len: 0,
        }
    }

    /// The class in a dimension with one value.
    #[inline]
    pub fn class(&mut self, source: usize) -> Class {
        let noted = self.noted[source];
        if noted != UNKNOWN {
            return noted;
        }
        let class = self.sources[source].class(self.facts);
        self.noted[source] = class;
        class
    }

    /// Shows every class in a dimension with several values.
    #[inline]
    pub fn each_class(&mut self, source: usize, mut see: impl FnMut(Class)) {
        if self.noted[source] == UNKNOWN {
            self.noted[source] = self.note_many(source);
        }
        match self.noted[source] {
            TOO_MANY => self.sources[source].each_class(self.facts, &mut see),
            packed => {
                let (start, len) = ((packed >> 8) as usize, (packed & 0xff) as usize);
                self.many[start..start + len]
                    .iter()
                    .for_each(|&class| see(class));
            }
        }
    }

    /// Notes the classes of several values and where they are, packed into one number.
    fn note_many(&mut self, source: usize) -> u32 {
        let start = self.many_len;
        let (mut at, many) = (start, &mut self.many);
        self.sources[source].each_class(self.facts, &mut |class| {
            if let Some(free) = many.get_mut(at) {
                *free = class;
            }
            at += 1;
        });
        if at > MANY_LEN {
            return TOO_MANY;
        }
        self.many_len = at;
        (start << 8 | (at - start)) as u32
    }
}
