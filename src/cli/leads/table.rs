//! Leads as rows of a CSV table, each turned into the JSON that its record would be.

use std::io::BufRead;

use super::super::failure::Failure;
use super::super::output::say;
use super::records::{Found, Records};
use super::{Fault, Line};

/// What is between several values in a cell, as in plans.
const BETWEEN: u8 = b'|';

/// How a cell is written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    List,
    /// A text, or several.
    Attribute,
}

/// A lead's fields by section; columns may leave the section out where that is clear.
const FIELDS: [(&str, &str, Kind); 33] = [
    ("", "id", Kind::Text),
    ("", "tenant", Kind::Text),
    ("", "type", Kind::Text),
    ("", "revision", Kind::Number),
    ("", "created_at", Kind::Text),
    ("", "source", Kind::Text),
    ("", "campaign", Kind::Text),
    ("", "score", Kind::Number),
    ("", "potential", Kind::Number),
    ("", "products", Kind::List),
    ("contact", "name", Kind::Text),
    ("contact", "email", Kind::Text),
    ("contact", "phone", Kind::Text),
    ("contact", "language", Kind::Text),
    ("company", "name", Kind::Text),
    ("company", "domain", Kind::Text),
    ("company", "account", Kind::Text),
    ("company", "industry", Kind::Text),
    ("company", "employees", Kind::Number),
    ("company", "revenue", Kind::Number),
    ("address", "country", Kind::Text),
    ("address", "region", Kind::Text),
    ("address", "city", Kind::Text),
    ("address", "district", Kind::Text),
    ("address", "admin", Kind::Text),
    ("address", "street", Kind::Text),
    ("address", "house_number", Kind::Text),
    ("address", "postal_code", Kind::Text),
    ("address", "lat", Kind::Number),
    ("address", "lon", Kind::Number),
    ("history", "orders", Kind::Number),
    ("history", "last_order_at", Kind::Text),
    ("history", "lifetime_value", Kind::Number),
];

/// What begins a column of attributes, as in conditions and as in records.
const ATTRIBUTES: [&str; 2] = ["attr.", "attributes."];

/// A column and where its cells go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    /// Empty for a field of the lead itself.
    section: &'static str,
    field: String,
    kind: Kind,
    /// Its place in a row.
    at: usize,
}

/// Reads rows.
pub struct Rows {
    records: Records,
    /// Those of one section together.
    columns: Vec<Column>,
    /// How many columns the header has.
    wide: usize,
    json: Vec<u8>,
}

impl Rows {
    /// Reads the header line.
    pub fn new(input: Box<dyn BufRead>) -> Result<Self, Failure> {
        let mut records = Records::new(input);
        if records.read(0)? == Found::Unclosed {
            return Err(Failure::usage(
                "the table's first line has a quote that is not closed on it; close it",
            ));
        }
        let wide = records.len();
        let header: Vec<String> = (0..wide)
            .map(|at| String::from_utf8_lossy(records.cell(at)).into_owned())
            .collect();
        let columns = header.iter().enumerate();
        let columns = columns.map(|(at, name)| column(at, name));
        let mut columns: Vec<Column> = columns.collect();
        if let Some(failure) = repeated(&columns, &header) {
            return Err(failure);
        }
        columns.sort_by_key(|column| column.section);
        if !columns
            .iter()
            .any(|one| one.section.is_empty() && one.field == "id")
        {
            return Err(Failure::usage(
                "the table of leads has no column `id`; its first line must name the columns, separated by commas, as in id,country,postal_code",
            ));
        }
        header.iter().filter_map(|name| unknown(name)).for_each(say);
        Ok(Self {
            records,
            columns,
            wide,
            json: Vec::new(),
        })
    }

