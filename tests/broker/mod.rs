//! Exactly once on a real Apache Kafka, through kills, takeovers and poison.

mod check_live;
pub mod deployment;
mod exactly_once;
mod life;
mod oracle;
mod poison;
mod population;
mod refusal;
mod security;
mod smoke;
mod soak;
mod takeover;
mod traces;
