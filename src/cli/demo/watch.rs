//! Watches the plan in force and keeps what happened to it as lines for the screen.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError};

use arc_swap::ArcSwap;

use crate::board::Board;
use crate::event::{Lead, TopicRole};
use crate::route::{Plans, Snapshot};
use crate::stream::wire::{self, Decoded, Headers, Mapping, Record, WireLimits};

use super::broker::{RecentLeads, now};
use super::moves::Moves;
use super::picture::time_of_day;

/// Lines kept; the screen shows the last few.
const LINES_KEPT: usize = 50;

/// The plans in force, as reload publishes them.
type Published = Arc<ArcSwap<Plans>>;

/// The plans' history since the demo began.
pub struct PlanWatch {
    published: Published,
    board: Board,
    current: Plans,
    failures: BTreeMap<Box<str>, String>,
    lines: VecDeque<String>,
}

impl PlanWatch {
    pub fn new(published: Published, board: Board) -> Self {
        Self {
            published,
            board,
            current: Plans::new(),
            failures: BTreeMap::new(),
            lines: VecDeque::new(),
        }
    }

    /// Tenants that have a plan.
    pub fn tenants(&self) -> Vec<Box<str>> {
        self.published.load().keys().cloned().collect()
    }

    /// The versions in force.
    pub fn versions(&self) -> String {
        let versions: Vec<&str> = self
            .current
            .values()
            .map(|one| &*one.plan.version)
            .collect();
        versions.join(" ")
    }

    /// What happened so far, latest last.
    pub fn lines(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }

    /// Looks once; gives a line for each change.
    pub fn look(&mut self, recent: &RecentLeads) -> Vec<String> {
        let published = self.published.load_full();
        let mut news = Vec::new();
        for (tenant, snapshot) in published.iter() {
            news.extend(self.changed(tenant, snapshot, recent));
        }
        news.extend(self.failed());
        let time = time_of_day(now());
        let news: Vec<String> = news.iter().map(|line| format!("{time} {line}")).collect();
        self.lines.extend(news.iter().cloned());
        let surplus = self.lines.len().saturating_sub(LINES_KEPT);
        self.lines.drain(..surplus);
        news
    }

    fn changed(
        &mut self,
        tenant: &str,
        new: &Arc<Snapshot>,
        recent: &RecentLeads,
    ) -> Option<String> {
        let old = self.current.get(tenant);
        if old.is_some_and(|old| old.plan.version == new.plan.version) {
            return None;
        }
        let old = self.current.insert(tenant.into(), Arc::clone(new));
        let (version, territories) = (&new.plan.version, new.plan.territories.len());
        Some(match old {
            None => format!("plan {version} of {tenant} with {territories} territories"),
            Some(old) => {
                let recent = recent
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                let leads: Vec<Lead<'_>> = recent
                    .iter()
                    .filter_map(|json| lead(json, tenant))
                    .collect();
                let moves = Moves::of(&old, new, &leads, now()).describe();
                format!("plan {} → {version}: {moves}", old.plan.version)
            }
        })
    }

    /// Why edits were not taken, each told once.
    fn failed(&mut self) -> Vec<String> {
        let statuses = self.board.plan_statuses().into_iter();
        let failures: BTreeMap<Box<str>, String> = statuses
            .filter_map(|(tenant, status)| Some((tenant, status.failure?)))
            .collect();
        let fresh = failures
            .iter()
            .filter(|(tenant, why)| self.failures.get(*tenant) != Some(*why));
        let lines = fresh.map(|(_, why)| {
            let first = why
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("");
            format!("edit not taken, the old plan stays: {first}")
        });
        let lines = lines.collect();
        self.failures = failures;
        lines
    }
}

/// A lead as the daemon reads it, if it is that tenant's.
fn lead<'a>(json: &'a [u8], tenant: &str) -> Option<Lead<'a>> {
    let record = Record {
        role: TopicRole::Leads,
        topic: "",
        partition: 0,
        offset: 0,
        timestamp: None,
        key: None,
        value: Some(json),
        headers: Headers::default(),
    };
    match wire::decode(&record, WireLimits::default(), &Mapping::default()) {
        Ok(Decoded::Lead(lead)) if lead.tenant == tenant => Some(lead),
        _ => None,
    }
}
