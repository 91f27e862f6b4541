//! Named accounts, from tables and written inline.

use std::collections::BTreeMap;

use crate::plan::model::{Account, TerritoryIx};
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

    /// Warns of domains that two accounts with different owners share.
    pub(super) fn warn_of_two_owners(&mut self, accounts: &[Account]) {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, account) in accounts.iter().enumerate() {
            for domain in &account.domains {
                let other = *first.entry(domain).or_insert(at);
                if accounts[other].owner == account.owner {
                    continue;
                }
                let message = format!(
                    "the domain `{domain}` belongs to the accounts `{}` and `{}`, which have different owners",
                    accounts[other].id, account.id
                );
                let draft = Draft::new(Code::TwoOwners, self.accounts.place(at), message);
                let other = self.accounts.place(other);
                self.reader
                    .out
                    .push(draft.related(other, "the other account"));
            }
        }
    }
}
