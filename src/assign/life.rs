//! The life of a lead: what the state knows of it, and the row that holds it.
//!
//! The row is at once what memory keeps and what the changelog gets. It opens with version,
//! tenant and id, so that a look-up compares bytes; then come two flag words that say which
//! of the remaining parts are there. A lead that is merely remembered has next to none.

use smallvec::SmallVec;

use crate::event::{Reason, Timestamp, TouchKind};

use super::codec::{Reader, RowError, Writer};
use super::names::{PoolNo, RepNo, TeamNo, TenantNo, TerritoryNo, TextNo};

/// Where a lead stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Nobody could take it; it is decided again when something changes.
    #[default]
    Waiting,
    /// A rep owns it.
    Owned,
    /// It lies in a pool.
    Pooled,
    /// It repeats an earlier lead of the same person.
    Duplicate,
    /// Won, lost, invalid or merged: remembered only.
    Closed,
}

const STAGES: [Stage; 5] = [
    Stage::Waiting,
    Stage::Owned,
    Stage::Pooled,
    Stage::Duplicate,
    Stage::Closed,
];

/// A second owner from an overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overlay {
    pub territory: TerritoryNo,
    pub team: Option<TeamNo>,
    pub rep: Option<RepNo>,
}

/// A rep who may not claim the lead from a pool for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cooling {
    pub rep: RepNo,
    pub pool: PoolNo,
    pub until: Timestamp,
}

/// A touch: when, how, by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    pub at: Timestamp,
    pub kind: TouchKind,
    pub rep: Option<RepNo>,
}

/// Deadlines that run for a lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Timers {
    pub accept: Option<Timestamp>,
    pub touch: Option<Timestamp>,
    /// When, and by which of the pool's recycling rules.
    pub recycle: Option<(Timestamp, u32)>,
    pub max_age: Option<Timestamp>,
}

impl Timers {
    /// The one that falls due first.
    pub fn earliest(&self) -> Option<Timestamp> {
        let recycle = self.recycle.map(|(at, _)| at);
        let all = [self.accept, self.touch, recycle, self.max_age];
        all.into_iter().flatten().min()
    }
}

/// Where the lead's record first arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub topic: TextNo,
    pub partition: i32,
    pub offset: i64,
}

/// Everything known of one lead but its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Life {
    pub tenant: TenantNo,
    pub id: Box<str>,
    pub stage: Stage,
    pub reason: Option<Reason>,
    pub revision: u64,
    /// `seq` of the lead's first decision: its place in the order of arrival.
    pub birth: u64,
    /// `seq` of the decision by which it came to where it is.
    pub since: u64,
    pub lead_at: Timestamp,
    /// When it was last decided.
    pub decided_at: Timestamp,
    pub origin: Origin,
    pub territory: Option<TerritoryNo>,
    pub team: Option<TeamNo>,
    pub rep: Option<RepNo>,
    pub pool: Option<PoolNo>,
    /// The pool it was claimed from, while the claim holds.
    pub claimed: Option<PoolNo>,
    pub overlays: SmallVec<[Overlay; 2]>,
    pub attempt: u32,
    pub accepted: bool,
    pub touched: bool,
    pub timers: Timers,
    /// Until when nobody may claim it.
    pub hold: Option<Timestamp>,
    /// Reps who declined it or timed out on it.
    pub excluded: SmallVec<[RepNo; 2]>,
    pub cooling: SmallVec<[Cooling; 1]>,
    /// Teams whose room would serve it, while it waits.
    pub waits: SmallVec<[TeamNo; 4]>,
    /// Earlier owners, oldest first, bounded.
    pub owners: SmallVec<[RepNo; 2]>,
    /// Touches, oldest first, bounded.
    pub touches: SmallVec<[Touch; 2]>,
    /// The last opportunity stage and its open value.
    pub opportunity: Option<(Box<str>, Option<f64>)>,
    /// Keyed hashes of the person's addresses, while this lead stands for the person.
    pub persons: SmallVec<[u64; 2]>,
    pub duplicate_of: Option<Box<str>>,
    /// The packed lead, while it may have to be read anew.
    pub body: Vec<u8>,
}

