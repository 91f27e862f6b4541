//! What was seen of the daemon, kept in a file, and what follows from it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use serde::{Deserialize, Serialize};

const MEBIBYTE: f64 = 1_048_576.0;
/// What a row may take, an open lead's with its timers and its places in the indexes.
const ROW: f64 = 1_024.0;
const HOUR: f64 = 3_600.0;

/// One look at the daemon.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Look {
    /// When this run began, in seconds since 1970.
    pub run: u64,
    /// Processes of this run before this one.
    pub life: u32,
    /// Seconds since the run began.
    pub at: f64,
    /// Seconds since this process was ready.
    pub age: f64,
    pub memory: f64,
    pub descriptors: f64,
    pub lag_seconds: f64,
    pub leads: f64,
    pub rows: f64,
    pub cpu_seconds: f64,
}

/// Looks of one run after the other, on disk at once: a run that is ended early has told all
/// that it saw.
pub struct Diary(csv::Writer<File>);

impl Diary {
    pub fn open(path: &Path) -> Self {
        let file = File::options().create(true).append(true).open(path);
        let file = file.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let fresh = file.metadata().unwrap().len() == 0;
        Self(
            csv::WriterBuilder::new()
                .has_headers(fresh)
                .from_writer(file),
        )
    }

    pub fn note(&mut self, look: Look) {
        self.0.serialize(look).unwrap();
        self.0.flush().unwrap();
    }
}

/// All looks of a file.
pub fn read(path: &Path) -> Vec<Look> {
    let mut rows = csv::Reader::from_path(path).unwrap();
    rows.deserialize().map(Result::unwrap).collect()
}

/// What a set of looks has in common.
struct Level {
    memory: (f64, f64),
    descriptors: (f64, f64),
    lag_seconds: f64,
    slope: f64,
    per_row: f64,
}

impl Level {
    fn of(looks: &[Look]) -> Self {
        let range = |of: &dyn Fn(&Look) -> f64| {
            let all = || looks.iter().map(of);
            (
                all().fold(f64::INFINITY, f64::min),
                all().fold(f64::NEG_INFINITY, f64::max),
            )
        };
        Self {
            memory: range(&|one| one.memory),
            descriptors: range(&|one| one.descriptors),
            lag_seconds: range(&|one| one.lag_seconds).1,
            slope: slope(looks, &|one| one.at),
            per_row: slope(looks, &|one| one.rows),
        }
    }

    fn say(&self, what: &str, looks: &[Look]) {
        println!(
            "{what}: memory {:.1} to {:.1} MiB, slope {:+.2} MiB an hour, {:.0} bytes a row more; descriptors {} to {}; \
             largest lag {:.2} s; {} looks, {:.0} leads/s, {:.2} of a core",
            self.memory.0 / MEBIBYTE,
            self.memory.1 / MEBIBYTE,
            self.slope * HOUR / MEBIBYTE,
            self.per_row,
            self.descriptors.0,
            self.descriptors.1,
            self.lag_seconds,
            looks.len(),
            pace(looks, &|one| one.leads),
            pace(looks, &|one| one.cpu_seconds),
        );
    }
}

/// Looks by process, as memory begins anew with each.
fn lives(looks: &[Look]) -> BTreeMap<(u64, u32), Vec<Look>> {
    let mut lives: BTreeMap<_, Vec<Look>> = BTreeMap::new();
    for look in looks {
        lives.entry((look.run, look.life)).or_default().push(*look);
    }
    lives
}

/// What grew by the second, summed over processes.
fn pace(looks: &[Look], of: &dyn Fn(&Look) -> f64) -> f64 {
    let span = |of: &dyn Fn(&Look) -> f64| -> f64 {
        let lives = lives(looks);
        let one = |life: &Vec<Look>| Some(of(life.last()?) - of(life.first()?));
        lives.values().filter_map(one).sum()
    };
    span(of) / span(&|one| one.at)
}

/// Bytes for each more of something, by least squares: one slope for all processes, a level for
/// each.
fn slope(looks: &[Look], along: &dyn Fn(&Look) -> f64) -> f64 {
    let (mut over, mut under) = (0.0, 0.0);
    for life in lives(looks).values() {
        let number = life.len() as f64;
        let mean = |of: &dyn Fn(&Look) -> f64| life.iter().map(of).sum::<f64>() / number;
        let (at, memory) = (mean(along), mean(&|one| one.memory));
        over += life
            .iter()
            .map(|one| (along(one) - at) * (one.memory - memory))
            .sum::<f64>();
        under += life
            .iter()
            .map(|one| (along(one) - at).powi(2))
            .sum::<f64>();
    }
    over / under
}

/// Prints what was seen once each process had settled, by slice and over all, and holds it
/// against what must be: descriptors that stay, and memory that grows with the state only,
/// within what a process may vary.
pub fn report(looks: &[Look], settled: f64, slice: f64, (descriptors, memory): (f64, f64)) {
    let looks: Vec<Look> = looks
        .iter()
        .filter(|one| one.age >= settled)
        .copied()
        .collect();
    let mut slices: BTreeMap<(u64, u64), Vec<Look>> = BTreeMap::new();
    for look in &looks {
        let number = (look.at / slice) as u64;
        slices.entry((look.run, number)).or_default().push(*look);
    }
    println!("{settled:.0} s after each start and later:");
    for (number, looks) in slices.values().enumerate() {
        Level::of(looks).say(&format!("slice {}", number + 1), looks);
    }
    Level::of(&looks).say("all slices", &looks);
    for life in lives(&looks).values() {
        let (least, most) = Level::of(life).descriptors;
        assert!(most - least <= descriptors, "descriptors grow");
        let grown = |of: &dyn Fn(&Look) -> f64| of(&life[life.len() - 1]) - of(&life[0]);
        let by_state = grown(&|one| one.rows) * ROW;
        assert!(
            grown(&|one| one.memory) <= memory + by_state,
            "memory grows by more than the state"
        );
    }
}

#[test]
fn a_slope_is_that_of_each_process_and_not_of_the_step_between_them() {
    let look = |life: u32, at: f64, memory: f64| Look {
        run: 1,
        life,
        at,
        age: at,
        memory,
        descriptors: 9.0,
        lag_seconds: 0.0,
        leads: at * 10.0,
        rows: at * 4.0,
        cpu_seconds: at / 4.0,
    };
    // Two a second in both, and a step of a thousand down between them.
    let looks: Vec<Look> = (0..10)
        .map(|at| look(0, f64::from(at), 5_000.0 + 2.0 * f64::from(at)))
        .chain((10..20).map(|at| look(1, f64::from(at), 4_000.0 + 2.0 * f64::from(at))))
        .collect();
    assert!((slope(&looks, &|one| one.at) - 2.0).abs() < 1e-9);
    assert!((slope(&looks, &|one| one.rows) - 0.5).abs() < 1e-9);
    assert!((pace(&looks, &|one| one.leads) - 10.0).abs() < 1e-9);
}
