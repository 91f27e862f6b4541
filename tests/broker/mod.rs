//! Exactly once on a real Apache Kafka, through kills, takeovers and poison.

mod smoke;
