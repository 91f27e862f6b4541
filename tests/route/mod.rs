//! Which territory: semantics as data, then proofs against independent calculations.

mod agreement;
mod allocations;
mod ask;
mod build;
mod choice;
mod fuzz;
mod geometry;
mod logic;
mod oracle;
mod precedence;
mod random;
mod real;
mod survey;
