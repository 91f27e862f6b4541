//! Leads given on the command line, one JSON object a line or one row of a table.

mod records;
mod table;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use super::failure::Failure;

use table::Rows;

/// Few reads of a large file.
const BUFFER_BYTES: usize = 1 << 20;

/// Opens a file, or standard input for `-`, with its length where it has one.
pub fn open(path: &Path) -> Result<(Box<dyn BufRead>, Option<u64>), Failure> {
    if path == Path::new("-") {
        let reader = BufReader::with_capacity(BUFFER_BYTES, io::stdin());
        return Ok((Box::new(reader), None));
    }
    let file = File::open(path)
        .map_err(|why| Failure::usage(format_args!("cannot read {}: {why}", path.display())))?;
    let length = file
        .metadata()
        .ok()
        .filter(|meta| meta.is_file())
        .map(|meta| meta.len());
    Ok((
        Box::new(BufReader::with_capacity(BUFFER_BYTES, file)),
        length,
    ))
}

/// How leads are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Written {
    Ndjson,
    /// With a header line: id,country,postal_code,attr.<name>, ...; several values with | between
    Csv,
}

impl Written {
    /// What a file's name says.
    pub fn of(path: &Path) -> Self {
        let csv = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("csv"));
        if csv { Self::Csv } else { Self::Ndjson }
    }
}

/// Leads as they come.
pub enum Leads {
    Lines(Lines),
    Rows(Box<Rows>),
}

impl Leads {
    pub fn new(input: Box<dyn BufRead>, written: Written) -> Result<Self, Failure> {
        Ok(match written {
            Written::Ndjson => Self::Lines(Lines::new(input)),
            Written::Csv => Self::Rows(Box::new(Rows::new(input)?)),
        })
    }

    /// The next lead's text.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, Failure> {
        match self {
            Self::Lines(lines) => lines.next(),
            Self::Rows(rows) => rows.next(),
        }
    }
}

/// Reads lines, counting them.
pub struct Lines {
    reader: Box<dyn BufRead>,
    text: Vec<u8>,
    number: u64,
    bytes: u64,
}

/// One line without its end.
pub struct Line<'l> {
    pub text: &'l [u8],
    /// From 1.
    pub number: u64,
    /// Bytes of input up to its end.
    pub bytes: u64,
    /// Why it is no row of its table; it has no text then.
    pub fault: Option<Fault>,
}

/// What is wrong with a row of a table.
pub struct Fault {
    /// The lead's id, where that can be read.
    pub lead: Option<String>,
    pub message: String,
}

impl Lines {
    pub fn new(reader: Box<dyn BufRead>) -> Self {
        Self {
            reader,
            text: Vec::new(),
            number: 0,
            bytes: 0,
        }
    }

    /// The next line that is not blank.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, Failure> {
        while self.advance()? {
            if !self.text.trim_ascii().is_empty() {
                let (number, bytes) = (self.number, self.bytes);
                let text = self.text.trim_ascii();
                return Ok(Some(Line {
                    text,
                    number,
                    bytes,
                    fault: None,
                }));
            }
        }
        Ok(None)
    }

    fn advance(&mut self) -> Result<bool, Failure> {
        self.text.clear();
        let read = self.reader.read_until(b'\n', &mut self.text);
        let read = read.map_err(|why| Failure::usage(format_args!("cannot read leads: {why}")))?;
        self.number += 1;
        self.bytes += read as u64;
        Ok(read > 0)
    }
}

/// A single lead is never larger; what is larger is another file.
const LARGEST_LEAD: u64 = 64 << 20;

/// Reads one lead's text.
pub fn read_whole(input: Box<dyn BufRead>) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let read = input.take(LARGEST_LEAD).read_to_end(&mut text);
    read.map_err(|why| Failure::usage(format_args!("cannot read the lead: {why}")))?;
    Ok(text)
}