const VERSION: u8 = 1;

/// Bits of the flag word.
mod flag {
    pub const REP: u64 = 1;
    pub const PERSONS: u64 = 1 << 1;
    pub const OPEN: u64 = 1 << 2;
    pub const BODY: u64 = 1 << 3;
    pub const DUPLICATE_OF: u64 = 1 << 4;
    pub const TERRITORY: u64 = 1 << 5;
    pub const TEAM: u64 = 1 << 6;
    pub const POOL: u64 = 1 << 7;
    pub const ACCEPTED: u64 = 1 << 8;
    pub const TOUCHED: u64 = 1 << 9;
    pub const ACCEPT: u64 = 1 << 10;
    pub const TOUCH: u64 = 1 << 11;
    pub const RECYCLE: u64 = 1 << 12;
    pub const MAX_AGE: u64 = 1 << 13;
    pub const CLAIMED: u64 = 1 << 14;
    pub const OVERLAYS: u64 = 1 << 15;
    pub const HOLD: u64 = 1 << 16;
    pub const EXCLUDED: u64 = 1 << 17;
    pub const COOLING: u64 = 1 << 18;
    pub const WAITS: u64 = 1 << 19;
    pub const HISTORY: u64 = 1 << 20;
    pub const KNOWN: u64 = (1 << 21) - 1;
}

/// Appends what every row of this lead begins with; equal exactly for equal leads.
pub(super) fn write_name(tenant: TenantNo, id: &str, out: &mut Vec<u8>) {
    let mut out = Writer(out);
    out.byte(VERSION);
    out.uint(u64::from(tenant.0));
    write_id(&mut out, id);
}

/// Ids that are lower-case UUIDs take 17 bytes instead of 37.
const UUID_MARK: u64 = u64::MAX;

fn write_id(out: &mut Writer<'_>, id: &str) {
    match pack_uuid(id) {
        Some(bytes) => {
            out.uint(0);
            out.0.extend_from_slice(&bytes);
        }
        // One more than the length, so that 0 is free to announce a UUID.
        None => {
            debug_assert!((id.len() as u64) < UUID_MARK);
            out.uint(id.len() as u64 + 1);
            out.0.extend_from_slice(id.as_bytes());
        }
    }
}

fn read_id(input: &mut Reader<'_>) -> Result<Box<str>, RowError> {
    let length = input.uint()?;
    if length == 0 {
        let (bytes, rest) = input.0.split_first_chunk::<16>().ok_or(RowError::Short)?;
        input.0 = rest;
        return Ok(print_uuid(*bytes));
    }
    let length = usize::try_from(length - 1).map_err(|_| RowError::Short)?;
    let (bytes, rest) = input.0.split_at_checked(length).ok_or(RowError::Short)?;
    input.0 = rest;
    let text = std::str::from_utf8(bytes).map_err(|_| RowError::Text)?;
    Ok(text.into())
}

const HYPHENS: [usize; 4] = [8, 13, 18, 23];

fn pack_uuid(id: &str) -> Option<[u8; 16]> {
    let text = id.as_bytes();
    if text.len() != 36 || HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let mut packed = [0_u8; 16];
    let digits = (0..36).filter(|at| !HYPHENS.contains(at));
    for (nibble, at) in digits.enumerate() {
        let value = match text[at] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        packed[nibble / 2] |= value << (4 * (1 - nibble % 2));
    }
    Some(packed)
}

fn print_uuid(packed: [u8; 16]) -> Box<str> {
    let mut text = String::with_capacity(36);
    for (at, byte) in packed.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    text.into()
}

