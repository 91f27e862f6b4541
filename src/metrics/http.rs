//! Requests to the admin interface.

use prometheus::{Histogram, HistogramVec, IntCounterVec};

use super::register::Register;

/// Views answer from memory; only a stuck lane makes one slow.
const SECONDS: [f64; 8] = [0.000_5, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0];

/// Metrics of the admin interface. Routes are the server's patterns, never a request's own
/// path, so that their number is bounded.
pub struct Http {
    requests: IntCounterVec,
    seconds: HistogramVec,
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
}
