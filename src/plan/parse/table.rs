//! A CSV file as rows of cells, each with its place.
//!
//! A row that cannot be read keeps at least the name of what it defines, so that one slip
//! hides no other fault and no reference to that name is blamed for it.

mod quotes;

use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use crate::plan::problem::{Code, Collector, Draft, FileIx, Place, Suggester};

use super::files::Text;

/// What a kind of table may and must have.
#[derive(Debug)]
pub(crate) struct Columns {
    /// What a row stands for, such as `a rep`.
    pub what: &'static str,
    pub known: &'static [&'static str],
    pub required: &'static [&'static str],
    /// What rows define that others refer to.
    pub names: Option<Names>,
    /// Whether further columns are kept, as attributes.
    pub open: bool,
}

/// What the rows of a table define.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    /// The column that has the name.
    pub column: &'static str,
    /// What is named, by the word of diagnostics.
    pub kind: &'static str,
}

/// Rows of one table. A million accounts fit; more would fill the memory.
const MAX_ROWS: usize = 1_000_000;

/// A table with the header checked and every row as wide as the header.
#[derive(Debug)]
pub(crate) struct Table {
    file: FileIx,
    text: Arc<str>,
    header: Vec<Box<str>>,
    rows: Vec<Line>,
    /// Those of which only the name was taken, in order.
    named_only: Vec<u32>,
    /// The cells of all rows without their quotes, one after another, so that a row costs
    /// no allocation of its own.
    cells: String,
    /// Where in `cells` each cell ends.
    ends: Vec<u32>,
    /// Whether the header leaves no doubt what the cells are.
    clear: bool,
}

/// One row's place in the table.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Its first byte in the file.
    begin: u32,
    /// Its first cell's position in `ends`.
    cells: u32,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    table: &'a Table,
    at: usize,
}

impl Table {
    /// Reads a table; what is wrong with it is in `out`. `None` if the header is of no use.
    pub fn read(
        text: &Text,
        columns: &Columns,
        suggester: &mut Suggester,
        out: &mut Collector,
    ) -> Option<Self> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.text.as_bytes());
        let mut table = Self {
            file: text.file,
            text: Arc::clone(&text.text),
            header: Vec::new(),
            rows: Vec::new(),
            named_only: Vec::new(),
            cells: String::new(),
            ends: Vec::new(),
            clear: true,
        };
        let mut record = StringRecord::new();
        // Reading from memory, and text that is UTF-8 already, cannot fail.
        let found = reader.read_record(&mut record).unwrap_or(false);
        table.header = record.iter().map(|name| name.trim().into()).collect();
        if !found {
            let message = format!(
                "the table is empty; its header should be {}",
                columns.list()
            );
            out.report(Code::MissingColumn, Place::whole(text.file), message);
        }
        if let Some(cell) = record.iter().position(|cell| cell.contains('\n')) {
            table.goes_on(&record, cell, out);
            columns.note_unread(out);
            return None;
        }
        let complete = found && table.check_header(columns, suggester, out);
        if !complete {
            columns.note_unread(out);
            // A line without a comma is no header that rows could be measured by.
            if table.header.len() < 2 {
                return None;
            }
        }
        while reader.read_record(&mut record).unwrap_or(false) {
            if table.rows.len() == MAX_ROWS {
                let message = format!("the table has more than {MAX_ROWS} rows");
                out.report(Code::TooLarge, table.place_in(&record, 0), message);
                columns.note_unread(out);
                break;
            }
            table.take(&record, columns, out);
            if record.iter().any(|cell| cell.contains('\n')) {
                let end = reader.position().byte() as usize;
                table.take_swallowed(begin(&record) as usize..end, columns, out);
            }
        }
        complete.then_some(table)
    }

    /// Takes a row; of one that is not sound only its name.
    fn take(&mut self, record: &StringRecord, columns: &Columns, out: &mut Collector) {
        let (cells, wide) = (record.len(), self.header.len());
        if let Some(cell) = record.iter().position(|cell| cell.contains('\n')) {
            self.goes_on(record, cell, out);
            self.take_name(record, cell, columns, out);
        } else if cells != wide {
            let message = format!("the row has {cells} cells, the header {wide}");
            let place = self.place_in(record, cells.min(wide) - 1);
            out.report(Code::BadTable, place, message);
            self.take_name(record, cells, columns, out);
        } else if !self.clear {
            self.take_name(record, cells, columns, out);
        } else {
            self.push(record, |_| true);
        }
    }

    fn goes_on(&self, record: &StringRecord, cell: usize, out: &mut Collector) {
        let message = "a cell goes on over a line break; is its closing quote missing?";
        out.report(Code::BadTable, self.place_in(record, cell), message);
    }

    /// Takes the name that a row defines, if it stands in one of its first cells, which are
    /// those to be trusted.
    fn take_name(
        &mut self,
        record: &StringRecord,
        sound: usize,
        columns: &Columns,
        out: &mut Collector,
    ) {
        match self.name_of(record, columns).filter(|at| *at < sound) {
            Some(name) => {
                self.named_only.push(self.rows.len() as u32);
                self.push(record, |at| at == name);
            }
            None => columns.note_unread(out),
        }
    }

    /// The cell in which a row has the name that it defines.
    fn name_of(&self, record: &StringRecord, columns: &Columns) -> Option<usize> {
        let column = columns.names?.column;
        let at = self.header.iter().position(|known| **known == *column)?;
        let written = record.get(at).is_some_and(|cell| !cell.trim().is_empty());
        written.then_some(at)
    }

    /// Adds a row with those of its cells that are `kept`; the others are empty.
    fn push(&mut self, record: &StringRecord, kept: impl Fn(usize) -> bool) {
        self.rows.push(Line {
            begin: begin(record),
            cells: self.ends.len() as u32,
        });
        for at in 0..self.header.len() {
            let cell = record.get(at).filter(|_| kept(at));
            self.cells.push_str(cell.unwrap_or("").trim());
            self.ends.push(self.cells.len() as u32);
        }
    }

    /// Whether all columns are there that a row needs.
    fn check_header(
        &mut self,
        columns: &Columns,
        suggester: &mut Suggester,
        out: &mut Collector,
    ) -> bool {
        for at in 0..self.header.len() {
            let (name, place) = (self.header[at].clone(), self.place(0, at));
            if self.header[..at].contains(&name) {
                let message = format!("the column `{name}` is given twice");
                out.report(Code::DuplicateColumn, place, message);
            } else if !columns.known.contains(&&*name) {
                let near = self.unknown_column(&name, place, columns, suggester, out);
                self.guess(at, near, columns);
            }
        }
        let mut missing = columns.required.to_vec();
        missing.retain(|name| !self.header.iter().any(|known| **known == **name));
        for name in &missing {
            let message = format!("the column `{name}` is missing");
            let draft = Draft::new(Code::MissingColumn, self.place(0, 0), message);
            out.push(draft.help(format!("the columns are {}", columns.list())));
        }
        missing.is_empty()
    }

    /// Reads a column that is not known as the one that was meant. Where none is near, any
    /// column that is missing may be, so that what rows lack is no fault of theirs.
    fn guess(&mut self, at: usize, near: Option<&str>, columns: &Columns) {
        if columns.open {
            return;
        }
        match near.filter(|near| !self.header.iter().any(|known| **known == **near)) {
            Some(near) => self.header[at] = near.into(),
            None => self.clear = false,
        }
    }

    /// Reports a column that is not known; the one that was meant, if one is near.
    fn unknown_column(
        &self,
        name: &str,
        place: Place,
        columns: &Columns,
        suggester: &mut Suggester,
        out: &mut Collector,
    ) -> Option<&'static str> {
        let near = suggester.nearest(name, columns.known.iter().copied());
        if name.is_empty() {
            out.report(Code::UnknownColumn, place, "a column has no name");
        } else if !columns.open {
            let message = format!("{} has no column `{name}`", columns.what);
            let draft = Draft::new(Code::UnknownColumn, place, message);
            let list = format!("the columns are {}", columns.list());
            out.push(draft.help(list).did_you_mean(near));
        } else if let Some(near) = near {
            let message = format!("the column `{name}` is kept as an attribute");
            let draft = Draft::new(Code::OddColumn, place, message);
            out.push(draft.did_you_mean(Some(near)));
        }
        near
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows.len()).map(|at| Row { table: self, at })
    }

    /// The columns' names, in order.
    pub fn header(&self) -> impl Iterator<Item = &str> {
        self.header.iter().map(|name| &**name)
    }

    fn place_in(&self, record: &StringRecord, cell: usize) -> Place {
        self.place(begin(record), cell)
    }

    /// Where a cell of the row at a byte is written, found by going through the row again:
    /// only problems ask.
    fn place(&self, row: u32, cell: usize) -> Place {
        let rest = self.text[row as usize..].trim_start_matches(['\r', '\n']);
        let begin = self.text.len() - rest.len();
        let (start, end) = cell_range(rest.as_bytes(), cell);
        Place {
            file: self.file,
            start: (begin + start) as u32,
            len: (end - start).max(1) as u32,
        }
    }
}