    /// The next row as JSON.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, Failure> {
        let fault = match self.records.read(self.wide)? {
            Found::Nothing => return Ok(None),
            Found::Unclosed => Some(self.fault(
                self.records.len() - 1,
                "a cell begins with a quote that is not closed on this line; close it, or write \
                 a quote within a text twice"
                    .to_owned(),
            )),
            Found::Record => self.misfit(),
        };
        let fault = fault.or_else(|| {
            self.write();
            self.not_utf8()
        });
        Ok(Some(Line {
            text: &self.json,
            number: self.records.number,
            bytes: self.records.bytes,
            fault,
        }))
    }

    /// What is wrong with a row that is not as wide as the header. Any of its cells may stand
    /// under the wrong name, so that it is not matched by them.
    fn misfit(&self) -> Option<Fault> {
        let (cells, wide) = (self.records.len(), self.wide);
        let remedy = match cells.cmp(&wide) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Less => "write a comma for each cell that is empty",
            std::cmp::Ordering::Greater => "put cells with commas into double quotes",
        };
        let plural = if cells == 1 { "" } else { "s" };
        let message = format!("the row has {cells} cell{plural}, the header {wide}; {remedy}");
        Some(self.fault(cells, message))
    }

    /// The first cell that is not UTF-8, if the row as written has one.
    fn not_utf8(&self) -> Option<Fault> {
        simdutf8::basic::from_utf8(&self.json).err()?;
        let cell = |column: &&Column| self.records.cell(column.at);
        let mut columns = self.columns.iter();
        let column = columns.find(|column| std::str::from_utf8(cell(column)).is_err())?;
        let field = match column.section {
            "" => column.field.clone(),
            section => format!("{section}.{}", column.field),
        };
        let message = format!("the column `{field}` is not UTF-8; save the table as UTF-8");
        Some(self.fault(self.wide, message))
    }

    /// A fault of the present row, of which the first cells are sound.
    fn fault(&self, sound: usize, message: String) -> Fault {
        let is_id = |one: &&Column| one.section.is_empty() && one.field == "id";
        let id = self.columns.iter().find(is_id).map(|column| column.at);
        let id = id.filter(|at| *at < sound).map(|at| self.records.cell(at));
        let id = id.map(|cell| String::from_utf8_lossy(cell).trim().to_owned());
        Fault {
            lead: id.filter(|id| !id.is_empty()),
            message,
        }
    }

    fn write(&mut self) {
        let json = &mut self.json;
        json.clear();
        json.push(b'{');
        for section in self.columns.chunk_by(|a, b| a.section == b.section) {
            let name = section[0].section;
            let begun = json.len();
            if !name.is_empty() {
                separate(json);
                push_text(json, name.as_bytes());
                json.extend_from_slice(b":{");
            }
            let empty = json.len();
            for column in section {
                let cell = self.records.cell(column.at).trim_ascii();
                if !cell.is_empty() {
                    separate(json);
                    push_text(json, column.field.as_bytes());
                    json.push(b':');
                    push_cell(json, column.kind, cell);
                }
            }
            if name.is_empty() {
                continue;
            }
            match json.len() == empty {
                true => json.truncate(begun),
                false => json.push(b'}'),
            }
        }
        json.push(b'}');
    }
}

/// What to say of a column that is no field of a lead. Only a mapping in the settings would
/// read it, so that a slip of the pen would change where leads go without a word.
fn unknown(name: &str) -> Option<String> {
    let name = plain(name);
    let attribute = ATTRIBUTES.iter().any(|begin| name.starts_with(begin));
    if attribute || known(name).is_some() || name.is_empty() {
        return None;
    }
    let meant = FIELDS.iter().filter_map(|(section, field, _)| {
        let full = match section.is_empty() {
            true => (*field).to_owned(),
            false => format!("{section}.{field}"),
        };
        let folded = name.to_lowercase().replace([' ', '-'], "_");
        let distance = |to: &str| strsim::damerau_levenshtein(&folded, to);
        let nearest = distance(field).min(distance(&full));
        (nearest <= 1 + folded.len() / 5).then_some((nearest, full))
    });
    let hint = meant.min().map_or(String::new(), |(_, field)| {
        format!("; did you mean `{field}`?")
    });
    Some(format!("the column `{name}` is no field of a lead{hint}"))
}

/// The refusal of a table that gives a column twice, under one name or under two: only one
/// of its cells would count.
fn repeated(columns: &[Column], header: &[String]) -> Option<Failure> {
    let mut pairs = columns.iter().enumerate().filter_map(|(at, column)| {
        let same = |one: &&Column| (one.section, &one.field) == (column.section, &column.field);
        let first = columns[..at].iter().find(same)?;
        (!column.field.is_empty()).then_some((first, column))
    });
    let (first, again) = pairs.next()?;
    let [first, again] = [first, again].map(|column| plain(&header[column.at]));
    let under = match first == again {
        true => String::new(),
        false => format!(", as `{first}` too"),
    };
    Some(Failure::usage(format_args!(
        "the table of leads has the column `{again}` twice{under}; keep one of the two"
    )))
}

fn plain(name: &str) -> &str {
    name.trim_start_matches('\u{feff}').trim()
}

/// The field of this name, with its section or, where that is clear, without.
fn known(name: &str) -> Option<&'static (&'static str, &'static str, Kind)> {
    let full = FIELDS
        .iter()
        .find(|(section, field, _)| match section.is_empty() {
            true => name == *field,
            false => {
                name.strip_prefix(section)
                    .and_then(|rest| rest.strip_prefix('.'))
                    == Some(field)
            }
        });
    let mut short = FIELDS.iter().filter(|(_, field, _)| name == *field);
    let only = short.next().filter(|_| short.next().is_none());
    full.or(only)
}

/// A known field, an attribute, or a field of another system that the settings map.
fn column(at: usize, name: &str) -> Column {
    let name = plain(name);
    let attribute = ATTRIBUTES.iter().find_map(|begin| name.strip_prefix(begin));
    let (section, field, kind) = match (attribute, known(name)) {
        (Some(attribute), _) => ("attributes", attribute, Kind::Attribute),
        (None, Some(known)) => *known,
        (None, None) => ("", name, Kind::Text),
    };
    Column {
        section,
        field: field.to_owned(),
        kind,
        at,
    }
}

/// A comma, unless an object or list has just begun.
fn separate(json: &mut Vec<u8>) {
    if !matches!(json.last(), Some(b'{' | b'[')) {
        json.push(b',');
    }
}

