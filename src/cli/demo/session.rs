//! One run of the demo: broker, daemon, feed and readback, from start to summary.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::cli::Frame;
use crate::cli::failure::Failure;
use crate::cli::output::say;
use crate::config::{Settings, Sources};
use crate::daemon::{Daemon, NotStarted, Start};
use crate::logging;
use crate::stream::{self, Brokers, Ended, Setup, Stop};

use super::Args;
use super::broker::{Embedded, Feed, Produced, Readback, now};
use super::picture::{Picture, Surroundings};
use super::summary::{self, Summary};
use super::tally::Tally;
use super::traffic::{self, Arrivals, Life, Traffic};
use super::watch::PlanWatch;

/// How long the daemon may take to be ready: it joins a group and restores nothing.
const READY: Duration = Duration::from_secs(30);
/// Nothing new for so long after the last lead means that something is lost.
const STALLED: Duration = Duration::from_secs(15);
/// How long the readback may take to see what is committed already.
const CATCH_UP: Duration = Duration::from_secs(10);
/// Time between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(10);
/// The median touch comes after 4 seconds and not 40 minutes, the median end after 20 more
/// and not three days, so that a demo of a minute shows whole lives.
const PACE: Life = Life {
    touch: 600.0,
    close: 13_000.0,
};

/// A running demo.
pub struct Session {
    feed: Feed,
    readback: Readback,
    tally: Arc<Mutex<Tally>>,
    stream: JoinHandle<Result<(), Ended>>,
    stop: Stop,
    plans: PlanWatch,
    plan_path: String,
    goal: Option<u64>,
    progress: (Produced, u64, Instant),
    began: Instant,
    daemon: Daemon,
    // Dropped last: everything above speaks with it.
    _broker: Embedded,
}

impl Session {
    /// Starts everything and begins to send leads.
    pub fn start(args: &Args, frame: &Frame, plan: &Path) -> Result<Self, Failure> {
        refuse_own(&frame.set)?;
        say("starting an embedded broker and the daemon, which takes some seconds");
        let broker = Embedded::start().map_err(broken)?;
        let settings = settings(frame, &broker.address(), plan)?;
        broker
            .create(&settings.kafka.topics, args.partitions)
            .map_err(broken)?;
        let level = logging::start(&settings.log);
        let start = Start {
            allow_broken_plans: false,
            level,
        };
        let daemon = Daemon::start(&settings, start).map_err(not_started)?;
        say(format!("metrics at http://{}/metrics", daemon.address()));
        let stop = Stop::default();
        let stream = ready(&daemon, begin(&settings, &daemon, &stop))?;
        let began = Instant::now();
        let tally = Arc::new(Mutex::new(Tally::new(began)));
        let (address, topics) = (broker.address(), &settings.kafka.topics);
        let readback = Readback::start(&address, topics, args.partitions, Arc::clone(&tally))
            .map_err(broken)?;
        let plans = PlanWatch::new(daemon.plans(), daemon.board());
        let traffic = traffic_of(args, plans.tenants());
        let feed = Feed::start(&address, topics.clone(), traffic, args.leads).map_err(broken)?;
        Ok(Self {
            feed,
            readback,
            tally,
            stream,
            stop,
            plans,
            plan_path: plan.display().to_string(),
            goal: args.leads,
            progress: (Produced::default(), 0, began),
            began,
            daemon,
            _broker: broker,
        })
    }

    /// Looks what became of the plans, and says so if there is no screen that does.
    pub fn look(&mut self, aloud: bool) {
        for line in self.plans.look(self.feed.recent()) {
            if aloud {
                say(line);
            }
        }
    }

    /// The present moment, to be shown.
    pub fn picture(&self) -> Picture {
        let around = Surroundings {
            produced: self.feed.produced(),
            goal: self.goal,
            redelivered: self.known().redeliveries,
            plans: self.plans.lines(),
            version: self.plans.versions(),
            metrics: format!("http://{}/metrics", self.daemon.address()),
            plan_path: self.plan_path.clone(),
        };
        Picture::take(&self.tally(), around, Instant::now())
    }

    /// Whether every lead was sent and answered; also when nothing moves any more.
    pub fn is_done(&mut self) -> Result<bool, Failure> {
        if self.stream.is_finished() {
            return Ok(true);
        }
        let (sent, read) = (self.feed.produced(), self.known().records_read);
        if (sent, read) != (self.progress.0, self.progress.1) {
            self.progress = (sent, read, Instant::now());
        }
        let all_read = self.feed.is_done() && read >= sent.all();
        Ok(self.feed.is_done() && (all_read || self.progress.2.elapsed() > STALLED))
    }

