//! Who owns an account: what events say, else whoever last got one of its leads.

use crate::plan::Facts;

use super::choice::account_text;
use super::desk::Desk;
use super::keys::{self, Subject};
use super::names::RepNo;
use super::records::AccountRow;

impl Desk<'_> {
    /// `account.owned`: a rep owns the account, or nobody does.
    pub fn account_owned(&mut self, account: &str, rep: Option<&str>) {
        let key = keys::hash(Subject::Account, &self.plan.tenant, account);
        let row = rep.map(|rep| AccountRow {
            rep: self.names.number(self.roster.tenant, rep),
            declared: true,
        });
        self.rows.accounts.put(key, row);
    }

    /// A lead of the account was assigned: its owner is the account's, unless an event said
    /// otherwise.
    pub fn learn_account(&mut self, facts: &Facts<'_>, rep: RepNo) {
        if !self.plan.policy.sticky_accounts {
            return;
        }
        let Some(text) = account_text(self, facts) else {
            return;
        };
        let key = keys::hash(Subject::Account, &self.plan.tenant, text);
        let known = self.rows.accounts.get(&key);
        if known.is_some_and(|row| row.declared || row.rep == rep) {
            return;
        }
        let declared = false;
        self.rows
            .accounts
            .put(key, Some(AccountRow { rep, declared }));
    }
}
