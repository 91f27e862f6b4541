//! An engine of rules that knows no geography: an A-Tree of boolean expressions, or one a county.

use a_tree::{ATree, AttributeDefinition};
use bailiwick::plan::Plan;

use super::{Flat, Rule};

/// Rules as boolean expressions, each with its place in their order: the first that matches
/// wins.
pub struct Trees {
    /// One tree for all, or one a county.
    trees: Vec<ATree<u32>>,
    territories: Vec<u32>,
    is_whole: bool,
}

impl Trees {
    pub fn whole(plan: &Plan, rules: &[Rule]) -> Self {
        let mut tree = tree(true);
        for (rule, at) in rules.iter().zip(0..) {
            let county = &plan.areas[rule.area as usize].id;
            let text = format!("county = \"{county}\"{}", rest(rule, " and "));
            insert(&mut tree, at, &text);
        }
        Self::of(vec![tree], rules, true)
    }

    pub fn by_county(plan: &Plan, rules: &[Rule]) -> Self {
        let mut trees: Vec<ATree<u32>> = plan.areas.iter().map(|_| tree(false)).collect();
        for (rule, at) in rules.iter().zip(0..) {
            // Its language has no expression that is always true.
            let text = match rest(rule, "") {
                text if text.is_empty() => "is_lead".to_owned(),
                text => text,
            };
            insert(&mut trees[rule.area as usize], at, &text);
        }
        Self::of(trees, rules, false)
    }

    fn of(trees: Vec<ATree<u32>>, rules: &[Rule], is_whole: bool) -> Self {
        Self {
            trees,
            territories: rules.iter().map(|rule| rule.territory).collect(),
            is_whole,
        }
    }

    pub fn route(&self, lead: &Flat<'_>) -> Option<u32> {
        let tree = &self.trees[if self.is_whole { 0 } else { lead.area }];
        let mut event = tree.make_event();
        match self.is_whole {
            true => event.with_string("county", lead.county).ok()?,
            false => event.with_boolean("is_lead", true).ok()?,
        }
        match lead.industry {
            Some(code) => event.with_string("industry", code).ok()?,
            None => event.with_undefined("industry").ok()?,
        }
        match lead.employees {
            Some(count) => event.with_integer("employees", count as i64).ok()?,
            None => event.with_undefined("employees").ok()?,
        }
        let event = event.build().ok()?;
        let report = tree.search(&event).ok()?;
        let first = report.matches().iter().min()?;
        Some(self.territories[**first as usize])
    }
}

fn tree(is_whole: bool) -> ATree<u32> {
    let place = match is_whole {
        true => AttributeDefinition::string("county"),
        false => AttributeDefinition::boolean("is_lead"),
    };
    let definitions = [
        place,
        AttributeDefinition::string("industry"),
        AttributeDefinition::integer("employees"),
    ];
    ATree::new(&definitions).expect("the attributes are all different")
}

fn insert(tree: &mut ATree<u32>, at: u32, text: &str) {
    tree.insert(&at, text)
        .expect("the expression is in its language");
}

/// What a rule asks beside the county, each part but the first after ` and `.
fn rest(rule: &Rule, before: &str) -> String {
    let mut parts = Vec::new();
    parts.extend(
        rule.industry
            .iter()
            .map(|code| format!("industry = \"{code}\"")),
    );
    if let Some((min, max)) = rule.employees {
        parts.push(format!("employees >= {min}"));
        parts.extend(max.map(|max| format!("employees < {max}")));
    }
    match parts.is_empty() {
        true => String::new(),
        false => format!("{before}{}", parts.join(" and ")),
    }
}
