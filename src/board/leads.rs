//! A bounded sample of each tenant's recent leads, for trying a new plan before it is taken.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::event::Lead;

/// Leads of late, by tenant. They stay in memory and are never printed.
pub struct RecentLeads {
    by_tenant: Mutex<BTreeMap<Box<str>, VecDeque<Lead<'static>>>>,
    limit: usize,
}

impl RecentLeads {
    pub(super) fn new(limit: usize) -> Self {
        let by_tenant = Mutex::default();
        Self { by_tenant, limit }
    }

    /// Remembers a lead in place of its tenant's oldest. A lane offers a few of each batch;
    /// when another lane is just doing so, this one's lead is not missed.
    pub fn offer(&self, lead: &Lead<'_>) {
        let Ok(mut tenants) = self.by_tenant.try_lock() else {
            return;
        };
        if self.limit == 0 {
            return;
        }
        if !tenants.contains_key(&*lead.tenant) {
            tenants.insert((*lead.tenant).into(), VecDeque::new());
        }
        if let Some(ring) = tenants.get_mut(&*lead.tenant) {
            if ring.len() == self.limit {
                ring.pop_front();
            }
            ring.push_back(lead.clone().into_owned());
        }
    }

    /// The tenant's leads of late, oldest first.
    pub fn of(&self, tenant: &str) -> Vec<Lead<'static>> {
        let tenants = self
            .by_tenant
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        tenants
            .get(tenant)
            .map(|ring| ring.iter().cloned().collect())
            .unwrap_or_default()
    }
}
