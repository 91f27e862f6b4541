//! A real Apache Kafka for the tests, fetched by Maven and started on free ports, without containers.
//!
//! `BAILIWICK_TEST_BROKERS` names a broker to use instead. Where neither that nor Java and
//! Maven are there, broker tests are reported as skipped; under `CI=true` that is a failure.

mod cluster;

pub use cluster::Cluster;

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::reaper::{self, Process};

const KAFKA: &str = "4.1.0";
const POM: &str = include_str!("kafka-pom.xml");
/// A laptop under full load needs far longer than the 4 s of an idle one.
const START_LIMIT: Duration = Duration::from_secs(120);

/// A virtual machine that is soon there: compiled once and quickly, which is dear at run time.
const HASTY: &[&str] = &["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
/// The virtual machine that Kafka's own start script asks for.
const AS_SHIPPED: &[&str] = &[
    "-Xmx1G",
    "-Xms1G",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
];

/// One Kafka process of our own, broker and controller in one.
pub struct Broker {
    folder: PathBuf,
    libs: PathBuf,
    port: u16,
    machine: &'static [&'static str],
    process: Option<Process>,
}

impl Broker {
    /// Formats a log folder, starts the broker and waits until it answers.
    pub fn start(libs: &Path) -> Self {
        Self::start_with(libs, |_, _| String::new())
    }

    /// The same with more properties, made of the ports of broker and controller; a later
    /// line counts.
    pub fn start_with(libs: &Path, more: impl FnOnce(u16, u16) -> String) -> Self {
        let (port, controller) = free_ports();
        let mut broker = Self::prepare(libs, port, controller, &more(port, controller));
        broker.run();
        broker
    }

    /// The same in the virtual machine that Kafka's own start script asks for, for whoever
    /// measures beside it.
    pub fn start_as_shipped(libs: &Path, more: &str) -> Self {
        let (port, controller) = free_ports();
        let mut broker = Self::prepare(libs, port, controller, more);
        broker.machine = AS_SHIPPED;
        broker.run();
        broker
    }

    /// A broker that is ready to be run.
    fn prepare(libs: &Path, port: u16, controller: u16, more: &str) -> Self {
        let folder = scratch().join(format!("kafka-{}-{port}", std::process::id()));
        fs::create_dir_all(&folder).expect("the scratch folder can be written");
        reaper::remove_at_end(&folder);
        let settings = properties(port, controller, &folder.join("log")) + more;
        fs::write(folder.join("server.properties"), settings).expect("the folder is ours");
        let broker = Self {
            folder,
            libs: libs.to_owned(),
            port,
            machine: HASTY,
            process: None,
        };
        broker.format();
        broker
    }

    /// Its bootstrap address.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends the broker as `kill -9` does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        let process = self.process.as_mut();
        process.is_none_or(|process| process.child().try_wait().is_ok_and(|end| end.is_some()))
    }

    /// Starts the process, on the same ports and the same log, and waits until it answers.
    pub fn run(&mut self) {
        self.spawn();
        self.await_ready();
    }

    fn spawn(&mut self) {
        let log = File::create(self.folder.join("broker.log")).expect("the folder is ours");
        let mut java = self.java(self.machine);
        java.arg("kafka.Kafka")
            .arg("server.properties")
            .stdout(Stdio::null())
            .stderr(log);
        self.process = Some(Process::spawn(&mut java));
    }

    /// Runs one of Kafka's own tools to its end.
    pub fn tool(&self, class: &str, arguments: &[&str]) {
        let done = self.java(&[]).arg(class).args(arguments).output();
        let done = done.expect("java runs");
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(done.status.success(), "{class}: {said}");
    }

    fn format(&self) {
        let mut java = self.java(&[]);
        java.args([
            "kafka.tools.StorageTool",
            "format",
            "-t",
            "bXktdGVzdC1jbHVzdGVyMA",
        ]);
        let done = java
            .args(["-c", "server.properties"])
            .output()
            .expect("java runs");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    fn java(&self, options: &[&str]) -> Command {
        let mut java = Command::new("java");
        java.args(options).arg("-cp").arg(self.libs.join("*"));
        java.current_dir(&self.folder).stdin(Stdio::null());
        java
    }

    fn await_ready(&self) {
        let probe: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", self.address())
            .set("log_level", "0")
            .create()
            .expect("a client without a broker can be made");
        let end = Instant::now() + START_LIMIT;
        while probe.fetch_metadata(None, Duration::from_secs(1)).is_err() {
            let log = self.folder.join("broker.log");
            assert!(
                Instant::now() < end,
                "Kafka does not start, see {}",
                log.display()
            );
        }
    }
}

fn properties(port: u16, controller: u16, log: &Path) -> String {
    let log = log.display();
    format!(
        "process.roles=broker,controller\nnode.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
         controller.listener.names=CONTROLLER\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         log.dirs={log}\n\
         offsets.topic.replication.factor=1\noffsets.topic.num.partitions=4\n\
         transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n\
         transaction.state.log.num.partitions=4\n\
         group.initial.rebalance.delay.ms=0\nauto.create.topics.enable=false\n"
    )
}

fn free_ports() -> (u16, u16) {
    let bind = || TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let (one, two) = (bind(), bind());
    let port = |held: &TcpListener| held.local_addr().expect("it is bound").port();
    (port(&one), port(&two))
}

