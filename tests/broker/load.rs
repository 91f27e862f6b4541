//! Leads that keep coming while daemons come and go, and when each was decided.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::deployment::{Deployment, PATIENCE, Reader, wait_until};
use super::population::{leads, tenants};

/// One decision as a committed reader saw it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub partition: i32,
    /// When the daemon wrote it, in milliseconds since 1970.
    pub written: i64,
    pub at: Instant,
    /// From sending the lead to reading its decision.
    pub took: Duration,
}

/// A steady stream of leads and a reader of their decisions, on threads of their own.
pub struct Load {
    stop: Arc<AtomicBool>,
    sent: Arc<Mutex<Vec<Instant>>>,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
    decided: Arc<AtomicUsize>,
    producing: JoinHandle<()>,
    reading: JoinHandle<()>,
    ended: Arc<AtomicBool>,
}

impl Load {
    /// Sends so many leads a second of `count` tenants until told to stop.
    pub fn start(deployment: &Arc<Deployment>, seed: u64, count: usize, per_second: f64) -> Self {
        let (stop, ended) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let sent = Arc::<Mutex<Vec<Instant>>>::default();
        let arrivals = Arc::<Mutex<Vec<Arrival>>>::default();
        let decided = Arc::<AtomicUsize>::default();
        let producing = {
            let (deployment, stop) = (Arc::clone(deployment), Arc::clone(&stop));
            let sent = Arc::clone(&sent);
            std::thread::spawn(move || send(&deployment, seed, count, per_second, &stop, &sent))
        };
        let reading = {
            let (deployment, ended) = (Arc::clone(deployment), Arc::clone(&ended));
            let (sent, arrivals) = (Arc::clone(&sent), Arc::clone(&arrivals));
            let decided = Arc::clone(&decided);
            std::thread::spawn(move || read(&deployment, &ended, &sent, &arrivals, &decided))
        };
        Self {
            stop,
            sent,
            arrivals,
            decided,
            producing,
            reading,
            ended,
        }
    }

    /// Waits until each of these partitions has a decision written after `moment`, and gives
    /// how long each of them took to be read since `since`.
    pub fn next_decisions(
        &self,
        partitions: &[i32],
        (since, moment): (Instant, i64),
    ) -> Vec<Duration> {
        let first = |partition: i32| {
            let arrivals = lock(&self.arrivals);
            let late = arrivals.iter().rev().take_while(|one| one.at >= since);
            let own = late.filter(|one| one.partition == partition && one.written > moment);
            own.last().map(|one| one.at - since)
        };
        let waited = |partition: &i32| {
            wait_until("the partition's next decision", || {
                first(*partition).is_some()
            });
            first(*partition).expect("it was there a moment ago")
        };
        partitions.iter().map(waited).collect()
    }

    /// Stops sending and waits until all that was sent is decided; gives the number of leads and
    /// the decisions in the order they were read.
    pub fn finish(self) -> (usize, Vec<Arrival>) {
        self.stop.store(true, Ordering::Release);
        self.producing.join().expect("all leads were sent");
        let sent = lock(&self.sent).len();
        let end = Instant::now() + PATIENCE;
        while self.decided.load(Ordering::Acquire) < sent && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.ended.store(true, Ordering::Release);
        self.reading.join().expect("the reader reads on");
        let arrivals = std::mem::take(&mut *lock(&self.arrivals));
        assert!(
            arrivals.len() >= sent,
            "{sent} sent, {} decided",
            arrivals.len()
        );
        (sent, arrivals)
    }
}

fn send(
    deployment: &Deployment,
    seed: u64,
    count: usize,
    per_second: f64,
    stop: &AtomicBool,
    sent: &Mutex<Vec<Instant>>,
) {
    let (producer, began) = (deployment.producer(), Instant::now());
    for (number, lead) in leads(seed, &tenants(count)).enumerate() {
        let due = Duration::from_secs_f64(number as f64 / per_second);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        if stop.load(Ordering::Acquire) {
            break;
        }
        lock(sent).push(Instant::now());
        let partition = number as i32 % deployment.partitions;
        let record = (Some(lead.id.as_bytes()), Some(&*lead.value), None);
        deployment.send(&producer, "leads", partition, record);
    }
    deployment.flush(&producer);
}

fn read(
    deployment: &Deployment,
    ended: &AtomicBool,
    sent: &Mutex<Vec<Instant>>,
    arrivals: &Mutex<Vec<Arrival>>,
    decided: &AtomicUsize,
) {
    let mut reader = Reader::new(deployment, "assignments");
    while !ended.load(Ordering::Acquire) {
        reader.step();
        for seen in reader.seen.drain(..) {
            let at = Instant::now();
            let lead = seen.json()["lead"].as_str().expect("an id").to_owned();
            let number: usize = lead[2..].parse().expect("L- and the lead's number");
            let arrival = Arrival {
                partition: seen.partition,
                written: seen.timestamp.expect("records have a time"),
                at,
                took: at - lock(sent)[number],
            };
            lock(arrivals).push(arrival);
            decided.fetch_add(1, Ordering::AcqRel);
        }
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This moment by the clock that time stamps of records are taken from.
pub fn clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the clock is set").as_millis() as i64
}

/// The longest time in which a partition gave no decision.
pub fn longest_silence(arrivals: &[Arrival], partitions: i32) -> Duration {
    let of = |partition: i32| {
        let own = arrivals.iter().filter(|one| one.partition == partition);
        let moments: Vec<Instant> = own.map(|one| one.at).collect();
        let gaps = moments.windows(2).map(|two| two[1] - two[0]);
        gaps.max().unwrap_or_default()
    };
    (0..partitions).map(of).max().unwrap_or_default()
}

/// The value that a share of all values does not exceed.
pub fn quantile(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    let rank = (share * values.len() as f64).ceil() as usize;
    values[rank.clamp(1, values.len()) - 1]
}
