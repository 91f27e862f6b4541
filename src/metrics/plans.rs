//! Which plans are in force, and how reloads went.

use prometheus::{Gauge, Histogram, IntCounter, IntGaugeVec};

use super::register::Register;

/// Reading, checking and compiling a plan: milliseconds for a small one, seconds for a million
/// territories.
const RELOAD_SECONDS: [f64; 10] = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// How an attempt to reload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadResult {
    /// A new plan is in force.
    Changed,
    /// The content is what was in force already.
    Unchanged,
    /// The plan has errors; the old one stays.
    Broken,
    /// The guard refused it; the old one stays.
    Refused,
}

const RESULTS: [&str; 4] = ["changed", "unchanged", "broken", "refused"];

/// Metrics of plans.
pub struct Plans {
    results: Vec<IntCounter>,
    failures: IntCounter,
    /// How long reading, checking and compiling took.
    pub reload: Histogram,
    /// When plans last changed, in seconds since 1970.
    pub changed_at: Gauge,
    info: IntGaugeVec,
    stale: IntGaugeVec,
    territories: IntGaugeVec,
    reps: IntGaugeVec,
}

impl Plans {
    pub(super) fn new(register: &Register<'_>) -> Self {
        let by_tenant = |name: &str, help: &str| register.int_gauges(name, help, &["tenant"]);
        Self {
            results: register.closed(
                "bailiwick_plan_reloads_total",
                "Attempts to reload a tenant's plan, by result.",
                "result",
                &RESULTS,
            ),
            failures: register.counter(
                "bailiwick_plan_reload_failures_total",
                "Attempts to reload that left an old plan in force because the new one is broken or was refused.",
            ),
            reload: register.histogram(
                "bailiwick_plan_reload_seconds",
                "How long reading, checking and compiling plans took.",
                &RELOAD_SECONDS,
            ),
            changed_at: register.gauge(
                "bailiwick_plan_changed_timestamp_seconds",
                "When a plan last changed.",
            ),
            info: register.int_gauges(
                "bailiwick_plan_info",
                "1 for the plan version in force of each tenant.",
                &["tenant", "version"],
            ),
            stale: by_tenant(
                "bailiwick_plan_stale",
                "1 while the plan in force is not the one in the folder, because that one is broken or was refused.",
            ),
            territories: by_tenant("bailiwick_plan_territories", "Territories in the plan in force."),
            reps: by_tenant("bailiwick_plan_reps", "Reps in the plan in force."),
        }
    }

    /// Counts one tenant's attempt.
    pub fn reloaded(&self, tenant: &str, result: ReloadResult) {
        self.results[result as usize].inc();
        let failed = matches!(result, ReloadResult::Broken | ReloadResult::Refused);
        if failed {
            self.failures.inc();
        }
        self.stale
            .with_label_values(&[tenant])
            .set(i64::from(failed));
    }

    /// Attempts that ended so, for views and tests.
    pub fn reloads_so_far(&self, result: ReloadResult) -> u64 {
        self.results[result as usize].get()
    }

    /// Shows a tenant's plan as the one in force, in place of `old`.
    pub fn in_force(
        &self,
        tenant: &str,
        old: Option<&str>,
        version: &str,
        territories: usize,
        reps: usize,
    ) {
        if let Some(old) = old {
            // Not there is as good as removed.
            let _ = self.info.remove_label_values(&[tenant, old]);
        }
        self.info.with_label_values(&[tenant, version]).set(1);
        self.stale.with_label_values(&[tenant]).add(0);
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.territories
            .with_label_values(&[tenant])
            .set(count(territories));
        self.reps.with_label_values(&[tenant]).set(count(reps));
    }

    /// Removes a tenant that has no plan any more.
    pub fn gone(&self, tenant: &str, version: &str) {
        let _ = self.info.remove_label_values(&[tenant, version]);
        for family in [&self.stale, &self.territories, &self.reps] {
            let _ = family.remove_label_values(&[tenant]);
        }
    }
}
