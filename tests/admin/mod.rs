//! The admin interface over real sockets: probes, views, orders, bounds.

mod bounds;
mod orders;
mod probes;
mod tls;
mod views;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use bailiwick::admin::{self, Daemon, LeadReader, Options, Running};
use bailiwick::board::{self, Board};
use bailiwick::config::{InputMapping, PersonalData};
use bailiwick::metrics::{self, Metrics};
use bailiwick::route::Plans;

/// A started interface and everything behind it.
#[allow(
    dead_code,
    reason = "what the interface shows lives as long as the interface"
)]
pub struct Site {
    pub board: Board,
    pub metrics: Metrics,
    pub plans: Arc<ArcSwap<Plans>>,
    pub levels: Arc<Mutex<Vec<String>>>,
    pub running: Running,
    pub folder: tempfile::TempDir,
}

/// A token as `openssl rand` would make it.
pub const TOKEN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

impl Site {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    pub fn with_token() -> Self {
        Self::with(|options| {
            let path = PathBuf::from(&options.token_file.take().unwrap());
            std::fs::write(&path, format!("{TOKEN}\n")).unwrap();
            options.token_file = Some(path);
        })
    }

    /// `change` sees the path of a token file that is not there yet; unless it puts one
    /// there, the setting is taken away.
    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::started(change).unwrap_or_else(|why| panic!("{why}"))
    }

    /// The same, where the start may fail.
    pub fn started(change: impl FnOnce(&mut Options)) -> Result<Self, admin::NotServed> {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token_file: Some(folder.path().join("token")),
            personal_data: PersonalData::Masked,
            request_timeout: Duration::from_secs(5),
            body_bytes: 4_096,
            tls: None,
        };
        change(&mut options);
        options.token_file = options.token_file.filter(|path| path.exists());
        let board = Board::new(board::Bounds {
            decisions: 5,
            leads: 10,
        });
        let metrics = Metrics::new(metrics::Bounds {
            territories: 10,
            teams: 10,
        });
        let plans = Arc::new(ArcSwap::from_pointee(Plans::new()));
        let levels = Arc::new(Mutex::new(Vec::new()));
        let seen = levels.clone();
        let daemon = Daemon {
            plans: plans.clone(),
            board: board.clone(),
            metrics: metrics.clone(),
            set_level: Arc::new(move |level| {
                bailiwick::config::check_level(level)?;
                seen.lock().unwrap().push(level.to_owned());
                Ok(())
            }),
            reader: Arc::new(LeadReader::new(&InputMapping::default(), 4_096)),
            group: "west".to_owned(),
        };
        let running = admin::start(options, daemon)?;
        Ok(Self {
            board,
            metrics,
            plans,
            levels,
            running,
            folder,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }
}