/// A row's first byte in the file, or that of the line breaks before it.
fn begin(record: &StringRecord) -> u32 {
    record.position().map_or(0, csv::Position::byte) as u32
}

/// The bytes of a row's cell, quotes included.
fn cell_range(row: &[u8], cell: usize) -> (usize, usize) {
    let (mut start, mut commas, mut quoted) = (0, 0, false);
    for (at, byte) in row.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted && commas == cell => return (start, at),
            b',' if !quoted => {
                commas += 1;
                start = at + 1;
            }
            b'\r' | b'\n' if !quoted => return (start, at),
            _ => {}
        }
    }
    (start, row.len())
}

impl Columns {
    fn list(&self) -> String {
        self.known.join(",")
    }

    /// Notes that the name of some row could not be read.
    pub fn note_unread(&self, out: &mut Collector) {
        if let Some(names) = self.names {
            out.note_unread_of(names.kind);
        }
    }
}

impl<'a> Row<'a> {
    /// Whether its cells are those that are written; of a row that is not sound, only the
    /// name is.
    pub fn is_whole(self) -> bool {
        let at = self.at as u32;
        self.table.named_only.binary_search(&at).is_err()
    }

    /// The trimmed text of a column's cell; `None` if there is no such column.
    pub fn text(self, column: &str) -> Option<&'a str> {
        Some(self.cell(self.column(column)?))
    }

    /// The position of a column.
    pub fn column(self, name: &str) -> Option<usize> {
        self.table.header.iter().position(|known| **known == *name)
    }

    /// The trimmed text of the cell at a column's position.
    pub fn cell(self, column: usize) -> &'a str {
        let at = self.line().cells as usize + column;
        let start = at
            .checked_sub(1)
            .map_or(0, |before| self.table.ends[before]);
        &self.table.cells[start as usize..self.table.ends[at] as usize]
    }

    /// Where the cell is written.
    pub fn place(self, column: usize) -> Place {
        self.table.place(self.line().begin, column)
    }

    fn line(self) -> Line {
        self.table.rows[self.at]
    }

    /// The columns' names.
    pub fn header(self) -> impl Iterator<Item = &'a str> {
        self.table.header()
    }
}
