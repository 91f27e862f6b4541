//! Figures kept beside the bench, and the plot that the README shows of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use super::measure::Timed;

/// Plan, territories, caches.
type Key = (String, usize, String);

/// The plot's size and the room for its axes, in pixels.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 70.0;

/// Powers of ten that the axes show: territories and nanoseconds.
const ACROSS: (i32, i32) = (3, 6);
const UP: (i32, i32) = (1, 5);

const HEADER: &str = "plan,territories,caches,p50_ns,p99_ns,p99_9_ns,max_ns";

/// p50, p99, p99.9 and the longest.
type Taken = [u64; 4];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/figures")
}

/// Puts what was measured into the table, and draws the plot anew.
pub fn keep(plan: &str, territories: usize, timed: &Timed) {
    let path = folder().join("route.csv");
    let mut rows = read(&std::fs::read_to_string(&path).unwrap_or_default());
    let states = [
        ("hot", &timed.hot),
        ("warm", &timed.warm),
        ("cold", &timed.cold),
    ];
    for (caches, taken) in states {
        let quantile = |part| taken.value_at_quantile(part);
        rows.insert(
            (plan.into(), territories, caches.into()),
            [quantile(0.5), quantile(0.99), quantile(0.999), taken.max()],
        );
    }
    let mut table = format!("{HEADER}\n");
    for ((plan, territories, caches), taken) in &rows {
        let [p50, p99, p99_9, max] = taken;
        let _ = writeln!(
            table,
            "{plan},{territories},{caches},{p50},{p99},{p99_9},{max}"
        );
    }
    let drawn = std::fs::create_dir_all(folder())
        .and_then(|()| std::fs::write(&path, table))
        .and_then(|()| std::fs::write(folder().join("route.svg"), plot(&rows)));
    if let Err(error) = drawn {
        eprintln!("the figures are not kept: {error}");
    }
}

fn read(table: &str) -> BTreeMap<Key, Taken> {
    let row = |line: &str| -> Option<(Key, Taken)> {
        let mut cells = line.split(',');
        let plan = cells.next()?.to_owned();
        let territories = cells.next()?.parse().ok()?;
        let caches = cells.next()?.to_owned();
        let mut number = || cells.next()?.parse().ok();
        let taken = [number()?, number()?, number()?, number()?];
        Some(((plan, territories, caches), taken))
    };
    table.lines().skip(1).filter_map(row).collect()
}

/// Where a value lies on an axis of powers of ten, from 0 to 1.
fn along(value: f64, (from, to): (i32, i32)) -> f64 {
    (value.max(1.0).log10() - f64::from(from)) / f64::from(to - from)
}

fn x(territories: f64) -> f64 {
    LEFT + along(territories, ACROSS) * (WIDTH - LEFT - RIGHT)
}

fn y(nanoseconds: f64) -> f64 {
    HEIGHT - BOTTOM - along(nanoseconds, UP) * (HEIGHT - TOP - BOTTOM)
}

/// The plot of warm figures, p50 as a line and p99 dashed, one colour a plan.
fn plot(rows: &BTreeMap<Key, Taken>) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    axes(&mut svg);
    let mut plans: BTreeMap<&str, Vec<(f64, f64, f64)>> = BTreeMap::new();
    for ((plan, territories, caches), [p50, p99, ..]) in rows {
        if caches == "warm" {
            let point = (*territories as f64, *p50 as f64, *p99 as f64);
            plans.entry(plan).or_default().push(point);
        }
    }
    let colours = ["#0b6e99", "#c0392b", "#2e7d32", "#8e44ad"];
    for (at, (plan, points)) in plans.iter().enumerate() {
        let colour = colours[at % colours.len()];
        line(
            &mut svg,
            points.iter().map(|one| (one.0, one.1)),
            colour,
            "",
        );
        let dashes = " stroke-dasharray=\"5 4\"";
        line(
            &mut svg,
            points.iter().map(|one| (one.0, one.2)),
            colour,
            dashes,
        );
        let (left, top) = (WIDTH - RIGHT + 15.0, TOP + 20.0 + at as f64 * 40.0);
        text(&mut svg, left, top, "start", colour, plan);
        text(
            &mut svg,
            left,
            top + 15.0,
            "start",
            "#555",
            "line p50, dashes p99",
        );
    }
    let taken = format!("warm caches; {}", machine());
    text(&mut svg, LEFT, HEIGHT - 12.0, "start", "#555", &taken);
    svg.push_str("</svg>\n");
    svg
}

/// The day, and what these figures were taken on.
fn machine() -> String {
    let day = jiff::tz::TimeZone::UTC
        .to_datetime(jiff::Timestamp::now())
        .date();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("processor unknown", |(_, model)| model);
    format!("{day}, {cores} shared cores of {model}")
}

fn axes(svg: &mut String) {
    for power in ACROSS.0..=ACROSS.1 {
        let at = x(10_f64.powi(power));
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {TOP} V{:.1}\" stroke=\"#ddd\"/>",
            HEIGHT - BOTTOM
        );
        let label = ["1,000", "10,000", "100,000", "1,000,000"][(power - ACROSS.0) as usize];
        text(svg, at, HEIGHT - BOTTOM + 18.0, "middle", "#333", label);
    }
    for power in UP.0..=UP.1 {
        let at = y(10_f64.powi(power));
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {at:.1} H{:.1}\" stroke=\"#ddd\"/>",
            WIDTH - RIGHT
        );
        let label = ["10 ns", "100 ns", "1 µs", "10 µs", "100 µs"][(power - UP.0) as usize];
        text(svg, LEFT - 8.0, at + 4.0, "end", "#333", label);
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    text(
        svg,
        middle,
        HEIGHT - BOTTOM + 34.0,
        "middle",
        "#333",
        "territories",
    );
}

fn line(svg: &mut String, points: impl Iterator<Item = (f64, f64)>, colour: &str, dashes: &str) {
    let path: Vec<String> = points
        .map(|(territories, taken)| format!("{:.1},{:.1}", x(territories), y(taken)))
        .collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>",
        path.join(" ")
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, colour: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{words}</text>"
    );
}
