//! A plan's version: a hash over what the plan means, whatever way it is written.
//!
//! The version is the first 16 hex digits of the SHA-256 of an encoding of the checked
//! plan. In it are the tenant, time zone, precedence, fallback and policy; every calendar,
//! rep, account, team, pool, territory and area with all that is kept of them; and every
//! row of the gazetteer's tables, in whatever files they stand.
//!
//! Not in it are comments, formatting, key order, file names, the split into files, and
//! the order of lists whose order means nothing: reps, teams, accounts, pools, values of
//! a list in a condition, the members of `any`. The order of territories counts only under
//! `precedence: listed`; overflow targets and recycling rules always count in their order.
//! Bands count as what they stand for where they are used, defaults as if they had been
//! written, and rings with the position they begin at.

mod encoder;
mod territories;

use sha2::{Digest, Sha256};

use super::calendar::Calendar;
use super::gazetteer::Row;
use super::model::{
    Account, Area, Availability, Goal, LeadField, Limits, Plan, Policy, Pool, Rep, Sla, Target,
    Team,
};

use encoder::Encoder;

/// Bumped when the encoding changes, so that no version is ever given to two contents.
const ENCODING: u64 = 1;

/// The rows of a plan's gazetteer tables, each as the hash of its cells.
#[derive(Debug, Default)]
pub(super) struct Rows {
    hashes: Vec<[u8; 32]>,
}

impl Rows {
    /// Takes a row's cells as written, without the spaces round them.
    pub fn add(&mut self, row: &Row<'_>) {
        let mut one = Encoder::default();
        for cell in [
            row.code,
            row.name,
            row.aliases,
            row.parent,
            row.lat,
            row.lon,
            row.postal,
        ] {
            one.text(cell);
        }
        self.hashes.push(Sha256::digest(one.bytes()).into());
    }
}

/// The version of a plan, whose own field for it is not looked at.
pub(super) fn version(plan: &Plan, mut rows: Rows) -> Box<str> {
    let mut out = Encoder::default();
    out.number(ENCODING);
    out.text(&plan.tenant);
    out.zone(&plan.timezone);
    out.number(plan.precedence as u64);
    out.option(plan.fallback, |out, target| out.target(plan, target));
    policy(&mut out, &plan.policy);
    out.set(&plan.calendars, calendar);
    out.set(&plan.reps, |out, one| rep(out, plan, one));
    out.set(&plan.accounts, |out, one| account(out, plan, one));
    out.set(&plan.teams, |out, one| team(out, plan, one));
    out.set(&plan.pools, |out, one| pool(out, plan, one));
    out.set(&plan.areas, area);
    let mut digest = Sha256::new();
    digest.update(out.bytes());
    out.clear();
    territories::encode(&mut out, plan, &mut digest);
    rows.hashes.sort_unstable();
    out.list(&rows.hashes, |out, hash| out.raw(hash));
    digest.update(out.bytes());
    let hash = digest.finalize();
    let hex = hash.iter().take(8).map(|byte| format!("{byte:02x}"));
    hex.collect::<String>().into()
}

fn policy(out: &mut Encoder, policy: &Policy) {
    out.option(policy.dedupe_within, Encoder::span);
    out.flag(policy.dedupe_by_email);
    out.flag(policy.dedupe_by_phone);
    out.flag(policy.sticky_accounts);
    out.flag(policy.sticky_persons);
    out.number(policy.on_update as u64);
    out.flag(policy.manual_counts);
    out.number(policy.absence as u64);
    out.option(policy.max_age, Encoder::span);
    out.span(policy.early);
    out.number(policy.realign as u64);
}

fn calendar(out: &mut Encoder, calendar: &Calendar) {
    out.text(&calendar.id);
    out.zone(&calendar.timezone);
    for day in &calendar.week {
        out.list(day, |out, (start, end)| {
            out.number(u64::from(*start));
            out.number(u64::from(*end));
        });
    }
    out.list(&calendar.exceptions, |out, (date, kind)| {
        out.text(&date.to_string());
        out.number(*kind as u64);
    });
}

