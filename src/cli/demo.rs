//! `bailiwick demo`: the daemon in one process with an embedded broker and generated leads.

pub mod traffic;
