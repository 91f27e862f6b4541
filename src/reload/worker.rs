//! The worker thread: one reload at a time, when something changed or somebody asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::board::ReloadOrder;

use super::Reload;
use super::watch::{Dirty, Watch};

/// The worker's own round, for file systems that do not tell of changes.
const ROUND: Duration = Duration::from_secs(60);

/// How often plans out of force are looked at until lanes let them go.
const RETIRE_EVERY: Duration = Duration::from_secs(1);

/// The niceness of threads that reload: a tenth of the processor where lanes want all of it, so
/// that a reload under full load still ends.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Files that never come to rest are read after so many quiet times without quiet.
const MOST_UNQUIET: u32 = 10;

/// The running worker. Dropping it ends the thread after the reload it is at.
pub struct Worker {
    stop: Arc<AtomicBool>,
    orders: SyncSender<ReloadOrder>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Begins to watch and to take orders.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(mut reload: Reload) -> std::io::Result<Self> {
        let (orders, mailbox) = reload.board.open_reload();
        let stop = Arc::new(AtomicBool::new(false));
        let (stopping, sender) = (stop.clone(), orders.clone());
        let dirty = Dirty::default();
        let mut watch = Watch::begin(&reload.options.path, &dirty, &sender);
        // What changed since the first reading was not watched yet.
        reload.again(false);
        let pool = threads()?;
        let work = move || {
            while let Some(order) = next(&mut reload, &mailbox, &stopping) {
                settle(&reload, &dirty);
                // Anew before reading, so that no change falls between.
                watch = Watch::begin(&reload.options.path, &dirty, &sender);
                let Some(asker) = order.report else {
                    pool.install(|| reload.again(order.force));
                    continue;
                };
                // Whoever asked may have stopped waiting.
                let _ = asker.send(pool.install(|| reload.asked(order.force)));
            }
            drop(watch);
        };
        let thread = std::thread::Builder::new()
            .name("reload".to_owned())
            .spawn(work)?;
        Ok(Self {
            stop,
            orders,
            thread: Some(thread),
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // A full mailbox wakes the worker as well.
        let _ = self.orders.try_send(ReloadOrder::default());
        if let Some(thread) = self.thread.take() {
            // Its panic was reported by the hook.
            let _ = thread.join();
        }
    }
}

/// Where plans are read and compiled: as many threads as there are processors, which lanes
/// that have leads to decide take from them.
fn threads() -> std::io::Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .thread_name(|number| format!("reload-{number}"))
        .start_handler(|_| give_way())
        .build()
        .map_err(std::io::Error::other)
}

/// Lowers the priority of this thread, where threads have one of their own.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(why) = rustix::process::getpriority_process(None).and_then(|now| {
        // A daemon that is nicer already stays as it is.
        rustix::process::setpriority_process(None, now.max(NICE))
    }) {
        tracing::debug!(%why, "reloads keep the usual priority");
    }
}

/// The next order, or the worker's own round; `None` when it is to stop.
fn next(
    reload: &mut Reload,
    mailbox: &Receiver<ReloadOrder>,
    stop: &AtomicBool,
) -> Option<ReloadOrder> {
    let begun = Instant::now();
    loop {
        let wait = if reload.drop_retired() {
            ROUND
        } else {
            RETIRE_EVERY
        };
        let received = mailbox.recv_timeout(wait);
        if stop.load(Ordering::SeqCst) {
            return None;
        }
        match received {
            Ok(order) => return Some(order),
            Err(RecvTimeoutError::Timeout) if begun.elapsed() < ROUND => {}
            Err(RecvTimeoutError::Timeout) => return Some(ReloadOrder::default()),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

/// Waits until the files have been quiet for the time set. An editor writes in several steps,
/// and a half-written plan would only be refused and read again.
fn settle(reload: &Reload, dirty: &AtomicBool) {
    for _ in 0..MOST_UNQUIET {
        if !dirty.swap(false, Ordering::SeqCst) {
            return;
        }
        std::thread::sleep(reload.options.debounce);
    }
}
