//! Builds a gazetteer from table rows and from codes that a plan names.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use super::known::KnownPostal;
use super::row::{Codes, Meaning};
use super::{Gazetteer, PostalCode, PostalPoint, PostalTable, Row, RowError, code};
use crate::plan::condition::PostalCodes;
use crate::plan::facts::Point;
use crate::plan::model::AdminIx;
use crate::plan::normalise;

/// Deepest level under a country. Villages of GB/T 10114 are at level 5; a longer chain of
/// parents is a mistake in the table, and ancestors are walked for every lead.
const MAX_LEVEL: u8 = 8;

/// Collects rows, then codes. An area's index never changes once given out.
#[derive(Clone, Debug, Default)]
pub struct GazetteerBuilder {
    /// Areas as their rows describe them, placed or not.
    areas: Vec<Area>,
    by_code: FxHashMap<Box<str>, usize>,
    /// The first area that had a code before.
    former: FxHashMap<Box<str>, usize>,
    /// How many of `areas` have been placed in the tree.
    placed: usize,
    postal: Vec<PostalRow>,
    /// Filled when first asked for.
    known_postal: Option<KnownPostal>,
    gazetteer: Gazetteer,
    rows: usize,
    problems: Vec<(usize, RowError)>,
}

/// An area that a row describes.
#[derive(Clone, Debug)]
struct Area {
    row: usize,
    code: Box<str>,
    meaning: Meaning,
    walk: Walk,
}

/// How far the placing of an area has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walk {
    New,
    /// One of its ancestors is being placed.
    Open,
    Placed,
}

#[derive(Clone, Debug)]
struct PostalRow {
    row: usize,
    /// The area the codes belong to.
    area: Box<str>,
    /// A row of its own knows where the code is; an area's row knows the area's middle only.
    own_row: bool,
    codes: Codes,
    position: Option<Point>,
}

impl GazetteerBuilder {
    /// A gazetteer without areas.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a row. Rows are numbered from 0 in the order of the calls, refused ones included.
    ///
    /// # Errors
    /// All that is wrong with the row by itself or as a repetition of an earlier one; what of
    /// it can be read is taken all the same. [`Self::problems`] has what is wrong with it
    /// beside the others.
    pub fn add_row(&mut self, row: Row<'_>) -> Result<(), Vec<RowError>> {
        let number = self.rows;
        self.rows += 1;
        let mut problems = Vec::new();
        if let Some(meaning) = row.read(&mut problems) {
            self.take(number, meaning, &mut problems);
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(problems),
        }
    }

    fn take(&mut self, number: usize, mut meaning: Meaning, problems: &mut Vec<RowError>) {
        let own_row = meaning.code.is_none();
        let codes = std::mem::take(&mut meaning.postal);
        let position = meaning.position;
        let place = meaning.code.clone().or_else(|| meaning.parent.clone());
        let Some(area) = place else { return };
        if let Some(code) = meaning.code.take()
            && !self.add_area(number, code, meaning, problems)
        {
            return;
        }
        if !codes.is_empty() {
            self.postal.push(PostalRow {
                row: number,
                area,
                own_row,
                codes,
                position,
            });
        }
    }

