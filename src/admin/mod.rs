//! The admin interface: HTTP on a thread and runtime of its own, so that no lane waits for it.
//!
//! Reads are open (loopback is the default); mutations are `POST` with the bearer token of
//! `http.token_file`, and without one they are refused. There are no cookies, so no page in a
//! browser can act for its reader. Every request is bounded in time and size, and so is the
//! number of connections. With `[http.tls]` it speaks HTTPS and nothing else, and may ask its
//! clients for certificates. Errors are `{"error": "a sentence"}`.

mod auth;
mod decisions;
mod explain;
pub mod explanation;
mod leads;
mod orders;
mod places;
mod plans;
mod probes;
mod reading;
mod reply;
mod serve;
mod status;
mod tls;

pub use auth::token_warning;
pub use reading::LeadReader;
pub use serve::Running;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::board::Board;
use crate::config::{HttpTls, PersonalData};
use crate::metrics::Metrics;
use crate::route::Plans;

use tls::Certificates;

/// How the interface behaves; from the settings' `[http]`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port 0 takes any free one; see [`Running::address`].
    pub listen: SocketAddr,
    pub token_file: Option<PathBuf>,
    pub personal_data: PersonalData,
    pub request_timeout: Duration,
    pub body_bytes: usize,
    /// `None`: plain HTTP.
    pub tls: Option<HttpTls>,
}

/// Changes the log level; a failure is a sentence.
pub type SetLevel = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// What the interface shows and commands.
#[derive(Clone)]
pub struct Daemon {
    pub plans: Arc<ArcSwap<Plans>>,
    pub board: Board,
    pub metrics: Metrics,
    pub set_level: SetLevel,
    /// Reads leads as the lanes do.
    pub reader: Arc<LeadReader>,
    /// The consumer group, to tell daemons apart.
    pub group: String,
}

/// What every handler is given.
#[derive(Clone)]
struct Context {
    daemon: Daemon,
    options: Arc<Options>,
    started: Instant,
    /// `None`: plain HTTP.
    certificates: Option<Arc<Certificates>>,
}

/// Why the interface did not start.
#[derive(Debug)]
pub enum NotServed {
    /// The address cannot be bound, or the system gives no thread.
    System(io::Error),
    /// A file of `[http.tls]` is unusable; a sentence says which and why.
    Certificates(String),
}

impl std::error::Error for NotServed {}

impl fmt::Display for NotServed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(why) => why.fmt(out),
            Self::Certificates(why) => out.write_str(why),
        }
    }
}

/// Binds the address and serves from a thread of its own until the value returned is dropped.
///
/// # Errors
/// When certificates are unusable, the address cannot be bound or the thread cannot be started.
pub fn start(options: Options, daemon: Daemon) -> Result<Running, NotServed> {
    let certificates = match &options.tls {
        Some(files) => {
            let opened = Certificates::open(files, daemon.metrics.clone());
            Some(Arc::new(opened.map_err(NotServed::Certificates)?))
        }
        None => None,
    };
    let listener = TcpListener::bind(options.listen).map_err(NotServed::System)?;
    let bounds = serve::Bounds {
        stall: options.request_timeout,
        metrics: daemon.metrics.clone(),
        certificates: certificates.clone(),
    };
    let context = Context {
        daemon,
        options: Arc::new(options),
        started: Instant::now(),
        certificates,
    };
    serve::spawn(listener, routes(context), bounds).map_err(NotServed::System)
}

fn routes(context: Context) -> Router {
    let body_bytes = context.options.body_bytes;
    // Whatever the daemon would decide can be explained; a byte more, so that the reader says
    // by how much a lead is too long.
    let lead_bytes = context.daemon.reader.record_bytes().saturating_add(1);
    let explain = post(explain::explain).layer(DefaultBodyLimit::max(lead_bytes.max(body_bytes)));
    let router = Router::new()
        .route("/livez", get(probes::live))
        .route("/readyz", get(probes::ready))
        .route("/metrics", get(probes::metrics))
        .route("/api/v1/status", get(status::status))
        .route("/api/v1/plan", get(plans::plans))
        .route("/api/v1/territories", get(plans::territories))
        .route("/api/v1/reps", get(plans::reps))
        .route("/api/v1/leads/{tenant}/{id}", get(leads::lead))
        .route("/api/v1/decisions", get(decisions::decisions))
        .route("/api/v1/explain", explain)
        .route("/-/reload", post(orders::reload))
        .route("/-/log-level", post(orders::log_level))
        .fallback(reply::unknown_path)
        .method_not_allowed_fallback(reply::wrong_method);
    router
        .layer(DefaultBodyLimit::max(body_bytes))
        .layer(from_fn_with_state(context.clone(), auth::identified))
        .layer(from_fn_with_state(context.clone(), serve::bounded))
        .with_state(context)
}
