//! Plans from their folder into force: read, checked, compiled beside the old ones, then swapped.
//!
//! One worker does all of it, so two reloads never meet, on threads that give way to lanes;
//! plans of several tenants are read and compiled side by side. It wakes when a watched
//! folder changes, on an order (SIGHUP, `POST /-/reload`), and once a minute for file systems
//! that tell nobody. Only tenants whose files changed are read again, and only those whose
//! content changed are compiled. A plan that is broken, or that the guard refuses, changes
//! nothing: the old one stays, and the reason is in the log, on the board and in the metrics.

mod asked;
mod files;
mod guard;
mod reading;
mod watch;
mod worker;

pub use guard::Guard;
pub use worker::Worker;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use tracing::{info, warn};

use crate::board::{Board, PlanStatus, ReloadReport};
use crate::event::Timestamp;
use crate::metrics::{Metrics, PlanNames, ReloadResult};
use crate::plan;
use crate::route::{Plans, Snapshot};

use files::Fingerprint;
use reading::{Read, refuse_repeated};

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
    /// How each tenant's last attempt ended, and whose was counted in this round.
    ended: BTreeMap<Box<str>, ReloadResult>,
    round: BTreeSet<Box<str>>,
    /// Plans out of force that a lane may still hold. They are dropped here, as dropping a
    /// large plan takes longer than a batch.
    retired: Vec<Arc<Snapshot>>,
}

/// What was read of one plan folder.
struct Seen {
    tenant: Box<str>,
    fingerprint: Option<Fingerprint>,
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
            ended: BTreeMap::new(),
            round: BTreeSet::new(),
            retired: Vec::new(),
        };
        let folders = plan::discover(&reload.options.path);
        let folders = folders.map_err(|problem| BrokenPlans(reading::told(problem)))?;
        let reads = folders.into_par_iter().map(Read::of).collect();
        let reads = refuse_repeated(reads, BTreeMap::new());
        let broken: Vec<String> = reads.iter().filter_map(Read::at_length).collect();
        if !broken.is_empty() && !reload.options.allow_broken {
            return Err(BrokenPlans(broken.join("\n\n")));
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
        self.round.clear();
        let folders = match plan::discover(&self.options.path) {
            Ok(folders) => folders,
            Err(problem) => return self.keep_all(&problem.to_string()),
        };
        self.folders.retain(|path, _| folders.contains(path));
        let this = &*self;
        let changed: Vec<Read> = folders
            .into_par_iter()
            .filter_map(|folder| this.read_if_changed(folder, force))
            .collect();
        let others = self.tenants_besides(&changed);
        let reads = refuse_repeated(changed, others);
        let mut report = self.take(reads, force);
        self.settle_orphans(force, &mut report);
        self.report_standing(&mut report);
        self.board.set_plans(self.statuses.clone());
        report
    }

    /// Adds the tenants whose files are as they were and still not taken, so that whoever asks
    /// hears it each time. In a round that nobody asked for it is no news for the log.
    fn report_standing(&self, report: &mut ReloadReport) {
        let told: BTreeSet<Box<str>> = report.failed.iter().map(|(one, _)| one.clone()).collect();
        for (tenant, status) in &self.statuses {
            if let Some(why) = status.failure.as_ref().filter(|_| !told.contains(tenant)) {
                report.failed.push((tenant.clone(), why.clone()));
            }
        }
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
        (force || !same).then(|| Read::of(folder))
    }

    /// The tenants of folders other than those just read, with their folders.
    fn tenants_besides(&self, reads: &[Read]) -> BTreeMap<Box<str>, PathBuf> {
        let besides = self
            .folders
            .iter()
            .filter(|(path, _)| reads.iter().all(|read| read.folder != **path));
        besides
            .map(|(path, seen)| (seen.tenant.clone(), path.clone()))
            .collect()
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
        let began = Instant::now();
        let reading = read.took;
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
        self.count(&tenant, result);
        self.metrics
            .plans
            .reload
            .observe((reading + began.elapsed()).as_secs_f64());
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
            if self.status(&tenant).failure.take().is_some() {
                let version = &*version;
                info!(
                    tenant,
                    version, "the plan in the folder is the one in force again"
                );
            }
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
        self.metrics.decisions.announce(tenant, &names(plan));
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

    /// Keeps every plan because the folder as a whole cannot be read, and reads all of them
    /// again when it can be.
    fn keep_all(&mut self, why: &str) -> ReloadReport {
        let mut report = ReloadReport::default();
        for seen in self.folders.values_mut() {
            seen.fingerprint = None;
        }
        let tenants: Vec<Box<str>> = self.statuses.keys().cloned().collect();
        for tenant in tenants {
            self.keep_on(&tenant, ReloadResult::Broken, why, &mut report);
        }
        self.board.set_plans(self.statuses.clone());
        report
    }

    /// Settles what becomes of tenants that no folder has a plan for any more. A plan goes
    /// only by force: without one the tenant's leads would be dead letters.
    fn settle_orphans(&mut self, force: bool, report: &mut ReloadReport) {
        let claimed: BTreeSet<&str> = self.folders.values().map(|seen| &*seen.tenant).collect();
        let known = self.statuses.keys().cloned();
        let orphans: Vec<Box<str>> = known.filter(|one| !claimed.contains(&**one)).collect();
        for tenant in orphans {
            let in_force = self.plans.load().contains_key(&tenant);
            if in_force && !force {
                let why = "no folder has a plan of this tenant any more; \
                           the plan stays in force until a reload is forced";
                self.keep_on(&tenant, ReloadResult::Refused, why, report);
            } else {
                self.remove(&tenant, report);
            }
        }
    }

    fn remove(&mut self, tenant: &str, report: &mut ReloadReport) {
        self.statuses.remove(tenant);
        self.ended.remove(tenant);
        let mut plans = Plans::clone(&self.plans.load());
        let Some(old) = plans.remove(tenant) else {
            return;
        };
        self.metrics.plans.gone(tenant, &old.plan.version);
        self.metrics.decisions.forget(tenant);
        self.retired.push(old);
        self.plans.store(Arc::new(plans));
        warn!(tenant, "plan removed");
        report.changed.push((tenant.into(), None));
    }

    /// Keeps a plan for a reason that the worker's rounds find each time, which is news and
    /// counts only once.
    fn keep_on(
        &mut self,
        tenant: &str,
        result: ReloadResult,
        why: &str,
        report: &mut ReloadReport,
    ) {
        if self.status(tenant).failure.as_deref() == Some(why) {
            return report.failed.push((tenant.into(), why.to_owned()));
        }
        let result = self.keep(tenant, result, why.to_owned(), report);
        self.count(tenant, result);
    }

    fn count(&mut self, tenant: &str, result: ReloadResult) {
        self.metrics.plans.reloaded(tenant, result);
        self.ended.insert(tenant.into(), result);
        self.round.insert(tenant.into());
    }

    fn status(&mut self, tenant: &str) -> &mut PlanStatus {
        self.statuses.entry(tenant.into()).or_default()
    }
}

/// The names that have metrics of their own.
fn names(plan: &plan::Plan) -> PlanNames<'_> {
    let of = |overlay: bool| {
        let territories = plan.territories.iter();
        let chosen = territories.filter(move |one| one.overlay == overlay);
        chosen.map(|one| &*one.id).collect()
    };
    PlanNames {
        territories: of(false),
        overlays: of(true),
        teams: plan.teams.iter().map(|one| &*one.id).collect(),
    }
}

fn folder_name(folder: &Path) -> Box<str> {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into()
}

fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
