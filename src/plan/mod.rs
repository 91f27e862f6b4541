//! The plan of one tenant, valid by construction: territories, teams, reps, calendars, policies.
//!
//! `parse` turns files into raw values with their places, `check` turns raw values into a
//! [`Plan`] or into every problem they have. Whoever holds a `Plan` may index with any of
//! its `…Ix` values without fear: references were resolved once and cannot dangle.

pub mod accounts;
pub mod calendar;
mod canonical;
mod check;
pub mod condition;
pub mod facts;
pub mod gazetteer;
mod load;
pub mod model;
pub mod normalise;
mod parse;
pub mod problem;
pub mod schema;
mod wall_clock;

pub use calendar::{Calendar, DayKind};
pub use check::case_problems;
pub use condition::{Clause, Condition, Dimension, Range, Test, Value};
pub use facts::{AccountRule, Candidates, Facts, OVERLAYS_INSIDE, Point, PositionSource};
pub use load::{Loaded, Places, load, load_str};
pub use model::*;
pub use normalise::Normaliser;
pub(crate) use parse::Quotes;
pub use parse::discover;
pub use problem::{Code, Location, Problem, Problems, Severity};