impl Life {
    pub fn open(&self) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Owned | Stage::Pooled)
    }

    fn flags(&self) -> u64 {
        let timers = &self.timers;
        let history =
            !self.owners.is_empty() || !self.touches.is_empty() || self.opportunity.is_some();
        [
            (self.rep.is_some(), flag::REP),
            (!self.persons.is_empty(), flag::PERSONS),
            (self.open(), flag::OPEN),
            (!self.body.is_empty(), flag::BODY),
            (self.duplicate_of.is_some(), flag::DUPLICATE_OF),
            (self.territory.is_some(), flag::TERRITORY),
            (self.team.is_some(), flag::TEAM),
            (self.pool.is_some(), flag::POOL),
            (self.accepted, flag::ACCEPTED),
            (self.touched, flag::TOUCHED),
            (timers.accept.is_some(), flag::ACCEPT),
            (timers.touch.is_some(), flag::TOUCH),
            (timers.recycle.is_some(), flag::RECYCLE),
            (timers.max_age.is_some(), flag::MAX_AGE),
            (self.claimed.is_some(), flag::CLAIMED),
            (!self.overlays.is_empty(), flag::OVERLAYS),
            (self.hold.is_some(), flag::HOLD),
            (!self.excluded.is_empty(), flag::EXCLUDED),
            (!self.cooling.is_empty(), flag::COOLING),
            (!self.waits.is_empty(), flag::WAITS),
            (history, flag::HISTORY),
        ]
        .iter()
        .map(|&(set, bit)| if set { bit } else { 0 })
        .sum()
    }

    /// Drops what only an open lead needs, and keeps what recognises the lead again.
    pub fn shrink(&mut self) {
        *self = Self {
            tenant: self.tenant,
            id: std::mem::take(&mut self.id),
            stage: self.stage,
            reason: self.reason,
            revision: self.revision,
            lead_at: self.lead_at,
            decided_at: self.decided_at,
            since: self.since,
            rep: self.rep,
            persons: std::mem::take(&mut self.persons),
            duplicate_of: self.duplicate_of.take(),
            ..Self::default()
        };
    }

    /// The whole row.
    pub fn write(&self, buffer: &mut Vec<u8>) {
        write_name(self.tenant, &self.id, buffer);
        let flags = self.flags();
        let mut out = Writer(buffer);
        out.uint(flags);
        out.byte(self.stage as u8);
        out.byte(self.reason.map_or(0, |reason| reason as u8 + 1));
        out.uint(self.revision);
        out.time(self.lead_at);
        out.int(self.decided_at.since(self.lead_at).0);
        out.uint(self.since);
        write_option(&mut out, self.rep.map(|rep| rep.0));
        if !self.persons.is_empty() {
            out.list(&self.persons, |out, hash| {
                out.0.extend_from_slice(&hash.to_le_bytes());
            });
        }
        if let Some(of) = &self.duplicate_of {
            write_id(&mut out, of);
        }
        if self.open() {
            self.write_open(&mut out);
        }
        if !self.body.is_empty() {
            out.0.extend_from_slice(&self.body);
        }
    }

    fn write_open(&self, out: &mut Writer<'_>) {
        out.uint(self.since.wrapping_sub(self.birth));
        out.uint(u64::from(self.origin.topic.0));
        out.int(i64::from(self.origin.partition));
        out.int(self.origin.offset);
        out.uint(u64::from(self.attempt));
        write_option(out, self.territory.map(|one| one.0));
        write_option(out, self.team.map(|one| one.0));
        write_option(out, self.pool.map(|one| one.0));
        write_option(out, self.claimed.map(|one| one.0));
        let timers = &self.timers;
        let recycle = timers.recycle.map(|(at, _)| at);
        let moments = [
            timers.accept,
            timers.touch,
            recycle,
            timers.max_age,
            self.hold,
        ];
        for moment in moments.into_iter().flatten() {
            out.int(moment.since(self.decided_at).0);
        }
        write_option(out, timers.recycle.map(|(_, rule)| rule));
        self.write_lists(out);
    }

    fn write_lists(&self, out: &mut Writer<'_>) {
        let number = |out: &mut Writer<'_>, value: u32| out.uint(u64::from(value));
        write_list(out, &self.overlays, |out, overlay| {
            number(out, overlay.territory.0);
            out.option(overlay.team, |out, team| number(out, team.0));
            out.option(overlay.rep, |out, rep| number(out, rep.0));
        });
        write_list(out, &self.excluded, |out, rep| number(out, rep.0));
        write_list(out, &self.cooling, |out, cooling| {
            number(out, cooling.rep.0);
            number(out, cooling.pool.0);
            out.time(cooling.until);
        });
        write_list(out, &self.waits, |out, team| number(out, team.0));
        if self.flags() & flag::HISTORY != 0 {
            self.write_history(out);
        }
    }

    fn write_history(&self, out: &mut Writer<'_>) {
        out.list(&self.owners, |out, rep| out.uint(u64::from(rep.0)));
        out.list(&self.touches, |out, touch| {
            out.time(touch.at);
            out.byte(touch.kind as u8);
            out.option(touch.rep, |out, rep| out.uint(u64::from(rep.0)));
        });
        out.option(self.opportunity.as_ref(), |out, (stage, value)| {
            out.text(stage);
            out.option(*value, Writer::float);
        });
    }

    /// Reads a row back; everything the row says is checked, nothing is trusted.
    pub fn read(row: &[u8]) -> Result<Self, RowError> {
        let mut input = Reader(row);
        input.version(VERSION)?;
        let mut life = Self {
            tenant: TenantNo(input.small()?),
            id: read_id(&mut input)?,
            ..Self::default()
        };
        let flags = input.uint()?;
        let stage = usize::from(input.byte()?);
        life.stage = *STAGES.get(stage).ok_or(RowError::Range)?;
        if flags & !flag::KNOWN != 0 || life.open() != (flags & flag::OPEN != 0) {
            return Err(RowError::Range);
        }
        life.reason = read_reason(input.byte()?)?;
        life.revision = input.uint()?;
        life.lead_at = input.time()?;
        life.decided_at = Timestamp(life.lead_at.0.wrapping_add(input.int()?));
        life.since = input.uint()?;
        life.read_parts(&mut input, flags)?;
        if flags & flag::BODY != 0 {
            life.body = input.0.to_vec();
        } else {
            input.end()?;
        }
        Ok(life)
    }

    fn read_parts(&mut self, input: &mut Reader<'_>, flags: u64) -> Result<(), RowError> {
        self.rep = read_number(input, flags, flag::REP)?;
        if flags & flag::PERSONS != 0 {
            self.persons = input.list(|input| {
                let (bytes, rest) = input.0.split_first_chunk::<8>().ok_or(RowError::Short)?;
                input.0 = rest;
                Ok(u64::from_le_bytes(*bytes))
            })?;
        }
        if flags & flag::DUPLICATE_OF != 0 {
            self.duplicate_of = Some(read_id(input)?);
        }
        if flags & flag::OPEN != 0 {
            self.read_open(input, flags)?;
        }
        Ok(())
    }

    fn read_open(&mut self, input: &mut Reader<'_>, flags: u64) -> Result<(), RowError> {
        self.birth = self.since.wrapping_sub(input.uint()?);
        self.origin.topic = TextNo(input.small()?);
        self.origin.partition = i32::try_from(input.int()?).map_err(|_| RowError::Range)?;
        self.origin.offset = input.int()?;
        self.attempt = input.small()?;
        self.territory = read_number(input, flags, flag::TERRITORY)?;
        self.team = read_number(input, flags, flag::TEAM)?;
        self.pool = read_number(input, flags, flag::POOL)?;
        self.claimed = read_number(input, flags, flag::CLAIMED)?;
        self.accepted = flags & flag::ACCEPTED != 0;
        self.touched = flags & flag::TOUCHED != 0;
        let mut moment = |bit| -> Result<Option<Timestamp>, RowError> {
            if flags & bit == 0 {
                return Ok(None);
            }
            Ok(Some(Timestamp(
                self.decided_at.0.wrapping_add(input.int()?),
            )))
        };
        let (accept, touch) = (moment(flag::ACCEPT)?, moment(flag::TOUCH)?);
        let (recycle, max_age) = (moment(flag::RECYCLE)?, moment(flag::MAX_AGE)?);
        self.hold = moment(flag::HOLD)?;
        let recycle = match recycle {
            Some(at) => Some((at, input.small()?)),
            None => None,
        };
        self.timers = Timers {
            accept,
            touch,
            recycle,
            max_age,
        };
        self.read_lists(input, flags)
    }

    fn read_lists(&mut self, input: &mut Reader<'_>, flags: u64) -> Result<(), RowError> {
        self.overlays = read_list(input, flags & flag::OVERLAYS, |input| {
            Ok(Overlay {
                territory: TerritoryNo(input.small()?),
                team: input.option(Reader::small)?.map(TeamNo),
                rep: input.option(Reader::small)?.map(RepNo),
            })
        })?;
        self.excluded = read_list(input, flags & flag::EXCLUDED, |input| {
            input.small().map(RepNo)
        })?;
        self.cooling = read_list(input, flags & flag::COOLING, |input| {
            Ok(Cooling {
                rep: RepNo(input.small()?),
                pool: PoolNo(input.small()?),
                until: input.time()?,
            })
        })?;
        self.waits = read_list(input, flags & flag::WAITS, |input| {
            input.small().map(TeamNo)
        })?;
        if flags & flag::HISTORY != 0 {
            self.read_history(input)?;
        }
        Ok(())
    }

    fn read_history(&mut self, input: &mut Reader<'_>) -> Result<(), RowError> {
        self.owners = input.list(|input| input.small().map(RepNo))?;
        self.touches = input.list(|input| {
            Ok(Touch {
                at: input.time()?,
                kind: read_kind(input.byte()?)?,
                rep: input.option(Reader::small)?.map(RepNo),
            })
        })?;
        self.opportunity =
            input.option(|input| Ok((input.text()?.into(), input.option(Reader::float)?)))?;
        Ok(())
    }
}

