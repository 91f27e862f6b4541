//! From files as read to a [`Plan`], or to everything that is wrong with them.

mod account;
mod areas;
mod bands;
mod border;
mod calendar;
mod cases;
mod codes;
mod condition;
mod imports;
pub(crate) mod keys;
mod meaning;
mod names;
mod place;
mod policy;
mod pool;
mod reader;
mod rep;
mod repeats;
mod sections;
mod target;
mod team;
mod territory;
mod warnings;

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use rustc_hash::FxHashSet;

use crate::event::DEFAULT_TENANT;

use super::canonical;
use super::gazetteer::{self, Gazetteer, GazetteerBuilder, RowError};
use super::model::{Plan, Precedence, Rep, Team};
use super::parse::{Columns, Feature, Kind, Node, Record, Row, Table, Value};
use super::problem::{Code, Collector, Draft, Place};

pub use cases::case_problems;
pub(crate) use imports::Imports;
pub(crate) use reader::Reader;
pub(crate) use sections::{Document, Sections};

use bands::Bands;
use names::{Index, Placed, each, nameless};
use rep::Membership;
use repeats::Repeats;
use territory::Found;

/// What the readers of all parts share: the names defined anywhere in the plan, and the
/// places its conditions speak of.
struct Checker<'a> {
    reader: Reader,
    teams: Index<'a>,
    pools: Index<'a>,
    reps: Index<'a>,
    calendars: Index<'a>,
    accounts: Index<'a>,
    areas: Index<'a>,
    territories: Index<'a>,
    bands: Bands<'a>,
    gazetteer: GazetteerBuilder,
    /// Whether the plan has a gazetteer that could know a code.
    has_gazetteer: bool,
    /// Codes that conditions name and the gazetteer lacks.
    unknown_codes: FxHashSet<Box<str>>,
    zone: TimeZone,
    repeats: Repeats<'a>,
}

/// What the names of a plan stand for, in the order of the plan's lists.
struct Things<'a> {
    teams: Vec<Placed<Node<'a>>>,
    pools: Vec<Placed<Node<'a>>>,
    reps: Vec<Placed<Record<'a>>>,
    calendars: Vec<Placed<Node<'a>>>,
    accounts: Vec<Placed<Record<'a>>>,
    areas: Vec<Placed<&'a Feature>>,
    territories: Vec<Placed<Found<'a>>>,
}

/// The plan that sections and imports make, if there is no error, and all that was found.
pub(crate) fn check<'a>(
    sections: &Sections<'a>,
    imports: &'a Imports,
    maps: &'a [Feature],
    mut reader: Reader,
) -> Checked {
    let zone = sections.timezone.and_then(|zone| reader.zone(zone));
    let zone = zone.unwrap_or(TimeZone::UTC);
    let (mut checker, things) = Checker::new(sections, imports, maps, zone, reader);
    let rows = checker.gazetteer_rows(imports);
    let plan = checker.plan(sections, imports, &things, rows);
    let places = |index: &Index<'_>| (0..index.len()).map(|at| index.place(at)).collect();
    let (territories, areas) = (places(&checker.territories), places(&checker.areas));
    let out = checker.reader.out;
    let sound = out.errors() == 0;
    Checked {
        plan: sound.then_some(plan),
        territories,
        areas,
        out,
    }
}

/// What came of checking.
pub(crate) struct Checked {
    /// The plan, if there is no error.
    pub plan: Option<Plan>,
    /// Where each of the plan's territories has its id.
    pub territories: Vec<Place>,
    /// Where each of the plan's areas is drawn.
    pub areas: Vec<Place>,
    pub out: Collector,
}

