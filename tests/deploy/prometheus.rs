//! A real Prometheus: started with our rules, and asked.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::deploy;
use crate::support::{http, reaper};

/// A running Prometheus; it ends with this value.
pub struct Prometheus {
    address: SocketAddr,
    _process: reaper::Process,
}

impl Prometheus {
    /// Our own rules, and a scrape each second instead of four a minute.
    pub fn start(folder: &Path, scraped: SocketAddr, address: SocketAddr) -> Self {
        fs::create_dir_all(folder).unwrap();
        let configuration = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
             rule_files: ['{}', '{}']\n\
             scrape_configs:\n  - job_name: bailiwick\n    static_configs: [{{targets: ['{scraped}']}}]\n",
            deploy("prometheus/recording.yml").display(),
            deploy("prometheus/alerts.yml").display(),
        );
        fs::write(folder.join("prometheus.yml"), configuration).unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let mut command = Command::new("prometheus");
        command
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
            .arg(format!("--web.listen-address={address}"))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let _process = reaper::Process::spawn(&mut command);
        Self { address, _process }
    }

    /// Whether it takes questions yet.
    pub fn is_ready(&self) -> bool {
        TcpStream::connect(self.address).is_ok()
            && http::get(self.address, "/-/ready").status == 200
    }

    /// The series that answer a query at a moment, in seconds since 1970; an error fails the
    /// test.
    pub fn ask(&self, expression: &str, at: i64) -> Vec<Value> {
        let path = format!("/api/v1/query?time={at}&query={}", escaped(expression));
        let body = get(self.address, &path);
        let answer: Value =
            serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
        assert_eq!(answer["status"], "success", "{expression}: {answer}");
        let result = answer["data"]["result"].as_array();
        result
            .unwrap_or_else(|| panic!("{expression}: no vector: {answer}"))
            .clone()
    }
}

/// The value of one series of an answer, where it is a number.
pub fn number(series: &Value) -> Option<f64> {
    let number: f64 = series["value"][1].as_str()?.parse().ok()?;
    (!number.is_nan()).then_some(number)
}

/// The body of an answer. By HTTP/1.0, to which a server answers in one piece.
fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: test\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    body.to_owned()
}

/// Text as a URL's query carries it.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}
