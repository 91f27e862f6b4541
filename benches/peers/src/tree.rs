//! An engine of rules that knows no geography: an A-Tree of boolean expressions.

use std::collections::HashMap;

use a_tree::{ATree, AttributeDefinition};
use bailiwick::plan::Plan;

use super::{Flat, Rule};

/// All rules as boolean expressions.
pub struct Tree {
    tree: ATree<u32>,
    /// Of each territory its place in the order of rules: the first that matches wins.
    order: HashMap<u32, usize>,
}

impl Tree {
    pub fn of(plan: &Plan, rules: &[Rule]) -> Self {
        let definitions = [
            AttributeDefinition::string("county"),
            AttributeDefinition::string("industry"),
            AttributeDefinition::integer("employees"),
        ];
        let mut tree = ATree::new(&definitions).expect("the attributes are all different");
        for rule in rules {
            let mut text = format!("county = \"{}\"", plan.areas[rule.area as usize].id);
            if let Some(code) = &rule.industry {
                text += &format!(" and industry = \"{code}\"");
            }
            if let Some((min, max)) = rule.employees {
                text += &format!(" and employees >= {min}");
                if let Some(max) = max {
                    text += &format!(" and employees < {max}");
                }
            }
            tree.insert(&rule.territory, &text)
                .expect("the expression is in its language");
        }
        let order = rules
            .iter()
            .zip(0..)
            .map(|(rule, at)| (rule.territory, at))
            .collect();
        Self { tree, order }
    }

    pub fn route(&self, lead: &Flat<'_>) -> Option<u32> {
        let mut event = self.tree.make_event();
        event.with_string("county", lead.county).ok()?;
        match lead.industry {
            Some(code) => event.with_string("industry", code).ok()?,
            None => event.with_undefined("industry").ok()?,
        }
        match lead.employees {
            Some(count) => event.with_integer("employees", count as i64).ok()?,
            None => event.with_undefined("employees").ok()?,
        }
        let event = event.build().ok()?;
        let report = self.tree.search(&event).ok()?;
        let first = report
            .matches()
            .iter()
            .min_by_key(|one| self.order[**one])?;
        Some(**first)
    }
}
