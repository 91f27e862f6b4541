//! Seeded plans that use the whole language: trees over five layers of places, overlays, groups, and every kind of condition.

use bailiwick::plan::{Area, Condition, Dimension, Plan, TerritoryIx, Test};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::leads::{CAMPAIGNS, INDUSTRIES, SOURCES, industry};
use super::plans::{attribute, between, layer, push, text, with_accounts};

/// Segments at the top, the last of which are overlays.
const TOPS: usize = 16;
const OVERLAYS: usize = 4;

/// Territories of one place: itself, and two that divide it, each with one below. Of each how
/// far before it lies its parent.
const FAMILY: usize = 5;
const ABOVE: [usize; FAMILY] = [0, 1, 1, 3, 1];

/// At the top segments of the whole country, below them places, below these what attributes
/// and groups divide, two levels deep. A quarter of the trees are overlays.
pub fn plan(counties: &[Area], count: usize) -> Plan {
    let mut plan = with_accounts(counties);
    let mut random = SmallRng::seed_from_u64(8);
    let codes = plan.gazetteer.nodes().len();
    for at in 0..TOPS {
        let top = plan.territories.len();
        push(&mut plan, format!("top-{at:02}"), segment(at));
        plan.territories[top].overlay = at >= TOPS - OVERLAYS;
        // Depth first, as a plan that is read has its territories.
        for number in 0..(count / TOPS).saturating_sub(1) {
            let next = plan.territories.len();
            let id = format!("top-{at:02}-{number:07}");
            if number % FAMILY == 0 {
                let place = layer(&mut random, counties, codes, number / FAMILY);
                below(&mut plan, top, id, vec![place]);
            } else {
                let mut parts = vec![asked(&mut random)];
                parts.extend(random.random_bool(0.5).then(|| attribute(&mut random)));
                below(&mut plan, next - ABOVE[number % FAMILY], id, parts);
            }
        }
    }
    plan
}

/// A segment of the whole country. All but the first ask for something.
fn segment(at: usize) -> Vec<Condition> {
    let country = text(Dimension::Country, "us");
    let other = match at % TOPS {
        0 => return vec![country],
        1..=3 => text(Dimension::Language, "en"),
        4..=6 => text(Dimension::Campaign, CAMPAIGNS[at % CAMPAIGNS.len()]),
        7..=9 => between(Dimension::Orders, Some(at as f64), None),
        10 | 11 => between(Dimension::LifetimeValue, Some(at as f64 * 1000.0), None),
        12 => test(Dimension::Campaign, Test::Exists(true)),
        _ => not(text(Dimension::Language, "es")),
    };
    vec![country, other]
}

/// Puts a territory under another.
fn below(plan: &mut Plan, parent: usize, id: String, parts: Vec<Condition>) {
    push(plan, id, parts);
    let (depth, overlay) = (
        plan.territories[parent].depth,
        plan.territories[parent].overlay,
    );
    if let Some(last) = plan.territories.last_mut() {
        last.parent = Some(TerritoryIx(parent as u32));
        last.depth = depth + 1;
        last.overlay = overlay;
    }
}

/// One condition, of any kind that is no place.
fn asked(random: &mut SmallRng) -> Condition {
    let source = |random: &mut SmallRng| SOURCES[random.random_range(0..SOURCES.len())];
    match random.random_range(0..10) {
        0 => text(
            Dimension::Campaign,
            CAMPAIGNS[random.random_range(0..CAMPAIGNS.len())],
        ),
        1 => text(
            Dimension::Language,
            if random.random() { "en" } else { "es" },
        ),
        2 => {
            let least = f64::from(random.random_range(0..20));
            between(Dimension::Orders, Some(least), Some(least + 6.0))
        }
        3 => {
            let least = f64::from(random.random_range(0..8)) * 10_000.0;
            between(Dimension::LifetimeValue, Some(least), None)
        }
        4 => Condition::Any(vec![
            text(
                Dimension::Industry,
                &industry(random.random_range(0..INDUSTRIES)),
            ),
            text(Dimension::Source, source(random)),
        ]),
        5 => not(Condition::All(vec![
            text(Dimension::Language, "en"),
            text(Dimension::Source, source(random)),
        ])),
        6 => test(
            Dimension::Source,
            Test::Prefix(vec![source(random)[..2].into()]),
        ),
        _ => attribute(random),
    }
}

fn test(dimension: Dimension, test: Test) -> Condition {
    Condition::Clause(bailiwick::plan::Clause { dimension, test })
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}