    /// A country's row may stand in several files; any other code only once. False if the row
    /// is one more.
    fn add_area(
        &mut self,
        row: usize,
        code: Box<str>,
        new: Meaning,
        problems: &mut Vec<RowError>,
    ) -> bool {
        let at = self.areas.len();
        match self.by_code.entry(code.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(at);
                self.claim(at, &code, &new.retired, problems);
                let (meaning, walk) = (new, Walk::New);
                self.areas.push(Area {
                    row,
                    code,
                    meaning,
                    walk,
                });
                true
            }
            Entry::Occupied(entry) if code::structural_parent(&code).is_none() => {
                let at = *entry.get();
                self.claim(at, &code, &new.retired, problems);
                let area = &mut self.areas[at];
                area.meaning.folded.extend(new.folded);
                area.meaning.retired.extend(new.retired);
                area.meaning.position = area.meaning.position.or(new.position);
                true
            }
            Entry::Occupied(_) => {
                problems.push(RowError::Duplicate(code));
                false
            }
        }
    }

    /// Notes whose the codes of an area are, the present and the former ones: each is one
    /// area's, or leads that bear it would go to whichever row comes first.
    fn claim(&mut self, at: usize, code: &str, former: &[Box<str>], problems: &mut Vec<RowError>) {
        if self.former.get(code).is_some_and(|&other| other != at) {
            problems.push(RowError::Former(code.into()));
        }
        for code in former {
            let owner = self.by_code.get(code).or_else(|| self.former.get(code));
            if owner.is_some_and(|&other| other != at) {
                problems.push(RowError::Taken(code.clone()));
            }
            self.former.entry(code.clone()).or_insert(at);
        }
    }

    /// The area with this canonical code; it is added, with its ancestors by structure, if no
    /// row has it. Retired codes give their successor. Rows that come later than this only
    /// name such an area, they no longer move it.
    pub fn ensure_code(&mut self, code: &str) -> AdminIx {
        self.place_rows();
        self.ensure(code)
    }

    /// The area with this canonical or retired code, if a row or an earlier
    /// [`Self::ensure_code`] has it.
    pub fn known(&mut self, code: &str) -> Option<AdminIx> {
        self.place_rows();
        self.gazetteer.by_code(code)
    }

    /// Whether a country's postal codes hold some of these, as far as is known: a gazetteer
    /// without a table of them knows nothing. To be asked when all rows are in.
    pub fn has_postal(&mut self, country: &str, codes: &PostalCodes) -> bool {
        self.known_postal().has(country, codes)
    }

    /// Known postal codes before and behind one, so many of each.
    pub fn postal_near(&mut self, country: &str, code: &str, many: usize) -> Vec<Box<str>> {
        self.known_postal().near(country, code, many)
    }

    fn known_postal(&mut self) -> &KnownPostal {
        let rows = &self.postal;
        self.known_postal.get_or_insert_with(|| {
            let country = |row: &PostalRow| code::split(&row.area).0.to_owned();
            let all = rows
                .iter()
                .map(|row| (country(row), row.own_row, &row.codes[..]));
            KnownPostal::of(all)
        })
    }

    /// What is wrong with rows beside each other, by row number: unknown parents (each named
    /// once), circles, chains too deep.
    pub fn problems(&mut self) -> Vec<(usize, RowError)> {
        self.place_rows();
        let mut all = self.problems.clone();
        for row in &self.postal {
            if self.gazetteer.by_code(&row.area).is_none() {
                all.push((row.row, RowError::UnknownParent(row.area.clone())));
            }
        }
        all.sort_by_key(|(row, _)| *row);
        let mut named = FxHashSet::default();
        all.retain(|(_, problem)| match problem {
            RowError::UnknownParent(code) => named.insert(code.clone()),
            _ => true,
        });
        all
    }

    /// The finished gazetteer. Rows with problems hang where their code's structure says.
    pub fn build(mut self) -> Gazetteer {
        self.place_rows();
        self.place_postal();
        self.gazetteer.number();
        self.gazetteer
    }

    fn place_rows(&mut self) {
        for at in self.placed..self.areas.len() {
            if self.areas[at].walk == Walk::New {
                self.place_with_ancestors(at);
            }
        }
        self.placed = self.areas.len();
    }

    /// Places an area after its ancestors. A loop, because a table could make recursion as
    /// deep as it is long.
    fn place_with_ancestors(&mut self, start: usize) {
        let mut path = vec![start];
        while let Some(&at) = path.last() {
            self.areas[at].walk = Walk::Open;
            let next = self.nearest_described_ancestor(at);
            match next.map(|next| (next, self.areas[next].walk)) {
                Some((next, Walk::New)) => {
                    path.push(next);
                    continue;
                }
                Some((_, Walk::Open)) => {
                    let area = &mut self.areas[at];
                    area.meaning.parent = None;
                    self.problems
                        .push((area.row, RowError::Cycle(area.code.clone())));
                }
                Some((_, Walk::Placed)) | None => {}
            }
            self.place(at);
            path.pop();
        }
    }

    /// The first area above this one that a row describes.
    fn nearest_described_ancestor(&self, at: usize) -> Option<usize> {
        let area = &self.areas[at];
        let stated = area.meaning.parent.as_deref();
        let above = stated.or_else(|| code::structural_parent(&area.code));
        std::iter::successors(above, |code| code::structural_parent(code))
            .find_map(|code| self.by_code.get(code).copied())
    }

    fn place(&mut self, at: usize) {
        let parent = self.parent_of(at);
        let area = &mut self.areas[at];
        area.walk = Walk::Placed;
        let (code, position) = (area.code.clone(), area.meaning.position);
        let name = area.meaning.name.take();
        let names = std::mem::take(&mut area.meaning.folded);
        let retired = std::mem::take(&mut area.meaning.retired);
        let ix = match self.gazetteer.by_code.get(&code).copied() {
            Some(ix) => ix,
            None => self.gazetteer.push(code, parent),
        };
        let node = &mut self.gazetteer.nodes[ix.at()];
        (node.name, node.position) = (name, position);
        for name in names {
            self.gazetteer.call(ix, &name);
        }
        for code in retired {
            self.gazetteer.retire(code, ix);
        }
    }

    /// Where an area hangs; a stated parent that cannot be is reported and the structure
    /// decides instead.
    fn parent_of(&mut self, at: usize) -> Option<AdminIx> {
        let (row, code) = (self.areas[at].row, self.areas[at].code.clone());
        let by_structure = code::structural_parent(&code);
        let Some(stated) = self.areas[at].meaning.parent.take() else {
            return by_structure.map(|parent| self.ensure(parent));
        };
        // Countries are countries without a row of their own.
        let known =
            self.gazetteer.by_code(&stated).is_some() || normalise::iso_country(&stated).is_some();
        if !known {
            self.problems
                .push((row, RowError::UnknownParent(stated.clone())));
        }
        let parent = self.ensure(&stated);
        if self.gazetteer.node(parent).level >= MAX_LEVEL {
            self.problems.push((row, RowError::TooDeep(code.clone())));
            return by_structure.map(|parent| self.ensure(parent));
        }
        Some(parent)
    }

    fn ensure(&mut self, code: &str) -> AdminIx {
        if let Some(ix) = self.gazetteer.by_code(code) {
            return ix;
        }
        let parent = code::structural_parent(code).map(|parent| self.ensure(parent));
        self.gazetteer.push(code.into(), parent)
    }

    /// Points of rows of their own count; an area's middle only for codes without.
    fn place_postal(&mut self) {
        let rows = std::mem::take(&mut self.postal);
        let (own, middles): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.own_row);
        let mut postal = self.merge_postal(own);
        for (country, points) in self.merge_postal(middles) {
            let known = postal.entry(country).or_default();
            for (code, point) in points {
                known.entry(code).or_insert(point);
            }
        }
        self.gazetteer.postal = postal;
    }

    fn merge_postal(&mut self, rows: Vec<PostalRow>) -> PostalTable {
        let mut merged = PostalTable::default();
        for row in rows {
            let admin = self.ensure(&row.area);
            let position = row.position;
            let country = self.gazetteer.country_of(admin);
            if !merged.contains_key(country) {
                merged.insert(country.into(), FxHashMap::default());
            }
            let Some(points) = merged.get_mut(country) else {
                continue;
            };
            for code in row.codes {
                match points.entry(PostalCode::from_slice(code.as_bytes())) {
                    Entry::Vacant(entry) => {
                        entry.insert(PostalPoint { admin, position });
                    }
                    Entry::Occupied(mut entry) => {
                        let other = PostalPoint { admin, position };
                        self.gazetteer.agree(entry.get_mut(), other);
                    }
                }
            }
        }
        merged
    }
}
