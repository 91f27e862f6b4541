//! Logs: JSON lines on standard error, text on a terminal, and a level that can be changed.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use crate::config::{Log, LogFormat, check_level};

/// Changes what is logged while the daemon runs.
#[derive(Clone)]
pub struct LevelHandle(Arc<dyn Fn(EnvFilter) -> bool + Send + Sync>);

impl LevelHandle {
    /// Takes a level or directives such as `info,bailiwick::stream=debug`.
    pub fn set(&self, directives: &str) -> Result<(), String> {
        check_level(directives)?;
        let filter = EnvFilter::try_new(directives).map_err(|why| why.to_string())?;
        match (self.0)(filter) {
            true => Ok(()),
            false => Err("logging has ended".to_owned()),
        }
    }

    /// A handle that changes nothing, for a process that does not log.
    pub fn none() -> Self {
        Self(Arc::new(|_| true))
    }
}

/// Starts logging for the whole process. A second start in one process changes nothing and
/// gives a handle without effect, so that tests may start several daemons.
pub fn start(log: &Log) -> LevelHandle {
    // The settings' check let only valid directives through.
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let (filter, handle) = reload::Layer::new(filter);
    let lines = lines(log.format).with_filter(filter);
    match tracing_subscriber::registry().with(lines).try_init() {
        Ok(()) => LevelHandle(Arc::new(move |filter| handle.reload(filter).is_ok())),
        Err(_) => LevelHandle::none(),
    }
}

fn lines(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    let terminal = io::stderr().is_terminal();
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let layer = fmt::layer().with_writer(io::stderr);
    match format {
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
        LogFormat::Auto if !terminal => layer.json().flatten_event(true).boxed(),
        _ => layer.with_ansi(terminal && !refused).boxed(),
    }
}
