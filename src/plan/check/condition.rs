//! Conditions: `where`, its groups, and the operators on values.

use std::rc::Rc;

use crate::plan::condition::{Clause, Condition, Dimension, Range, Test};
use crate::plan::parse::{Kind, Node, Value};
use crate::plan::problem::{Code, Draft};

use super::Checker;
use super::bands::is_condition;
use super::keys::{CONDITION, OPERATORS};
use super::meaning::only_country;
use super::place::is_place;
use super::reader::{Fields, parse_number};

/// What begins a key that asks for an attribute.
const ATTRIBUTE: &str = "attr.";

/// What is known of a lead where a condition stands, from what is tested beside and above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// The one country, as lower-case alpha-2.
    pub country: Option<Rc<str>>,
}

impl<'a> Checker<'a> {
    /// A mapping whose keys must all hold.
    pub(super) fn condition(&mut self, node: Node<'a>, scope: &mut Scope) -> Condition {
        let entries = self.reader.named(node, "a condition");
        let country = entries.iter().find(|(key, _)| key.text == "country");
        if let Some(country) = country.and_then(|(_, value)| only_country(*value)) {
            scope.country = Some(country);
        }
        let mut parts = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            parts.extend(self.part(key, value, scope));
        }
        joined(parts, Condition::All)
    }

    fn part(&mut self, key: Value<'a>, node: Node<'a>, scope: &Scope) -> Option<Condition> {
        match key.text {
            "any" => self.any(node, scope),
            "not" => self.none(node, scope),
            "band" => self.bands(node, scope),
            name => match dimension(name) {
                Some(dimension) => self.tested(&dimension, node, scope),
                None => {
                    self.unknown_dimension(key);
                    None
                }
            },
        }
    }

    fn unknown_dimension(&mut self, key: Value<'a>) {
        let near = self
            .reader
            .suggester
            .nearest(key.text, CONDITION.iter().copied());
        let message = format!("a condition has no key `{}`", key.text);
        let draft = Draft::new(Code::UnknownKey, key.place(), message);
        let list = match key.text {
            "attr" | "attributes" => {
                "write the attribute's name into the key, as in attr.partner: \"yes\"".to_owned()
            }
            "exists" | "min" | "max" | "prefix" => {
                format!(
                    "write it within what it tests, as in employees: {{{}: …}}",
                    key.text
                )
            }
            _ => format!("the keys are {} and attr.<name>", CONDITION.join(", ")),
        };
        self.reader.out.push(draft.help(list).did_you_mean(near));
    }

    fn any(&mut self, node: Node<'a>, scope: &Scope) -> Option<Condition> {
        let members = self.reader.list(node, "`any`");
        if members.is_empty() && node.kind() == Kind::List {
            self.empty(node, "`any` without conditions never holds");
            return None;
        }
        let read = |member| self.condition(member, &mut scope.clone());
        Some(joined(
            members.into_iter().map(read).collect(),
            Condition::Any,
        ))
    }

    fn none(&mut self, node: Node<'a>, scope: &Scope) -> Option<Condition> {
        if node.kind() == Kind::Map && node.entries().next().is_none() {
            self.empty(node, "`not` of an empty condition never holds");
            return None;
        }
        let inner = self.condition(node, &mut scope.clone());
        Some(Condition::Not(Box::new(inner)))
    }

    pub(super) fn empty(&mut self, node: Node<'a>, message: &str) {
        if node.kind() != Kind::Text {
            self.reader
                .report(Code::EmptyCondition, node.place(), message);
        }
    }

    /// Bands used as conditions; of several, any.
    fn bands(&mut self, node: Node<'a>, scope: &Scope) -> Option<Condition> {
        let names = self.band_names(node);
        let mut parts = Vec::new();
        for name in names {
            let part = self.expand(name, |checker, band| {
                if is_condition(band) || band.kind() == Kind::Map {
                    return Some(checker.condition(band, &mut scope.clone()));
                }
                let message = format!("the band `{}` does not say what it is about", name.text);
                let help = "use it as a value, as in `employees: {band: …}`";
                checker.reader.bad(name.place(), message, help);
                None
            });
            parts.extend(part);
        }
        (!parts.is_empty()).then(|| joined(parts, Condition::Any))
    }

    /// What is asked of one dimension: a value, a list of which any will do, or operators.
    fn tested(&mut self, about: &Dimension, node: Node<'a>, scope: &Scope) -> Option<Condition> {
        match node.kind() {
            Kind::List => self.any_value(about, node, scope),
            Kind::Map if is_place(about) && !has_operator(node) => {
                let meaning = self.mapped_place(about, node, scope)?;
                Some(clause(about, Test::OneOf(vec![meaning])))
            }
            Kind::Map => self.operators(about, node, scope),
            Kind::Text | Kind::Nothing => {
                let value = self.reader.value(node, "a value")?;
                match self.band_fits(about, value) {
                    true => self.value_band(about, value, scope),
                    false => {
                        let meanings = self.meanings(about, value, scope)?;
                        Some(clause(about, Test::OneOf(meanings)))
                    }
                }
            }
        }
    }

    fn any_value(&mut self, about: &Dimension, node: Node<'a>, scope: &Scope) -> Option<Condition> {
        let (mut plain, mut others, mut items) = (Vec::new(), Vec::new(), 0);
        for item in node.items() {
            items += 1;
            match self.tested(about, item, scope) {
                Some(Condition::Clause(Clause {
                    test: Test::OneOf(values),
                    ..
                })) => plain.extend(values),
                other => others.extend(other),
            }
        }
        if items == 0 {
            self.empty(node, "an empty list matches nothing");
        }
        if !plain.is_empty() {
            others.insert(0, clause(about, Test::OneOf(plain)));
        }
        (!others.is_empty()).then(|| joined(others, Condition::Any))
    }

    fn operators(&mut self, about: &Dimension, node: Node<'a>, scope: &Scope) -> Option<Condition> {
        let fields = self.reader.fields(node, &OPERATORS)?;
        let mut parts = Vec::new();
        parts.extend(self.range(about, node, &fields));
        if let Some(inner) = fields.get("not") {
            parts.extend(self.tested(about, inner, scope).map(negated));
        }
        if let Some(prefix) = fields.get("prefix") {
            parts.extend(self.prefix(about, prefix, scope));
        }
        if let Some(flag) = self.reader.flag_of(&fields, "exists") {
            parts.push(clause(about, Test::Exists(flag)));
        }
        if let Some(names) = fields.get("band") {
            parts.extend(self.value_bands(about, names, scope));
        }
        if node.entries().next().is_none() {
            let message = "an empty mapping tests nothing";
            self.reader
                .report(Code::EmptyCondition, node.place(), message);
        }
        (!parts.is_empty()).then(|| joined(parts, Condition::All))
    }

    fn range(
        &mut self,
        about: &Dimension,
        node: Node<'a>,
        fields: &Fields<'a>,
    ) -> Option<Condition> {
        let end = |checker: &mut Self, key: &str| {
            let value = checker.reader.value(fields.get(key)?, key)?;
            checker.reader.number(value)
        };
        let (min, max) = (end(self, "min"), end(self, "max"));
        if fields.get("min").is_none() && fields.get("max").is_none() {
            return None;
        }
        if !is_number(about) && !matches!(about, Dimension::Attribute(_)) {
            let message = "`min` and `max` compare numbers, which these are not";
            self.reader
                .bad(node.place(), message, "list the values instead");
            return None;
        }
        if let (Some(min), Some(max)) = (min, max)
            && min >= max
        {
            let message = format!("no number is at least {min} and below {max}");
            self.reader.report(Code::EmptyRange, node.place(), message);
        }
        Some(clause(about, Test::Range(Range { min, max })))
    }

    fn prefix(&mut self, about: &Dimension, node: Node<'a>, scope: &Scope) -> Option<Condition> {
        let values = self.reader.values(node, "`prefix`");
        if values.is_empty() {
            self.empty(node, "an empty list matches nothing");
        }
        if *about == Dimension::Postal {
            let meanings = values.into_iter();
            let meanings: Option<Vec<_>> = meanings
                .map(|value| self.postal_prefix(value, scope))
                .collect();
            return Some(clause(about, Test::OneOf(meanings?)));
        }
        if !has_prefixes(about) {
            let message = "`prefix` compares texts, which these are not";
            self.reader
                .bad(node.place(), message, "list the values instead");
            return None;
        }
        let texts = values.into_iter();
        let texts: Option<Vec<_>> = texts
            .map(|value| self.prefixes(about, value, scope))
            .collect();
        Some(clause(about, Test::Prefix(texts?.concat())))
    }

    fn value_bands(
        &mut self,
        about: &Dimension,
        node: Node<'a>,
        scope: &Scope,
    ) -> Option<Condition> {
        let names = self.band_names(node).into_iter();
        let parts = names.filter_map(|name| self.value_band(about, name, scope));
        let parts: Vec<_> = parts.collect();
        (!parts.is_empty()).then(|| joined(parts, Condition::Any))
    }

    /// A band as the value of a dimension: its list or range, or what it says of just this
    /// dimension.
    fn value_band(
        &mut self,
        about: &Dimension,
        name: Value<'a>,
        scope: &Scope,
    ) -> Option<Condition> {
        self.expand(name, |checker, band| {
            if !is_condition(band) {
                return checker.tested(about, band, scope);
            }
            if let Some(value) = only_about(band, about) {
                return checker.tested(about, value, scope);
            }
            let message = format!("the band `{}` is about something else", name.text);
            let help = format!("use it beside this key, as `band: {}`", name.text);
            checker.reader.bad(name.place(), message, help);
            None
        })
    }

    /// Whether a bare value is the name of a band that can stand here. Quotes make it text.
    fn band_fits(&self, about: &Dimension, value: Value<'a>) -> bool {
        if value.is_quoted() || (is_number(about) && parse_number(value.text).is_some()) {
            return false;
        }
        let found = self.bands.index.position(value.text);
        let band = found.map(|at| self.bands.nodes[at as usize]);
        band.is_some_and(|band| !is_condition(band) || only_about(band, about).is_some())
    }
}