impl<'a> Checker<'a> {
    /// Finds out what is defined anywhere, so that whatever is read next may refer to it.
    fn new(
        sections: &Sections<'a>,
        imports: &'a Imports,
        maps: &'a [Feature],
        zone: TimeZone,
        mut reader: Reader,
    ) -> (Self, Things<'a>) {
        let r = &mut reader;
        let teams = with_ids("team", &sections.teams, r);
        let (teams, team_nodes) = Index::gather_sorted("team", teams, r);
        let pools = with_ids("pool", &sections.pools, r);
        let (pools, pool_nodes) = Index::gather_sorted("pool", pools, r);
        let reps = records(&sections.reps, &imports.reps, &keys::REPS, r);
        let (reps, rep_records) = Index::gather_sorted("rep", reps, r);
        let calendars = named("calendar", &sections.calendars, r);
        let (calendars, calendar_nodes) = Index::gather_sorted("calendar", calendars, r);
        let accounts = records(&sections.accounts, &imports.accounts, &keys::ACCOUNTS, r);
        let (accounts, account_records) = Index::gather_sorted("account", accounts, r);
        let (areas, features) = Index::gather_sorted("area", areas::named(maps, r), r);
        let found = territory::find(&sections.territories, r);
        let (territories, found) = Index::gather("territory", found, r);
        let (bands, band_nodes) = Index::gather("band", named("band", &sections.bands, r), r);
        let band_nodes = each(&band_nodes, |_, node| node);
        let things = Things {
            teams: team_nodes,
            pools: pool_nodes,
            reps: rep_records,
            calendars: calendar_nodes,
            accounts: account_records,
            areas: features,
            territories: found,
        };
        let checker = Self {
            reader,
            teams,
            pools,
            reps,
            calendars,
            accounts,
            areas,
            territories,
            bands: Bands::new(bands, band_nodes),
            gazetteer: GazetteerBuilder::new(),
            has_gazetteer: !imports.gazetteer.is_empty(),
            unknown_codes: FxHashSet::default(),
            zone,
            repeats: Repeats::default(),
        };
        (checker, things)
    }

    /// Reads everything. If there is an error, what comes back is only of use for the next
    /// checks and is then dropped.
    fn plan(
        &mut self,
        sections: &Sections<'a>,
        imports: &'a Imports,
        things: &Things<'a>,
        rows: canonical::Rows,
    ) -> Plan {
        let calendars = each(&things.calendars, |at, node| {
            self.calendar(at, node, imports)
        });
        let reps = each(&things.reps, |at, record| self.rep(at, record));
        let (mut reps, memberships): (Vec<_>, Vec<_>) = reps.into_iter().unzip();
        let teams = self.all_teams(&things.teams, &reps, &memberships);
        rep::align_attributes(&mut reps, &teams);
        let pools = each(&things.pools, |at, node| self.pool(at, node));
        let accounts = each(&things.accounts, |at, record| self.account(at, record));
        let areas = self.all_areas(&things.areas);
        self.check_bands();
        let territories = self.territories(&things.territories);
        let tenant = sections.tenant.and_then(|tenant| self.tenant(tenant));
        let mut plan = Plan {
            tenant: tenant.unwrap_or(DEFAULT_TENANT.into()),
            version: "".into(),
            timezone: self.zone.clone(),
            precedence: self.precedence(sections),
            fallback: sections.fallback.and_then(|node| self.target(node)),
            gazetteer: self.finished_gazetteer(),
            areas,
            reps,
            accounts,
            calendars,
            teams,
            pools,
            policy: self.policy(&sections.policy),
            territories,
        };
        // A refused plan's references may lead nowhere, so nothing follows them.
        if self.reader.out.errors() == 0 {
            self.warn(&plan, &things.teams);
            plan.version = canonical::version(&plan, rows);
        }
        plan
    }

