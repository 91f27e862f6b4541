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
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio_io_timeout::TimeoutStream;
use tracing::debug;

use crate::metrics::Metrics;

use super::Context;
use super::auth::Peer;
use super::places::{Place, Places};
use super::reply::Refusal;
use super::tls::Certificates;

/// A request's head arrives at once or the connection ends: slow clients hold nothing.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// So is a TLS connection agreed upon.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// A longer head is refused. A token and a few headers of a proxy need far less.
const HEAD_BYTES: usize = 32 << 10;

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

/// What bounds connections, and how they are received.
pub struct Bounds {
    /// A client that takes no byte of its answer for so long is given up.
    pub stall: Duration,
    pub metrics: Metrics,
    pub certificates: Option<Arc<Certificates>>,
}

/// Serves on a new thread.
pub fn spawn(listener: TcpListener, router: Router, bounds: Bounds) -> io::Result<Running> {
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
        .spawn(move || runtime.block_on(accept(listener, router, bounds, stopped)))?;
    Ok(Running {
        address,
        stop,
        thread: Some(thread),
    })
}

async fn accept(
    listener: tokio::net::TcpListener,
    router: Router,
    bounds: Bounds,
    mut stopped: watch::Receiver<bool>,
) {
    if let Some(certificates) = &bounds.certificates {
        tokio::spawn(Arc::clone(certificates).watch());
    }
    let places = Places::new(bounds.metrics.clone());
    let bounds = Arc::new(bounds);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let (give, place) = oneshot::channel();
                let connection = receive(stream, router.clone(), Arc::clone(&bounds), place);
                let task = tokio::spawn(connection);
                // A task that has ended already needs no place.
                let _ = give.send(places.take(task.abort_handle()));
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Serves one connection from its first byte, encrypted or not, to its end.
async fn receive(
    stream: TcpStream,
    router: Router,
    bounds: Arc<Bounds>,
    place: oneshot::Receiver<Place>,
) {
    let Ok(place) = place.await else { return };
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(bounds.stall));
    let stream = Box::pin(stream);
    let Some(certificates) = &bounds.certificates else {
        return serve(stream, router, place, Peer { certified: false }).await;
    };
    let handshake = certificates.acceptor().accept(stream);
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
        Ok(Ok(stream)) => {
            // Whoever showed one was asked for it and it was found good.
            let certified = stream.get_ref().1.peer_certificates().is_some();
            serve(stream, router, place, Peer { certified }).await;
        }
        Ok(Err(why)) => {
            bounds.metrics.http.handshake_failures.inc();
            debug!(%why, "no TLS connection");
        }
        Err(_) => bounds.metrics.http.handshake_failures.inc(),
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    place: Place,
    peer: Peer,
) {
    let routes = TowerToHyperService::new(router);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        place.asked();
        request.extensions_mut().insert(peer);
        routes.call(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
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
