//! Plans from their folder into force: read, checked, compiled beside the old ones, then swapped.
//!
//! One worker thread does all of it, so two reloads never meet. It wakes when a watched
//! folder changes, on an order (SIGHUP, `POST /-/reload`), and once a minute for file systems
//! that tell nobody. Only tenants whose files changed are read again, and only those whose
//! content changed are compiled. A plan that is broken, or that the guard refuses, changes
//! nothing: the old one stays, and the reason is in the log, on the board and in the metrics.

mod files;
mod guard;
mod watch;
mod worker;

pub use guard::Guard;
pub use worker::Worker;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tracing::{info, warn};

use crate::board::{Board, PlanStatus, ReloadReport};
use crate::event::Timestamp;
use crate::metrics::{Metrics, ReloadResult};
use crate::plan::{self, Problems};
use crate::route::{Plans, Snapshot};

use files::Fingerprint;

/// Where plans come from and when one is refused.
#[derive(Clone, Debug)]
pub struct Options {
    /// A folder with one plan folder a tenant, or a single plan.
    pub path: PathBuf,
    /// How long the folder must be quiet before it is read.
    pub debounce: Duration,
    pub guard: Guard,
    /// Begin without the tenants whose plans are broken, instead of not at all.
    pub allow_broken: bool,
}

/// Why the daemon cannot begin: every problem of every plan, as text for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenPlans(pub String);

impl std::error::Error for BrokenPlans {}

impl fmt::Display for BrokenPlans {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The plans in force and what is known of the files they came from.
pub struct Reload {
    options: Options,
    plans: Arc<ArcSwap<Plans>>,
    board: Board,
    metrics: Metrics,
    /// What was last read of each plan folder, broken or not.
    folders: BTreeMap<PathBuf, Seen>,
    statuses: BTreeMap<Box<str>, PlanStatus>,
    /// Plans out of force that a lane may still hold. They are dropped here, as dropping a
    /// large plan takes longer than a batch.
    retired: Vec<Arc<Snapshot>>,
}

/// What was read of one plan folder.
struct Seen {
    tenant: Box<str>,
    fingerprint: Option<Fingerprint>,
}

/// A plan folder read and checked, but not in force.
struct Read {
    folder: PathBuf,
    fingerprint: Option<Fingerprint>,
    plan: Result<plan::Plan, String>,
    problems: Problems,
}

impl Reload {
    /// Reads every plan for the first time.
    ///
    /// # Errors
    /// When a plan is broken or there is none, with all problems; unless that is allowed.
    pub fn first(options: Options, board: Board, metrics: Metrics) -> Result<Self, BrokenPlans> {
        let mut reload = Self {
            options,
            plans: Arc::new(ArcSwap::from_pointee(Plans::new())),
            board,
            metrics,
            folders: BTreeMap::new(),
            statuses: BTreeMap::new(),
            retired: Vec::new(),
        };
        let reads = match plan::discover(&reload.options.path) {
            Ok(folders) => folders
                .into_iter()
                .map(|folder| reload.read(folder))
                .collect(),
            Err(problem) => {
                return Err(BrokenPlans(Problems::new(vec![problem]).render_text(false)));
            }
        };
        let reads = refuse_repeated(reads);
        let broken: Vec<&String> = reads
            .iter()
            .filter_map(|read| read.plan.as_ref().err())
            .collect();
        if !broken.is_empty() && !reload.options.allow_broken {
            let all: Vec<&str> = broken.into_iter().map(String::as_str).collect();
            return Err(BrokenPlans(all.join("\n")));
        }
        reload.take(reads, true);
        Ok(reload)
    }

    /// The plans in force, for lanes and views.
    pub fn plans(&self) -> Arc<ArcSwap<Plans>> {
        self.plans.clone()
    }

    /// Reads what changed and puts it into force, unless it is broken or the guard objects.
    pub fn again(&mut self, force: bool) -> ReloadReport {
        self.drop_retired();
        let folders = match plan::discover(&self.options.path) {
            Ok(folders) => folders,
            Err(problem) => return self.keep_all(&problem.to_string()),
        };
        let gone = self.gone(&folders);
        let changed = folders
            .into_iter()
            .filter_map(|folder| self.read_if_changed(folder, force));
        let reads = refuse_repeated(changed.collect());
        let mut report = self.take(reads, force);
        for (folder, tenant) in gone {
            self.remove(&folder, &tenant, force, &mut report);
        }
        self.board.set_plans(self.statuses.clone());
        report
    }

