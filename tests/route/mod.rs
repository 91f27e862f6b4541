//! Which territory: semantics as data, then proofs against independent calculations.

mod ask;
mod build;
mod choice;
mod geometry;
mod logic;
mod precedence;
