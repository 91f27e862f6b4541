//! Upstream systems with another shape: for each of our fields, where theirs lies.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::config::InputMapping;
use crate::event::TopicRole;

/// How records of the leads topic are read; without rules they are read as they are.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    leads: Option<FieldMap>,
}

impl Mapping {
    /// The mapping for records of `role`.
    pub fn of(&self, role: TopicRole) -> Option<&FieldMap> {
        match role {
            TopicRole::Leads => self.leads.as_ref(),
            _ => None,
        }
    }
}

impl From<&InputMapping> for Mapping {
    fn from(settings: &InputMapping) -> Self {
        let fields = settings.pointers.keys().chain(settings.values.keys());
        let rules: BTreeMap<String, FieldRule> = fields
            .map(|field| (field.clone(), FieldRule::of(field, settings)))
            .collect();
        Self {
            leads: (!rules.is_empty()).then_some(FieldMap { rules }),
        }
    }
}

/// Fields whose replacements are numbers though the settings write them as text.
const NUMBERS: [&str; 9] = [
    "revision",
    "score",
    "potential",
    "company.employees",
    "company.revenue",
    "address.lat",
    "address.lon",
    "history.orders",
    "history.lifetime_value",
];

/// For each target, such as `company.name`, the rule that fills it. Fields without a rule
/// keep what the record has under their own name.
#[derive(Clone, Debug, Default)]
pub struct FieldMap {
    pub rules: BTreeMap<String, FieldRule>,
}

/// Where one field's value lies and what its values are called here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldRule {
    /// A JSON Pointer (RFC 6901) into the record.
    pub pointer: String,
    /// Replacements by the value's text; what is not listed stays as it is.
    pub values: BTreeMap<String, Value>,
}

impl FieldMap {
    /// The record in our shape.
    pub fn apply(&self, record: Value) -> Value {
        let found: Vec<(&str, Value)> = self
            .rules
            .iter()
            .filter_map(|(target, rule)| Some((target.as_str(), rule.find(&record)?)))
            .collect();
        let mut shaped = match record {
            Value::Object(fields) => fields,
            other => return other,
        };
        for (target, value) in found {
            place(&mut shaped, target, value);
        }
        Value::Object(shaped)
    }
}

impl FieldRule {
    fn of(field: &str, settings: &InputMapping) -> Self {
        let own_place = || format!("/{}", field.replace('.', "/"));
        let listed = settings.values.get(field).into_iter().flatten();
        Self {
            pointer: settings
                .pointers
                .get(field)
                .cloned()
                .unwrap_or_else(own_place),
            values: listed
                .map(|(from, to)| (from.clone(), typed(field, to)))
                .collect(),
        }
    }

    fn find(&self, record: &Value) -> Option<Value> {
        let value = record.pointer(&self.pointer)?;
        let replaced = match value {
            Value::String(text) => self.values.get(text.as_str()),
            Value::Number(_) | Value::Bool(_) => self.values.get(&value.to_string()),
            _ => None,
        };
        Some(replaced.unwrap_or(value).clone())
    }
}

fn typed(field: &str, text: &str) -> Value {
    let number = || text.parse::<serde_json::Number>().ok();
    match NUMBERS.contains(&field).then(number).flatten() {
        Some(number) => Value::Number(number),
        None => Value::String(text.to_owned()),
    }
}

/// Sets `a.b.c` in an object, making the objects on the way.
fn place(object: &mut Map<String, Value>, target: &str, value: Value) {
    match target.split_once('.') {
        None => {
            object.insert(target.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = object
                .entry(first)
                .or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(fields) = inner {
                place(fields, rest, value);
            }
        }
    }
}