    /// Sends no more, lets the daemon finish, and puts both sides of the account together.
    pub fn end(self) -> Result<Summary, Failure> {
        let seconds = self.began.elapsed().as_secs_f64();
        let metrics = self.daemon.metrics();
        let produced = self.feed.end().map_err(broken)?;
        await_until(STALLED, || known(&metrics).records_read >= produced.all());
        self.stop.ask();
        let ended = self.stream.join();
        let tally = Arc::clone(&self.tally);
        await_until(CATCH_UP, || {
            lock(&tally).total() >= metrics.decisions.total()
        });
        self.readback.end();
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(why)) => return Err(Failure::internal(why)),
            Err(_) => return Err(Failure::internal("the stream's thread ended unexpectedly")),
        }
        Ok(Summary::new(
            produced,
            &lock(&tally),
            known(&metrics),
            seconds,
        ))
    }

    fn known(&self) -> summary::Daemon {
        known(&self.daemon.metrics())
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        lock(&self.tally)
    }
}

/// A panic of the reader is told by its hook; what it counted until then still stands.
fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the daemon counted. A forwarded record is read twice and counts once.
fn known(metrics: &crate::metrics::Metrics) -> summary::Daemon {
    let counts = &metrics.decisions;
    let read = counts.leads_read.get() + counts.activity_read.get();
    summary::Daemon {
        redeliveries: counts.redeliveries.get(),
        records_read: read.saturating_sub(counts.forwards.get()),
        decisions: counts.total(),
    }
}

/// The demo begins with all plans or not at all.
fn not_started(why: NotStarted) -> Failure {
    match why {
        NotStarted::Plans(_, broken) => {
            Failure::bad_config(format_args!("broken plans; mend them first\n{broken}"))
        }
        other => Failure::bad_config(other),
    }
}

/// What the demo chooses itself cannot be set: it would be passed over in silence.
fn refuse_own(set: &[String]) -> Result<(), Failure> {
    let named = |key: &str| {
        let keys = set.iter().filter_map(|one| one.split_once('='));
        keys.into_iter().any(|(own, _)| own.trim() == key)
    };
    if named("kafka.brokers") {
        return Err(Failure::usage(
            "the demo brings its own broker and takes no kafka.brokers; \
             `bailiwick run` decides leads on yours",
        ));
    }
    if named("plans.path") {
        return Err(Failure::usage(
            "the demo takes its plan by --plan and not by plans.path",
        ));
    }
    Ok(())
}

fn broken(why: rdkafka::error::KafkaError) -> Failure {
    Failure::internal(format_args!("the embedded broker: {why}"))
}

/// The user's settings with the demo's own broker and plan; logs would write over the screen,
/// so that without a wish of the user's only errors are logged.
fn settings(frame: &Frame, broker: &str, plan: &Path) -> Result<Settings, Failure> {
    let mut set = vec![
        "log.level=error".to_owned(),
        // The embedded broker answers a fetch only after its full wait, whatever has come in.
        "kafka.consumer.fetch.wait.max.ms=5".to_owned(),
        format!("http.listen={}", free_address()),
    ];
    set.extend(frame.set.iter().cloned());
    set.push(format!("kafka.brokers={broker}"));
    set.push(format!("plans.path={}", plan.display()));
    let sources = Sources::of_process(frame.config.clone(), set);
    Ok(Settings::load(&sources)?)
}

/// The usual address of the admin interface, or any free port if that is taken.
fn free_address() -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 7170));
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(usual).map_or(any, |_| usual)
}

fn begin(settings: &Settings, daemon: &Daemon, stop: &Stop) -> JoinHandle<Result<(), Ended>> {
    let setup = Setup {
        settings: settings.clone(),
        plans: daemon.plans(),
        metrics: daemon.metrics(),
        board: daemon.board(),
        stop: stop.clone(),
        topics_command: "bailiwick topics --create".to_owned(),
        brokers: Brokers::Embedded,
    };
    thread::spawn(move || stream::run(setup))
}

/// Waits until every lane decides; gives the thread back, or why it ended.
fn ready(
    daemon: &Daemon,
    stream: JoinHandle<Result<(), Ended>>,
) -> Result<JoinHandle<Result<(), Ended>>, Failure> {
    let board = daemon.board();
    let is_ready = || board.checks().iter().all(|check| check.missing.is_none());
    await_until(READY, || is_ready() || stream.is_finished());
    if is_ready() {
        return Ok(stream);
    }
    let why = match stream.is_finished().then(|| stream.join()) {
        Some(Ok(Err(why))) => why.to_string(),
        _ => format!("it was not ready within {} s", READY.as_secs()),
    };
    Err(Failure::internal(format_args!(
        "the daemon did not start: {why}"
    )))
}

fn traffic_of(args: &Args, tenants: Vec<Box<str>>) -> Traffic {
    Traffic::new(traffic::Settings {
        seed: args.seed,
        start: now(),
        tenants,
        arrivals: Arrivals::Steady {
            per_second: f64::from(args.rate),
        },
        life: (!args.no_activity).then_some(PACE),
    })
}

/// Looks until something holds, for at most so long.
fn await_until(limit: Duration, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() && began.elapsed() < limit {
        thread::sleep(LOOK);
    }
}