fn push_cell(json: &mut Vec<u8>, kind: Kind, cell: &[u8]) {
    let several = cell.contains(&BETWEEN);
    match kind {
        // What is no number stays text: the reader of records then says so.
        Kind::Number if is_number(cell) => json.extend_from_slice(cell),
        Kind::List => push_list(json, cell),
        Kind::Attribute if several => push_list(json, cell),
        Kind::Text | Kind::Number | Kind::Attribute => push_text(json, cell),
    }
}

fn is_number(cell: &[u8]) -> bool {
    serde_json::from_slice::<f64>(cell).is_ok()
}

fn push_list(json: &mut Vec<u8>, cell: &[u8]) {
    json.push(b'[');
    for text in cell.split(|byte| *byte == BETWEEN).map(<[u8]>::trim_ascii) {
        if !text.is_empty() {
            separate(json);
            push_text(json, text);
        }
    }
    json.push(b']');
}

/// Bytes that are not UTF-8 stay what they are: the reader of records then says so.
fn push_text(json: &mut Vec<u8>, text: &[u8]) {
    json.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => json.extend_from_slice(&[b'\\', byte]),
            0..=0x1f => json.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => json.push(byte),
        }
    }
    json.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(table: &str) -> Vec<String> {
        let input: Box<dyn BufRead> = Box::new(std::io::Cursor::new(table.to_owned()));
        let Ok(mut rows) = Rows::new(input) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        while let Ok(Some(line)) = rows.next() {
            all.push(match line.fault {
                None => format!("{} {}", line.number, String::from_utf8_lossy(line.text)),
                Some(fault) => format!("{} {:?} {}", line.number, fault.lead, fault.message),
            });
        }
        all
    }

    #[test]
    fn rows_become_records() {
        let table = "\u{feff}id,country,address.city,company.name,employees,products,attr.tier,Land\n\
            L-1,US,\"Los \"\"Angeles\"\"\",Acme,1200,crm|cloud,gold|new,x\n\
            L-2,,,,about ten,,,\n\
            L-3,CN\n\
            L-4,CN,\"Beijing,,,,,\n\
            L-5,,,,,,,,,\n\
            L-6,US,,,,,,\n";
        let expected = [
            r#"2 {"id":"L-1","products":["crm","cloud"],"Land":"x","address":{"country":"US","city":"Los \"Angeles\""},"attributes":{"tier":["gold","new"]},"company":{"name":"Acme","employees":1200}}"#,
            r#"3 {"id":"L-2","company":{"employees":"about ten"}}"#,
            r#"4 Some("L-3") the row has 2 cells, the header 8; write a comma for each cell that is empty"#,
            r#"5 Some("L-4") a cell begins with a quote that is not closed on this line; close it, or write a quote within a text twice"#,
            r#"6 Some("L-5") the row has 10 cells, the header 8; put cells with commas into double quotes"#,
            r#"7 {"id":"L-6","address":{"country":"US"}}"#,
        ];
        assert_eq!(rows(table), expected);
    }

    #[test]
    fn a_cell_that_is_not_utf8_is_told_by_its_column() {
        let table = b"id,city,attr.tier\nL-1,K\xf6ln,a\nL-2,Bonn,\xff|b\nL-3,Bonn,a\n";
        let mut rows = Rows::new(Box::new(std::io::Cursor::new(table)))
            .ok()
            .unwrap();
        let mut faults = Vec::new();
        while let Ok(Some(line)) = rows.next() {
            faults.push(line.fault.map(|fault| (fault.lead.unwrap(), fault.message)));
        }
        let told = |lead: &str, column: &str| {
            let message = format!("the column `{column}` is not UTF-8; save the table as UTF-8");
            Some((lead.to_owned(), message))
        };
        let expected = [
            told("L-1", "address.city"),
            told("L-2", "attributes.tier"),
            None,
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_table_without_ids_is_refused() {
        assert_eq!(rows("country,city\nUS,Boston\n"), Vec::<String>::new());
    }

    #[test]
    fn a_column_that_is_no_field_is_said_with_the_field_that_was_meant() {
        for (name, said) in [
            (
                "citty",
                Some("the column `citty` is no field of a lead; did you mean `address.city`?"),
            ),
            (
                "Postal Code",
                Some(
                    "the column `Postal Code` is no field of a lead; did you mean `address.postal_code`?",
                ),
            ),
            (
                "name",
                Some("the column `name` is no field of a lead; did you mean `company.name`?"),
            ),
            (
                "Bundesland",
                Some("the column `Bundesland` is no field of a lead"),
            ),
            ("attr.anything", None),
            ("lat", None),
            ("company.name", None),
        ] {
            assert_eq!(unknown(name).as_deref(), said);
        }
    }

    #[test]
    fn names_without_their_section_must_be_clear() {
        for (name, section, field) in [
            ("name", "", "name"),
            ("contact.name", "contact", "name"),
            (" postal_code ", "address", "postal_code"),
            ("attributes.seats", "attributes", "seats"),
            ("source", "", "source"),
        ] {
            let found = column(0, name);
            assert_eq!((found.section, &*found.field), (section, field), "{name}");
        }
    }
}
