//! The assignment engine through its own door: plans as text, leads and events as words.

pub mod desk;
mod leads;
mod life;
mod people;
mod script;
mod teams;
