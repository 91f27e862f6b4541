//! The assignment engine through its own door: plans as text, leads and events as words.

mod damage;
pub mod desk;
mod leads;
mod life;
mod moves;
mod people;
mod script;
mod teams;
mod walks;
