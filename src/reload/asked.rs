//! A reload that somebody asked for, by a signal or a request: whatever comes of it is said and
//! counted, also when it is no news.

use tracing::{info, warn};

use crate::board::ReloadReport;
use crate::metrics::ReloadResult;

use super::Reload;

impl Reload {
    /// Reads again like a round of the worker's own, counts each tenant once, and gives the log
    /// one line with the result.
    pub fn asked(&mut self, force: bool) -> ReloadReport {
        let report = self.again(force);
        self.count_the_rest();
        match (&*tenants(&report), &*reasons(&report)) {
            ("", "") => info!("plans read again as asked: nothing changed"),
            (changed, "") => info!(changed, "plans read again as asked: taken"),
            (changed, reason) => {
                warn!(changed, reason, "plans read again as asked: not all taken");
            }
        }
        report
    }

    /// Counts the tenants whose files are as they were: what is in force is unchanged, and what
    /// was not taken is not taken once more.
    fn count_the_rest(&self) {
        for tenant in self
            .statuses
            .keys()
            .filter(|one| !self.round.contains(*one))
        {
            let result = match self.ended.get(tenant) {
                Some(failed @ (ReloadResult::Broken | ReloadResult::Refused)) => *failed,
                _ => ReloadResult::Unchanged,
            };
            self.metrics.plans.reloaded(tenant, result);
        }
    }
}

fn tenants(report: &ReloadReport) -> String {
    let changed: Vec<&str> = report.changed.iter().map(|(tenant, _)| &**tenant).collect();
    changed.join(", ")
}

fn reasons(report: &ReloadReport) -> String {
    let failed = report.failed.iter();
    let failed: Vec<String> = failed.map(|(one, why)| format!("{one}: {why}")).collect();
    failed.join("; ")
}
