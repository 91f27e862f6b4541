//! The exporting thread: spans collected and posted to a collector as OTLP over HTTP, in JSON.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::config::Endpoint;
use crate::metrics::{Metrics, SpanFate};

use super::span::{Attribute, Span, attributes};

/// Spans are posted when there are so many,
const FULL: usize = 512;
/// or so long after the first.
const AGE: Duration = Duration::from_secs(1);
/// A collector that takes longer is as good as away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two lines that say that it does not answer.
const REMIND: Duration = Duration::from_secs(60);
/// The longest first line of an answer that is looked at.
const STATUS_BYTES: u64 = 1_024;

/// What the thread works with.
pub struct Export {
    endpoint: Endpoint,
    resource: Value,
    metrics: Metrics,
    told: Option<Instant>,
}

impl Export {
    pub fn new(endpoint: Endpoint, instance: &str, metrics: Metrics) -> Self {
        let text = |text: &str| Attribute::Text(text.into());
        let resource = attributes(&[
            ("service.name", text("bailiwick")),
            ("service.version", text(env!("CARGO_PKG_VERSION"))),
            ("service.instance.id", text(instance)),
        ]);
        Self {
            endpoint,
            resource,
            metrics,
            told: None,
        }
    }

    /// Posts what comes until nobody can send any more.
    pub fn run(mut self, waiting: &Receiver<Vec<Span>>) {
        while let Ok(mut spans) = waiting.recv() {
            let end = Instant::now() + AGE;
            let mut ended = false;
            while spans.len() < FULL && !ended {
                match waiting.recv_timeout(end.saturating_duration_since(Instant::now())) {
                    Ok(more) => spans.extend(more),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => ended = true,
                }
            }
            self.post(&spans);
        }
    }

    fn post(&mut self, spans: &[Span]) {
        let fate = match self.try_post(&self.body(spans)) {
            Ok(()) => SpanFate::Sent,
            Err(error) => {
                self.complain(&error);
                SpanFate::Dropped
            }
        };
        self.metrics.traces.spans(fate, spans.len());
    }

    fn body(&self, spans: &[Span]) -> Vec<u8> {
        let spans: Vec<Value> = spans.iter().map(Span::json).collect();
        let body = json!({"resourceSpans": [{
            "resource": {"attributes": self.resource},
            "scopeSpans": [{
                "scope": {"name": "bailiwick", "version": env!("CARGO_PKG_VERSION")},
                "spans": spans,
            }],
        }]});
        body.to_string().into_bytes()
    }

    fn try_post(&self, body: &[u8]) -> io::Result<()> {
        let Endpoint { authority, path } = &self.endpoint;
        let mut stream = connect(authority)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut line = String::new();
        io::Read::take(BufReader::new(stream), STATUS_BYTES).read_line(&mut line)?;
        match line.split(' ').nth(1) {
            Some(status) if status.starts_with('2') => Ok(()),
            _ => Err(io::Error::other(format!("it answers `{}`", line.trim()))),
        }
    }

    fn complain(&mut self, error: &io::Error) {
        if self.told.is_none_or(|when| when.elapsed() >= REMIND) {
            let collector = &*self.endpoint.authority;
            tracing::warn!(collector, %error, "spans are lost: the collector of traces.endpoint does not take them");
            self.told = Some(Instant::now());
        }
    }
}

/// The first of the name's addresses that answers.
fn connect(authority: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in authority.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
