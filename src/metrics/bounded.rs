//! Families with an open label, bounded so that their number of series is.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus::{IntCounter, IntCounterVec};
use rustc_hash::FxHashMap;

use super::Bounds;
use super::register::Register;

/// The label of everything beyond the bound.
const OTHER: &str = "other";

/// The label of what has no territory or team.
pub const NONE: &str = "none";

/// A family with an open label, bounded: the names of the plans in force have series of their
/// own, first come first served, and all beyond the bound share one.
pub struct Bounded {
    family: IntCounterVec,
    other: IntCounter,
    limit: usize,
    series: Mutex<Series>,
}

/// Counters by tenant and name, and how many they are.
#[derive(Default)]
struct Series {
    counters: FxHashMap<Box<str>, FxHashMap<Box<str>, IntCounter>>,
    number: usize,
}

impl Bounded {
    pub fn territories(register: &Register<'_>, bounds: Bounds) -> Self {
        Self::new(
            register,
            "bailiwick_territory_decisions_total",
            "Decisions by the territory that owns the lead; `other` beyond metrics.territories.",
            "territory",
            bounds.territories,
        )
    }

    pub fn overlays(register: &Register<'_>, bounds: Bounds) -> Self {
        Self::new(
            register,
            "bailiwick_overlay_decisions_total",
            "Decisions that an overlay territory added an owner to; `other` beyond metrics.territories.",
            "territory",
            bounds.territories,
        )
    }

    pub fn teams(register: &Register<'_>, bounds: Bounds) -> Self {
        Self::new(
            register,
            "bailiwick_team_assignments_total",
            "Leads assigned to a team's reps; `other` beyond metrics.teams.",
            "team",
            bounds.teams,
        )
    }

    /// A family labelled by tenant and `label` with at most `limit` series and one for the rest.
    fn new(register: &Register<'_>, name: &str, help: &str, label: &str, limit: usize) -> Self {
        let family = register.counters(name, help, &["tenant", label]);
        Self {
            other: family.with_label_values(&[OTHER, OTHER]),
            family,
            limit,
            series: Mutex::default(),
        }
    }

    /// Makes the series of a tenant's names, so that they are there before the first count,
    /// and removes those of names it has no longer, which gives their room to others.
    pub fn announce<'n>(&self, tenant: &str, names: impl Iterator<Item = &'n str>) {
        let names: BTreeSet<&str> = names.chain([NONE]).collect();
        let mut series = self.lock();
        let kept = series.counters.remove(tenant).unwrap_or_default();
        series.number -= kept.len();
        let (kept, gone): (FxHashMap<_, _>, FxHashMap<_, _>) = kept
            .into_iter()
            .partition(|(name, _)| names.contains(&**name));
        for name in gone.keys() {
            // Not there is as good as removed.
            let _ = self.family.remove_label_values(&[tenant, name]);
        }
        series.number += kept.len();
        series.counters.insert(tenant.into(), kept);
        for name in names {
            self.counter(&mut series, tenant, name);
        }
    }

    /// Removes all series of a tenant that has no plan any more.
    pub fn forget(&self, tenant: &str) {
        let mut series = self.lock();
        let gone = series.counters.remove(tenant).unwrap_or_default();
        series.number -= gone.len();
        for name in gone.keys() {
            let _ = self.family.remove_label_values(&[tenant, name]);
        }
    }

    /// Counts one for each pair of tenant and name. One lock a batch.
    pub fn count<'d>(&self, pairs: impl Iterator<Item = (&'d str, &'d str)>) {
        let mut series = self.lock();
        for (tenant, name) in pairs {
            // Nearly always the series is there, and one look finds it.
            let known = series.counters.get(tenant).and_then(|all| all.get(name));
            match known {
                Some(counter) => counter.inc(),
                None => match self.counter(&mut series, tenant, name) {
                    Some(counter) => counter.inc(),
                    None => self.other.inc(),
                },
            }
        }
    }

    /// The counter of a name, made if there is room for it.
    fn counter<'s>(
        &self,
        series: &'s mut Series,
        tenant: &str,
        name: &str,
    ) -> Option<&'s IntCounter> {
        let known = series.counters.get(tenant);
        if known.is_none_or(|names| !names.contains_key(name)) {
            if series.number >= self.limit {
                return None;
            }
            let counter = self.family.with_label_values(&[tenant, name]);
            series.number += 1;
            let names = series.counters.entry(tenant.into()).or_default();
            names.insert(name.into(), counter);
        }
        series.counters.get(tenant)?.get(name)
    }

    fn lock(&self) -> MutexGuard<'_, Series> {
        // Nothing between two changes of the map can panic, so what is there is whole.
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