fn write_option(out: &mut Writer<'_>, number: Option<u32>) {
    if let Some(number) = number {
        out.uint(u64::from(number));
    }
}

fn read_number<N: super::names::Named>(
    input: &mut Reader<'_>,
    flags: u64,
    bit: u64,
) -> Result<Option<N>, RowError> {
    if flags & bit == 0 {
        return Ok(None);
    }
    Ok(Some(N::from_number(input.small()?)))
}

fn write_list<T>(out: &mut Writer<'_>, values: &[T], write: impl FnMut(&mut Writer<'_>, &T)) {
    if !values.is_empty() {
        out.list(values, write);
    }
}

fn read_list<T, L: FromIterator<T> + Default>(
    input: &mut Reader<'_>,
    present: u64,
    read: impl FnMut(&mut Reader<'_>) -> Result<T, RowError>,
) -> Result<L, RowError> {
    if present == 0 {
        return Ok(L::default());
    }
    input.list(read)
}

fn read_reason(byte: u8) -> Result<Option<Reason>, RowError> {
    match byte {
        0 => Ok(None),
        number => {
            let reason = Reason::ALL.get(usize::from(number) - 1);
            reason.copied().map(Some).ok_or(RowError::Range)
        }
    }
}

const TOUCHES: [TouchKind; 4] = [
    TouchKind::Call,
    TouchKind::Visit,
    TouchKind::Mail,
    TouchKind::Meeting,
];

fn read_kind(byte: u8) -> Result<TouchKind, RowError> {
    TOUCHES
        .get(usize::from(byte))
        .copied()
        .ok_or(RowError::Range)
}
