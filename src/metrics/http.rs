//! Requests to the admin interface.

use std::time::SystemTime;

use prometheus::{GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge};

use super::register::Register;

/// Views answer from memory; only a stuck lane makes one slow.
const SECONDS: [f64; 8] = [0.000_5, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0];

/// Metrics of the admin interface. Routes are the server's patterns, never a request's own
/// path, so that their number is bounded.
pub struct Http {
    requests: IntCounterVec,
    seconds: HistogramVec,
    /// Connections now open.
    pub connections: IntGauge,
    /// Connections closed to make room for a newer one.
    pub displaced: IntCounter,
    /// TLS connections that did not come to be.
    pub handshake_failures: IntCounter,
    certificate_expiry: GaugeVec,
    certificate_renewals: Vec<IntCounter>,
}

/// What a certificate of the interface is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateUse {
    Server,
    ClientAuthority,
}

impl CertificateUse {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::ClientAuthority => "client_authority",
        }
    }
}

impl Http {
    pub(super) fn new(register: &Register<'_>) -> Self {
        Self {
            requests: register.counters(
                "bailiwick_http_requests_total",
                "Requests to the admin interface, by route and status code.",
                &["route", "code"],
            ),
            seconds: register.histograms(
                "bailiwick_http_request_seconds",
                "How long requests to the admin interface took.",
                &SECONDS,
                &["route"],
            ),
            connections: register.int_gauge(
                "bailiwick_http_connections",
                "Connections to the admin interface now open.",
            ),
            displaced: register.counter(
                "bailiwick_http_connections_displaced_total",
                "Connections to the admin interface closed to make room for a newer one.",
            ),
            handshake_failures: register.counter(
                "bailiwick_http_handshake_failures_total",
                "TLS connections to the admin interface that were not agreed upon.",
            ),
            certificate_expiry: register.gauges(
                "bailiwick_http_certificate_expiry_timestamp_seconds",
                "When the first of the admin interface's certificates ends, by use; none for plain HTTP.",
                &["use"],
            ),
            certificate_renewals: register.closed(
                "bailiwick_http_certificate_renewals_total",
                "Changed certificate files of the admin interface, by what became of them.",
                "result",
                &["taken", "refused"],
            ),
        }
    }

    /// Makes a route's series, so that they are there before its first request.
    pub fn announce(&self, route: &str) -> Histogram {
        self.requests.with_label_values(&[route, "200"]);
        self.seconds.with_label_values(&[route])
    }

    /// Counts one request.
    pub fn answered(&self, route: &str, code: u16, seconds: f64) {
        self.requests
            .with_label_values(&[route, &code.to_string()])
            .inc();
        self.seconds.with_label_values(&[route]).observe(seconds);
    }

    /// Tells when the first certificate of a use ends.
    pub fn certificate_expires(&self, what: CertificateUse, at: SystemTime) {
        let since = at.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.map_or(0.0, |since| since.as_secs_f64());
        self.certificate_expiry
            .with_label_values(&[what.as_str()])
            .set(seconds);
    }

    /// Counts changed certificate files that were taken or refused.
    pub fn certificate_renewed(&self, taken: bool) {
        self.certificate_renewals[usize::from(!taken)].inc();
    }
}
