//! Rows of what is still to be done: early activity, and walks over many leads.

use crate::event::{Source, Timestamp};

use super::codec::{Reader, RowError, Writer};
use super::names::{RepNo, TenantNo};
use super::records::Row;

/// Activity that waits for its lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EarlyRow {
    /// The lead's key.
    pub lead: u128,
    pub tenant: TenantNo,
    pub until: Timestamp,
    pub source: Source,
    /// The packed activity.
    pub activity: Box<[u8]>,
    /// The whole record, given back if the lead never comes.
    pub raw: Box<[u8]>,
}

impl Row for EarlyRow {
    fn write(&self, out: &mut Writer<'_>) {
        out.wide(self.lead);
        out.uint(u64::from(self.tenant.0));
        out.time(self.until);
        out.text(&self.source.topic);
        out.int(i64::from(self.source.partition));
        out.int(self.source.offset);
        out.bytes(&self.activity);
        out.bytes(&self.raw);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        Ok(Self {
            lead: input.wide()?,
            tenant: TenantNo(input.small()?),
            until: input.time()?,
            source: Source {
                topic: input.text()?.into(),
                partition: i32::try_from(input.int()?).map_err(|_| RowError::Range)?,
                offset: input.int()?,
            },
            activity: input.bytes()?.into(),
            raw: input.bytes()?.into(),
        })
    }
}

/// A walk over many leads, done a piece at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Errand {
    /// A plan came into force: waiting leads are decided again.
    Waiting,
    /// A plan came into force: count the open leads whose territory changed.
    Survey,
    /// Move those leads.
    Realign,
    /// A rep left: his leads are decided again.
    Left(RepNo),
    /// A rep is away: the leads he has not taken up are decided again.
    Away(RepNo),
}

impl Errand {
    /// The two numbers by which it is known in a key.
    pub fn code(self) -> (u8, u32) {
        match self {
            Self::Waiting => (0, 0),
            Self::Survey => (1, 0),
            Self::Realign => (2, 0),
            Self::Left(rep) => (3, rep.0),
            Self::Away(rep) => (4, rep.0),
        }
    }

    pub fn from_code(kind: u8, rep: u32) -> Option<Self> {
        match (kind, rep) {
            (0, 0) => Some(Self::Waiting),
            (1, 0) => Some(Self::Survey),
            (2, 0) => Some(Self::Realign),
            (3, rep) => Some(Self::Left(RepNo(rep))),
            (4, rep) => Some(Self::Away(RepNo(rep))),
            _ => None,
        }
    }
}

/// How far an errand has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorkRow {
    /// When the next piece may be done.
    pub at: Timestamp,
    /// Leads born up to here are done.
    pub cursor: u64,
    /// Leads born from here on are not its business.
    pub end: u64,
    /// Leads found so far by a survey.
    pub found: u64,
    pub cause: WorkCause,
}

/// What set an errand off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WorkCause {
    Event(Box<str>),
    Plan(Box<str>),
}

impl Row for WorkRow {
    fn write(&self, out: &mut Writer<'_>) {
        out.time(self.at);
        out.uint(self.cursor);
        out.uint(self.end);
        out.uint(self.found);
        let (kind, text) = match &self.cause {
            WorkCause::Event(id) => (0, id),
            WorkCause::Plan(version) => (1, version),
        };
        out.byte(kind);
        out.text(text);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        let (at, cursor, end, found) = (input.time()?, input.uint()?, input.uint()?, input.uint()?);
        let cause = match (input.byte()?, input.text()?.into()) {
            (0, id) => WorkCause::Event(id),
            (1, version) => WorkCause::Plan(version),
            _ => return Err(RowError::Range),
        };
        Ok(Self {
            at,
            cursor,
            end,
            found,
            cause,
        })
    }
}
