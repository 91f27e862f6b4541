//! The domain's words: leads, activity, positions in the log, outcomes and reasons, as plain values.
//!
//! Nothing here reads a clock, parses text from outside or knows a plan. Leads and
//! activities borrow from the record they were decoded from; [`Lead::into_owned`] detaches
//! one that must outlive it.

#[macro_use]
mod closed_list;

mod activity;
mod decision;
mod lead;
mod reject;
mod time;

pub use activity::{Activity, ActivityKind, CloseResult, RepStatus, TouchKind};
pub use decision::{
    Cause, Decision, Due, Handover, Outcome, OverlayOwner, Reason, Source, TimerKind, TopicRole,
};
pub use lead::{Address, Attribute, Company, Contact, History, Lead};
pub use reject::RejectReason;
pub use time::{Span, Timestamp};

use std::borrow::Cow;

/// Text that usually borrows from the record it was read from.
pub type Text<'a> = Cow<'a, str>;

/// The tenant of a record that names none.
pub const DEFAULT_TENANT: &str = "default";