    /// Drops plans out of force that nobody holds any more.
    pub fn drop_retired(&mut self) -> bool {
        self.retired.retain(|one| Arc::strong_count(one) > 1);
        self.retired.is_empty()
    }

    fn read_if_changed(&self, folder: PathBuf, force: bool) -> Option<Read> {
        let fingerprint = files::fingerprint(&folder);
        let seen = self.folders.get(&folder);
        let same =
            seen.is_some_and(|seen| fingerprint.is_some() && seen.fingerprint == fingerprint);
        // A forced reload tries again what the guard refused of the same files.
        (force || !same).then(|| self.read(folder))
    }

    fn read(&self, folder: PathBuf) -> Read {
        // Taken before the files are read: a change in between is then seen next time.
        let fingerprint = files::fingerprint(&folder);
        let loaded = plan::load(&folder);
        let plan = loaded
            .plan
            .ok_or_else(|| loaded.problems.render_text(false));
        Read {
            folder,
            fingerprint,
            plan,
            problems: loaded.problems,
        }
    }

    /// Puts what was read into force, tenant by tenant, and publishes all at once.
    fn take(&mut self, reads: Vec<Read>, force: bool) -> ReloadReport {
        let mut report = ReloadReport::default();
        let mut plans = Plans::clone(&self.plans.load());
        for read in reads {
            self.take_one(read, force, &mut plans, &mut report);
        }
        if !report.changed.is_empty() {
            self.plans.store(Arc::new(plans));
            self.metrics.plans.changed_at.set(now().0 as f64 / 1_000.0);
        }
        self.board.set_plans(self.statuses.clone());
        report
    }

    fn take_one(&mut self, read: Read, force: bool, plans: &mut Plans, report: &mut ReloadReport) {
        let begun = Instant::now();
        let known = self
            .folders
            .get(&read.folder)
            .map(|seen| seen.tenant.clone());
        let tenant = match (&read.plan, known) {
            (Ok(plan), _) => plan.tenant.clone(),
            (Err(_), Some(known)) => known,
            (Err(_), None) => folder_name(&read.folder),
        };
        let seen = Seen {
            tenant: tenant.clone(),
            fingerprint: read.fingerprint,
        };
        self.folders.insert(read.folder, seen);
        let warnings = read.problems.warnings().count();
        let result = match read.plan {
            Err(why) => self.keep(&tenant, ReloadResult::Broken, why, report),
            Ok(plan) => self.replace(plan, warnings, force, plans, report),
        };
        self.metrics.plans.reloaded(&tenant, result);
        self.metrics
            .plans
            .reload
            .observe(begun.elapsed().as_secs_f64());
    }

    /// Compiles a valid plan and puts it in place of its tenant's old one.
    fn replace(
        &mut self,
        plan: plan::Plan,
        warnings: usize,
        force: bool,
        plans: &mut Plans,
        report: &mut ReloadReport,
    ) -> ReloadResult {
        let (tenant, version) = (plan.tenant.clone(), plan.version.clone());
        let old = plans.get(&tenant).cloned();
        if old.as_ref().is_some_and(|old| old.plan.version == version) {
            self.status(&tenant).failure = None;
            return ReloadResult::Unchanged;
        }
        let new = Arc::new(Snapshot::build(plan));
        let leads = self.board.leads().of(&tenant);
        let objection = old
            .as_ref()
            .and_then(|old| self.options.guard.objection(old, &new, &leads, now()));
        if let (Some(why), false) = (objection, force) {
            return self.keep(&tenant, ReloadResult::Refused, why, report);
        }
        self.publish(&tenant, old.as_deref(), &new, warnings);
        plans.insert(tenant.clone(), new);
        self.retired.extend(old);
        report.changed.push((tenant, Some(version)));
        ReloadResult::Changed
    }

