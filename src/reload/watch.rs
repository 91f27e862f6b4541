//! Tells when something near the plans changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tracing::warn;

use crate::board::ReloadOrder;

/// Set when files changed and nobody has looked since.
pub type Dirty = Arc<AtomicBool>;

/// Watches the plans' folder, what it points to, and the folder it lies in: a mounted
/// ConfigMap is swapped by renaming a link beside the files, and a whole plan folder may be
/// replaced by another of its name.
pub struct Watch {
    /// Dropping it ends the watching.
    _watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Begins anew: links and folders may be others than they were when last watched. Where
    /// the system cannot watch, that is logged, and orders and the worker's own round remain.
    pub fn begin(path: &Path, dirty: &Dirty, orders: &SyncSender<ReloadOrder>) -> Self {
        let watched = watch(path, dirty.clone(), orders.clone());
        if let Err(why) = &watched {
            warn!(%why, "cannot watch the plans' folder; reload by SIGHUP or POST /-/reload");
        }
        Self {
            _watcher: watched.ok(),
        }
    }
}

fn watch(
    path: &Path,
    dirty: Dirty,
    orders: SyncSender<ReloadOrder>,
) -> notify::Result<RecommendedWatcher> {
    let path = std::path::absolute(path)?;
    let near = Near::of(&path);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // An error means lost events, so something may have changed.
        let news = event.map_or(true, |event| near.concerns(&event));
        if news && !dirty.swap(true, Ordering::SeqCst) {
            // A full mailbox wakes the worker as well.
            let _ = orders.try_send(ReloadOrder::default());
        }
    })?;
    for (place, mode) in places(&path) {
        watcher.watch(&place, mode)?;
    }
    Ok(watcher)
}

/// What lies so near the plans that a change there may be a change of them.
struct Near {
    path: PathBuf,
    real: Option<PathBuf>,
    is_file: bool,
}

impl Near {
    fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            real: path.canonicalize().ok(),
            is_file: path.is_file(),
        }
    }

    fn concerns(&self, event: &notify::Event) -> bool {
        changes(&event.kind) && event.paths.iter().any(|path| self.concerns_path(path))
    }

    fn concerns_path(&self, path: &Path) -> bool {
        // A plan of one file may import what lies beside it, and a swapped mount renames
        // `..data`; what else happens beside a plan folder is none of its business.
        let swapped = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
        let inside = path.starts_with(&self.path)
            || self
                .real
                .as_ref()
                .is_some_and(|real| path.starts_with(real));
        inside || swapped || self.is_file
    }
}

/// Reading is no change, or reloading would cause reloads.
fn changes(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

fn places(path: &Path) -> Vec<(PathBuf, RecursiveMode)> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut places = vec![(parent.to_owned(), RecursiveMode::NonRecursive)];
    if path.is_dir() {
        places.push((path.to_owned(), RecursiveMode::Recursive));
    }
    if let Ok(real) = path.canonicalize()
        && let Some(beside) = real.parent()
    {
        places.push((beside.to_owned(), RecursiveMode::NonRecursive));
    }
    places
}
