//! Turns what people type into what a plan compares: one fold function per kind of value, the
//! same for leads and for the plan's own values.

mod postal;
mod text;

pub use postal::{postal, postal_area, postal_prefix};
pub use text::{some_text, text};
