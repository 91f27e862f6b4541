//! Plans given on the command line: read, checked, compiled, or every problem of theirs said.

use std::path::Path;
use std::sync::Arc;

use crate::event::Timestamp;
use crate::plan::{self, Plan};
use crate::route::{Plans, Snapshot};

use super::failure::{Exit, Failure};
use super::output::{colors, say};

/// One or more plans by tenant, ready for use.
pub struct Compiled {
    /// Sorted by tenant.
    snapshots: Vec<Snapshot>,
}

impl Compiled {
    /// The plan a lead of `tenant` falls under.
    pub fn of(&self, tenant: &str) -> Option<&Snapshot> {
        let found = self
            .snapshots
            .binary_search_by(|one| (*one.plan.tenant).cmp(tenant));
        Some(&self.snapshots[found.ok()?])
    }

    /// The tenant of a lead that names none: the plan's, if there is one plan.
    pub fn default_tenant(&self) -> &str {
        match self.snapshots.as_slice() {
            [only] => &only.plan.tenant,
            _ => crate::event::DEFAULT_TENANT,
        }
    }

    /// The plans as a daemon would publish them.
    pub fn into_plans(self) -> Arc<Plans> {
        let named = |snapshot: Snapshot| (snapshot.plan.tenant.clone(), Arc::new(snapshot));
        Arc::new(self.snapshots.into_iter().map(named).collect())
    }

    /// The tenants there are, for saying so.
    pub fn tenants(&self) -> String {
        let names: Vec<&str> = self.snapshots.iter().map(|one| &*one.plan.tenant).collect();
        names.join(", ")
    }
}

/// Reads and compiles the plan or plans at `path`. Problems go to standard error; warnings
/// stop nothing.
pub fn compile(path: &Path) -> Result<Compiled, Failure> {
    let folders = plan::discover(path).map_err(Failure::bad_config)?;
    let plans: Vec<Option<Plan>> = folders.iter().map(|one| load(one)).collect();
    let all: Option<Vec<Plan>> = plans.into_iter().collect();
    let Some(plans) = all else {
        return Err(Failure::silent(Exit::BadConfig));
    };
    let mut snapshots: Vec<Snapshot> = plans.into_iter().map(Snapshot::build).collect();
    snapshots.sort_by(|one, other| one.plan.tenant.cmp(&other.plan.tenant));
    match repeated(&snapshots) {
        Some(tenant) => Err(Failure::bad_config(format_args!(
            "{}: tenant `{tenant}` has more than one plan; give each plan a tenant of its own",
            path.display()
        ))),
        None => Ok(Compiled { snapshots }),
    }
}

fn load(folder: &Path) -> Option<Plan> {
    let loaded = plan::load(folder);
    if loaded.plan.is_none() {
        let text = loaded.problems.render_text(colors(&std::io::stderr()));
        say(text.trim_end());
    }
    loaded.plan
}

fn repeated(snapshots: &[Snapshot]) -> Option<&str> {
    let pair = snapshots
        .windows(2)
        .find(|pair| pair[0].plan.tenant == pair[1].plan.tenant)?;
    Some(&pair[0].plan.tenant)
}

/// The wall clock, for what takes effect at a date; commands take `--at` to fix it.
pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// Reads `--at`.
pub fn parse_moment(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| {
        "expected an RFC 3339 date and time such as 2026-11-23T08:15:30Z, or a date".to_owned()
    })
}
