//! Teams: who is in them and how they share their leads.

use std::collections::BTreeMap;

use crate::plan::model::{
    Availability, Clock, LeadField, Limits, Member, OnBreach, Pick, RepIx, Share, Sla, Target,
    Team, TeamIx,
};
use crate::plan::parse::{Kind, Node, Value};
use crate::plan::problem::{Code, Draft, Place};

use super::Checker;
use super::keys::{AVAILABLE, LIMITS, MEMBER, SLA, TEAM};
use super::reader::Fields;
use super::rep::Membership;

/// Tries of a lead whose reps miss their deadlines, where the plan does not say.
const DEFAULT_ATTEMPTS: u32 = 3;

/// Lead fields that `eligible` may name.
const LEAD_FIELDS: [(&str, LeadField); 6] = [
    ("lead.contact.language", LeadField::Language),
    ("lead.source", LeadField::Source),
    ("lead.campaign", LeadField::Campaign),
    ("lead.address.country", LeadField::Country),
    ("lead.company.industry", LeadField::Industry),
    ("lead.products", LeadField::Products),
];

/// What begins the name of any other lead field.
const LEAD_ATTRIBUTE: &str = "lead.attributes.";

/// A team's members while they are gathered: weight, and where the team's list names them.
type Members = BTreeMap<RepIx, (u32, Option<Place>)>;

impl<'a> Checker<'a> {
    /// The team at a position of the plan's list.
    pub(super) fn team(
        &mut self,
        at: usize,
        node: Node<'a>,
        memberships: &[Membership],
        attributes: &[Box<str>],
    ) -> Team {
        let fields = self.reader.fields(node, &TEAM).unwrap_or_default();
        let team = TeamIx(at as u32);
        let picks = [
            ("round_robin", Pick::RoundRobin),
            ("least_loaded", Pick::LeastLoaded),
            ("stable", Pick::Stable),
        ];
        let shares = [("count", Share::Count), ("value", Share::Value)];
        let pick = self.reader.choice_of(&fields, "pick", &picks);
        let share = self.reader.choice_of(&fields, "share", &shares);
        let calendar = fields.get("calendar");
        let calendar = calendar.and_then(|node| self.reader.value(node, "`calendar`"));
        Team {
            id: self.teams.id(at).into(),
            name: self.reader.label(&fields, "name"),
            members: self.members(team, &fields, memberships),
            pick: pick.unwrap_or_default(),
            share: share.unwrap_or_default(),
            eligible: self.eligible(&fields, attributes),
            available: self.available(&fields).unwrap_or_default(),
            limits: self.limits(&fields),
            calendar: calendar.and_then(|name| self.calendar_name(name)),
            sla: fields.get("sla").and_then(|node| self.sla(node)),
            overflow: self.overflow(team, &fields),
        }
    }

    fn members(
        &mut self,
        team: TeamIx,
        fields: &Fields<'a>,
        memberships: &[Membership],
    ) -> Vec<Member> {
        let mut members = Members::new();
        for (at, own) in memberships.iter().enumerate() {
            if own.teams.contains(&team) {
                members.insert(RepIx(at as u32), (own.weight_milli, None));
            }
        }
        let listed = fields.get("members");
        for node in listed.into_iter().flat_map(Node::items) {
            self.member(node, memberships, &mut members);
        }
        let members = members.into_iter();
        let member = |(rep, (weight_milli, _))| Member { rep, weight_milli };
        members.map(member).collect()
    }

    fn member(&mut self, node: Node<'a>, memberships: &[Membership], members: &mut Members) {
        let (name, weight) = if node.kind() == Kind::Map {
            let fields = self.reader.fields(node, &MEMBER).unwrap_or_default();
            (fields.get("rep"), fields.get("weight"))
        } else {
            (Some(node), None)
        };
        let name = name.and_then(|name| self.reader.value(name, "a rep's name"));
        let weight = weight.and_then(|weight| self.reader.value(weight, "`weight`"));
        let weight = weight.and_then(|weight| self.weight(weight));
        let Some((name, rep)) = name.and_then(|name| Some((name, self.rep_name(name)?))) else {
            return;
        };
        let weight = weight.unwrap_or(memberships[rep.at()].weight_milli);
        if let Some((_, Some(first))) = members.insert(rep, (weight, Some(name.place()))) {
            let message = format!("the rep `{}` is in the team twice", name.text);
            let draft = Draft::new(Code::DuplicateId, name.place(), message);
            self.reader
                .out
                .push(draft.related(first, "first given here"));
        }
    }

    fn eligible(
        &mut self,
        fields: &Fields<'a>,
        attributes: &[Box<str>],
    ) -> Vec<(LeadField, Box<str>)> {
        let Some(node) = fields.get("eligible") else {
            return Vec::new();
        };
        let pairs = self.reader.named(node, "`eligible`").into_iter();
        let mut pairs: Vec<_> = pairs
            .filter_map(|(field, attribute)| {
                let attribute = self.reader.value(attribute, "a rep's attribute")?;
                let attribute = self.rep_attribute(attribute, attributes);
                Some((field.text, self.lead_field(field)?, attribute?))
            })
            .collect();
        pairs.sort_by(|a, b| a.0.cmp(b.0));
        let pair = |(_, field, attribute)| (field, attribute);
        pairs.into_iter().map(pair).collect()
    }

