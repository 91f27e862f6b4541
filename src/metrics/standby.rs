//! The series of one lane whose state is kept warm for a takeover.

use prometheus::{IntGauge, IntGaugeVec};

use super::register::Register;

/// Gauges by partition.
pub struct StandbyFamilies {
    rows: IntGaugeVec,
    lag: IntGaugeVec,
}

/// The series of one followed lane. They go when it is no longer followed.
pub struct Standby {
    rows: IntGauge,
    lag: IntGauge,
    name: String,
    families: (IntGaugeVec, IntGaugeVec),
}

impl StandbyFamilies {
    pub fn new(register: &Register<'_>) -> Self {
        Self {
            rows: register.int_gauges(
                "bailiwick_standby_rows",
                "Rows read into the state of a lane that another instance has.",
                &["partition"],
            ),
            lag: register.int_gauges(
                "bailiwick_standby_lag_records",
                "Changelog records that the state kept warm for a takeover does not have yet.",
                &["partition"],
            ),
        }
    }

    pub fn lane(&self, partition: i32) -> Standby {
        let name = partition.to_string();
        Standby {
            rows: self.rows.with_label_values(&[&name]),
            lag: self.lag.with_label_values(&[&name]),
            families: (self.rows.clone(), self.lag.clone()),
            name,
        }
    }
}

impl Standby {
    /// Says how many rows were read and how many records are still to be read.
    pub fn tell(&self, rows: u64, lag: i64) {
        self.rows.set(i64::try_from(rows).unwrap_or(i64::MAX));
        self.lag.set(lag.max(0));
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        // A series that is not there is as good as removed.
        let _ = self.families.0.remove_label_values(&[&self.name]);
        let _ = self.families.1.remove_label_values(&[&self.name]);
    }
}
