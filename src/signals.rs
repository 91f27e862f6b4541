//! Signals: stop, stop at once, read the plans again.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::info;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// SIGTERM or SIGINT. The second one means: at once.
    Stop,
    /// SIGHUP.
    Reload,
}

/// Listens on a thread of its own for as long as the process lives, and calls `act` for each
/// signal. Signals are caught from the moment this returns.
///
/// # Errors
/// When the system gives no thread or no handler.
pub fn listen(act: impl Fn(Asked) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::new()?
    };
    let watch = move || {
        runtime.block_on(async {
            loop {
                let (name, asked) = signals.next().await;
                info!(signal = name, "signal received");
                act(asked);
            }
        });
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(watch)?;
    Ok(())
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> (&'static str, Asked) {
        tokio::select! {
            _ = self.terminate.recv() => ("SIGTERM", Asked::Stop),
            _ = self.interrupt.recv() => ("SIGINT", Asked::Stop),
            _ = self.hang_up.recv() => ("SIGHUP", Asked::Reload),
        }
    }
}