/// The dimension that a key asks for.
pub(super) fn dimension(key: &str) -> Option<Dimension> {
    Some(match key {
        "country" => Dimension::Country,
        "admin" => Dimension::Admin,
        "postal" => Dimension::Postal,
        "area" => Dimension::Area,
        "within" => Dimension::Within,
        "street" => Dimension::Street,
        "industry" => Dimension::Industry,
        "employees" => Dimension::Employees,
        "revenue" => Dimension::Revenue,
        "potential" => Dimension::Potential,
        "score" => Dimension::Score,
        "orders" => Dimension::Orders,
        "lifetime_value" => Dimension::LifetimeValue,
        "product" => Dimension::Product,
        "source" => Dimension::Source,
        "campaign" => Dimension::Campaign,
        "language" => Dimension::Language,
        "account" => Dimension::Account,
        "domain" => Dimension::Domain,
        _ => {
            let name = key
                .strip_prefix(ATTRIBUTE)
                .filter(|name| !name.is_empty())?;
            Dimension::Attribute(name.into())
        }
    })
}

pub(super) const fn is_number(about: &Dimension) -> bool {
    matches!(
        about,
        Dimension::Employees
            | Dimension::Revenue
            | Dimension::Potential
            | Dimension::Score
            | Dimension::Orders
            | Dimension::LifetimeValue
    )
}

