//! Named accounts, from tables and written inline.

use std::collections::BTreeSet;
use std::fmt::Arguments;

use rustc_hash::FxHashMap;

use crate::plan::accounts::countries_of;
use crate::plan::model::{Account, Plan, TerritoryIx};
use crate::plan::normalise;
use crate::plan::parse::{Record, Value};
use crate::plan::problem::{Code, Draft};

use super::Checker;
use super::keys::ACCOUNTS;

impl<'a> Checker<'a> {
    /// The account at a position of the plan's list.
    pub(super) fn account(&mut self, at: usize, record: Record<'a>) -> Account {
        self.check_account_shape(record);
        let owner = record.value("owner").and_then(|name| self.rep_name(name));
        let territory = record.value("territory");
        let territory = territory.and_then(|name| {
            let found = self.territories.resolve(name, &mut self.reader);
            found.map(TerritoryIx)
        });
        Account {
            id: self.accounts.id(at).into(),
            name: record.value("name").map(|value| value.text.into()),
            domains: self.domains(record),
            owner,
            territory,
        }
    }

    fn check_account_shape(&mut self, record: Record<'a>) {
        let Record::Inline(node) = record else { return };
        for (name, _) in node.entries() {
            if let Some(key) = name.text().filter(|key| !ACCOUNTS.known.contains(key)) {
                self.reader
                    .unknown_key(name, key, ACCOUNTS.what, ACCOUNTS.known);
            }
        }
        self.reader.named(node, ACCOUNTS.what);
        for (key, value) in record.misfits(&["domains"]) {
            if key == "domains" {
                self.reader.values(value, key);
            } else if ACCOUNTS.known.contains(&key) {
                self.reader.value(value, key);
            }
        }
    }

    fn domains(&mut self, record: Record<'a>) -> Vec<Box<str>> {
        let mut domains = Vec::new();
        for value in record.values("domains") {
            match normalise::domain(value.text) {
                Some(domain) => {
                    self.warn_of_free_mail(&domain, value);
                    domains.push(domain.into());
                }
                None => {
                    let message = format!("`{}` is not a domain", value.text);
                    let help = "write it as in example.com";
                    self.reader.bad(value.place(), message, help);
                }
            }
        }
        domains.sort_unstable();
        domains.dedup();
        domains
    }

    fn warn_of_free_mail(&mut self, domain: &str, value: Value<'a>) {
        if normalise::is_free_mail(domain) {
            let message = format!(
                "leads with the free-mail domain `{domain}` are not taken for the account's"
            );
            self.reader.report(Code::FreeMail, value.place(), message);
        }
    }

    /// Warns of accounts with different owners that share a domain, or a company name in the
    /// same country: neither gets a lead by it.
    pub(super) fn warn_of_two_owners(&mut self, plan: &Plan) {
        let mut by_domain: FxHashMap<&str, usize> = FxHashMap::default();
        let mut by_name: FxHashMap<(Box<str>, Box<str>), usize> = FxHashMap::default();
        for (at, account) in plan.accounts.iter().enumerate() {
            let mut told = BTreeSet::new();
            for domain in &account.domains {
                let other = *by_domain.entry(domain).or_insert(at);
                told.insert(other);
                self.warn_of_pair(plan, [other, at], format_args!("domain `{domain}`"));
            }
            let name = account.name.as_deref().and_then(normalise::company_name);
            let Some(name) = name else { continue };
            let name: Box<str> = name.into();
            for country in countries(plan, account) {
                let other = *by_name.entry((name.clone(), country)).or_insert(at);
                if told.insert(other) {
                    self.warn_of_pair(plan, [other, at], format_args!("company name `{name}`"));
                }
            }
        }
    }

    /// Warns of two accounts that share something, if their owners differ.
    fn warn_of_pair(&mut self, plan: &Plan, pair: [usize; 2], shared: Arguments<'_>) {
        let [one, other] = pair.map(|at| &plan.accounts[at]);
        if one.owner == other.owner {
            return;
        }
        let owners = match (one.owner, other.owner) {
            (Some(_), Some(_)) => "which have different owners".to_owned(),
            (Some(_), None) => format!("of which only `{}` has an owner", one.id),
            (None, _) => format!("of which only `{}` has an owner", other.id),
        };
        let message = format!(
            "the {shared} belongs to the accounts `{}` and `{}`, {owners}",
            one.id, other.id
        );
        let [first, second] = pair.map(|at| self.accounts.place(at));
        let draft = Draft::new(Code::TwoOwners, second, message);
        self.reader
            .out
            .push(draft.related(first, "the other account"));
    }
}

/// The countries in which leads find an account by its name; one without a name where its
/// territory is limited to none, for it is sought everywhere.
fn countries(plan: &Plan, account: &Account) -> Vec<Box<str>> {
    let limits = account
        .territory
        .map_or(Vec::new(), |ix| countries_of(plan, ix));
    match limits.is_empty() {
        true => vec!["".into()],
        false => limits,
    }
}
