//! What is wrong with a plan: each problem with its code, its place and its remedy.
//!
//! While a plan is read, problems point into its files by byte ([`Place`]); once all is
//! read, [`Problems`] turns these into lines and columns and keeps the lines they show, so
//! that the files themselves can be let go.

mod code;
mod draft;
mod render;
mod source;
mod suggest;

use std::fmt;

pub use code::{Code, Severity};
pub(crate) use draft::{Collector, Draft, FileIx, Place, Sources};
pub(crate) use suggest::Suggester;

/// A place in a plan's file, for a reader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file's path, beginning as the plan's path was given.
    pub file: Box<str>,
    /// From 1; 0 means the file as a whole.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// In characters, at least 1; it never reaches beyond the line.
    pub length: u32,
    /// The line's text, or of a very long line the part round the place.
    pub excerpt: Box<str>,
    /// How many characters of the line come before the excerpt.
    pub skipped: u32,
}

impl Location {
    /// A file or folder as a whole.
    pub fn of_file(file: &str) -> Self {
        Self {
            file: file.into(),
            line: 0,
            column: 0,
            length: 0,
            excerpt: "".into(),
            skipped: 0,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}", self.file),
            line => write!(out, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    pub location: Location,
    /// What is wrong, in a sentence without a full stop.
    pub message: Box<str>,
    /// What to do, if more can be said than the code's remedy.
    pub help: Option<Box<str>>,
    /// Other places that have to do with it.
    pub related: Vec<(Location, String)>,
}

impl Problem {
    /// Whether it refuses the plan.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// What to do about it: what was found out about this one, else what holds for its code.
    pub fn remedy(&self) -> &str {
        self.help.as_deref().unwrap_or(self.code.remedy())
    }

    /// A problem with a file or folder as a whole.
    pub fn of_file(code: Code, file: &str, message: impl Into<Box<str>>) -> Self {
        Self {
            code,
            location: Location::of_file(file),
            message: message.into(),
            help: None,
            related: Vec::new(),
        }
    }
}

/// One line, as for a log: place, code, sentence.
impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.severity().word();
        let code = self.code.text();
        write!(out, "{}: {word}[{code}]: {}", self.location, self.message)
    }
}

/// All that is wrong with a plan, in order of place, each thing once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// Puts problems in order: errors and warnings together, by file, line, column and code.
    pub fn new(mut list: Vec<Problem>) -> Self {
        let key = |one: &Problem| (one.location.clone(), one.code, one.message.clone());
        list.sort_by_cached_key(key);
        list.dedup_by(|later, earlier| {
            (later.code, &later.location, &later.message)
                == (earlier.code, &earlier.location, &earlier.message)
        });
        Self { list }
    }

    /// Adds what a later analysis found, in its place.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Problem>) {
        let mut list = std::mem::take(&mut self.list);
        list.extend(more);
        *self = Self::new(list);
    }

    /// Whether any of them refuses the plan.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Those that refuse the plan.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.of(Severity::Error)
    }

    /// Those that only ask for a look.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.of(Severity::Warning)
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Problem> {
        let list = self.list.iter();
        list.filter(move |one| one.severity() == severity)
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them as text with the lines they speak of, carets and remedies.
    pub fn render_text(&self, color: bool) -> String {
        render::text(self, color)
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
