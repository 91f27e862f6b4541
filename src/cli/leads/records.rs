//! One record of a CSV file at a time, read by lines, so that a quote which is never closed
//! takes no other record with it.

use std::collections::VecDeque;
use std::io::BufRead;

use csv_core::ReadRecordResult;

use crate::plan::Quotes;

use super::super::failure::Failure;

/// Longest record that goes on over several lines. A quote that is not closed within it is
/// closed nowhere; the file is not read into memory to find out.
const MAX_BYTES: usize = 1 << 20;

/// Reads records.
pub struct Records {
    input: Box<dyn BufRead>,
    /// Lines that were read and belong to no record yet.
    ahead: VecDeque<Vec<u8>>,
    core: csv_core::Reader,
    /// The cells of the present record, one after another, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
    /// Lines read for all records so far.
    lines: u64,
    /// Bytes read for them.
    pub bytes: u64,
    /// The line on which the present record begins, from 1.
    pub number: u64,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Record,
    /// One line of a record whose last cell has a quote that is not closed.
    Unclosed,
    Nothing,
}

impl Records {
    pub fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            input,
            ahead: VecDeque::new(),
            core: csv_core::Reader::new(),
            cells: Vec::new(),
            ends: Vec::new(),
            lines: 0,
            bytes: 0,
            number: 0,
        }
    }

    /// Reads the next record. A cell may go on over lines if the record then has `wide`
    /// cells; otherwise its quote is taken for one that should have been closed, and what
    /// follows for records of their own.
    pub fn read(&mut self, wide: usize) -> Result<Found, Failure> {
        let mut line = self.line()?;
        while !line.is_empty() && line.trim_ascii().is_empty() {
            line = self.line()?;
        }
        if line.is_empty() {
            return Ok(Found::Nothing);
        }
        self.number = self.lines;
        let mut quotes = Quotes::begin().after(&line);
        if !quotes.open {
            self.split(&line);
            return Ok(Found::Record);
        }
        let first = line.len();
        let mut more = Vec::new();
        while quotes.open && line.len() < MAX_BYTES {
            let next = self.line()?;
            if next.is_empty() {
                break;
            }
            quotes = quotes.after(&next);
            line.extend_from_slice(&next);
            more.push(next);
        }
        self.split(&line);
        if !quotes.open && !quotes.odd && self.ends.len() == wide {
            return Ok(Found::Record);
        }
        self.give_back(more);
        self.split(&line[..first]);
        Ok(Found::Unclosed)
    }

    /// How many cells the present record has.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell of the present record, empty if it has none there.
    pub fn cell(&self, at: usize) -> &[u8] {
        let Some(end) = self.ends.get(at) else {
            return &[];
        };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.cells[start..*end]
    }

    /// A line with its end; empty behind the last.
    fn line(&mut self) -> Result<Vec<u8>, Failure> {
        let line = match self.ahead.pop_front() {
            Some(line) => line,
            None => {
                let mut line = Vec::new();
                let read = self.input.read_until(b'\n', &mut line);
                read.map_err(|why| Failure::usage(format_args!("cannot read leads: {why}")))?;
                line
            }
        };
        self.lines += u64::from(!line.is_empty());
        self.bytes += line.len() as u64;
        Ok(line)
    }

    fn give_back(&mut self, lines: Vec<Vec<u8>>) {
        for line in lines.into_iter().rev() {
            self.lines -= 1;
            self.bytes -= line.len() as u64;
            self.ahead.push_front(line);
        }
    }

    /// Splits a record into its cells. What follows it on lines that end as old Macs end them
    /// is the next record.
    fn split(&mut self, record: &[u8]) {
        self.core.reset();
        // Neither are there more bytes in cells than in a record, nor more cells.
        self.cells.resize(record.len() + 1, 0);
        self.ends.resize(record.len() + 1, 0);
        let (mut read, mut cells) = (0, (0, 0));
        loop {
            let (result, taken, written, ended) = self.core.read_record(
                &record[read..],
                &mut self.cells[cells.0..],
                &mut self.ends[cells.1..],
            );
            read += taken;
            cells = (cells.0 + written, cells.1 + ended);
            // An empty rest tells the reader that the record ends here.
            if result != ReadRecordResult::InputEmpty {
                break;
            }
        }
        self.ends.truncate(cells.1);
        let rest = &record[read..];
        if !rest.trim_ascii().is_empty() {
            self.bytes -= rest.len() as u64;
            self.ahead.push_front(rest.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a table of two columns: line, cells, and whether a quote is open.
    fn read(text: &str) -> Vec<String> {
        let mut records = Records::new(Box::new(std::io::Cursor::new(text.to_owned())));
        let mut all = Vec::new();
        loop {
            let mark = match records.read(2).unwrap_or(Found::Nothing) {
                Found::Record => "",
                Found::Unclosed => " open",
                Found::Nothing => return all,
            };
            let cells = (0..records.len()).map(|at| String::from_utf8_lossy(records.cell(at)));
            let cells: Vec<_> = cells.collect();
            all.push(format!("{} {}{mark}", records.number, cells.join("|")));
        }
    }

    #[test]
    fn no_record_is_lost_behind_a_quote() {
        for (text, expected) in [
            ("a,b\n\nc,d", &["1 a|b", "3 c|d"][..]),
            (
                "a,\"b,c\"\r\nd,\"e \"\"f\"\"\"\r\n",
                &["1 a|b,c", "2 d|e \"f\""],
            ),
            ("a,\"b\nc\"\nd,e\n", &["1 a|b\nc", "3 d|e"]),
            ("a,\"b\nc,d\ne,f\n", &["1 a|b\n open", "2 c|d", "3 e|f"]),
            (
                "a,\"b\nc,\"d\ne,f\n",
                &["1 a|b\n open", "2 c|d\n open", "3 e|f"],
            ),
            ("a,\"b\nc\",d,e\n", &["1 a|b\n open", "2 c\"|d|e"]),
            ("\"a\nb\n", &["1 a\n open", "2 b"]),
            ("a,b\rc,d\re", &["1 a|b", "2 c|d", "3 e"]),
            ("a 5\" nail,b\n", &["1 a 5\" nail|b"]),
            ("", &[]),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
