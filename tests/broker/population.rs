//! Many leads of many tenants, drawn once and then varied, so that 200,000 take seconds.

use serde_json::Value;

use bailiwick::cli::demo::traffic::{Arrivals, Settings, Traffic};
use bailiwick::event::Timestamp;

/// Realistic leads that the rest are varied from.
const DRAWN: usize = 1_000;

/// Tenants called `t0` and so on.
pub fn tenants(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("t{number}")).collect()
}

/// One lead to be produced.
pub struct Produced {
    pub id: String,
    pub value: Vec<u8>,
}

/// An endless stream of distinct leads; the same seed gives the same ones.
pub fn leads(seed: u64, tenants: &[String]) -> impl Iterator<Item = Produced> + use<> {
    let settings = Settings {
        seed,
        start: Timestamp(1_795_421_730_000),
        tenants: vec!["any".into()],
        arrivals: Arrivals::Steady { per_second: 100.0 },
        life: None,
    };
    let drawn: Vec<Value> = Traffic::new(settings)
        .take(DRAWN)
        .map(|record| serde_json::from_slice(&record.value).expect("the generator writes JSON"))
        .collect();
    let tenants = tenants.to_vec();
    (0..).map(move |number: usize| {
        vary(
            &drawn[number % DRAWN],
            number,
            &tenants[number % tenants.len()],
        )
    })
}

/// Makes a drawn lead another one: its id, its tenant, and mostly its person.
fn vary(drawn: &Value, number: usize, tenant: &str) -> Produced {
    let (mut lead, id) = (drawn.clone(), format!("L-{number}"));
    lead["id"] = id.clone().into();
    lead["tenant"] = tenant.into();
    // One lead in eight keeps its person, who is then a duplicate of an earlier round.
    if !number.is_multiple_of(8) {
        lead["contact"]["email"] = format!("p{number}@example.com").into();
        lead["contact"]["phone"] = Value::Null;
    }
    let value = serde_json::to_vec(&lead).expect("a value has text keys");
    Produced { id, value }
}
