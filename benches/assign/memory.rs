//! What leads weigh, by the resident memory of this process.

use std::time::Instant;

use bailiwick::assign::{Book, Effects, Input, State};
use bailiwick::event::{Activity, ActivityKind, CloseResult, Lead, Source, Text, Timestamp};
use bailiwick::plan::{Candidates, Facts, Plan, TerritoryIx, load_str};

use super::plan::LEADS_AT;

/// Records between two commits.
const BATCH: usize = 5_000;

const PLAN: &str = "
version: 1
tenant: acme
reps: [{id: li}, {id: wang}, {id: zhang}]
teams: [{id: east, members: [li, wang, zhang], sla: {accept: 30m, touch: 4h}}]
policy: {dedupe: {within: 90d}}
territories: [{id: east, where: {source: east}, team: east}]
";

/// A plan in which every lead lies in the first territory.
struct Only(Plan);

impl Book for Only {
    fn plan(&self) -> &Plan {
        &self.0
    }

    fn read<'l>(&'l self, _: &'l Lead<'l>, _: Timestamp) -> (Facts<'l>, Candidates) {
        (Facts::default(), first())
    }
}

fn first() -> Candidates {
    Candidates {
        territory: Some(TerritoryIx(0)),
        ..Candidates::default()
    }
}

/// Resident bytes of this process, 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// What a lead of the measurement has beside its id.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Closed; nothing known of the person.
    Closed,
    /// Closed; the person is known by an e-mail address.
    ClosedWithPerson,
    /// Open, with two deadlines and nothing else.
    OpenWithTimers,
}

const KINDS: [(&str, Kind); 3] = [
    ("remembered", Kind::Closed),
    ("remembered with its person", Kind::ClosedWithPerson),
    ("open with its timers", Kind::OpenWithTimers),
];

/// Fills one state of each kind, each in a process of its own, so that none takes over what
/// another gave back.
pub fn measure(leads: Option<usize>) {
    let leads = leads.unwrap_or(10_000_000);
    let program = std::env::current_exe().expect("a running program has a path");
    for (name, _) in KINDS {
        let child = std::process::Command::new(&program)
            .args(["fill", name, &leads.to_string()])
            .status();
        if let Err(error) = child {
            println!("{name}: not measured, {error}");
        }
    }
}

/// The child's part: the kind's name and the number of leads.
pub fn fill(arguments: &[String]) {
    let name = arguments.first().map_or("", String::as_str);
    let leads = arguments.get(1).and_then(|text| text.parse().ok());
    let kind = KINDS.iter().find(|(other, _)| *other == name);
    if let (Some((name, kind)), Some(leads)) = (kind, leads) {
        fill_state(name, *kind, leads);
    }
}

fn fill_state(name: &str, kind: Kind, leads: usize) {
    let loaded = load_str(PLAN);
    let problems = loaded.problems.render_text(false);
    let book = Only(loaded.plan.unwrap_or_else(|| panic!("{problems}")));
    let (before, began) = (resident(), Instant::now());
    let mut state = State::new();
    let mut effects = Effects::default();
    for number in 0..leads {
        bring(&mut state, &book, &mut effects, kind, number);
        if number % BATCH == BATCH - 1 {
            effects.clear();
            state.changes(|_, _| ());
            state.commit();
        }
    }
    state.commit();
    let bytes = resident().saturating_sub(before);
    println!(
        "{name:<28} {leads} leads: {:4} bytes each, {:.2} GB in all, filled in {:.0} s; {:?}",
        bytes / leads,
        bytes as f64 / 1e9,
        began.elapsed().as_secs_f64(),
        state.counts()
    );
}

fn bring(state: &mut State, book: &Only, effects: &mut Effects, kind: Kind, number: usize) {
    let id = format!("L-{number:08}");
    let lead = Lead {
        id: id.as_str().into(),
        tenant: "acme".into(),
        revision: 1,
        ..Lead::default()
    };
    let mut facts = Facts::default();
    if kind == Kind::ClosedWithPerson {
        facts.email = Some(Text::Owned(format!("p{number}@example.com")));
    }
    let source = Source {
        topic: "leads".into(),
        partition: 0,
        offset: number as i64,
    };
    let candidates = first();
    let input = Input::Lead {
        lead: &lead,
        facts: &facts,
        candidates: &candidates,
        source: &source,
        lead_at: LEADS_AT,
    };
    state.apply(LEADS_AT, book, input, effects);
    if kind != Kind::OpenWithTimers {
        // Without an id of its own, so that remembered events do not weigh in.
        let activity = Activity {
            id: Text::default(),
            tenant: "acme".into(),
            at: None,
            kind: ActivityKind::Closed {
                lead: id.as_str().into(),
                result: CloseResult::Won,
                value: None,
            },
        };
        let input = Input::Activity {
            activity: &activity,
            source: &source,
            raw: b"",
        };
        state.apply(LEADS_AT, book, input, effects);
    }
}
