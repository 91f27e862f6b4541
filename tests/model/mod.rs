//! Random worlds against a naive engine: every decision must be the same, with batches undone
//! and processes restarted on the way.

mod fairness;
mod invariants;
mod naive;
mod outage;
mod run;
mod world;
mod yaml;
