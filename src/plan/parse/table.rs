//! A CSV file as rows of cells, each with its place.

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
    /// Whether further columns are kept, as attributes.
    pub open: bool,
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
    /// The cells of all rows without their quotes, one after another, so that a row costs
    /// no allocation of its own.
    cells: String,
    /// Where in `cells` each cell ends.
    ends: Vec<u32>,
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
            cells: String::new(),
            ends: Vec::new(),
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
        if !found || !table.check_header(columns, suggester, out) {
            out.note_unread();
            return None;
        }
        while reader.read_record(&mut record).unwrap_or(false) {
            if table.rows.len() == MAX_ROWS {
                let message = format!("the table has more than {MAX_ROWS} rows");
                out.report(Code::TooLarge, table.place_in(&record, 0), message);
                break;
            }
            table.take(&record, out);
        }
        Some(table)
    }

    /// Takes a row if it is sound.
    fn take(&mut self, record: &StringRecord, out: &mut Collector) {
        let (cells, wide) = (record.len(), self.header.len());
        if let Some(cell) = record.iter().position(|cell| cell.contains('\n')) {
            let message = "a cell goes on over a line break; is its closing quote missing?";
            out.report(Code::BadTable, self.place_in(record, cell), message);
            out.note_unread();
        } else if cells != wide {
            let message = format!("the row has {cells} cells, the header {wide}");
            let place = self.place_in(record, cells.min(wide) - 1);
            out.report(Code::BadTable, place, message);
            out.note_unread();
        } else {
            self.rows.push(Line {
                begin: begin(record),
                cells: self.ends.len() as u32,
            });
            for cell in record {
                self.cells.push_str(cell.trim());
                self.ends.push(self.cells.len() as u32);
            }
        }
    }

    fn check_header(
        &self,
        columns: &Columns,
        suggester: &mut Suggester,
        out: &mut Collector,
    ) -> bool {
        let before = out.errors();
        for (at, name) in self.header.iter().enumerate() {
            let place = self.place(0, at);
            if self.header[..at].contains(name) {
                let message = format!("the column `{name}` is given twice");
                out.report(Code::DuplicateColumn, place, message);
            } else if !columns.known.contains(&&**name) {
                self.unknown_column(name, place, columns, suggester, out);
            }
        }
        for name in columns.required {
            if !self.header.iter().any(|known| **known == **name) {
                let message = format!("the column `{name}` is missing");
                let draft = Draft::new(Code::MissingColumn, self.place(0, 0), message);
                out.push(draft.help(format!("the columns are {}", columns.list())));
            }
        }
        out.errors() == before
    }

    fn unknown_column(
        &self,
        name: &str,
        place: Place,
        columns: &Columns,
        suggester: &mut Suggester,
        out: &mut Collector,
    ) {
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
}

impl<'a> Row<'a> {
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