    fn publish(&mut self, tenant: &str, old: Option<&Snapshot>, new: &Snapshot, warnings: usize) {
        let plan = &new.plan;
        let before = old.map(|old| &*old.plan.version);
        let (territories, reps) = (plan.territories.len(), plan.reps.len());
        self.metrics
            .plans
            .in_force(tenant, before, &plan.version, territories, reps);
        *self.status(tenant) = PlanStatus {
            version: Some(plan.version.clone()),
            since: Some(now()),
            failure: None,
            warnings,
        };
        let (version, before) = (&*plan.version, before.unwrap_or("none"));
        info!(
            tenant,
            version, before, territories, reps, warnings, "plan in force"
        );
    }

    /// Keeps a tenant's old plan, and says why.
    fn keep(
        &mut self,
        tenant: &str,
        result: ReloadResult,
        why: String,
        report: &mut ReloadReport,
    ) -> ReloadResult {
        let version = self.status(tenant).version.clone();
        let kept = version.as_deref().unwrap_or("none");
        warn!(tenant, kept, reason = why, "plan not taken");
        self.status(tenant).failure = Some(why.clone());
        report.failed.push((tenant.into(), why));
        result
    }

    /// Keeps every plan because the folder as a whole cannot be read.
    fn keep_all(&mut self, why: &str) -> ReloadReport {
        let mut report = ReloadReport::default();
        let folders: Vec<PathBuf> = self.folders.keys().cloned().collect();
        for folder in folders {
            self.keep_unread(&folder, ReloadResult::Broken, why, &mut report);
        }
        self.board.set_plans(self.statuses.clone());
        report
    }

    /// Keeps the plan of a folder that cannot be read now, and reads it again when it can be.
    /// The worker's rounds find the same fault each time, which is news only once.
    fn keep_unread(
        &mut self,
        folder: &Path,
        result: ReloadResult,
        why: &str,
        report: &mut ReloadReport,
    ) {
        let Some(seen) = self.folders.get_mut(folder) else {
            return;
        };
        seen.fingerprint = None;
        let tenant = seen.tenant.clone();
        if self.status(&tenant).failure.as_deref() == Some(why) {
            return report.failed.push((tenant, why.to_owned()));
        }
        let result = self.keep(&tenant, result, why.to_owned(), report);
        self.metrics.plans.reloaded(&tenant, result);
    }

    /// Folders that are no longer there, with their tenants.
    fn gone(&self, folders: &[PathBuf]) -> Vec<(PathBuf, Box<str>)> {
        let missing = self
            .folders
            .iter()
            .filter(|(path, _)| !folders.contains(path));
        missing
            .map(|(path, seen)| (path.clone(), seen.tenant.clone()))
            .collect()
    }

    /// Takes a tenant's plan out of force, if that is forced: its leads would be dead letters.
    fn remove(&mut self, folder: &Path, tenant: &str, force: bool, report: &mut ReloadReport) {
        let elsewhere = self
            .folders
            .iter()
            .any(|(path, seen)| path != folder && &*seen.tenant == tenant);
        if elsewhere {
            self.folders.remove(folder);
            return;
        }
        if !force {
            let why = format!(
                "the plan folder {} is gone; the plan stays in force until a reload is forced",
                folder.display()
            );
            return self.keep_unread(folder, ReloadResult::Refused, &why, report);
        }
        self.folders.remove(folder);
        self.statuses.remove(tenant);
        let mut plans = Plans::clone(&self.plans.load());
        if let Some(old) = plans.remove(tenant) {
            self.metrics.plans.gone(tenant, &old.plan.version);
            self.retired.push(old);
            self.plans.store(Arc::new(plans));
            warn!(tenant, "plan removed");
            report.changed.push((tenant.into(), None));
        }
    }

    fn status(&mut self, tenant: &str) -> &mut PlanStatus {
        self.statuses.entry(tenant.into()).or_default()
    }
}

/// Of several folders with plans of one tenant, all but the first are broken.
fn refuse_repeated(mut reads: Vec<Read>) -> Vec<Read> {
    let mut first: BTreeMap<Box<str>, PathBuf> = BTreeMap::new();
    for read in &mut reads {
        let Ok(plan) = &read.plan else { continue };
        let tenant = plan.tenant.clone();
        if let Some(other) = first.get(&tenant) {
            read.plan = Err(format!(
                "{}: tenant `{tenant}` has its plan in {} already; give one of them another tenant",
                read.folder.display(),
                other.display()
            ));
        } else {
            first.insert(tenant, read.folder.clone());
        }
    }
    reads
}

fn folder_name(folder: &Path) -> Box<str> {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into()
}

fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
