//! How lanes do: batches, transactions, restores.

use prometheus::{Histogram, IntCounter};

use super::lane::{Lane, LaneFamilies};
use super::register::Register;
use super::standby::{Standby, StandbyFamilies};

/// A batch's stages take from tens of microseconds to the transaction's time-out.
const STAGE_SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 10.0,
];

/// From a record's time stamp to its commit.
const COMMIT_SECONDS: [f64; 14] = [
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 3_600.0,
];

/// Records of one batch, up to the highest bound the settings allow.
const BATCH_RECORDS: [f64; 10] = [
    1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 100_000.0,
];

/// A restore takes from nothing to minutes.
const RESTORE_SECONDS: [f64; 10] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0];

/// The part of a batch's cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// From the first record to the batch's last, with all that is decided.
    Gather,
    /// Hand over to the client library and wait until nothing is in flight.
    Send,
    /// Commit the transaction.
    Commit,
}

const STAGES: [&str; 3] = ["gather", "send", "commit"];

impl Stage {
    /// The word used as a metric label and as a span's name.
    pub const fn as_str(self) -> &'static str {
        STAGES[self as usize]
    }
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionEnd {
    Committed,
    Aborted,
    /// The broker did not say; the producer was renewed and the log asked.
    Unknown,
}

const ENDS: [&str; 3] = ["committed", "aborted", "unknown"];

/// Metrics of all lanes.
pub struct Lanes {
    stages: Vec<Histogram>,
    ends: Vec<IntCounter>,
    /// Input records of each committed batch.
    pub batch_records: Histogram,
    /// From a record's time stamp in Kafka to the commit of its decision.
    commit_delay: Histogram,
    /// Producers made anew after an unknown outcome or a fatal error.
    pub producers_renewed: IntCounter,
    /// How long restores took.
    pub restore: Histogram,
    /// Rows read back from the changelog.
    pub restored_rows: IntCounter,
    families: LaneFamilies,
    standbys: StandbyFamilies,
}

impl Lanes {
    pub(super) fn new(register: &Register<'_>) -> Self {
        Self {
            stages: stages(register),
            ends: register.closed(
                "bailiwick_transactions_total",
                "Transactions by how they ended.",
                "end",
                &ENDS,
            ),
            batch_records: register.histogram(
                "bailiwick_batch_records",
                "Input records of each committed batch.",
                &BATCH_RECORDS,
            ),
            commit_delay: register.histogram(
                "bailiwick_record_commit_seconds",
                "Time from a record's time stamp in Kafka to the commit of its decision.",
                &COMMIT_SECONDS,
            ),
            producers_renewed: register.counter(
                "bailiwick_producers_renewed_total",
                "Producers made anew after a transaction of unknown outcome or a fatal error.",
            ),
            restore: register.histogram(
                "bailiwick_restore_seconds",
                "How long lanes took to restore their state from the changelog.",
                &RESTORE_SECONDS,
            ),
            restored_rows: register.counter(
                "bailiwick_restored_rows_total",
                "Rows read back from the changelog.",
            ),
            families: LaneFamilies::new(register),
            standbys: StandbyFamilies::new(register),
        }
    }

    /// How long records took from their time stamps to their commit, in seconds.
    pub fn committed(&self, delays: impl Iterator<Item = f64>) {
        // Counted here first and put in once: a batch has thousands.
        let batch = self.commit_delay.local();
        delays.for_each(|seconds| batch.observe(seconds));
        batch.flush();
    }

    /// How long one stage of a batch took.
    pub fn stage(&self, stage: Stage, seconds: f64) {
        self.stages[stage as usize].observe(seconds);
    }

    /// Counts one transaction.
    pub fn ended(&self, end: TransactionEnd) {
        self.ends[end as usize].inc();
    }

    /// Transactions that ended so, for views and tests.
    pub fn ended_so_far(&self, end: TransactionEnd) -> u64 {
        self.ends[end as usize].get()
    }

    /// The series of one partition that is followed; they go when the value is dropped.
    pub fn standby(&self, partition: i32) -> Standby {
        self.standbys.lane(partition)
    }

    /// The series of the lane of one partition; they go when the value is dropped.
    pub fn lane(&self, partition: i32) -> Lane {
        self.families.lane(partition)
    }
}

fn stages(register: &Register<'_>) -> Vec<Histogram> {
    let family = register.histograms(
        "bailiwick_batch_seconds",
        "How long the stages of batches took: gathering and deciding, sending, committing.",
        &STAGE_SECONDS,
        &["stage"],
    );
    STAGES
        .iter()
        .map(|stage| family.with_label_values(&[*stage]))
        .collect()
}
