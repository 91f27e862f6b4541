//! Plans from real folders into force, and what keeps an old one there.

mod guard;
mod spoken;
mod start;
mod swaps;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bailiwick::board::{self, Board};
use bailiwick::metrics::{self, Metrics};
use bailiwick::reload::{Guard, Options, Reload, Worker};
use bailiwick::route::Plans;

/// Longer than any reload of these small plans, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder with plans, and what a daemon makes of it.
pub struct Site {
    pub folder: tempfile::TempDir,
    pub board: Board,
    pub metrics: Metrics,
    pub plans: Arc<ArcSwap<Plans>>,
    #[allow(dead_code, reason = "dropping the worker would end it")]
    pub worker: Option<Worker>,
}

/// A valid plan with one territory of the name given and reps 0 to `reps`.
pub fn plan(tenant: &str, territory: &str, reps: usize) -> String {
    let list: Vec<String> = (0..reps)
        .map(|rep| format!("  - {{id: r{rep}}}\n"))
        .collect();
    let names: Vec<String> = (0..reps).map(|rep| format!("r{rep}")).collect();
    format!(
        "version: 1\ntenant: {tenant}\nreps:\n{}teams:\n  - {{id: t, members: [{}]}}\nterritories:\n  - {{id: {territory}, where: {{source: [web]}}, team: t}}\n",
        list.concat(),
        names.join(", ")
    )
}

pub fn options(path: PathBuf) -> Options {
    Options {
        path,
        debounce: Duration::from_millis(30),
        guard: Guard {
            unrouted: 0.2,
            reps: 0.5,
        },
        allow_broken: false,
    }
}

pub fn write(path: impl AsRef<Path>, content: &str) {
    std::fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

impl Site {
    /// Reads the plans at `path` under the folder that `prepare` fills, and watches them.
    pub fn start(path: &str, prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let board = Board::new(board::Bounds {
            decisions: 1,
            leads: 100,
        });
        let metrics = Metrics::new(metrics::Bounds {
            territories: 1,
            teams: 1,
        });
        let options = options(folder.path().join(path));
        let reload = Reload::first(options, board.clone(), metrics.clone()).unwrap();
        let plans = reload.plans();
        let worker = Some(Worker::start(reload).unwrap());
        Self {
            folder,
            board,
            metrics,
            plans,
            worker,
        }
    }

    /// The one territory of a tenant's plan in force.
    pub fn territory(&self, tenant: &str) -> Option<String> {
        let plans = self.plans.load();
        let snapshot = plans.get(tenant)?;
        Some(snapshot.plan.territories[0].id.to_string())
    }

    pub fn wait_for(&self, what: &str, done: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !done(self) {
            assert!(begun.elapsed() < PATIENCE, "never: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn wait_for_territory(&self, tenant: &str, territory: &str) {
        self.wait_for(territory, |site| {
            site.territory(tenant).as_deref() == Some(territory)
        });
    }

    pub fn wait_for_failure(&self, tenant: &str, part: &str) {
        self.wait_for(part, |site| {
            site.failure(tenant).is_some_and(|why| why.contains(part))
        });
    }

    pub fn failure(&self, tenant: &str) -> Option<String> {
        self.board.plan_statuses().get(tenant)?.failure.clone()
    }

    /// Orders a reload and waits for its report.
    pub fn reload(&self, force: bool) -> board::ReloadReport {
        let report = self.board.order_reload(force).unwrap();
        report.blocking_recv().unwrap()
    }

    pub fn metric(&self, line: &str) -> bool {
        String::from_utf8(self.metrics.render())
            .unwrap()
            .contains(&format!("{line}\n"))
    }
}
