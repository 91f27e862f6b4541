//! The series of one lane, which come and go with its partition.

use prometheus::{Gauge, GaugeVec, IntGauge, IntGaugeVec};

use crate::event::Reason;

use super::register::Register;
use super::waiting::Waiting;

/// Gauges by partition.
pub struct LaneFamilies {
    ready: IntGaugeVec,
    seq: IntGaugeVec,
    rows: IntGaugeVec,
    open_leads: IntGaugeVec,
    waiting_leads: IntGaugeVec,
    timers: IntGaugeVec,
    timers_due: IntGaugeVec,
    clock: GaugeVec,
    time_lag: GaugeVec,
    restore_rows: IntGaugeVec,
    restore_remaining: IntGaugeVec,
    waiting: Waiting,
}

/// The series of one lane. They go when it does, so that a moved partition is not reported
/// by its former owner.
pub struct Lane {
    /// 1 once it is restored and decides.
    pub ready: IntGauge,
    /// The number of its last decision.
    pub seq: IntGauge,
    /// Rows in its state.
    pub rows: IntGauge,
    /// Leads with an owner or in a pool.
    pub open_leads: IntGauge,
    /// Leads that wait for somebody to take them.
    pub waiting_leads: IntGauge,
    /// Deadlines that are set.
    pub timers: IntGauge,
    /// Deadlines that are over and have not fired yet.
    pub timers_due: IntGauge,
    /// The clock its last batch was decided with, in seconds since 1970.
    pub clock: Gauge,
    /// Age of the oldest record it has not decided, in seconds.
    pub time_lag: Gauge,
    /// Rows that its restore has read.
    pub restore_rows: IntGauge,
    /// Changelog records that its restore has not read yet.
    pub restore_remaining: IntGauge,
    name: String,
    families: LaneFamilies,
}

impl LaneFamilies {
    pub fn new(register: &Register<'_>) -> Self {
        let partition = ["partition"];
        let whole = |name: &str, help: &str| register.int_gauges(name, help, &partition);
        let real = |name: &str, help: &str| register.gauges(name, help, &partition);
        Self {
            ready: whole(
                "bailiwick_lane_ready",
                "1 once the lane is restored and decides.",
            ),
            seq: whole(
                "bailiwick_lane_seq",
                "The number of the lane's last decision.",
            ),
            rows: whole("bailiwick_lane_rows", "Rows in the lane's state."),
            open_leads: whole(
                "bailiwick_lane_open_leads",
                "Leads with an owner or in a pool.",
            ),
            waiting_leads: whole(
                "bailiwick_lane_waiting_leads",
                "Unassigned leads that wait for somebody to take them.",
            ),
            timers: whole(
                "bailiwick_lane_timers",
                "Leads with a deadline, and other things set for a moment.",
            ),
            timers_due: whole(
                "bailiwick_lane_timers_due",
                "Leads whose deadline is over and has not fired yet.",
            ),
            waiting: Waiting::new(register),
            clock: real(
                "bailiwick_lane_clock_timestamp_seconds",
                "The clock the lane's last batch was decided with.",
            ),
            time_lag: real(
                "bailiwick_lane_lag_seconds",
                "Age of the oldest input record not yet decided.",
            ),
            restore_rows: whole(
                "bailiwick_restore_rows",
                "Rows that the lane's restore has read.",
            ),
            restore_remaining: whole(
                "bailiwick_restore_remaining_records",
                "Changelog records that the lane's restore has not read yet.",
            ),
        }
    }

    pub fn lane(&self, partition: i32) -> Lane {
        let name = partition.to_string();
        let whole = |family: &IntGaugeVec| family.with_label_values(&[&name]);
        let real = |family: &GaugeVec| family.with_label_values(&[&name]);
        Lane {
            ready: whole(&self.ready),
            seq: whole(&self.seq),
            rows: whole(&self.rows),
            open_leads: whole(&self.open_leads),
            waiting_leads: whole(&self.waiting_leads),
            timers: whole(&self.timers),
            timers_due: whole(&self.timers_due),
            clock: real(&self.clock),
            time_lag: real(&self.time_lag),
            restore_rows: whole(&self.restore_rows),
            restore_remaining: whole(&self.restore_remaining),
            families: self.share(),
            name,
        }
    }

    /// The same families: the client's vectors are handles.
    fn share(&self) -> Self {
        Self {
            ready: self.ready.clone(),
            seq: self.seq.clone(),
            rows: self.rows.clone(),
            open_leads: self.open_leads.clone(),
            waiting_leads: self.waiting_leads.clone(),
            timers: self.timers.clone(),
            timers_due: self.timers_due.clone(),
            waiting: self.waiting.clone(),
            clock: self.clock.clone(),
            time_lag: self.time_lag.clone(),
            restore_rows: self.restore_rows.clone(),
            restore_remaining: self.restore_remaining.clone(),
        }
    }
}

impl Lane {
    /// Shows the lane's waiting leads; `find` gives number and age in seconds by reason.
    pub fn waiting(&self, find: impl Fn(Reason) -> (u64, f64)) {
        self.families.waiting.show(&self.name, find);
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let LaneFamilies {
            ready,
            seq,
            rows,
            open_leads,
            waiting_leads,
            timers,
            timers_due,
            waiting,
            clock,
            time_lag,
            restore_rows,
            restore_remaining,
        } = &self.families;
        // A series that is not there is as good as removed.
        let whole = [
            ready,
            seq,
            rows,
            open_leads,
            waiting_leads,
            timers,
            timers_due,
        ];
        for family in whole.into_iter().chain([restore_rows, restore_remaining]) {
            let _ = family.remove_label_values(&[&self.name]);
        }
        for family in [clock, time_lag] {
            let _ = family.remove_label_values(&[&self.name]);
        }
        waiting.forget(&self.name);
    }
}
