//! Swaps of a large plan under load: what leads wait in quiet and while a plan is read,
//! compiled and taken, and whether each lead is decided once.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bailiwick::cli::demo::traffic::Record;
use hdrhistogram::Histogram;

use super::TENANT;
use super::deployment::Deployment;
use super::load::{PEAK_LEADS, histogram, open_loop, peak, print};
use super::output::{Output, gathering_producer};
use super::plan;
use super::restore::await_restored;

const SHARE: f64 = 0.8;
/// The plan is saved this often; between two swaps there is quiet.
const EVERY: Duration = Duration::from_secs(12);
const SWAPS: usize = 3;
/// Whether a backlog is gone is told by the leads of so long.
const WINDOW: Duration = Duration::from_secs(1);

/// When a plan was saved, when the first decision under it was read, and when what had waited
/// meanwhile was worked off.
#[derive(Clone, Copy)]
struct Swap {
    saved: Instant,
    seen: Option<Instant>,
    worked_off: Option<Instant>,
}

/// Delays in quiet and in swaps. After a swap it is quiet again after a whole second whose
/// median lead waited no longer than the median lead before the first swap.
struct Delays {
    quiet: Histogram<u64>,
    swapping: Histogram<u64>,
    window: Histogram<u64>,
    window_began: Option<Instant>,
    usual_us: Option<u64>,
    version: Vec<u8>,
}

/// Saves the plan anew several times at a share of the peak, and tells delays in and between
/// the swaps apart.
pub fn measure(brokers: &str, leads: &[Record]) {
    warm_up(brokers);
    let deployment = Deployment::new(brokers, 1);
    let folder = deployment.plans().join(TENANT);
    plan::write(&folder, TENANT, plan::LARGE, "first");
    let output = Output::new(&deployment);
    let began = Instant::now();
    let _daemon = deployment.daemon("lane");
    await_restored(&deployment, "lane");
    println!("start to ready, no leads: {:.1?}", began.elapsed());
    let (first, rest) = leads.split_at(PEAK_LEADS.min(leads.len() / 2));
    let peak = peak(&deployment, &output, first);
    let seconds = EVERY.as_secs_f64() * (SWAPS as f64 + 1.0);
    let rate = (peak * SHARE).min(rest.len() as f64 / seconds);
    println!(
        "peak {peak:.0} leads/s; swaps at {rate:.0} leads/s, {:.0} % of it",
        rate / peak * 100.0
    );
    let leads = &rest[..((rate * seconds) as usize).min(rest.len())];
    let swaps = Mutex::new(Vec::<Swap>::new());
    let mut delays = Delays {
        quiet: histogram(),
        swapping: histogram(),
        window: histogram(),
        window_began: None,
        usual_us: None,
        version: Vec::new(),
    };
    let mut decided = Decided::of(leads);
    std::thread::scope(|scope| {
        scope.spawn(|| save(&folder, &swaps));
        let producer = gathering_producer(&deployment);
        open_loop(
            &deployment,
            &producer,
            &output,
            leads,
            rate,
            |_, delay, decision| {
                decided.count(field(decision, b"\"lead\":\""));
                let mut swaps = swaps.lock().expect("nobody panics with it");
                delays.count(swaps.last_mut(), delay, decision);
            },
        );
    });
    delays.print();
    println!("{decided}");
    for swap in swaps.lock().expect("nobody panics with it").iter() {
        let after = |moment: Option<Instant>| moment.map(|moment| moment - swap.saved);
        println!(
            "a swap took {:?} from saving to the first decision under it, and its backlog was \
             worked off after {:?}",
            after(swap.seen),
            after(swap.worked_off)
        );
    }
}

/// A fresh broker makes its own topics, for offsets and transactions, when the first group asks
/// for them. That takes seconds, once in the life of a cluster.
fn warm_up(brokers: &str) {
    let deployment = Deployment::new(brokers, 1);
    let folder = deployment.plans().join(TENANT);
    plan::write(&folder, TENANT, plan::SMALL, "first");
    let _daemon = deployment.daemon("first");
    await_restored(&deployment, "first");
}

