//! Tenant-wide rules: duplicates, stickiness, ages.

use crate::plan::model::{Absence, OnUpdate, Policy, Realign};

use super::Checker;
use super::keys::{DEDUPE, STICKY};
use super::reader::Fields;

impl<'a> Checker<'a> {
    /// The policy; what it does not say has its default.
    pub(super) fn policy(&mut self, fields: &Fields<'a>) -> Policy {
        let mut policy = Policy::default();
        self.dedupe(fields, &mut policy);
        self.sticky(fields, &mut policy);
        let reader = &mut self.reader;
        let words = [("keep", OnUpdate::Keep), ("reroute", OnUpdate::Reroute)];
        policy.on_update = reader
            .choice_of(fields, "on_update", &words)
            .unwrap_or_default();
        let words = [("forget", Absence::Forget), ("catch_up", Absence::CatchUp)];
        policy.absence = reader
            .choice_of(fields, "absence", &words)
            .unwrap_or_default();
        let words = [("keep", Realign::Keep), ("open", Realign::Open)];
        policy.realign = reader
            .choice_of(fields, "realign", &words)
            .unwrap_or_default();
        if let Some(counts) = reader.flag_of(fields, "manual_counts") {
            policy.manual_counts = counts;
        }
        policy.max_age = reader.span_of(fields, "max_age");
        if let Some(early) = reader.span_of(fields, "early") {
            policy.early = early;
        }
        policy
    }

    fn dedupe(&mut self, fields: &Fields<'a>, policy: &mut Policy) {
        let node = fields.get("dedupe");
        let Some(fields) = node.and_then(|node| self.reader.fields(node, &DEDUPE)) else {
            return;
        };
        policy.dedupe_within = self.reader.span_of(&fields, "within");
        let Some(by) = fields.get("by") else { return };
        let words = [("email", true), ("phone", false)];
        let named: Vec<bool> = self
            .reader
            .values(by, "`by`")
            .into_iter()
            .filter_map(|word| self.reader.choice(word, &words))
            .collect();
        policy.dedupe_by_email = named.contains(&true);
        policy.dedupe_by_phone = named.contains(&false);
    }

    fn sticky(&mut self, fields: &Fields<'a>, policy: &mut Policy) {
        let node = fields.get("sticky");
        let Some(fields) = node.and_then(|node| self.reader.fields(node, &STICKY)) else {
            return;
        };
        let mut flag = |key| self.reader.flag_of(&fields, key).unwrap_or(false);
        policy.sticky_accounts = flag("accounts");
        policy.sticky_persons = flag("persons");
    }
}
