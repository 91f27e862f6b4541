//! Bailiwick decides, for every sales lead and within microseconds, whose territory it
//! falls into, and can prove it afterwards.
//!
//! # The way of a record
//! See `architecture` in the README; modules in reading order.

pub mod event;
pub mod plan;
pub mod route;
pub mod stream;

pub mod admin;
pub mod board;
pub mod cli;
pub mod config;
pub mod logging;
pub mod metrics;
pub mod reload;
