//! All integration tests in one binary, so that they link once and share one broker.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that stops names the place it stopped at, which is what a test is for"
)]

mod admin;
mod assign;
mod broker;
mod cli;
mod daemon;
mod demo;
mod deploy;
mod metrics;
mod model;
mod plans;
mod readme;
mod reload;
mod route;
mod scenario;
mod settings;
mod support;
mod tidy;
