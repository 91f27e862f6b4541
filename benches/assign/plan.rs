//! The plan and the leads of the measurement.

use std::fmt::Write as _;

use bailiwick::assign::{Book, Input};
use bailiwick::event::{Lead, Source, Text, Timestamp};
use bailiwick::plan::{Candidates, Facts, Normaliser, Plan, TerritoryIx, load_str};

pub const TEAMS: usize = 1_000;
const MEMBERS: usize = 50;

/// Monday, 23 November 2026, 10:00 in Shanghai: everybody works.
pub const LEADS_AT: Timestamp = Timestamp(1_795_399_200_000);

/// 1,000 teams of 50 reps of their own.
pub fn large() -> Plan {
    let mut text = String::from(
        "version: 1\ntenant: acme\ntimezone: Asia/Shanghai\ncalendars:\n  \
         cn: {timezone: Asia/Shanghai, hours: {mon-fri: [\"09:00-12:00\", \"13:00-18:00\"]}}\n",
    );
    let (mut reps, mut teams, mut territories) = (String::new(), String::new(), String::new());
    for team in 0..TEAMS {
        let mut members = Vec::with_capacity(MEMBERS);
        for member in 0..MEMBERS {
            let id = format!("r{team:03}-{member:02}");
            let _ = writeln!(reps, "  - {{id: {id}, languages: [zh, en], open_max: 900}}");
            members.push(format!("{{rep: {id}, weight: {}}}", 1 + member % 3));
        }
        let _ = writeln!(
            teams,
            "  - {{id: t{team:03}, members: [{}], calendar: cn, available: now, \
             eligible: {{lead.contact.language: rep.languages}}, limits: {{open: 800, per_day: 700}}, \
             sla: {{accept: 30m, touch: 4h, clock: working, attempts: 3}}}}",
            members.join(", ")
        );
        let _ = writeln!(
            territories,
            "  - {{id: t{team:03}, where: {{source: s{team:03}}}, team: t{team:03}}}"
        );
    }
    let _ = write!(
        text,
        "reps:\n{reps}teams:\n{teams}territories:\n{territories}"
    );
    let loaded = load_str(&text);
    let problems = loaded.problems.render_text(false);
    loaded.plan.unwrap_or_else(|| panic!("{problems}"))
}

pub fn lead_id(number: usize) -> String {
    format!("L-{number:08}")
}

/// A plan whose leads name their territory, so that only the assignment is measured.
pub struct Prepared<'p> {
    plan: &'p Plan,
    normaliser: Normaliser,
    source: Source,
}

/// A lead, read beforehand.
pub struct Arrival<'p> {
    lead: Lead<'static>,
    facts: Facts<'static>,
    candidates: Candidates,
    source: &'p Source,
}

impl Arrival<'_> {
    pub fn input(&self) -> Input<'_> {
        Input::Lead {
            lead: &self.lead,
            facts: &self.facts,
            candidates: &self.candidates,
            source: self.source,
            lead_at: LEADS_AT,
        }
    }
}

/// Scatters numbers over the territories.
fn territory(number: usize) -> usize {
    (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize % TEAMS
}

impl<'p> Prepared<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            normaliser: Normaliser::new(plan),
            source: Source {
                topic: "leads".into(),
                partition: 3,
                offset: 991,
            },
        }
    }

    pub fn arrival(&self, number: usize) -> Arrival<'_> {
        let territory = territory(number);
        let text = |text: String| Some(Text::Owned(text));
        let mut lead = Lead {
            id: lead_id(number).into(),
            tenant: "acme".into(),
            revision: 1,
            source: text(format!("s{territory:03}")),
            potential: Some(250_000.0),
            ..Lead::default()
        };
        lead.contact.name = text("A Person".to_owned());
        lead.contact.email = text(format!("person{number}@example.com"));
        lead.contact.language = text("zh".to_owned());
        lead.company.name = text("Example Company Ltd".to_owned());
        let facts = Facts {
            source: lead.source.clone(),
            language: lead.contact.language.clone(),
            email: lead.contact.email.clone(),
            potential: lead.potential,
            ..Facts::default()
        };
        Arrival {
            lead,
            facts,
            candidates: in_territory(territory),
            source: &self.source,
        }
    }
}

fn in_territory(at: usize) -> Candidates {
    Candidates {
        territory: Some(TerritoryIx(at as u32)),
        ..Candidates::default()
    }
}

impl Book for Prepared<'_> {
    fn plan(&self) -> &Plan {
        self.plan
    }

    fn read<'l>(&'l self, lead: &'l Lead<'l>, _: Timestamp) -> (Facts<'l>, Candidates) {
        let facts = self.normaliser.facts(self.plan, lead);
        let number = facts
            .source
            .as_deref()
            .and_then(|source| source[1..].parse().ok());
        (facts, number.map(in_territory).unwrap_or_default())
    }
}
