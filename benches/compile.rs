//! From plan files to a router: reading and checking, compiling, and what a plan weighs.
//!
//! `cargo bench --bench compile`; `-- 10k` or `-- 100k` for one size. The files are written
//! first, with the borders of all US counties as GeoJSON, and read as the daemon reads them.
//! Memory is measured in a process of its own that does nothing else.

#[path = "../tests/support/atlas.rs"]
mod atlas;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bailiwick::event::Timestamp;
use bailiwick::plan::{Area, Facts, Normaliser, Point};
use bailiwick::route::{Router, Snapshot};

/// Rounds of which the fastest counts: the machine is shared.
const ROUNDS: usize = 3;

/// What Linux takes to forget the highest number of resident bytes.
const RESET_PEAK: &str = "5";

/// Asks this program for the memory that the plan in the folder named next takes.
const HOLD: &str = "--hold";

/// Industries and sizes of each county, besides the county itself.
const SIZES: [(&str, usize, usize); 3] = [("10k", 1, 2), ("100k", 10, 3), ("300k", 31, 3)];

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, folder] = &words[..]
        && word == HOLD
    {
        return hold(Path::new(folder));
    }
    let words: Vec<&String> = words.iter().filter(|one| !one.starts_with('-')).collect();
    let Some(counties) = atlas::counties() else {
        return;
    };
    for (name, industries, sizes) in SIZES {
        if words.is_empty() || words.iter().any(|word| *word == name) {
            let folder = write(&counties, name, industries, sizes);
            measure(name, &folder);
        }
    }
}

fn measure(name: &str, folder: &Path) {
    println!("{name}:");
    let program = std::env::current_exe().expect("it runs");
    let held = Command::new(program).arg(HOLD).arg(folder).status();
    assert!(held.is_ok_and(|ended| ended.success()));
    time(folder);
}

/// The fastest of several rounds.
fn time(folder: &Path) {
    let mut best = [Duration::MAX; 3];
    let mut territories = 0;
    let mut routers = 0;
    for _ in 0..ROUNDS {
        let (loaded, reading) = timed(|| bailiwick::plan::load(folder));
        let plan = loaded.plan.expect("the plan is good");
        let (_, normaliser) = timed(|| Normaliser::new(&plan));
        let (router, compiling) = timed(|| Router::compile(&plan));
        territories = plan.territories.len();
        routers = router.bytes();
        for (held, new) in best.iter_mut().zip([reading, normaliser, compiling]) {
            *held = new.min(*held);
        }
    }
    let [reading, normaliser, compiling] = best;
    println!(
        "  {territories} territories; read and check {reading:.2?}, normaliser \
         {normaliser:.0?}, router {compiling:.0?} of {:.1} MB",
        routers as f64 / 1e6
    );
}

/// What one snapshot holds, and its peak.
fn hold(folder: &Path) {
    let plan = bailiwick::plan::load(folder)
        .plan
        .expect("the plan is good");
    let snapshot = Snapshot::build(plan);
    println!(
        "  resident with it: {:.0} MB, peak {:.0} MB",
        megabytes(resident()),
        megabytes(status("VmHWM:"))
    );
    swap(folder, snapshot);
}

/// The peak while a second snapshot is read and compiled beside the first, asked once and put
/// in its place.
fn swap(folder: &Path, old: Snapshot) {
    let one = resident();
    let is_reset = fs::write("/proc/self/clear_refs", RESET_PEAK).is_ok();
    let held = Mutex::new(Arc::new(old));
    let plan = bailiwick::plan::load(folder).plan.expect("it is good");
    let new = Snapshot::build(plan);
    let facts = Facts::default();
    std::hint::black_box(new.router.route(&new.plan, &facts, Timestamp(0)));
    let displaced = std::mem::replace(&mut *held.lock().expect("one thread"), Arc::new(new));
    let both = status("VmHWM:");
    drop(displaced);
    println!(
        "  a swap: {:.0} MB with one, {:.0} MB at the peak with both{}, {:.1} x; {:.0} MB after it",
        megabytes(one),
        megabytes(both),
        if is_reset {
            ""
        } else {
            " (or before: the system resets no peak)"
        },
        both as f64 / one as f64,
        megabytes(resident())
    );
}

fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Resident bytes of this process, 0 where the system does not tell.
fn resident() -> usize {
    status("VmRSS:")
}

fn status(key: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(key));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Writes a plan: every county, and in it every industry and size.
fn write(counties: &[Area], name: &str, industries: usize, sizes: usize) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("compile-{name}"));
    fs::create_dir_all(&folder).expect("the folder is ours");
    fs::write(folder.join("counties.geojson"), geojson(counties)).expect("the folder is ours");
    let mut text = String::from(
        "version: 1\ntenant: bench\nareas: [counties.geojson]\nreps: [{id: wang}]\n\
         teams: [{id: east, members: [wang]}]\nterritories:\n",
    );
    for county in counties {
        let id = &county.id;
        let _ = writeln!(
            text,
            "  - id: c{id}\n    where: {{area: [\"{id}\"]}}\n    team: east\n    children:"
        );
        for industry in 0..industries {
            // Manufacturing in GB/T 4754 is C13 to C43; codes that nobody knows are warnings.
            let code = format!("C{}", 13 + industry);
            for size in 0..sizes {
                let (min, max) = (size * 50, (size + 1) * 50);
                let _ = writeln!(
                    text,
                    "      - {{id: c{id}-{code}-{size}, where: {{industry: [{code}], employees: {{min: {min}, max: {max}}}}}}}"
                );
            }
        }
    }
    fs::write(folder.join("plan.yaml"), text).expect("the folder is ours");
    folder
}

fn geojson(counties: &[Area]) -> String {
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
    for (at, county) in counties.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let polygons: Vec<String> = county.polygons.iter().map(|rings| polygon(rings)).collect();
        let _ = writeln!(
            text,
            "{comma}{{\"type\":\"Feature\",\"properties\":{{\"id\":\"{}\"}},\"geometry\":\
             {{\"type\":\"MultiPolygon\",\"coordinates\":[{}]}}}}",
            county.id,
            polygons.join(",")
        );
    }
    text.push_str("]}");
    text
}

fn polygon(rings: &[Vec<Point>]) -> String {
    let position = |point: &Point| {
        let degrees = |e7: i32| f64::from(e7) / 1e7;
        format!("[{},{}]", degrees(point.lon_e7), degrees(point.lat_e7))
    };
    let ring = |ring: &Vec<Point>| {
        let closed = ring.iter().chain(ring.first());
        format!("[{}]", closed.map(position).collect::<Vec<_>>().join(","))
    };
    format!("[{}]", rings.iter().map(ring).collect::<Vec<_>>().join(","))
}
