//! All integration tests in one binary, so that they link once and share one broker.

mod broker;
mod support;
