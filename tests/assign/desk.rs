//! A lane in memory with a real plan, normaliser and router, and a clock that a test turns.

use bailiwick::assign::{Book, Distance, Effects, Fate, Input, Options, State, TeamView};
use bailiwick::event::{Activity, ActivityKind, Decision, Lead, Source, Span, Text, Timestamp};
use bailiwick::plan::{self, Candidates, Facts, Normaliser, Plan};
use bailiwick::route::Router;

/// Monday, 23 November 2026, 08:00 in Shanghai.
pub const MORNING: Timestamp = Timestamp(1_795_392_000_000);

/// A plan with everything that reads leads under it.
pub struct Shelf {
    plan: Plan,
    normaliser: Normaliser,
    router: Router,
}

impl Shelf {
    pub fn new(yaml: &str) -> Self {
        let loaded = plan::load_str(yaml);
        let problems = loaded.problems.render_text(false);
        let Some(plan) = loaded.plan else {
            panic!("{problems}");
        };
        Self {
            normaliser: Normaliser::new(&plan),
            router: Router::compile(&plan),
            plan,
        }
    }
}

impl Book for Shelf {
    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn read<'l>(&'l self, lead: &'l Lead<'l>, now: Timestamp) -> (Facts<'l>, Candidates) {
        let facts = self.normaliser.needed_facts(&self.plan, lead);
        let candidates = self.router.route(&self.plan, &facts, now);
        (facts, candidates)
    }
}

/// The lane under test.
pub struct Desk {
    pub state: State,
    pub shelf: Shelf,
    pub now: Timestamp,
    pub effects: Effects,
    offset: i64,
    events: u32,
}

impl Desk {
    pub fn new(yaml: &str) -> Self {
        Self {
            state: State::with_options(Options::default()),
            shelf: Shelf::new(yaml),
            now: MORNING,
            effects: Effects::default(),
            offset: 0,
            events: 0,
        }
    }

    fn source(&mut self, topic: &str) -> Source {
        self.offset += 1;
        Source {
            topic: topic.into(),
            partition: 0,
            offset: self.offset,
        }
    }

    /// A lead with what `fill` says of it.
    pub fn lead_with(&mut self, id: &str, fill: impl FnOnce(&mut Lead<'static>)) -> Fate {
        let mut lead = Lead {
            id: Text::Owned(id.to_owned()),
            tenant: "acme".into(),
            revision: 1,
            ..Lead::default()
        };
        fill(&mut lead);
        let source = self.source("leads");
        let (facts, candidates) = self.shelf.read(&lead, self.now);
        let lead_at = lead.created_at.unwrap_or(self.now);
        let input = Input::Lead {
            lead: &lead,
            facts: &facts,
            candidates: &candidates,
            source: &source,
            lead_at,
        };
        self.state
            .apply(self.now, &self.shelf, input, &mut self.effects)
    }

    /// An activity with an id of its own.
    pub fn act(&mut self, kind: ActivityKind<'_>) -> Fate {
        self.events += 1;
        let id = format!("e-{}", self.events);
        self.act_as(&id, kind)
    }

    pub fn act_as(&mut self, id: &str, kind: ActivityKind<'_>) -> Fate {
        let activity = Activity {
            id: id.into(),
            tenant: "acme".into(),
            at: Some(self.now),
            kind,
        };
        let source = self.source("lead-activity");
        let input = Input::Activity {
            activity: &activity,
            source: &source,
            raw: id.as_bytes(),
        };
        self.state
            .apply(self.now, &self.shelf, input, &mut self.effects)
    }

    /// Lets time pass, firing every timer at its own moment.
    pub fn pass(&mut self, span: Span) {
        let until = self.now.plus(span);
        while let Some(due) = self.state.due().filter(|&due| due <= until) {
            self.now = self.now.max(due);
            self.tick();
        }
        self.now = until;
    }

    /// Fires what is due now.
    pub fn tick(&mut self) {
        let shelf = &self.shelf;
        let book = |tenant: &str| (tenant == "acme").then_some(shelf as &dyn Book);
        self.state.tick(self.now, &book, 1_000, &mut self.effects);
    }

    /// The plan on the shelf comes into force, also for leads nobody mentions.
    pub fn adopt(&mut self) {
        self.state.replan(self.now, &self.shelf, &mut self.effects);
        self.tick();
    }

    /// The teams as others may see them.
    pub fn teams(&self) -> Vec<TeamView> {
        self.state.teams(&self.shelf.plan)
    }

    /// How far a team is from its ideal shares.
    pub fn share(&self, team: &str) -> Distance {
        let teams = self.teams();
        let team = teams.iter().find(|one| &*one.team == team);
        team.and_then(|team| team.share).expect("they take turns")
    }

    /// Everybody takes up what he has: the leads L0, L1 and so on.
    pub fn accept_all(&mut self, leads: usize) {
        for number in 0..leads {
            let lead = Text::Owned(format!("L{number}"));
            self.act(ActivityKind::Accepted { lead, rep: None });
        }
    }

    /// Where the clock and the counters stand.
    pub fn mark(&self) -> (i64, u32) {
        (self.offset, self.events)
    }

    /// Forgets what came of the last step, which was undone.
    pub fn rewind(&mut self, (offset, events): (i64, u32)) {
        (self.offset, self.events) = (offset, events);
        self.effects.clear();
    }

    /// The process ends; another goes on from what the log holds.
    pub fn restart(&mut self, log: &Log) {
        self.state = State::with_options(Options::default());
        for (key, value) in log {
            self.state.restore(key, value.as_deref()).unwrap();
        }
        self.state.restored().unwrap();
    }

    /// The decisions since the last call.
    pub fn decisions(&mut self) -> Vec<Decision> {
        std::mem::take(&mut self.effects.decisions)
    }

    /// The same, each as `lead outcome reason rep-or-pool`.
    pub fn said(&mut self) -> Vec<String> {
        let words = |one: &Decision| {
            let place = one.rep.as_deref().or(one.pool.as_deref()).unwrap_or("-");
            format!(
                "{} {} {} {place}",
                one.lead,
                one.outcome.as_str(),
                one.reason.as_str()
            )
        };
        self.decisions().iter().map(words).collect()
    }

    /// Appends what changed to a compacted log, as a broker would keep it.
    pub fn changelog(&self, log: &mut Log) {
        self.state.changes(|key, value| keep(log, key, value));
    }

    /// Appends what may leave before the batch ends.
    pub fn early_changelog(&mut self, log: &mut Log) {
        self.state.early_changes(|key, value| keep(log, key, value));
    }
}

fn keep(log: &mut Log, key: &[u8], value: Option<&[u8]>) {
    log.retain(|(other, _)| other != key);
    log.push((key.to_vec(), value.map(<[u8]>::to_vec)));
}

/// A compacted changelog: each key once, in the order of last writes.
pub type Log = Vec<(Vec<u8>, Option<Vec<u8>>)>;
