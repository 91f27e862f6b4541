//! The shell round the core: records in from Kafka, through route and state, and out again in one transaction.

pub mod home;
pub mod wire;
