//! The territory tree, parents before their children.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use crate::event::Timestamp;
use crate::plan::model::{Goal, TeamIx, Territory, TerritoryIx};
use crate::plan::parse::{Node, Value};
use crate::plan::problem::{Code, Draft};

use super::Checker;
use super::condition::Scope;
use super::keys::{GOAL, TERRITORY};
use super::names::Placed;
use super::reader::{Fields, Reader};

/// A territory as found in the tree, before its keys are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    node: Node<'a>,
    parent: Option<u32>,
}

/// All territories, depth first.
pub(super) fn find<'a>(roots: &[Node<'a>], reader: &mut Reader) -> Vec<(Value<'a>, Found<'a>)> {
    let mut found = Vec::new();
    for &node in roots {
        descend(node, None, &mut found, reader);
    }
    found
}

fn descend<'a>(
    node: Node<'a>,
    parent: Option<u32>,
    found: &mut Vec<(Value<'a>, Found<'a>)>,
    reader: &mut Reader,
) {
    let own = found.len() as u32;
    found.push((reader.id_of("territory", node), Found { node, parent }));
    for child in node.get("children").into_iter().flat_map(Node::items) {
        descend(child, Some(own), found, reader);
    }
}

/// What a child takes over from its parent.
#[derive(Clone, Debug, Default)]
struct Inherited {
    depth: u16,
    overlay: bool,
    priority: i32,
    serving_team: Option<TeamIx>,
    scope: Scope,
}

impl<'a> Checker<'a> {
    /// Reads the territories in the order found. One whose id came before is among them, so
    /// that children have their parents; the plan is refused then.
    pub(super) fn territories(&mut self, found: &[Placed<Found<'a>>]) -> Vec<Territory> {
        let mut territories: Vec<Territory> = Vec::with_capacity(found.len());
        let mut scopes: Vec<Scope> = Vec::with_capacity(found.len());
        for &(at, one) in found {
            let inherited = one.parent.map(|parent| {
                let parent = parent as usize;
                Inherited {
                    depth: territories[parent].depth + 1,
                    overlay: territories[parent].overlay,
                    priority: territories[parent].priority,
                    serving_team: territories[parent].serving_team,
                    scope: scopes[parent].clone(),
                }
            });
            let inherited = inherited.unwrap_or_default();
            let (territory, scope) = self.territory(at, one, &inherited);
            territories.push(territory);
            scopes.push(scope);
        }
        territories
    }

    fn territory(&mut self, at: usize, found: Found<'a>, above: &Inherited) -> (Territory, Scope) {
        let fields = self
            .reader
            .fields(found.node, &TERRITORY)
            .unwrap_or_default();
        let team = fields.get("team").and_then(|node| self.team_name(node));
        let mut scope = above.scope.clone();
        let condition = match fields.get("where") {
            Some(node) => self.repeated_condition(node, &mut scope),
            None => self.repeats.always(),
        };
        let from = fields.get("effective_from");
        let territory = Territory {
            id: self.territories.id(at).into(),
            name: self.reader.label(&fields, "name"),
            parent: found.parent.map(TerritoryIx),
            depth: above.depth,
            overlay: self.overlay(&fields, above),
            priority: self.priority(&fields, above),
            condition,
            team,
            serving_team: team.or(above.serving_team),
            effective_from: from.and_then(|node| self.moment(node)),
            target: fields
                .get("target")
                .and_then(|node| self.goal(node))
                .map(Box::new),
            resources: self.resources(&fields),
        };
        if let Some(children) = fields.get("children") {
            self.reader.list(children, "`children`");
        }
        (territory, scope)
    }

    fn overlay(&mut self, fields: &Fields<'a>, above: &Inherited) -> bool {
        let words = [("overlay", true), ("territory", false)];
        let own = self.reader.choice_of(fields, "kind", &words);
        if above.overlay && own == Some(false) {
            let place = fields.get("kind").map(Node::place);
            let message = "a territory under an overlay is an overlay";
            if let Some(place) = place {
                self.reader.report(Code::NotOverlay, place, message);
            }
        }
        above.overlay || own == Some(true)
    }

    fn priority(&mut self, fields: &Fields<'a>, above: &Inherited) -> i32 {
        let node = fields.get("priority");
        let Some(value) = node.and_then(|node| self.reader.value(node, "`priority`")) else {
            return above.priority;
        };
        let Ok(own) = value.text.parse::<i32>() else {
            let message = format!("`{}` is not a whole number", value.text);
            self.reader
                .bad(value.place(), message, "write a whole number, as in 10");
            return above.priority;
        };
        if own < above.priority {
            let draft = match above.depth {
                0 => {
                    let message = format!("the priority {own} is lower than 0");
                    Draft::new(Code::LoweredPriority, value.place(), message)
                        .help("0 is what territories have that state none; give the others a higher one instead")
                }
                _ => {
                    let above = above.priority;
                    let message =
                        format!("the priority {own} is lower than the {above} it inherits");
                    Draft::new(Code::LoweredPriority, value.place(), message)
                }
            };
            self.reader.out.push(draft);
        }
        own.max(above.priority)
    }

    /// A moment with its offset, or a date or time in the plan's time zone.
    fn moment(&mut self, node: Node<'a>) -> Option<Timestamp> {
        let value = self.reader.value(node, "`effective_from`")?;
        if let Ok(moment) = value.text.parse::<jiff::Timestamp>() {
            return Some(Timestamp(moment.as_millisecond()));
        }
        let local = value.text.parse::<DateTime>().ok();
        let moment = local.and_then(|local| self.zone.to_timestamp(local).ok());
        if moment.is_none() {
            let message = format!("`{}` is not a date or time", value.text);
            let help = "write it as in 2026-12-01 or 2026-12-01T09:00:00+08:00";
            self.reader.bad(value.place(), message, help);
        }
        moment.map(|moment| Timestamp(moment.as_millisecond()))
    }

    fn goal(&mut self, node: Node<'a>) -> Option<Goal> {
        let fields = self.reader.fields(node, &GOAL)?;
        let mut amount = |key: &str| {
            let value = self.reader.value(fields.get(key)?, key)?;
            self.reader.amount(value)
        };
        Some(Goal {
            revenue: amount("revenue"),
            new_customers: amount("new_customers"),
            period: self.reader.label(&fields, "period"),
        })
    }

    fn resources(&mut self, fields: &Fields<'a>) -> BTreeMap<Box<str>, f64> {
        let Some(node) = fields.get("resources") else {
            return BTreeMap::new();
        };
        let named = self.reader.named(node, "`resources`").into_iter();
        let amounts = named.filter_map(|(name, node)| {
            let value = self.reader.value(node, "a resource")?;
            Some((name.text.into(), self.reader.amount(value)?))
        });
        amounts.collect()
    }
}
