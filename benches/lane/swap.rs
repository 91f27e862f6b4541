//! Swaps of a large plan under load: what leads wait in quiet and while a plan is read,
//! compiled and taken.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bailiwick::cli::demo::traffic::Record;

use super::TENANT;
use super::deployment::Deployment;
use super::load::{histogram, open_loop, peak, print};
use super::output::Output;
use super::plan;
use super::restore::await_restored;

const SHARE: f64 = 0.8;
const PEAK_LEADS: usize = 300_000;
/// The plan is saved this often; between two swaps there is quiet.
const EVERY: Duration = Duration::from_secs(12);
const SWAPS: usize = 3;
/// A swap is over so long after the first decision under the new plan: what waited for it has
/// been worked off by then, and does not count as quiet.
const AFTER: Duration = Duration::from_secs(3);

/// When a plan was saved, and when the first decision under it was read.
#[derive(Clone, Copy)]
struct Swap {
    saved: Instant,
    seen: Option<Instant>,
}

/// Saves the plan anew several times at a share of the peak, and tells delays in and between
/// the swaps apart.
pub fn measure(brokers: &str, leads: &[Record]) {
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
    let seconds = EVERY.as_secs_f64() * (SWAPS as f64 + 0.5);
    let rate = (peak * SHARE).min(rest.len() as f64 / seconds);
    println!(
        "peak {peak:.0} leads/s; swaps at {rate:.0} leads/s, {:.0} % of it",
        rate / peak * 100.0
    );
    let count = ((rate * seconds) as usize).min(rest.len());
    let swaps = Mutex::new(Vec::<Swap>::new());
    let (mut quiet, mut swapping) = (histogram(), histogram());
    std::thread::scope(|scope| {
        scope.spawn(|| save(&folder, &swaps));
        let mut version = Vec::new();
        open_loop(
            &deployment,
            &output,
            &rest[..count],
            rate,
            |_, delay, decision| {
                let now = Instant::now();
                let mut swaps = swaps.lock().expect("nobody panics with it");
                let plan = version_of(decision);
                if plan != version.as_slice() {
                    version = plan.to_vec();
                    if let Some(last) = swaps.last_mut() {
                        last.seen = Some(now);
                    }
                }
                let busy = swaps.last().is_some_and(|swap| is_busy(*swap, now));
                let into = if busy { &mut swapping } else { &mut quiet };
                into.saturating_record(delay.as_micros() as u64);
            },
        );
    });
    print("quiet", &quiet);
    print("while swapping", &swapping);
    let ratio = swapping.value_at_quantile(0.999) as f64 / quiet.value_at_quantile(0.999) as f64;
    println!("p99.9 while swapping / quiet = {ratio:.2}; as many decisions as leads");
    for swap in swaps.lock().expect("nobody panics with it").iter() {
        let took = swap.seen.map(|seen| seen - swap.saved);
        println!("a swap took {took:?} from saving to the first decision under it");
    }
}

fn is_busy(swap: Swap, now: Instant) -> bool {
    swap.seen.is_none_or(|seen| now < seen + AFTER)
}

fn save(folder: &std::path::Path, swaps: &Mutex<Vec<Swap>>) {
    for number in 0..SWAPS {
        std::thread::sleep(EVERY);
        let swap = Swap {
            saved: Instant::now(),
            seen: None,
        };
        swaps.lock().expect("nobody panics with it").push(swap);
        plan::write(folder, TENANT, plan::LARGE, &format!("number-{number}"));
    }
}

/// The plan version in a decision's JSON.
fn version_of(decision: &[u8]) -> &[u8] {
    const FIELD: &[u8] = b"\"plan\":\"";
    const DIGITS: usize = 16;
    let at = decision
        .windows(FIELD.len())
        .rposition(|window| window == FIELD);
    let rest = at.map_or(&[][..], |at| &decision[at + FIELD.len()..]);
    &rest[..DIGITS.min(rest.len())]
}
