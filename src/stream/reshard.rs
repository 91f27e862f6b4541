//! A drained deployment moved to more partitions: state read, gathered anew, written at once.
//!
//! The new state goes to a topic of its own in one transaction, so it is there whole or not
//! at all, and the old one stays as it was. The group's offsets stay too: what was read of
//! the old partitions is read, and the new ones begin empty.

use std::collections::BTreeMap;

use crate::assign::{self, Layout, Meta, State};
use crate::config::{Kafka, Settings};
use crate::event::TopicRole;
use crate::metrics::{self, Metrics};

use super::Ended;
use super::home::home_partition;
use super::lanes;
use super::outbox::Outbox;
use super::restore::{Progress, Warm};
use super::sink::{Sink, SizeLimits};
use super::source::Watch;
use super::source::cluster::Cluster;
use super::source::drained::{Drained, Offsets};
use super::step::Step;
use super::topics;
use super::trouble::Trouble;

/// The longest transaction that brokers allow unless told otherwise.
const TRANSACTION: std::time::Duration = std::time::Duration::from_secs(15 * 60);
/// So many rows are handed over at a time.
const ROWS_AT_ONCE: usize = 1_000;

/// A deployment and where it is to go.
pub struct Reshard {
    /// The settings as they are.
    pub settings: Settings,
    /// How many partitions there are.
    pub from: i32,
    /// How many there will be.
    pub to: i32,
    /// The topic for the new state.
    pub state: String,
}

/// One new lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLane {
    pub partition: i32,
    pub tenants: usize,
    pub leads: u64,
    pub rows: u64,
}

/// What the new state topic holds already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Empty,
    /// The very state that would be written.
    Done,
    Other,
}

impl Reshard {
    /// Whether all instances are stopped and all input is decided.
    ///
    /// # Errors
    /// [`Ended::Away`] with what is still to be done.
    pub fn await_nobody(&self) -> Result<Offsets, Ended> {
        let kafka = &self.settings.kafka;
        let drained = Drained::new(kafka)?;
        let members = drained.members()?;
        if members > 0 {
            return Err(Ended::Away(format!(
                "group {} has {members} members: let the daemons decide all input, stop all of them, and try again",
                kafka.group
            )));
        }
        let offsets = drained.committed(self.from)?;
        match drained.unread(self.from, &offsets)? {
            None => Ok(offsets),
            Some(unread) => Err(Ended::Away(format!(
                "{}/{} has undecided input from offset {}: stop what produces it, let the daemons decide the \
                 rest, stop them, and try again",
                unread.topic, unread.partition, unread.offset
            ))),
        }
    }

    /// Keeps any former owner of a lane, such as a suspended process, from writing again.
    pub fn fence(&self) -> Result<(), Ended> {
        let limits = self.limits()?;
        (0..self.from).try_for_each(|partition| {
            Sink::open(&self.settings.kafka, partition, limits, watch())?;
            Ok(())
        })
    }

    /// Reads the state of every old lane and checks it against the group's offsets. `say`
    /// hears of each lane and its rows.
    pub fn read(
        &self,
        offsets: &Offsets,
        say: &mut dyn FnMut(i32, Progress),
    ) -> Result<Vec<State>, Ended> {
        let lane = |partition| {
            let (state, progress) = read_lane(&self.settings, partition, self.from)?;
            let none = BTreeMap::new();
            let committed = offsets.get(&partition).unwrap_or(&none);
            self.agree(partition, state.meta(), committed)?;
            say(partition, progress);
            Ok(state)
        };
        (0..self.from).map(lane).collect()
    }

    fn agree(
        &self,
        partition: i32,
        meta: &Meta,
        committed: &BTreeMap<TopicRole, i64>,
    ) -> Result<(), Ended> {
        let written = i64::from(meta.partitions);
        let fits = written == 0 || written == i64::from(self.from);
        if fits && meta.offsets == *committed {
            return Ok(());
        }
        Err(Ended::Refused(format!(
            "the state of partition {partition} does not fit the topics or the offsets of group {}; start one \
             daemon, which says what is wrong and what to do, then try again",
            self.settings.kafka.group
        )))
    }

