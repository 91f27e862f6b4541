//! Warnings about what a plan defines and nobody uses, serves or can use.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use crate::event::RepStatus;
use crate::plan::model::{Account, CalendarIx, Plan, Rep, RepIx, Team, Territory, TerritoryIx};
use crate::plan::parse::Node;
use crate::plan::problem::{Code, FileIx};

use super::Checker;
use super::names::{Index, Placed};
use super::reader::Reader;

impl Checker<'_> {
    /// Warnings that a mistake elsewhere would set off: a misspelt team leaves the right one
    /// unused. So they are given for a plan without errors only.
    pub(super) fn warn(&mut self, plan: &Plan, teams: &[Placed<Node<'_>>]) {
        self.warn_of_two_owners(plan);
        self.warn_of_missing_people(plan);
        self.warn_of_unserved(&plan.territories);
        self.warn_of_idle_reps(&plan.reps, &plan.teams, &plan.accounts);
        self.warn_of_closed_calendars(plan, teams);
        self.warn_of_unused();
    }

    /// Warns of teams without reps and pools that nobody may claim from.
    fn warn_of_missing_people(&mut self, plan: &Plan) {
        for (at, team) in plan.teams.iter().enumerate() {
            let mut members = team.members.iter();
            if members.all(|member| plan.reps[member.rep.at()].status == RepStatus::Left) {
                let message = match team.members.is_empty() {
                    true => format!("the team `{}` has no reps", team.id),
                    false => format!("all reps of the team `{}` have left", team.id),
                };
                let place = self.teams.place(at);
                self.reader.report(Code::EmptyTeam, place, message);
            }
        }
        for (at, pool) in plan.pools.iter().enumerate() {
            if pool.claimants.is_empty() {
                let message = format!("no team may claim from the pool `{}`", pool.id);
                let place = self.pools.place(at);
                self.reader.report(Code::NoClaimants, place, message);
            }
        }
    }

    /// Warns of territories that no team serves. One with children may leave that to them.
    fn warn_of_unserved(&mut self, territories: &[Territory]) {
        let parents: FxHashSet<TerritoryIx> =
            territories.iter().filter_map(|one| one.parent).collect();
        for (at, territory) in territories.iter().enumerate() {
            let leaf = !parents.contains(&TerritoryIx(at as u32));
            if leaf && territory.serving_team.is_none() {
                let message = format!("no team serves the territory `{}`", territory.id);
                let place = self.territories.place(at);
                self.reader.report(Code::NoTeam, place, message);
            }
        }
    }

    /// Warns of teams, pools, bands and areas that nothing names.
    fn warn_of_unused(&mut self) {
        let reader = &mut self.reader;
        unused(
            &self.teams,
            Code::UnusedTeam,
            "nothing sends leads to the team",
            reader,
        );
        unused(
            &self.pools,
            Code::UnusedPool,
            "nothing sends leads to the pool",
            reader,
        );
        unused(
            &self.bands.index,
            Code::UnusedBand,
            "no condition uses the band",
            reader,
        );
        self.warn_of_unused_areas();
    }

    /// One warning a file, as files of areas often hold more than a plan needs.
    fn warn_of_unused_areas(&mut self) {
        let mut files: BTreeMap<FileIx, (usize, Vec<usize>)> = BTreeMap::new();
        for at in 0..self.areas.len() {
            let (all, unused) = files.entry(self.areas.place(at).file).or_default();
            *all += 1;
            if !self.areas.is_used(at) {
                unused.push(at);
            }
        }
        for (all, unused) in files.into_values() {
            let Some(&first) = unused.first() else {
                continue;
            };
            let id = self.areas.id(first);
            let message = match unused.len() {
                1 => format!("no condition uses the area `{id}`"),
                many => format!(
                    "no condition uses {many} of the {all} areas of this file, the first of them `{id}`"
                ),
            };
            let place = self.areas.place(first);
            self.reader.report(Code::UnusedArea, place, message);
        }
    }

    /// Warns of reps who work but are in no team and own no account.
    fn warn_of_idle_reps(&mut self, reps: &[Rep], teams: &[Team], accounts: &[Account]) {
        let members = teams.iter().flat_map(|team| &team.members);
        let mut busy: FxHashSet<RepIx> = members.map(|member| member.rep).collect();
        busy.extend(accounts.iter().filter_map(|account| account.owner));
        for (at, rep) in reps.iter().enumerate() {
            if rep.status != RepStatus::Left && !busy.contains(&RepIx(at as u32)) {
                let message = format!("the rep `{}` is in no team and owns no account", rep.id);
                let place = self.reps.place(at);
                self.reader.report(Code::IdleRep, place, message);
            }
        }
    }

    /// Warns of calendars that never open: reps' own, and those of teams that a rep without
    /// one follows.
    fn warn_of_closed_calendars(&mut self, plan: &Plan, teams: &[Placed<Node<'_>>]) {
        let closed = |at: CalendarIx| plan.calendars[at.at()].week.iter().all(Vec::is_empty);
        let own = |rep: RepIx| plan.reps[rep.at()].calendar;
        let members = plan.teams.iter().flat_map(|team| &team.members);
        let members: BTreeSet<RepIx> = members.map(|member| member.rep).collect();
        for rep in members {
            if own(rep).is_some_and(closed) {
                let id = &plan.reps[rep.at()].id;
                let message = format!("the calendar of the rep `{id}` has no hours");
                let place = self.reps.place(rep.at());
                self.reader.report(Code::NoHours, place, message);
            }
        }
        for (team, (_, node)) in plan.teams.iter().zip(teams) {
            let follows = team.members.iter().any(|member| own(member.rep).is_none());
            let named = node.get("calendar").filter(|_| follows);
            if let Some(named) = named.filter(|_| team.calendar.is_some_and(closed)) {
                let message = format!("the calendar of the team `{}` has no hours", team.id);
                self.reader.report(Code::NoHours, named.place(), message);
            }
        }
    }
}

fn unused(index: &Index<'_>, code: Code, message: &str, reader: &mut Reader) {
    for at in (0..index.len()).filter(|&at| !index.is_used(at)) {
        let message = format!("{message} `{}`", index.id(at));
        reader.report(code, index.place(at), message);
    }
}
