//! zen-engine's decision tables, compiled: one for everything, or one a county.

use std::collections::HashMap;

use bailiwick::plan::Plan;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use zen_engine::Decision;
use zen_engine::model::GraphContent;

use super::{Flat, Rule};

/// Decision tables, one for everything or one for each county.
pub struct Tables {
    runtime: Runtime,
    by_county: HashMap<String, Decision>,
    whole: Option<Decision>,
}

impl Tables {
    pub fn whole(plan: &Plan, rules: &[Rule]) -> Self {
        let rules = rules
            .iter()
            .map(|rule| row(rule, Some(&plan.areas[rule.area as usize].id)));
        Self {
            whole: Some(decision(rules.collect(), true)),
            ..Self::empty()
        }
    }

    pub fn by_county(plan: &Plan, rules: &[Rule]) -> Self {
        let mut rows: HashMap<String, Vec<Value>> = HashMap::new();
        for rule in rules {
            let county = plan.areas[rule.area as usize].id.to_string();
            rows.entry(county).or_default().push(row(rule, None));
        }
        let by_county = rows
            .into_iter()
            .map(|(county, rows)| (county, decision(rows, false)));
        Self {
            by_county: by_county.collect(),
            ..Self::empty()
        }
    }

    fn empty() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        Self {
            runtime: runtime.expect("a runtime without I/O needs nothing of the system"),
            by_county: HashMap::new(),
            whole: None,
        }
    }

    pub fn route(&self, lead: &Flat<'_>) -> Option<u32> {
        let table = self
            .whole
            .as_ref()
            .or_else(|| self.by_county.get(lead.county))?;
        let asked = json!({
            "county": lead.county,
            "industry": lead.industry.unwrap_or("none"),
            // What is missing lies in no range.
            "employees": lead.employees.unwrap_or(-1.0),
        });
        let answer = self.runtime.block_on(table.evaluate(asked.into())).ok()?;
        u32::try_from(answer.result.dot("territory")?.as_number()?).ok()
    }
}

fn row(rule: &Rule, county: Option<&str>) -> Value {
    let quoted = |text: &str| format!("\"{text}\"");
    let sizes = rule
        .employees
        .map_or(String::new(), |(min, max)| match max {
            Some(max) => format!("[{min}..{max})"),
            None => format!(">= {min}"),
        });
    json!({
        "_id": rule.territory.to_string(),
        "c": county.map_or(String::new(), quoted),
        "i": rule.industry.as_deref().map_or(String::new(), quoted),
        "e": sizes,
        "t": rule.territory.to_string(),
    })
}

fn decision(rows: Vec<Value>, county: bool) -> Decision {
    let mut inputs = vec![
        json!({"id": "i", "name": "Industry", "field": "industry"}),
        json!({"id": "e", "name": "Employees", "field": "employees"}),
    ];
    if county {
        inputs.insert(0, json!({"id": "c", "name": "County", "field": "county"}));
    }
    let content: GraphContent = serde_json::from_value(json!({
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "content": {}},
            {"id": "dt", "name": "dt", "type": "decisionTableNode", "content": {
                "hitPolicy": "first",
                "inputs": inputs,
                "outputs": [{"id": "t", "name": "Territory", "field": "territory"}],
                "rules": rows,
            }},
            {"id": "out", "name": "out", "type": "outputNode", "content": {}}
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "dt"},
            {"id": "2", "sourceId": "dt", "targetId": "out"}
        ]
    }))
    .expect("the table is in the engine's form");
    let mut decision = Decision::from(content);
    decision.compile();
    decision
}
