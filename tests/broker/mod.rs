//! Exactly once on a real Apache Kafka, through kills, takeovers and poison.

mod check_live;
mod damage;
pub mod deployment;
mod diary;
mod exactly_once;
mod life;
mod membership;
mod oracle;
mod pace;
mod poison;
mod population;
mod refusal;
mod reshard;
mod security;
mod smoke;
mod soak;
mod standby;
mod takeover;
mod traces;
