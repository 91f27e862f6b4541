//! The plan of one tenant, valid by construction: territories, teams, reps, calendars, policies.
//!
//! `parse` turns files into raw values with their places, `check` turns raw values into a
//! [`Plan`] or into every problem they have. Whoever holds a `Plan` may index with any of
//! its `…Ix` values without fear: references were resolved once and cannot dangle.

pub mod accounts;
pub mod calendar;
pub mod condition;
pub mod facts;
pub mod gazetteer;
pub mod model;
pub mod normalise;
mod wall_clock;

pub use calendar::{Calendar, DayKind};
pub use condition::{Clause, Condition, Dimension, Range, Test, Value};
pub use facts::{AccountRule, Candidates, Facts, Point, PositionSource};
pub use model::*;
pub use normalise::Normaliser;
