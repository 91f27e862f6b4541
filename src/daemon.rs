//! What runs beside the stream: plans and their reload, the board, metrics, the admin interface.
//!
//! The parts are put together here and nowhere else. A test or the demo starts the same
//! daemon with a port of 0 and settings of its own; [`crate::stream::run`] is given
//! [`Daemon::plans`], [`Daemon::board`] and [`Daemon::metrics`], and decides until it is told
//! to stop. Then the daemon is dropped: reload first, the admin interface last.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tracing::{info, warn};

use crate::admin::{self, LeadReader, NotServed};
use crate::board::{self, Board};
use crate::config::Settings;
use crate::logging::LevelHandle;
use crate::metrics::{self, Metrics};
use crate::reload::{self, BrokenPlans, Guard, Reload, Worker};
use crate::route::Plans;

/// Everything beside the stream, running.
pub struct Daemon {
    plans: Arc<ArcSwap<Plans>>,
    board: Board,
    metrics: Metrics,
    // Dropped in this order: no reload begins once the interface is on its way out.
    _worker: Worker,
    admin: admin::Running,
}

/// How to begin.
#[derive(Clone)]
pub struct Start {
    /// Begin without the tenants whose plans are broken (`--allow-broken-plans`).
    pub allow_broken_plans: bool,
    /// What `POST /-/log-level` changes.
    pub level: LevelHandle,
}

/// Why the daemon did not begin. Both are a matter of settings or plans: exit code 78.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// Where `plans.path` points, and what is wrong there.
    Plans(PathBuf, BrokenPlans),
    /// `http.listen` cannot be bound, certificates cannot be used, or the system gives no thread.
    System(String),
}

impl std::error::Error for NotStarted {}

impl fmt::Display for NotStarted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plans(path, broken) => write!(
                out,
                "broken plans in {}, which is plans.path; mend them, name another folder by \
                 --set plans.path=FOLDER, or begin without their tenants by \
                 --allow-broken-plans\n{broken}",
                path.display()
            ),
            Self::System(why) => out.write_str(why),
        }
    }
}

impl Daemon {
    /// Reads the plans, begins to watch them, and serves the admin interface.
    ///
    /// # Errors
    /// When a plan is broken, or the address of the interface cannot be bound.
    pub fn start(settings: &Settings, start: Start) -> Result<Self, NotStarted> {
        let board = Board::new(board::Bounds {
            decisions: settings.http.recent_decisions,
            leads: settings.plans.guard_leads,
        });
        let metrics = Metrics::new(metrics::Bounds {
            territories: settings.metrics.territories,
            teams: settings.metrics.teams,
        });
        let options = reload_options(settings, start.allow_broken_plans);
        let reload = Reload::first(options, board.clone(), metrics.clone());
        let reload =
            reload.map_err(|broken| NotStarted::Plans(settings.plans.path.clone(), broken))?;
        let plans = reload.plans();
        let worker = Worker::start(reload).map_err(|why| {
            NotStarted::System(format!("cannot start the thread that reloads plans: {why}"))
        })?;
        let admin = serve(settings, start.level, &plans, &board, &metrics)?;
        Ok(Self {
            plans,
            board,
            metrics,
            _worker: worker,
            admin,
        })
    }

    /// The plans in force; lanes load them once a batch.
    pub fn plans(&self) -> Arc<ArcSwap<Plans>> {
        self.plans.clone()
    }

    pub fn board(&self) -> Board {
        self.board.clone()
    }

    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// Where the admin interface listens.
    pub fn address(&self) -> SocketAddr {
        self.admin.address()
    }
}

fn cannot_listen(address: SocketAddr, why: &std::io::Error) -> String {
    let remedy = match why.kind() {
        std::io::ErrorKind::AddrInUse => {
            "; another program has it: end that one, or choose another address by \
             --set http.listen=127.0.0.1:7171 (port 0 takes any free one)"
        }
        _ => "",
    };
    format!("http.listen: cannot listen on {address}: {why}{remedy}")
}

fn reload_options(settings: &Settings, allow_broken: bool) -> reload::Options {
    reload::Options {
        path: settings.plans.path.clone(),
        debounce: settings.plans.debounce,
        guard: Guard {
            unrouted: settings.plans.guard_unrouted,
            reps: settings.plans.guard_reps,
        },
        allow_broken,
    }
}

fn serve(
    settings: &Settings,
    level: LevelHandle,
    plans: &Arc<ArcSwap<Plans>>,
    board: &Board,
    metrics: &Metrics,
) -> Result<admin::Running, NotStarted> {
    let http = &settings.http;
    if let Some(why) = http.token_file.as_deref().and_then(admin::token_warning) {
        warn!("{why}");
    }
    let options = admin::Options {
        listen: http.listen,
        token_file: http.token_file.clone(),
        personal_data: http.personal_data,
        request_timeout: http.request_timeout,
        body_bytes: http.body_bytes,
        tls: http.tls.clone(),
    };
    let daemon = admin::Daemon {
        plans: plans.clone(),
        board: board.clone(),
        metrics: metrics.clone(),
        set_level: Arc::new(move |directives| level.set(directives)),
        reader: Arc::new(LeadReader::new(
            &settings.input,
            settings.limits.record_bytes,
        )),
        group: settings.kafka.group.clone(),
    };
    let running = admin::start(options, daemon).map_err(|why| match why {
        NotServed::System(why) => NotStarted::System(cannot_listen(http.listen, &why)),
        NotServed::Certificates(why) => NotStarted::System(why),
    })?;
    let address = running.address();
    let asks = http.tls.as_ref().map(|tls| tls.client_ca_file.is_some());
    info!(%address, tls = asks.is_some(), "admin interface");
    match asks {
        _ if address.ip().is_loopback() => {}
        Some(true) => {}
        Some(false) => {
            warn!(%address, "whoever reaches this address can read the admin interface; http.tls.client_ca_file asks clients for certificates");
        }
        None => {
            warn!(%address, "whoever reaches this address can read the admin interface; it is plain HTTP");
        }
    }
    Ok(running)
}
