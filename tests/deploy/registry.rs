//! Every metric that the program can show, with its labels, read off the program itself.

use std::collections::{BTreeMap, BTreeSet};

use bailiwick::metrics::{Bounds, Metrics};

/// Labels that Prometheus adds to every series.
const TARGET_LABELS: [&str; 2] = ["job", "instance"];

/// A family: its type and its labels.
#[derive(Debug)]
pub struct Family {
    pub kind: String,
    pub labels: BTreeSet<String>,
}

/// Metrics with every series there is, so that no family is left out for being empty.
/// The second value holds the series of lanes, which go with it.
pub fn full() -> (Metrics, impl Sized) {
    let metrics = Metrics::new(Bounds {
        territories: 10,
        teams: 10,
    });
    metrics
        .decisions
        .decided(&[crate::metrics::decision("east", "key")]);
    metrics.kafka.lag("leads", 0, 0);
    metrics.kafka.round_trip("broker-1", 0.001);
    metrics.kafka.throttle("broker-1", 0.0);
    metrics
        .plans
        .in_force("acme", None, "3f9c2a7d90e1b254", 1, 1);
    metrics.http.announce("/metrics");
    let use_of = bailiwick::metrics::CertificateUse::Server;
    metrics
        .http
        .certificate_expires(use_of, std::time::SystemTime::now());
    let lanes = (metrics.lanes.lane(0), metrics.lanes.standby(1));
    lanes.0.waiting(|_| (0, 0.0));
    let team = bailiwick::metrics::TeamFigures {
        tenant: "acme".into(),
        team: "key".into(),
        open: 1,
        capacity: Some(40),
        share: Some((0.5, 1.0)),
    };
    metrics.teams.show(&mut BTreeSet::new(), &[team]);
    (metrics, lanes)
}

/// The families by name. Samples of a histogram count under the family's name.
pub fn families() -> BTreeMap<String, Family> {
    let (metrics, _lane) = full();
    let text = String::from_utf8(metrics.render()).unwrap();
    let mut families = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (found, kind) = rest.split_once(' ').unwrap();
            name = found.to_owned();
            let labels = TARGET_LABELS.iter().map(|&one| one.to_owned()).collect();
            let kind = kind.to_owned();
            families.insert(name.clone(), Family { kind, labels });
        } else if !line.starts_with('#') {
            families.get_mut(&name).unwrap().labels.extend(labels(line));
        }
    }
    families
}

/// The label names of one sample.
fn labels(sample: &str) -> Vec<String> {
    let inside = sample
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    let pairs = inside.map_or("", |(pairs, _)| pairs);
    let names = pairs.split("\",").filter_map(|pair| pair.split_once('='));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// The family a sample's name belongs to.
pub fn family_of<'n>(families: &BTreeMap<String, Family>, name: &'n str) -> Option<&'n str> {
    let base = ["_bucket", "_sum", "_count"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .filter(|base| {
            families
                .get(*base)
                .is_some_and(|one| one.kind == "histogram")
        });
    base.or_else(|| families.contains_key(name).then_some(name))
}
