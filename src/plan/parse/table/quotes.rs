//! Rows that a cell without a closing quote has swallowed.

use std::ops::Range;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use crate::plan::problem::Collector;

use super::super::quotes::Quotes;
use super::{Columns, Table};

impl Table {
    /// Takes the rows among the lines that a cell goes on over: those that have a name. If its
    /// quote is closed somewhere, they must be as wide as the header as well, as others may be
    /// what the cell is meant to say.
    pub(super) fn take_swallowed(
        &mut self,
        range: Range<usize>,
        columns: &Columns,
        out: &mut Collector,
    ) {
        let text = Arc::clone(&self.text);
        let block = &text[range.clone()];
        let never_closed = block.matches('"').count() % 2 == 1;
        let mut end = range.start;
        let lines = block.split_inclusive('\n').map(|line| {
            end += line.len();
            (end - line.len(), line.trim_end_matches(['\r', '\n']))
        });
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
        // The line on which the cell begins has been taken.
        lines.next();
        for (start, line) in lines {
            let record = alone(line, start);
            // A quote in the middle of a cell is the end of what began before.
            if Quotes::begin().after(line.as_bytes()).open {
                let cell = record.len() - 1;
                self.goes_on(&record, cell, out);
                self.take_name(&record, cell, columns, out);
            } else if self.is_named(&record, columns)
                && (never_closed || record.len() == self.header.len())
            {
                self.take(&record, columns, out);
            }
        }
    }

    fn is_named(&self, record: &StringRecord, columns: &Columns) -> bool {
        columns.names.is_none() || self.name_of(record, columns).is_some()
    }
}

/// A line read as a row, at its place in the file.
fn alone(line: &str, start: usize) -> StringRecord {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(line.len().max(1))
        .from_reader(line.as_bytes());
    let mut record = StringRecord::new();
    // Reading from memory, and text that is UTF-8 already, cannot fail.
    let _read = reader.read_record(&mut record);
    let mut position = csv::Position::new();
    position.set_byte(start as u64);
    record.set_position(Some(position));
    record
}
