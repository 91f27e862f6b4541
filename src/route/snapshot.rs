//! A plan with everything compiled from it: what a lane holds while it works through a batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::plan::{Normaliser, Plan};

use super::Router;

/// Every tenant's plan, by tenant. Published as a whole, so that a batch sees one set.
pub type Plans = BTreeMap<Box<str>, Arc<Snapshot>>;

/// One tenant's plan, ready for use. Immutable.
#[derive(Debug)]
pub struct Snapshot {
    pub plan: Plan,
    pub normaliser: Normaliser,
    pub router: Router,
}

impl Snapshot {
    /// Compiles what a plan needs.
    pub fn build(plan: Plan) -> Self {
        let (normaliser, router) =
            rayon::join(|| Normaliser::new(&plan), || Router::compile(&plan));
        Self {
            normaliser,
            router,
            plan,
        }
    }
}
