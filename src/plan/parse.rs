//! From a plan's files to trees and tables whose every value knows its place.
//!
//! This is the only part of the core that reads files, and only those a plan names.

mod files;
mod map;
mod quotes;
mod table;
mod tree;
mod value;
mod yaml;

pub use files::discover;
pub(crate) use files::{Files, Text};
pub(crate) use map::{Feature, Ring, features};
pub(crate) use quotes::Quotes;
pub(crate) use table::{Columns, Names, Row, Table};
pub(crate) use tree::{Kind, Node, Tree};
pub(crate) use value::{Record, Value};
pub(crate) use yaml::read;