/// Dimensions whose values are texts that can begin alike.
const fn has_prefixes(about: &Dimension) -> bool {
    matches!(
        about,
        Dimension::Industry
            | Dimension::Product
            | Dimension::Source
            | Dimension::Campaign
            | Dimension::Language
            | Dimension::Account
            | Dimension::Domain
            | Dimension::Attribute(_)
    )
}

fn has_operator(node: Node<'_>) -> bool {
    let mut keys = node.entries().filter_map(|(key, _)| key.text());
    keys.any(|key| matches!(key, "not" | "exists" | "band" | "prefix" | "min" | "max"))
}

/// The value of a condition's only key, if that asks for `about`.
fn only_about<'a>(band: Node<'a>, about: &Dimension) -> Option<Node<'a>> {
    let mut entries = band.entries();
    let (key, value) = entries.next().filter(|_| entries.next().is_none())?;
    (dimension(key.text()?).as_ref() == Some(about)).then_some(value)
}

fn clause(about: &Dimension, mut test: Test) -> Condition {
    if let Test::OneOf(values) = &mut test {
        // Lists that grew value by value have room for as many again.
        values.shrink_to_fit();
    }
    Condition::Clause(Clause {
        dimension: about.clone(),
        test,
    })
}

fn negated(condition: Condition) -> Condition {
    match condition {
        Condition::Clause(Clause { dimension, test }) => Condition::Clause(Clause {
            dimension,
            test: Test::Not(Box::new(test)),
        }),
        other => Condition::Not(Box::new(other)),
    }
}

/// One part by itself, several in a group.
fn joined(mut parts: Vec<Condition>, group: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => group(parts),
    }
}
