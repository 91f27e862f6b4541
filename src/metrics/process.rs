//! The process itself: version, start, memory, descriptors and processor time, read when asked.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntGauge, Opts};

use super::register::Register;

/// Linux counts processor time in these, as `sysconf(_SC_CLK_TCK)` says on every platform
/// that runs it.
const TICKS_PER_SECOND: f64 = 100.0;

/// Linux' page size on x86-64, and the usual one on 64-bit ARM.
const PAGE_BYTES: i64 = 4_096;

/// Registers the process' metrics. Where there is no `/proc`, those read from it stay 0.
pub fn register(register: &Register<'_>) {
    let version = env!("CARGO_PKG_VERSION");
    let info = register.int_gauges(
        "bailiwick_build_info",
        "1 for the program's version.",
        &["version"],
    );
    info.with_label_values(&[version]).set(1);
    let started = register.gauge(
        "process_start_time_seconds",
        "When the process started, in seconds since 1970.",
    );
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    started.set(now.map(|since| since.as_secs_f64()).unwrap_or(0.0));
    register
        .0
        .register(Box::new(Process::new()))
        .expect("each name is registered once");
}

/// Reads `/proc/self` whenever metrics are gathered.
struct Process {
    memory: IntGauge,
    descriptors: IntGauge,
    descriptor_limit: IntGauge,
    threads: IntGauge,
    cpu: prometheus::Counter,
}

impl Process {
    fn new() -> Self {
        let gauge = |name: &str, help: &str| {
            IntGauge::with_opts(Opts::new(name, help))
                .expect("the name is a literal of the right form")
        };
        Self {
            memory: gauge("process_resident_memory_bytes", "Resident memory in bytes."),
            descriptors: gauge("process_open_fds", "Open file descriptors."),
            descriptor_limit: gauge("process_max_fds", "File descriptors it may have open."),
            threads: gauge("process_threads", "Threads."),
            cpu: prometheus::Counter::new(
                "process_cpu_seconds_total",
                "Processor time used, in seconds.",
            )
            .expect("the name is a literal of the right form"),
        }
    }

    /// Takes what `/proc` says; what it does not say stays as it was.
    fn refresh(&self) {
        if let Some(pages) = field("/proc/self/statm", 1) {
            self.memory.set(pages * PAGE_BYTES);
        }
        if let Ok(entries) = std::fs::read_dir("/proc/self/fd") {
            self.descriptors
                .set(i64::try_from(entries.count()).unwrap_or(i64::MAX));
        }
        if let Some(limit) = descriptor_limit() {
            self.descriptor_limit.set(limit);
        }
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // The second field is the program's name in brackets and may hold spaces.
        let after_name: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .split_whitespace()
            .collect();
        let number = |at: usize| after_name.get(at).and_then(|text| text.parse::<i64>().ok());
        if let (Some(user), Some(system), Some(threads)) = (number(11), number(12), number(17)) {
            let used = (user + system) as f64 / TICKS_PER_SECOND;
            self.cpu.inc_by((used - self.cpu.get()).max(0.0));
            self.threads.set(threads);
        }
    }

    fn parts(&self) -> [&dyn Collector; 5] {
        [
            &self.memory,
            &self.descriptors,
            &self.descriptor_limit,
            &self.threads,
            &self.cpu,
        ]
    }
}

fn field(path: &str, at: usize) -> Option<i64> {
    let text = std::fs::read_to_string(path).ok()?;
    text.split_whitespace().nth(at)?.parse().ok()
}

/// The soft limit, which is the one that opening fails at.
fn descriptor_limit() -> Option<i64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let soft = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?
        .split_whitespace()
        .next()?;
    soft.parse().ok()
}

impl Collector for Process {
    fn desc(&self) -> Vec<&Desc> {
        self.parts()
            .into_iter()
            .flat_map(|one| one.desc())
            .collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.refresh();
        self.parts()
            .into_iter()
            .flat_map(|one| one.collect())
            .collect()
    }
}
