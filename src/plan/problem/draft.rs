//! Problems while they are gathered: places are bytes of a file until all is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::source::Source;
use super::{Code, Location, Problem, Problems, Severity};

/// More problems than this are noise, and a hostile file could otherwise fill the memory.
const MAX_PROBLEMS: usize = 10_000;

/// Position of a file in the collector's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileIx(pub u32);

/// Some bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub file: FileIx,
    /// Byte offset.
    pub start: u32,
    /// In bytes; 0 at offset 0 means the file as a whole.
    pub len: u32,
}

impl Place {
    /// The file as a whole.
    pub const fn whole(file: FileIx) -> Self {
        let (start, len) = (0, 0);
        Self { file, start, len }
    }
}

/// A problem before its place is known by line and column.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    code: Code,
    place: Place,
    message: String,
    help: Option<String>,
    related: Vec<(Place, String)>,
}

impl Draft {
    /// A problem at a place. The message is a sentence without a full stop.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            place,
            message: message.into(),
            help: None,
            related: Vec::new(),
        }
    }

    /// Adds what to do, where more can be said than the code's remedy.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a suggestion, if there is one.
    pub fn did_you_mean(mut self, word: Option<&str>) -> Self {
        if let Some(word) = word {
            self.help = Some(format!("did you mean `{word}`?"));
        }
        self
    }

    /// Adds another place that has to do with it.
    pub fn related(mut self, place: Place, note: impl Into<String>) -> Self {
        self.related.push((place, note.into()));
        self
    }
}

/// Gathers problems, and the files they point into.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    sources: Vec<Source>,
    drafts: Vec<Draft>,
    errors: usize,
    reported: usize,
    /// Kinds of things of which some could not be read, by the word of diagnostics.
    unread: BTreeSet<&'static str>,
    all_unread: bool,
}

impl Collector {
    /// Adds a file, so that problems can point into it.
    pub fn add_source(&mut self, name: &str, text: Arc<str>) -> FileIx {
        self.sources.push(Source::new(name, text));
        FileIx((self.sources.len() - 1) as u32)
    }

    /// Adds a problem.
    pub fn push(&mut self, draft: Draft) {
        self.errors += usize::from(draft.code.severity() == Severity::Error);
        self.reported += 1;
        if self.drafts.len() < MAX_PROBLEMS {
            self.drafts.push(draft);
        } else if self.drafts.len() == MAX_PROBLEMS {
            let message = format!("more than {MAX_PROBLEMS} problems; the others are not shown");
            let place = draft.place;
            self.drafts
                .push(Draft::new(Code::TooManyProblems, place, message));
        }
    }

    /// Adds the problems that another one gathered of the same files.
    pub fn append(&mut self, other: Self) {
        other.drafts.into_iter().for_each(|draft| self.push(draft));
    }

    /// Adds a problem that needs no more than a place and a sentence.
    pub fn report(&mut self, code: Code, place: Place, message: impl Into<String>) {
        self.push(Draft::new(code, place, message));
    }

    /// Notes that a file of any content could not be read, so that a name which is not found
    /// may well be defined there.
    pub fn note_unread(&mut self) {
        self.all_unread = true;
    }

    /// The same where only things of one kind could be defined, such as `rep`: names of other
    /// kinds are still judged.
    pub fn note_unread_of(&mut self, kind: &'static str) {
        self.unread.insert(kind);
    }

    /// Whether all names of a kind are known, so that an unknown one is an error.
    pub fn names_are_complete(&self, kind: &str) -> bool {
        !self.all_unread && !self.unread.contains(kind)
    }

    /// Errors so far.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Problems so far, those beyond the most that are kept included.
    pub fn reported(&self) -> usize {
        self.reported
    }

    /// All problems with lines and columns, and the files for whoever finds more.
    pub fn finish(mut self) -> (Problems, Sources) {
        let drafts = std::mem::take(&mut self.drafts);
        let sources = Sources {
            list: self.sources.into(),
        };
        let problems = drafts.into_iter().map(|one| sources.resolve(one));
        (Problems::new(problems.collect()), sources)
    }
}

/// The files of a plan, once all is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    list: Arc<[Source]>,
}

impl Sources {
    /// The place for a reader.
    pub fn locate(&self, place: Place) -> Location {
        let source = &self.list[place.file.0 as usize];
        if place.start == 0 && place.len == 0 {
            return Location::of_file(source.name());
        }
        source.locate(place.start as usize, place.len as usize)
    }

    fn resolve(&self, draft: Draft) -> Problem {
        let related = draft.related.into_iter();
        Problem {
            code: draft.code,
            location: self.locate(draft.place),
            message: draft.message.into(),
            help: draft.help.map(String::into),
            related: related
                .map(|(place, note)| (self.locate(place), note))
                .collect(),
        }
    }
}