    fn all_teams(
        &mut self,
        nodes: &[Placed<Node<'a>>],
        reps: &[Rep],
        own: &[Membership],
    ) -> Vec<Team> {
        let attributes = reps.iter().flat_map(|rep| rep.attributes.keys().cloned());
        let attributes: BTreeSet<Box<str>> = attributes.collect();
        let attributes: Vec<Box<str>> = attributes.into_iter().collect();
        each(nodes, |at, node| self.team(at, node, own, &attributes))
    }

    fn tenant(&mut self, value: Value<'a>) -> Option<Box<str>> {
        let id = self.reader.id(value)?;
        if id.text.contains('/') {
            let message = format!("`{}` cannot be a tenant", id.text);
            let help = "a tenant's name has no `/`, which ends it in record keys";
            self.reader.bad(id.place(), message, help);
        }
        Some(id.text.into())
    }

    fn precedence(&mut self, sections: &Sections<'a>) -> Precedence {
        let words = [
            ("specific", Precedence::Specific),
            ("listed", Precedence::Listed),
        ];
        let value = sections.precedence;
        let found = value.and_then(|value| self.reader.choice(value, &words));
        found.unwrap_or_default()
    }

    /// Feeds the gazetteer's tables to its builder; their rows also belong to the plan's
    /// version.
    fn gazetteer_rows(&mut self, imports: &'a Imports) -> canonical::Rows {
        let mut rows = canonical::Rows::default();
        let mut places = Vec::new();
        for row in imports.gazetteer.iter().flat_map(Table::rows) {
            let cell = |column| row.text(column).unwrap_or("");
            let cells = gazetteer::Row {
                code: cell("code"),
                name: cell("name"),
                aliases: cell("aliases"),
                parent: cell("parent"),
                lat: cell("lat"),
                lon: cell("lon"),
                postal: cell("postal"),
            };
            rows.add(&cells);
            places.push(row);
            for error in self.gazetteer.add_row(cells).err().unwrap_or_default() {
                if error != RowError::NoName || row.is_whole() {
                    self.bad_row(row, &error);
                }
            }
        }
        let complete = self.reader.out.names_are_complete("code");
        for (at, error) in self.gazetteer.problems() {
            let judged = complete || !matches!(error, RowError::UnknownParent(_));
            if let Some(row) = places.get(at).filter(|_| judged) {
                self.bad_row(*row, &error);
            }
        }
        rows
    }

    fn bad_row(&mut self, row: Row<'a>, error: &RowError) {
        let column = row.column(error.column()).unwrap_or(0);
        // A code that is not there is looked for as it is written, not as it is meant.
        let said = match error {
            RowError::UnknownParent(_) => RowError::UnknownParent(row.cell(column).into()),
            other => other.clone(),
        };
        let said = said.to_string();
        let (message, help) = said.split_once("; ").unwrap_or((&said, ""));
        let draft = Draft::new(Code::BadValue, row.place(column), message);
        self.reader.out.push(match help {
            "" => draft,
            help => draft.help(help),
        });
    }

    fn finished_gazetteer(&mut self) -> Gazetteer {
        std::mem::replace(&mut self.gazetteer, GazetteerBuilder::new()).build()
    }
}

/// Mappings with their ids. That one is missing is for the reader of the mapping to say.
fn with_ids<'a>(
    kind: &'static str,
    nodes: &[Node<'a>],
    reader: &mut Reader,
) -> Vec<(Value<'a>, Node<'a>)> {
    let named = nodes.iter().map(|&node| (reader.id_of(kind, node), node));
    named.collect()
}

/// Named things whose names may be ids.
fn named<'a>(
    kind: &'static str,
    things: &[(Value<'a>, Node<'a>)],
    reader: &mut Reader,
) -> Vec<(Value<'a>, Node<'a>)> {
    let mut found = Vec::with_capacity(things.len());
    for &(name, node) in things {
        let id = reader.id(name);
        if id.is_none() {
            reader.out.note_unread_of(kind);
        }
        found.push((id.unwrap_or(nameless(name.place())), node));
    }
    found
}

/// Inline mappings and rows of tables with their ids; those without are problems.
fn records<'a>(
    nodes: &[Node<'a>],
    tables: &'a [Table],
    columns: &Columns,
    reader: &mut Reader,
) -> Vec<(Value<'a>, Record<'a>)> {
    let inline = nodes.iter().filter(|node| node.kind() != Kind::Text);
    let inline = inline.map(|node| Record::Inline(*node));
    let rows = tables.iter().flat_map(Table::rows).map(Record::Row);
    let mut found = Vec::new();
    for record in inline.chain(rows) {
        let written = record.value("id");
        if written.is_none() && record.may_lack("id") {
            let message = format!("{} needs an `id`", columns.what);
            reader.report(Code::MissingKey, record.place(), message);
        }
        let id = written.and_then(|id| reader.id(id));
        if id.is_none() {
            columns.note_unread(&mut reader.out);
        }
        found.push((id.unwrap_or(nameless(record.place())), record));
    }
    found
}
