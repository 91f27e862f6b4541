//! Records in: the group's membership, the queues of one lane, and what the cluster has.

mod absence;
pub mod client;
pub mod cluster;
pub mod drained;
mod fetched;
mod group;
mod outage;
mod queues;
pub mod refusal;
pub mod survey;
mod watch;

pub use fetched::Fetched;
pub use group::{GroupConsumer, Rebalanced, join, serve};
pub use outage::Outage;
pub use queues::{Position, Queues};
pub use watch::Watch;