impl Delays {
    /// Counts a decision's delay as one in quiet or in the last swap.
    fn count(&mut self, swap: Option<&mut Swap>, delay: Duration, decision: &[u8]) {
        let (now, micros) = (Instant::now(), delay.as_micros() as u64);
        let plan = field(decision, b"\"plan\":\"");
        let is_new = plan != self.version;
        if is_new {
            self.version = plan.to_vec();
        }
        let Some(swap) = swap else {
            self.quiet.saturating_record(micros);
            return;
        };
        let quiet = &self.quiet;
        let usual = *self
            .usual_us
            .get_or_insert_with(|| quiet.value_at_quantile(0.5));
        if is_new {
            swap.seen.get_or_insert(now);
            self.window_began = Some(now);
            self.window.reset();
        }
        self.window.saturating_record(micros);
        if swap.seen.is_some() && self.window_began.is_some_and(|began| now - began >= WINDOW) {
            if self.window.value_at_quantile(0.5) <= usual {
                swap.worked_off.get_or_insert(now);
            }
            self.window_began = Some(now);
            self.window.reset();
        }
        match swap.worked_off {
            Some(_) => self.quiet.saturating_record(micros),
            None => self.swapping.saturating_record(micros),
        }
    }

    fn print(&self) {
        print("quiet, no backlog of a swap", &self.quiet);
        print(
            "from saving until the backlog is worked off",
            &self.swapping,
        );
        let slowest = |taken: &Histogram<u64>| taken.value_at_quantile(0.999) as f64;
        println!(
            "p99.9 while swapping / quiet = {:.2}; quiet again is a second with a median of at most \
             {:.1} ms, that before the first swap",
            slowest(&self.swapping) / slowest(&self.quiet),
            self.usual_us.unwrap_or_default() as f64 / 1_000.0
        );
    }
}

/// How often each lead that was sent has been decided.
struct Decided<'l> {
    times: HashMap<&'l [u8], u32>,
    unknown: usize,
}

impl<'l> Decided<'l> {
    fn of(leads: &'l [Record]) -> Self {
        Self {
            times: leads.iter().map(|one| (one.lead.as_bytes(), 0)).collect(),
            unknown: 0,
        }
    }

    fn count(&mut self, lead: &[u8]) {
        match self.times.get_mut(lead) {
            Some(times) => *times += 1,
            None => self.unknown += 1,
        }
    }
}

impl std::fmt::Display for Decided<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |wanted: fn(u32) -> bool| self.times.values().filter(|&&n| wanted(n)).count();
        write!(
            out,
            "of {} leads sent {} were decided once, {} more often, {} never; {} decisions were of \
             others",
            self.times.len(),
            of(|times| times == 1),
            of(|times| times > 1),
            of(|times| times == 0),
            self.unknown
        )
    }
}

fn save(folder: &std::path::Path, swaps: &Mutex<Vec<Swap>>) {
    for number in 0..SWAPS {
        std::thread::sleep(EVERY);
        let swap = Swap {
            saved: Instant::now(),
            seen: None,
            worked_off: None,
        };
        swaps.lock().expect("nobody panics with it").push(swap);
        plan::write(folder, TENANT, plan::LARGE, &format!("number-{number}"));
    }
}

/// A text in a decision's JSON, found by its name; these have nothing that is escaped.
fn field<'d>(decision: &'d [u8], name: &[u8]) -> &'d [u8] {
    let begin = decision
        .windows(name.len())
        .position(|window| window == name);
    let rest = begin.map_or(&[][..], |at| &decision[at + name.len()..]);
    let end = rest.iter().position(|&byte| byte == b'"');
    &rest[..end.unwrap_or(0)]
}