    fn lead_field(&mut self, value: Value<'a>) -> Option<LeadField> {
        if let Some(name) = value.text.strip_prefix(LEAD_ATTRIBUTE) {
            return Some(LeadField::Attribute(name.into()));
        }
        let found = LEAD_FIELDS.iter().find(|(name, _)| *name == value.text);
        if found.is_none() {
            let known: Vec<&str> = LEAD_FIELDS.iter().map(|(name, _)| *name).collect();
            let near = self
                .reader
                .suggester
                .nearest(value.text, known.iter().copied());
            let message = format!("`{}` is not a lead's field", value.text);
            let help = format!("write {} or {LEAD_ATTRIBUTE}<name>", known.join(", "));
            let draft = Draft::new(Code::BadValue, value.place(), message);
            let draft = draft.help(help).did_you_mean(near);
            self.reader.out.push(draft);
        }
        found.map(|(_, field)| field.clone())
    }

    /// The attribute in `rep.<attribute>`; one that no rep has would make nobody eligible.
    fn rep_attribute(&mut self, value: Value<'a>, attributes: &[Box<str>]) -> Option<Box<str>> {
        let Some(name) = value.text.strip_prefix("rep.") else {
            let message = format!("`{}` is not a rep's attribute", value.text);
            let help = "write it as in rep.languages";
            self.reader.bad(value.place(), message, help);
            return None;
        };
        let known = attributes.iter().any(|known| **known == *name);
        if !known && self.reader.out.names_are_complete("rep") {
            let candidates = attributes.iter().map(|known| &**known);
            let near = self.reader.suggester.nearest(name, candidates);
            let message = format!("no rep has the attribute `{name}`");
            let draft = Draft::new(Code::Dangling, value.place(), message);
            self.reader.out.push(draft.did_you_mean(near));
        }
        known.then(|| name.into())
    }

    fn available(&mut self, fields: &Fields<'a>) -> Option<Availability> {
        let node = fields.get("available")?;
        if node.kind() == Kind::Map {
            let fields = self.reader.fields(node, &AVAILABLE)?;
            let span = self.reader.span_of(&fields, "within")?;
            return Some(Availability::Within(span));
        }
        let value = self.reader.value(node, "`available`")?;
        let words = [("now", Availability::Now), ("any", Availability::Any)];
        self.reader.choice(value, &words)
    }

    fn limits(&mut self, fields: &Fields<'a>) -> Limits {
        let node = fields.get("limits");
        let fields = node.and_then(|node| self.reader.fields(node, &LIMITS));
        let fields = fields.unwrap_or_default();
        Limits {
            open: self.reader.count_of(&fields, "open"),
            per_day: self.reader.count_of(&fields, "per_day"),
        }
    }

    fn sla(&mut self, node: Node<'a>) -> Option<Sla> {
        let fields = self.reader.fields(node, &SLA)?;
        let clocks = [("wall", Clock::Wall), ("working", Clock::Working)];
        let breaches = [("reassign", OnBreach::Reassign), ("keep", OnBreach::Keep)];
        let clock = self.reader.choice_of(&fields, "clock", &clocks);
        let on_breach = self.reader.choice_of(&fields, "on_breach", &breaches);
        let sla = Sla {
            accept: self.reader.span_of(&fields, "accept"),
            touch: self.reader.span_of(&fields, "touch"),
            clock: clock.unwrap_or_default(),
            on_breach: on_breach.unwrap_or_default(),
            attempts: self.attempts(&fields).unwrap_or(DEFAULT_ATTEMPTS),
            then: fields.get("then").and_then(|node| self.target(node)),
        };
        if fields.get("accept").is_none() && fields.get("touch").is_none() {
            let message = "`sla` needs the key `accept` or `touch`";
            self.reader.report(Code::MissingKey, node.place(), message);
        }
        Some(sla)
    }

    fn attempts(&mut self, fields: &Fields<'a>) -> Option<u32> {
        let value = self.reader.value(fields.get("attempts")?, "`attempts`")?;
        let attempts = self.reader.count(value)?;
        if attempts == 0 {
            let help = "write 1 or more; the first try counts";
            self.reader
                .bad(value.place(), "a lead needs at least one try", help);
        }
        Some(attempts)
    }

    fn overflow(&mut self, team: TeamIx, fields: &Fields<'a>) -> Vec<Target> {
        let Some(node) = fields.get("overflow") else {
            return Vec::new();
        };
        let mut targets = Vec::new();
        for node in self.reader.list(node, "`overflow`") {
            let Some(target) = self.target(node) else {
                continue;
            };
            if target == Target::Team(team) {
                let message = "a team cannot overflow to itself";
                self.reader.report(Code::Cycle, node.place(), message);
            } else if targets.contains(&target) {
                let message = "the same overflow target is given twice";
                self.reader.report(Code::DuplicateId, node.place(), message);
            } else {
                targets.push(target);
            }
        }
        targets
    }
}
