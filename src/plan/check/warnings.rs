//! Warnings about what a plan defines and nobody uses, serves or can use.

use rustc_hash::FxHashSet;

use crate::event::RepStatus;
use crate::plan::calendar::Calendar;
use crate::plan::model::{Account, Plan, Rep, RepIx, Team, Territory, TerritoryIx};
use crate::plan::problem::{Code, FileIx};

use super::Checker;
use super::names::Index;
use super::reader::Reader;

impl Checker<'_> {
    /// Warnings that a mistake elsewhere would set off: a misspelt team leaves the right one
    /// unused. So they are given for a plan without errors only.
    pub(super) fn warn(&mut self, plan: &Plan) {
        self.warn_of_two_owners(&plan.accounts);
        self.warn_of_missing_people(plan);
        self.warn_of_unserved(&plan.territories);
        self.warn_of_idle_reps(&plan.reps, &plan.teams, &plan.accounts);
        self.warn_of_closed_calendars(&plan.reps, &plan.teams, &plan.calendars);
        self.warn_of_unused();
    }

    /// Warns of teams without reps and pools that nobody may claim from.
    fn warn_of_missing_people(&mut self, plan: &Plan) {
        for (at, team) in plan.teams.iter().enumerate() {
            if team.members.is_empty() {
                let message = format!("the team `{}` has no reps", team.id);
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
        let mut files: std::collections::BTreeMap<FileIx, (usize, Vec<usize>)> =
            std::collections::BTreeMap::new();
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

    /// Warns of reps whose calendar, their own or a team's, never opens.
    fn warn_of_closed_calendars(&mut self, reps: &[Rep], teams: &[Team], calendars: &[Calendar]) {
        let closed = |calendar: &Calendar| calendar.week.iter().all(Vec::is_empty);
        let mut without_hours: FxHashSet<RepIx> = FxHashSet::default();
        for team in teams {
            for member in &team.members {
                let calendar = reps[member.rep.at()].calendar.or(team.calendar);
                if calendar.is_some_and(|calendar| closed(&calendars[calendar.at()])) {
                    without_hours.insert(member.rep);
                }
            }
        }
        let mut without_hours: Vec<RepIx> = without_hours.into_iter().collect();
        without_hours.sort_unstable();
        for rep in without_hours {
            let message = format!(
                "the calendar of the rep `{}` has no hours",
                reps[rep.at()].id
            );
            let place = self.reps.place(rep.at());
            self.reader.report(Code::NoHours, place, message);
        }
    }
}

fn unused(index: &Index<'_>, code: Code, message: &str, reader: &mut Reader) {
    for at in (0..index.len()).filter(|&at| !index.is_used(at)) {
        let message = format!("{message} `{}`", index.id(at));
        reader.report(code, index.place(at), message);
    }
}
