//! The row of a life, written and read by hand.
//!
//! The row is at once what memory keeps and what the changelog gets. It opens with version,
//! tenant and id, so that a look-up compares bytes; then come two flag words that say which
//! of the remaining parts are there. A lead that is merely remembered has next to none.

use crate::event::{Reason, Timestamp, TouchKind};

use super::super::codec::{Reader, RowError, Writer};
use super::super::names::{Named, PoolNo, RepNo, TeamNo, TenantNo, TerritoryNo, TextNo};
use super::id::{PackedId, read_id, skip_id};
use super::opening::Opening;
use super::{Cooling, Life, Overlay, Stage, Timers, Touch};

const STAGES: [Stage; 5] = [
    Stage::Waiting,
    Stage::Owned,
    Stage::Pooled,
    Stage::Duplicate,
    Stage::Closed,
];

/// The first byte of every row.
pub(super) const VERSION: u8 = 1;

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

impl Life {
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

    /// The whole row.
    pub fn write(&self, buffer: &mut Vec<u8>) {
        Opening::new(self.tenant, &self.id).write(buffer);
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
            PackedId::of(of).write(&mut out);
        }
        if self.open() {
            self.write_open(&mut out, flags);
        }
        if !self.body.is_empty() {
            out.0.extend_from_slice(&self.body);
        }
    }

    fn write_open(&self, out: &mut Writer<'_>, flags: u64) {
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
        self.write_lists(out, flags);
    }

    fn write_lists(&self, out: &mut Writer<'_>, flags: u64) {
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
        if flags & flag::HISTORY != 0 {
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

    /// Tenant, stage and birth of an open lead, without making anything of the rest: a walk
    /// over millions of rows wants no more of most of them.
    pub fn glance(row: &[u8]) -> Result<Option<(TenantNo, Stage, u64)>, RowError> {
        let mut input = Reader(row);
        input.version(VERSION)?;
        let tenant = TenantNo(input.small()?);
        skip_id(&mut input)?;
        let flags = input.uint()?;
        let stage = *STAGES
            .get(usize::from(input.byte()?))
            .ok_or(RowError::Range)?;
        if flags & flag::OPEN == 0 {
            return Ok(None);
        }
        input.byte()?;
        input.uint()?;
        input.time()?;
        input.int()?;
        let since = input.uint()?;
        if flags & flag::REP != 0 {
            input.uint()?;
        }
        if flags & flag::PERSONS != 0 {
            let bytes = input.uint()?.saturating_mul(8);
            let bytes = usize::try_from(bytes).map_err(|_| RowError::Short)?;
            input.0 = input.0.get(bytes..).ok_or(RowError::Short)?;
        }
        if flags & flag::DUPLICATE_OF != 0 {
            skip_id(&mut input)?;
        }
        let birth = since.wrapping_sub(input.uint()?);
        Ok(Some((tenant, stage, birth)))
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

fn read_number<N: Named>(
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
