//! The server's thread: accepts connections within bounds, and stops when told.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};

use super::Context;
use super::reply::Refusal;

/// Probes, a scraper, a few people and their watchers; more is a fault or an attack.
const CONNECTIONS: usize = 128;

/// A request's head arrives at once or the connection ends: slow clients hold nothing.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection ends after so long, whatever it does; event streams are taken up again by
/// their clients.
const CONNECTION_LIFE: Duration = Duration::from_secs(15 * 60);

/// After a failure to accept, so that a lack of descriptors does not become a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The label of requests to no path of ours.
const UNKNOWN_ROUTE: &str = "unknown";

/// A serving admin interface. Dropping it stops the thread and frees the port.
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// The address it listens on, with the port that was free if 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // If the thread has ended already, there is nobody to tell.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            // Its panic was reported by the hook.
            let _ = thread.join();
        }
    }
}

/// Serves on a new thread.
pub fn spawn(listener: TcpListener, router: Router) -> io::Result<Running> {
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    let (stop, stopped) = watch::channel(false);
    let thread = std::thread::Builder::new()
        .name("admin".to_owned())
        .spawn(move || runtime.block_on(accept(listener, router, stopped)))?;
    Ok(Running {
        address,
        stop,
        thread: Some(thread),
    })
}

async fn accept(
    listener: tokio::net::TcpListener,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        match (accepted, places.clone().try_acquire_owned()) {
            (Ok((stream, _)), Ok(place)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    serve(stream, router).await;
                    drop(place);
                });
            }
            // No place: the connection is closed by dropping it.
            (Ok(_), Err(_)) => {}
            (Err(_), _) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn serve(stream: TcpStream, router: Router) {
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A client that breaks off or outlives its time is its own affair.
    let _ = tokio::time::timeout(CONNECTION_LIFE, connection).await;
}

/// Bounds each request in time and counts it. Nothing here may be kept by a browser.
pub async fn bounded(
    State(context): State<Context>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let answer = tokio::time::timeout(context.options.request_timeout, next.run(request)).await;
    let mut response = answer.unwrap_or_else(|_| {
        Refusal::new(
            StatusCode::GATEWAY_TIMEOUT,
            "the answer took too long; try again",
        )
        .into_response()
    });
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let route = path.as_ref().map_or(UNKNOWN_ROUTE, MatchedPath::as_str);
    let seconds = begun.elapsed().as_secs_f64();
    context
        .daemon
        .metrics
        .http
        .answered(route, response.status().as_u16(), seconds);
    response
}
