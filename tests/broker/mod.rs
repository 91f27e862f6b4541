//! Exactly once on a real Apache Kafka, through kills, takeovers and poison.

pub mod deployment;
mod exactly_once;
mod oracle;
mod population;
mod smoke;
