//! How evenly teams share and how full they are: gauges by tenant and team, bounded.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use prometheus::{GaugeVec, IntGaugeVec};

use super::Bounds;
use super::register::Register;

/// A tenant and one of its teams.
type Key = (Box<str>, Box<str>);

/// One team's figures.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamFigures {
    pub tenant: Box<str>,
    pub team: Box<str>,
    /// Leads its members hold.
    pub open: u64,
    /// Leads they may hold together, if each has a limit.
    pub capacity: Option<u64>,
    /// The distance from the ideal shares and its bound, in leads, if they take turns.
    pub share: Option<(f64, f64)>,
}

/// Gauges of teams. Each lane shows the teams of the tenants it decides for; beyond the bound
/// a team has no series, as a distance or a load summed over strangers would mean nothing.
pub struct Teams {
    open: IntGaugeVec,
    capacity: IntGaugeVec,
    distance: GaugeVec,
    bound: GaugeVec,
    limit: usize,
    shown: Mutex<BTreeSet<Key>>,
}

impl Teams {
    pub(super) fn new(register: &Register<'_>, bounds: Bounds) -> Self {
        let labels = ["tenant", "team"];
        let whole = |name: &str, help: &str| register.int_gauges(name, help, &labels);
        let real = |name: &str, help: &str| register.gauges(name, help, &labels);
        Self {
            open: whole(
                "bailiwick_team_open_leads",
                "Leads that the team's members hold; none beyond metrics.teams.",
            ),
            capacity: whole(
                "bailiwick_team_capacity_leads",
                "Leads that the team's members may hold together, where each has a limit.",
            ),
            distance: real(
                "bailiwick_team_share_distance_leads",
                "How far the member who is furthest off is from the ideal share, of teams that take turns.",
            ),
            bound: real(
                "bailiwick_team_share_bound_leads",
                "The bound that turns keep that distance within.",
            ),
            limit: bounds.teams,
            shown: Mutex::default(),
        }
    }

    /// Shows the teams of one lane in place of those it showed before.
    pub fn show(&self, before: &mut BTreeSet<Key>, figures: &[TeamFigures]) {
        // A panic elsewhere leaves the set whole: it only takes and gives complete entries.
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let now: BTreeSet<Key> = figures
            .iter()
            .map(|one| (one.tenant.clone(), one.team.clone()))
            .collect();
        for gone in before.difference(&now) {
            shown.remove(gone);
            self.forget(gone);
        }
        before.retain(|key| now.contains(key));
        for one in figures {
            let key = (one.tenant.clone(), one.team.clone());
            if !before.contains(&key) {
                if shown.len() >= self.limit {
                    continue;
                }
                shown.insert(key.clone());
                before.insert(key);
            }
            self.set(one);
        }
    }

    fn set(&self, one: &TeamFigures) {
        let labels = [&*one.tenant, &*one.team];
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.open.with_label_values(&labels).set(whole(one.open));
        // Not there is as good as removed.
        match one.capacity {
            Some(most) => self.capacity.with_label_values(&labels).set(whole(most)),
            None => drop(self.capacity.remove_label_values(&labels)),
        }
        match one.share {
            Some((present, bound)) => {
                self.distance.with_label_values(&labels).set(present);
                self.bound.with_label_values(&labels).set(bound);
            }
            None => {
                drop(self.distance.remove_label_values(&labels));
                drop(self.bound.remove_label_values(&labels));
            }
        }
    }

    fn forget(&self, (tenant, team): &Key) {
        let labels = [&**tenant, &**team];
        for family in [&self.open, &self.capacity] {
            let _ = family.remove_label_values(&labels);
        }
        for family in [&self.distance, &self.bound] {
            let _ = family.remove_label_values(&labels);
        }
    }
}
