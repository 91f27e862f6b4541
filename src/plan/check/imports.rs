//! The files a plan's YAML names: tables of reps, accounts, places and holidays, and maps.

use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::FxHashMap;

use crate::plan::parse::{Columns, Files, Node, Table, Text, Value};
use crate::plan::problem::{Code, Draft, FileIx, Place};

use super::keys::{ACCOUNTS, GAZETTEER, HOLIDAYS, REPS};
use super::reader::Reader;
use super::sections::{Document, Sections};

/// All imported files of a plan.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    pub reps: Vec<Table>,
    pub accounts: Vec<Table>,
    pub gazetteer: Vec<Table>,
    pub areas: Vec<Text>,
    /// By the place that names the table; calendars may share one.
    pub holidays: FxHashMap<Place, Table>,
}

/// Reads what is named, each file at most once a list.
struct Importer<'f, 'r> {
    files: &'f mut Files,
    folders: BTreeMap<FileIx, &'f Path>,
    reader: &'r mut Reader,
}

impl Imports {
    /// Reads every file that the sections name.
    pub fn read(
        sections: &Sections<'_>,
        documents: &[Document],
        files: &mut Files,
        reader: &mut Reader,
    ) -> Self {
        let folder = |one: &'_ Document| (one.text.file, one.text.folder.clone());
        let owned: Vec<_> = documents.iter().map(folder).collect();
        let folders = owned.iter().map(|(file, path)| (*file, path.as_path()));
        let mut importer = Importer {
            files,
            folders: folders.collect(),
            reader,
        };
        let paths = |nodes: &[Node<'_>]| -> Vec<(String, Place)> {
            let values = nodes.iter().filter_map(|&node| Value::of_node(node));
            values
                .map(|value| (value.text.into(), value.place()))
                .collect()
        };
        let named = |values: &[Value<'_>]| -> Vec<(String, Place)> {
            let values = values.iter();
            values
                .map(|value| (value.text.into(), value.place()))
                .collect()
        };
        Self {
            reps: importer.tables(&paths(&sections.reps), &REPS),
            accounts: importer.tables(&paths(&sections.accounts), &ACCOUNTS),
            gazetteer: importer.tables(&named(&sections.gazetteer), &GAZETTEER),
            areas: importer.texts(&named(&sections.areas), Some("area")),
            holidays: importer.holidays(sections),
        }
    }
}

impl Importer<'_, '_> {
    fn tables(&mut self, paths: &[(String, Place)], columns: &Columns) -> Vec<Table> {
        let kind = columns.names.map(|names| names.kind);
        let texts = self.texts(paths, kind);
        let tables = texts.iter().map(|text| self.table(text, columns));
        tables.flatten().collect()
    }

    fn table(&mut self, text: &Text, columns: &Columns) -> Option<Table> {
        let Reader { suggester, out } = self.reader;
        Table::read(text, columns, suggester, out)
    }

    /// The named files' texts; one that is named again adds nothing but a problem.
    /// `kind` is what the files define.
    fn texts(&mut self, paths: &[(String, Place)], kind: Option<&'static str>) -> Vec<Text> {
        let mut texts = Vec::new();
        let mut first: BTreeMap<FileIx, Place> = BTreeMap::new();
        for (path, place) in paths {
            let Some(text) = self.text(path, *place) else {
                if let Some(kind) = kind {
                    self.reader.out.note_unread_of(kind);
                }
                continue;
            };
            if let Some(first) = first.get(&text.file) {
                let message = format!("`{path}` is imported twice");
                let draft = Draft::new(Code::DuplicateId, *place, message);
                let out = &mut self.reader.out;
                out.push(draft.related(*first, "first imported here"));
            } else {
                first.insert(text.file, *place);
                texts.push(text);
            }
        }
        texts
    }

    fn text(&mut self, path: &str, place: Place) -> Option<Text> {
        let folder = self.folders.get(&place.file).copied();
        let folder = folder.unwrap_or(Path::new(""));
        let out = &mut self.reader.out;
        self.files.import(folder, path, place, out)
    }

    fn holidays(&mut self, sections: &Sections<'_>) -> FxHashMap<Place, Table> {
        let mut tables = FxHashMap::default();
        for (_, calendar) in &sections.calendars {
            let named = calendar.get("holidays").map(Node::items);
            for value in named.into_iter().flatten().filter_map(Value::of_node) {
                let text = self.text(value.text, value.place());
                let table = text.and_then(|text| self.table(&text, &HOLIDAYS));
                tables.extend(table.map(|table| (value.place(), table)));
            }
        }
        tables
    }
}