    /// The state of one new lane.
    fn gather(&self, old: &[State], partition: i32) -> State {
        let partitions = self.to;
        let layout = Layout {
            partitions: partitions.unsigned_abs(),
            home: &|tenant| home_partition(tenant, partitions).unsigned_abs(),
        };
        let old: Vec<&State> = old.iter().collect();
        assign::gather(&old, partition.unsigned_abs(), &layout)
    }

    /// What the new lanes will be.
    pub fn plan(&self, old: &[State]) -> Vec<NewLane> {
        let lane = |partition| {
            let state = self.gather(old, partition);
            let mut rows = 0;
            state.changes(|_, _| rows += 1);
            NewLane {
                partition,
                tenants: state.tenants().count(),
                leads: state.remembered_leads(),
                rows,
            }
        };
        (0..self.to).map(lane).collect()
    }

    /// What is in the new topic, which exists with as many partitions as are wanted.
    pub fn target(&self, old: &[State]) -> Result<Target, Ended> {
        let settings = self.new_settings();
        let mut found = Vec::new();
        for partition in 0..self.to {
            let (state, progress) = read_lane(&settings, partition, self.to)?;
            found.push((state.meta().clone(), progress.rows));
        }
        if found.iter().all(|(_, rows)| *rows == 0) {
            return Ok(Target::Empty);
        }
        let wanted = (0..self.to).map(|partition| self.gather(old, partition));
        let same = wanted
            .zip(&found)
            .all(|(state, (meta, _))| state.meta() == meta);
        Ok(if same { Target::Done } else { Target::Other })
    }

    /// Writes all rows of all new lanes in one transaction; says how many.
    pub fn write(&self, old: &[State]) -> Result<u64, Ended> {
        let kafka = self.new_settings().kafka;
        let sink = Sink::named(&kafka, "reshard", self.limits()?, watch())?;
        sink.begin()?;
        let mut rows = 0;
        for partition in 0..self.to {
            rows += send(&sink, &self.gather(old, partition), partition)?;
        }
        sink.finish()?;
        Ok(rows)
    }

    fn limits(&self) -> Result<SizeLimits, Ended> {
        let kafka = &self.settings.kafka;
        let names = super::source::cluster::names(&kafka.topics);
        let found = Cluster::new(kafka)?.settings(&names).unwrap_or_default();
        Ok(topics::sizes(&kafka.topics, &found))
    }

    /// The settings of the new deployment, with time for one long transaction.
    fn new_settings(&self) -> Settings {
        let mut settings = self.settings.clone();
        let kafka: &mut Kafka = &mut settings.kafka;
        kafka.topics.state.clone_from(&self.state);
        kafka.transaction_timeout = TRANSACTION;
        settings
    }
}

fn read_lane(
    settings: &Settings,
    partition: i32,
    partitions: i32,
) -> Result<(State, Progress), Trouble> {
    let frame = lanes::frame(settings, partition, partitions);
    let mut warm = Warm::cold(Step::new(frame, std::sync::Arc::default()));
    let progress = warm.catch_up(&settings.kafka, partition, &mut |_| true)?;
    let whole = warm.step.restored();
    whole.map_err(|error| Trouble::Refused(error.to_string()))?;
    Ok((warm.step.into_state(), progress))
}

fn send(sink: &Sink, state: &State, partition: i32) -> Result<u64, Trouble> {
    let (mut outbox, mut waiting, mut rows) = (Outbox::default(), 0, 0);
    let mut sent = Ok(());
    state.changes(|key, value| {
        outbox
            .draft(TopicRole::State, partition)
            .copy(Some(key), value)
            .done();
        (waiting, rows) = (waiting + 1, rows + 1);
        if waiting == ROWS_AT_ONCE && sent.is_ok() {
            sent = sink.send(&outbox, None);
            outbox.clear();
            waiting = 0;
        }
    });
    sent?;
    sink.send(&outbox, None)?;
    Ok(rows)
}

/// A command has no metrics that anybody asks for.
fn watch() -> Watch {
    Watch::new(Metrics::new(metrics::Bounds {
        territories: 0,
        teams: 0,
    }))
}
