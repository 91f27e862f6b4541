//! Bailiwick decides, for every sales lead and within microseconds, whose territory it
//! falls into, and can prove it afterwards.
//!
//! One crate in two halves. The **core** ([`event`], [`plan`], [`route`], [`assign`]) is pure:
//! no clock, no I/O, no randomness, no logging. The **shell** ([`stream`], [`reload`],
//! [`admin`], [`metrics`], [`config`], [`cli`]) touches the world. The core holds everything
//! that can be wrong about a decision, the shell everything that can fail.
//!
//! # The way of a record
//! ```text
//! Kafka partition i of every input topic
//!       │  stream::source     a batch: until idle, so many records, or so long
//!       ▼
//!   stream::wire              bytes → lead, activity, or the reason why not
//!       ▼
//!   plan::Normaliser          what people typed → codes, a position, folded text
//!       ▼
//!   route::Router             → the territory of lowest rank, and overlays
//!       ▼
//!   assign                    → decisions, changed rows
//!       ▼
//!   stream::sink              one transaction: decisions, dead letters, forwards, changed
//!       │                     rows, the lane's clock, input offsets
//!       ▼
//!   committed: counted in metrics, shown on the board  |  aborted: undone, read again
//! ```
//!
//! # Invariants
//! 1. A decision depends on the record, the plan version, the state and the recorded time
//!    only: never on hash order, the wall clock or the order of threads.
//! 2. Memory is never ahead of the log: what is not committed can be undone and is not shown.
//! 3. A batch sees one plan version a tenant.
//! 4. The core cannot fail on input: `wire` turned everything bad into a reject, and the
//!    plan's check everything invalid into a problem.
//! 5. Each input record ends as a decision, a counted redelivery, a state change, a forward
//!    or a dead letter: never as nothing.
//! 6. Nothing personal is logged, and nothing personal is a metric label.
//!
//! # Modules in reading order
//! [`event`] the domain's words · [`plan`] the territory model and its check · [`route`]
//! which territory · [`assign`] which rep · [`stream`] the lanes · [`reload`] new plans while
//! running · [`board`] what threads tell each other · [`admin`] HTTP · [`metrics`] ·
//! [`traces`] · [`config`] settings · [`logging`] · [`signals`] · [`daemon`] the parts put together ·
//! [`cli`] one file a verb.

pub mod assign;
pub mod event;
pub mod plan;
pub mod route;

pub mod stream;

pub mod admin;
pub mod board;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod logging;
pub mod metrics;
pub mod reload;
pub mod service;
pub mod signals;
pub mod traces;
