//! Families with an open label, bounded so that their number of series is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use prometheus::{IntCounter, IntCounterVec};

use super::Bounds;
use super::register::Register;

/// The label of everything beyond the bound.
const OTHER: &str = "other";

/// Counters by tenant and name.
type Series = BTreeMap<Box<str>, BTreeMap<Box<str>, IntCounter>>;

/// A family with an open label, bounded: the first come get series of their own.
pub struct Bounded {
    family: IntCounterVec,
    limit: usize,
    series: Mutex<Series>,
}

impl Bounded {
    pub fn territories(register: &Register<'_>, bounds: Bounds) -> Self {
        let family = register.counters(
            "bailiwick_territory_decisions_total",
            "Decisions by the territory that owns the lead; `other` beyond metrics.territories.",
            &["tenant", "territory"],
        );
        Self::new(family, bounds.territories)
    }

    pub fn teams(register: &Register<'_>, bounds: Bounds) -> Self {
        let family = register.counters(
            "bailiwick_team_assignments_total",
            "Leads assigned to a team's reps; `other` beyond metrics.teams.",
            &["tenant", "team"],
        );
        Self::new(family, bounds.teams)
    }

    fn new(family: IntCounterVec, limit: usize) -> Self {
        let series = Mutex::default();
        Self {
            family,
            limit,
            series,
        }
    }

    /// Counts one for each pair of tenant and name. One lock a batch.
    pub fn count<'d>(&self, pairs: impl Iterator<Item = (&'d str, &'d str)>) {
        // A panic elsewhere leaves the map whole: it only ever grows by complete entries.
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        for (tenant, name) in pairs {
            match series.get(tenant).and_then(|names| names.get(name)) {
                Some(counter) => counter.inc(),
                None => self.count_new(&mut series, tenant, name),
            }
        }
    }

    fn count_new(&self, series: &mut Series, tenant: &str, name: &str) {
        if series.values().map(BTreeMap::len).sum::<usize>() >= self.limit {
            return self.family.with_label_values(&[OTHER, OTHER]).inc();
        }
        let counter = self.family.with_label_values(&[tenant, name]);
        counter.inc();
        series
            .entry(tenant.into())
            .or_default()
            .insert(name.into(), counter);
    }
}
