//! How a lane comes to its state: fence the former owner, read the changelog, check, start.

use std::time::{Duration, Instant};

use crate::board::{Desk, LaneStatus, RestoreStatus};
use crate::metrics;
use crate::stream::restore::{Progress, Warm};
use crate::stream::sink::Sink;
use crate::stream::source::{Position, Queues, Watch};
use crate::stream::step::Step;
use crate::stream::trouble::Trouble;

use super::agreement;
use super::engine::{Engine, Parts, ROLES};
use super::mailbox::Mailbox;
use super::shared::Shared;
use super::survey::Survey;

/// How often a restore puts up how far it has come.
const TELL: Duration = Duration::from_millis(200);
/// How often it says so in the log.
const LOG: Duration = Duration::from_secs(5);
/// Rows between two looks at the clock.
const CLOCK_ROWS: u64 = 1_024;

/// A lane that is to be restored.
pub struct Takeover<'a> {
    pub shared: &'a Shared,
    pub partition: i32,
    pub mailbox: &'a Mailbox,
}

impl Takeover<'_> {
    /// Fences the former owner, reads what `kept` lacks of the changelog, checks it, and
    /// starts reading input. Says how many rows were read and whether `kept` was of use. What
    /// was read stays in `kept` if the brokers fail or an order comes.
    pub fn run(&self, kept: &mut Option<Warm>) -> Result<(Engine, Progress), Trouble> {
        let (shared, partition) = (self.shared, self.partition);
        let (desk, gauges) = (
            shared.board.open_lane(partition),
            shared.metrics.lanes.lane(partition),
        );
        let sink = Sink::open(
            &shared.settings.kafka,
            partition,
            shared.sizes,
            Watch::new(shared.metrics.clone()),
        )?;
        let mut herald = Herald::new(self, &desk, &gauges);
        let known = kept.take().filter(|warm| !warm.is_stale());
        let found = match known {
            None => self.read(self.cold(), kept, &mut herald)?,
            Some(warm) => match self.read(warm, kept, &mut herald) {
                // Whatever is wrong, the whole changelog tells whether it is in the log.
                Err(Trouble::Refused(why)) => {
                    tracing::warn!(partition, why, "the warm state is of no use");
                    self.read(self.cold(), kept, &mut herald)?
                }
                found => found?,
            },
        };
        let Found {
            warm,
            progress,
            queues,
            start,
        } = found;
        let parts = Parts {
            step: warm.step,
            sink,
            queues,
            start,
            desk,
            gauges,
            survey: Survey::new(shared.metrics.clone()),
        };
        let engine = Engine::start(parts, progress.end, partition)?;
        Ok((engine, progress))
    }

    /// An empty state.
    pub fn cold(&self) -> Warm {
        let plans = self.shared.plans.load_full();
        Warm::cold(Step::new(self.shared.frame(self.partition), plans))
    }

    /// Reads the changelog's rest and checks the whole.
    fn read(
        &self,
        mut warm: Warm,
        kept: &mut Option<Warm>,
        herald: &mut Herald<'_>,
    ) -> Result<Found, Trouble> {
        let before = warm.rows;
        let kafka = &self.shared.settings.kafka;
        let read = warm.catch_up(kafka, self.partition, &mut |progress| herald.hear(progress));
        let progress = match read {
            Ok(progress) => Progress {
                rows: progress.rows - before,
                ..progress
            },
            Err(Trouble::Refused(why)) => return Err(self.refuse(&warm, why)),
            Err(trouble) => {
                *kept = Some(warm);
                return Err(trouble);
            }
        };
        let whole = warm.step.restored();
        whole.map_err(|error| self.refuse(&warm, error.to_string()))?;
        let (queues, start) = self.check(&mut warm)?;
        Ok(Found {
            warm,
            progress,
            queues,
            start,
        })
    }

    /// Rows that cannot be read, for the one reason that explains them if it is there.
    fn refuse(&self, warm: &Warm, why: String) -> Trouble {
        match warm.oldest {
            0 => Trouble::Refused(why),
            oldest => agreement::truncated(self.shared, self.partition, oldest),
        }
    }

    fn check(&self, warm: &mut Warm) -> Result<(Queues, Vec<Position>), Trouble> {
        let (shared, partition) = (self.shared, self.partition);
        let consumer = shared.consumer().ok_or(Trouble::Cancelled)?;
        let nudged = self.mailbox.clone();
        let topics = &shared.settings.kafka.topics;
        let queues = Queues::split(&consumer, topics, partition, move || nudged.nudge())?;
        agreement::check(warm, &queues, shared, partition)?;
        if warm.step.state().meta().partitions == 0 {
            warm.step.set_base(warm.oldest);
        }
        let known = &warm.step.state().meta().offsets;
        let first = |role| match known.get(&role) {
            Some(next) => Ok((role, *next)),
            None => Ok((role, queues.oldest(role)?)),
        };
        let start: Result<_, Trouble> = ROLES.into_iter().map(first).collect();
        let start = start?;
        Ok((queues, start))
    }
}

/// A whole state and what goes with it.
struct Found {
    warm: Warm,
    progress: Progress,
    queues: Queues,
    start: Vec<Position>,
}

/// Says how far a restore has come: at once on the board, in metrics and now and then in the log.
struct Herald<'a> {
    takeover: &'a Takeover<'a>,
    desk: &'a Desk,
    gauges: &'a metrics::Lane,
    heard: u64,
    told: Instant,
    logged: Instant,
}

impl<'a> Herald<'a> {
    fn new(takeover: &'a Takeover<'a>, desk: &'a Desk, gauges: &'a metrics::Lane) -> Self {
        let now = Instant::now();
        Self {
            takeover,
            desk,
            gauges,
            heard: 0,
            told: now,
            logged: now,
        }
    }

    /// Takes note, and says whether to go on.
    fn hear(&mut self, progress: Progress) -> bool {
        if self.heard.is_multiple_of(CLOCK_ROWS) && self.told.elapsed() >= TELL {
            self.tell(progress);
        }
        self.heard += 1;
        !self.takeover.mailbox.is_ordered()
    }

    fn tell(&mut self, progress: Progress) {
        let Progress { rows, next, end } = progress;
        self.told = Instant::now();
        self.gauges
            .restore_rows
            .set(i64::try_from(rows).unwrap_or(i64::MAX));
        self.gauges.restore_remaining.set((end - next).max(0));
        let restore = Some(RestoreStatus { rows, next, end });
        let status = LaneStatus {
            restore,
            ..LaneStatus::default()
        };
        self.desk.publish(status, 0, std::iter::empty());
        if self.logged.elapsed() >= LOG {
            self.logged = Instant::now();
            let partition = self.takeover.partition;
            tracing::info!(partition, rows, next, end, "lane is being restored");
        }
    }
}