/// Where tests may write: inside the build folder, on the same disk.
pub fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// The folder with Kafka's libraries, fetched once, or what is missing to fetch them.
pub fn libraries() -> Result<PathBuf, String> {
    let folder = scratch().join(format!("kafka-{KAFKA}"));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let lock = File::create(folder.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    require(
        "java",
        "-version",
        "Java 17 or later (Debian: apt install openjdk-17-jre-headless)",
    )?;
    let libs = folder.join("libs");
    if !folder.join("complete").exists() {
        require("mvn", "-v", "Maven (Debian: apt install maven)")?;
        fetch(&folder, &libs)?;
        fs::write(folder.join("complete"), KAFKA).map_err(|error| error.to_string())?;
    }
    Ok(libs)
}

fn require(program: &str, flag: &str, name: &str) -> Result<(), String> {
    match Command::new(program).arg(flag).output() {
        Ok(done) if done.status.success() => Ok(()),
        _ => Err(format!("`{program}` is missing: install {name}")),
    }
}

fn fetch(folder: &Path, libs: &Path) -> Result<(), String> {
    fs::write(folder.join("pom.xml"), POM).map_err(|error| error.to_string())?;
    let done = Command::new("mvn")
        .args(["-q", "-B", "dependency:copy-dependencies"])
        .arg(format!("-DoutputDirectory={}", libs.display()))
        .current_dir(folder)
        .output()
        .map_err(|error| error.to_string())?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stdout)
        .lines()
        .take(5)
        .collect::<Vec<_>>()
        .join(" ");
    Err(format!("Maven could not fetch Kafka {KAFKA}: {said}"))
}

/// The address of the Kafka that all tests of this binary share, or why there is none.
fn shared() -> &'static Result<String, String> {
    static SHARED: OnceLock<Result<String, String>> = OnceLock::new();
    static KEPT: Mutex<Option<Broker>> = Mutex::new(None);
    SHARED.get_or_init(|| {
        if let Ok(given) = std::env::var("BAILIWICK_TEST_BROKERS") {
            return Ok(given);
        }
        let broker = Broker::start(&libraries()?);
        let address = broker.address();
        *KEPT.lock().expect("only this initialiser takes it") = Some(broker);
        Ok(address)
    })
}

/// The shared broker for the test called `name`; without one the test is reported as skipped.
pub fn brokers(name: &str) -> Option<String> {
    match shared() {
        Ok(address) => Some(address.clone()),
        Err(missing) => skip(name, missing),
    }
}

/// A broker of the test's own with more properties, see [`Broker::start_with`].
pub fn own_broker_with(name: &str, more: impl FnOnce(u16, u16) -> String) -> Option<Broker> {
    match libraries() {
        Ok(libs) => Some(Broker::start_with(&libs, more)),
        Err(missing) => skip(name, &missing),
    }
}

/// A broker of the test's own to measure beside, see [`Broker::start_as_shipped`].
pub fn own_broker_as_shipped(name: &str, more: &str) -> Option<Broker> {
    match libraries() {
        Ok(libs) => Some(Broker::start_as_shipped(&libs, more)),
        Err(missing) => skip(name, &missing),
    }
}

/// Three brokers of the test's own, see [`Cluster`].
pub fn own_cluster(name: &str) -> Option<Cluster> {
    match libraries() {
        Ok(libs) => Some(Cluster::start(&libs)),
        Err(missing) => skip(name, &missing),
    }
}

/// A broker of the test's own, which it may kill.
pub fn own_broker(name: &str) -> Option<Broker> {
    match libraries() {
        Ok(libs) => Some(Broker::start(&libs)),
        Err(missing) => skip(name, &missing),
    }
}

fn skip<T>(name: &str, missing: &str) -> Option<T> {
    let ci = std::env::var("CI").is_ok_and(|set| set == "true");
    assert!(!ci, "broker test {name} needs Kafka: {missing}");
    not_here(name, missing);
    None
}

/// Says that a test was skipped because this machine does not have or permit what it needs.
pub fn not_here(name: &str, missing: &str) {
    use std::io::Write;
    static SKIPPED: AtomicUsize = AtomicUsize::new(0);
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    // libtest swallows what passing tests print through the macros, so write past it.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED broker test {count}: {name}: {missing}"
    );
}

/// A name no other test and no earlier run on the same broker has used.
pub fn unique(stem: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let moment = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    format!("{stem}-{}-{moment}-{number}", std::process::id())
}

/// A topic to be made: name, partitions, settings.
pub type Topic<'a> = (&'a str, i32, &'a [(&'a str, &'a str)]);

/// Sets one setting of a topic that exists.
pub fn set_topic(brokers: &str, topic: &str, (key, value): (&str, &str)) {
    let resource = ResourceSpecifier::Topic(topic);
    let altered = AlterConfig::new(resource).set(key, value);
    let done = wait(admin(brokers).alter_configs([&altered], &AdminOptions::new()));
    for one in done.expect("the broker answers") {
        one.expect("the topic is there");
    }
}

/// Deletes the records of a partition before an offset, as nobody should.
pub fn delete_records(brokers: &str, topic: &str, partition: i32, before: Offset) {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, before)
        .expect("a valid offset");
    let done = wait(admin(brokers).delete_records(&list, &AdminOptions::new()));
    for one in done.expect("the broker answers").elements() {
        one.error().expect("the partition is there");
    }
}

fn admin(brokers: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .create()
        .expect("an admin client can be made")
}

fn wait<T>(answer: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime can be made").block_on(answer)
}

/// Creates topics.
pub fn create_topics(brokers: &str, topics: &[Topic<'_>]) {
    let wanted: Vec<NewTopic<'_>> = topics
        .iter()
        .map(|(name, partitions, settings)| {
            let topic = NewTopic::new(name, *partitions, TopicReplication::Fixed(1));
            settings
                .iter()
                .fold(topic, |topic, (key, value)| topic.set(key, value))
        })
        .collect();
    let created = wait(admin(brokers).create_topics(&wanted, &AdminOptions::new()))
        .expect("the broker answers");
    for one in created {
        one.expect("the topic is new");
    }
}
