//! Spans of a real daemon, as a collector receives them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use rdkafka::message::{Header, OwnedHeaders};
use serde_json::Value;

use super::deployment::{Deployment, PATIENCE, wait_until};
use crate::support::{http, kafka};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const UNSAMPLED: &str = "11111111111111111111111111111111";

/// A collector as small as can be: it takes whatever is posted and says so.
struct Collector {
    address: SocketAddr,
    bodies: Receiver<Value>,
    spans: Vec<Value>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, bodies) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map(Result::unwrap) {
                if tell.send(body(stream)).is_err() {
                    return;
                }
            }
        });
        let spans = Vec::new();
        Self {
            address,
            bodies,
            spans,
        }
    }

    /// Waits for a span that is so.
    fn until(&mut self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.spans.iter().find(|span| is_so(span)) {
                return found.clone();
            }
            let left = end.saturating_duration_since(Instant::now());
            let body = self.bodies.recv_timeout(left);
            let body = body.unwrap_or_else(|_| panic!("no span: {what} among {:#?}", self.spans));
            let service = &body["resourceSpans"][0]["resource"]["attributes"][0];
            assert_eq!(service["key"], "service.name");
            assert_eq!(service["value"]["stringValue"], "bailiwick");
            let spans = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
            self.spans.extend(spans.as_array().unwrap().iter().cloned());
        }
    }
}

fn body(mut stream: TcpStream) -> Value {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    for line in reader.by_ref().lines().map(Result::unwrap) {
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    assert_eq!(head[0], "POST /v1/traces HTTP/1.1");
    assert!(head.contains(&"Content-Type: application/json".to_owned()));
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        .unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn plan(tenant: &str) -> String {
    format!(
        "version: 1\ntenant: {tenant}\nreps: [{{id: ana}}]\n\
         teams: [{{id: all, members: [ana], available: any}}]\n\
         territories: [{{id: everywhere, where: {{}}, team: all}}]\n"
    )
}

/// A deployment with its spans going to an address, and a lead with this `traceparent`.
fn deployment(brokers: &str, collector: SocketAddr) -> Deployment {
    let mut deployment = Deployment::new(brokers, 1);
    deployment.write_plans(&["acme"], &plan);
    deployment.set(&format!("traces.endpoint=http://{collector}"));
    // Only what upstream samples.
    deployment.set("traces.batches=0");
    deployment
}

fn send(deployment: &Deployment, lead: &str, traceparent: &str) {
    let producer = deployment.producer();
    let value = format!("{{\"id\": \"{lead}\", \"tenant\": \"acme\"}}");
    let headers = OwnedHeaders::new().insert(Header {
        key: "traceparent",
        value: Some(traceparent),
    });
    deployment.send(
        &producer,
        "leads",
        0,
        (None, Some(value.as_bytes()), Some(headers)),
    );
    deployment.flush(&producer);
}

fn attribute<'v>(span: &'v Value, key: &str) -> &'v Value {
    let all = span["attributes"].as_array().unwrap();
    let found = all.iter().find(|one| one["key"] == key);
    let value = &found.unwrap_or_else(|| panic!("no {key}: {span:#}"))["value"];
    value.as_object().unwrap().values().next().unwrap()
}

fn nanos(span: &Value, key: &str) -> u128 {
    span[key].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_sampled_record_has_a_span_in_its_trace_and_a_batch_beside_it() {
    let name = "a_sampled_record_has_a_span_in_its_trace_and_a_batch_beside_it";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    let mut collector = Collector::start();
    let deployment = deployment(&brokers, collector.address);
    let _daemon = deployment.daemon("one");
    send(&deployment, "L-0", &format!("00-{UNSAMPLED}-{PARENT}-00"));
    deployment.read_until("assignments", |seen| seen.len() == 1);
    send(&deployment, "L-1", &format!("00-{TRACE}-{PARENT}-01"));
    let decided = deployment.read_until("assignments", |seen| seen.len() == 2);
    let span = collector.until("the record's", |span| span["traceId"] == TRACE);
    assert_eq!(
        (&span["name"], &span["kind"]),
        (&"decide".into(), &5.into())
    );
    assert_eq!(span["parentSpanId"], PARENT);
    let topic = deployment.topic("leads");
    for (key, value) in [
        ("messaging.system", "kafka"),
        ("messaging.destination.name", &*topic),
        ("messaging.kafka.offset", "1"),
        ("bailiwick.tenant", "acme"),
        ("bailiwick.outcome", "assigned"),
        ("bailiwick.reason", "territory"),
        ("bailiwick.territory", "everywhere"),
    ] {
        assert_eq!(attribute(&span, key), value, "{key}");
    }
    assert!(!span.to_string().contains("L-1"), "{span:#}");
    // The batch is a trace of its own, linked, with a span for each stage inside its time.
    let link = &span["links"][0];
    let batch = collector.until("the batch's", |one| one["spanId"] == link["spanId"]);
    assert_eq!(batch["traceId"], link["traceId"]);
    assert_eq!(attribute(&batch, "bailiwick.records"), "1");
    for stage in ["gather", "send", "commit"] {
        let inside = collector.until(stage, |one| {
            one["name"] == stage && one["parentSpanId"] == batch["spanId"]
        });
        assert!(nanos(&inside, "startTimeUnixNano") >= nanos(&batch, "startTimeUnixNano"));
        assert!(nanos(&inside, "endTimeUnixNano") <= nanos(&batch, "endTimeUnixNano"));
    }
    assert!(
        collector
            .spans
            .iter()
            .all(|one| one["traceId"] != UNSAMPLED),
        "what upstream does not sample is not sampled here"
    );
    // The decision carries the context on, as it came.
    let carried = decided[1].header("traceparent").unwrap();
    assert_eq!(carried, format!("00-{TRACE}-{PARENT}-01"));
}

#[test]
fn a_collector_that_is_away_costs_spans_and_nothing_else() {
    let name = "a_collector_that_is_away_costs_spans_and_nothing_else";
    let Some(brokers) = kafka::brokers(name) else {
        return;
    };
    // Nobody listens on a port that was just given back.
    let free = || {
        TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
    };
    let admin = free();
    let mut deployment = deployment(&brokers, free());
    deployment.set(&format!("http.listen={admin}"));
    let _daemon = deployment.daemon("one");
    send(&deployment, "L-1", &format!("00-{TRACE}-{PARENT}-01"));
    deployment.read_until("assignments", |seen| seen.len() == 1);
    wait_until("five spans are given up", || {
        let metrics = http::get(admin, "/metrics").body;
        metrics.contains("bailiwick_trace_spans_total{fate=\"dropped\"} 5")
    });
}