fn rep(out: &mut Encoder, plan: &Plan, rep: &Rep) {
    out.text(&rep.id);
    out.label(rep.name.as_deref());
    out.label(rep.email.as_deref());
    out.option(rep.timezone.as_ref(), Encoder::zone);
    let calendar = rep.calendar.map(|ix| &*plan.calendars[ix.at()].id);
    out.label(calendar);
    limits(out, rep.limits);
    out.status(rep.status);
    out.list(&rep.attributes, |out, (name, values)| {
        out.text(name);
        out.list(values, |out, value| out.text(value));
    });
}

fn limits(out: &mut Encoder, limits: Limits) {
    out.option(limits.open, |out, open| out.number(u64::from(open)));
    out.option(limits.per_day, |out, most| out.number(u64::from(most)));
}

fn account(out: &mut Encoder, plan: &Plan, account: &Account) {
    out.text(&account.id);
    out.label(account.name.as_deref());
    out.list(&account.domains, |out, domain| out.text(domain));
    out.label(account.owner.map(|ix| &*plan.reps[ix.at()].id));
    let territory = account.territory.map(|ix| &*plan.territory(ix).id);
    out.label(territory);
}

fn team(out: &mut Encoder, plan: &Plan, team: &Team) {
    out.text(&team.id);
    out.label(team.name.as_deref());
    out.list(&team.members, |out, member| {
        out.text(&plan.reps[member.rep.at()].id);
        out.number(u64::from(member.weight_milli));
    });
    out.number(team.pick as u64);
    out.number(team.share as u64);
    out.list(&team.eligible, |out, (field, attribute)| {
        out.text(&lead_field(field));
        out.text(attribute);
    });
    match team.available {
        Availability::Now => out.number(0),
        Availability::Any => out.number(1),
        Availability::Within(span) => {
            out.number(2);
            out.span(span);
        }
    }
    limits(out, team.limits);
    out.label(team.calendar.map(|ix| &*plan.calendars[ix.at()].id));
    out.option(team.sla.as_ref(), |out, one| sla(out, plan, one));
    targets(out, plan, &team.overflow);
}

fn lead_field(field: &LeadField) -> String {
    match field {
        LeadField::Language => "language".into(),
        LeadField::Source => "source".into(),
        LeadField::Campaign => "campaign".into(),
        LeadField::Country => "country".into(),
        LeadField::Industry => "industry".into(),
        LeadField::Products => "products".into(),
        LeadField::Attribute(name) => format!("attr.{name}"),
    }
}

fn sla(out: &mut Encoder, plan: &Plan, sla: &Sla) {
    out.option(sla.accept, Encoder::span);
    out.option(sla.touch, Encoder::span);
    out.number(sla.clock as u64);
    out.number(sla.on_breach as u64);
    out.number(u64::from(sla.attempts));
    out.option(sla.then, |out, target| out.target(plan, target));
}

fn targets(out: &mut Encoder, plan: &Plan, targets: &[Target]) {
    out.list(targets, |out, target| out.target(plan, *target));
}

fn pool(out: &mut Encoder, plan: &Plan, pool: &Pool) {
    out.text(&pool.id);
    out.label(pool.name.as_deref());
    out.set(&pool.claimants, |out, team| {
        out.text(&plan.teams[team.at()].id);
    });
    let claim = pool.claim;
    out.option(claim.open, |out, open| out.number(u64::from(open)));
    out.option(claim.per_day, |out, most| out.number(u64::from(most)));
    out.option(claim.cool_off, Encoder::span);
    out.option(claim.hold, Encoder::span);
    out.list(&pool.recycle, |out, rule| {
        out.span(rule.after);
        out.number(rule.of as u64);
        out.target(plan, rule.to);
    });
}

fn area(out: &mut Encoder, area: &Area) {
    out.text(&area.id);
    out.list(&area.polygons, |out, rings| {
        out.list(rings, |out, ring| {
            out.list(ring, |out, point| {
                out.raw(&point.lon_e7.to_le_bytes());
                out.raw(&point.lat_e7.to_le_bytes());
            });
        });
    });
}

fn goal(out: &mut Encoder, goal: &Goal) {
    out.option(goal.revenue, Encoder::float);
    out.option(goal.new_customers, Encoder::float);
    out.label(goal.period.as_deref());
}
