//! Lanes: one thread for each partition index that is ours, from assignment to the end.

mod agreement;
mod engine;
mod lane;
mod life;
mod mailbox;
mod roster;
mod shared;
mod survey;
mod takeover;

pub use roster::Roster;
pub use shared::{Shared, frame};
