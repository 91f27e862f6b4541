//! The small rows: what the state keeps of reps, teams, rotations, accounts, marks and work.

use smallvec::SmallVec;

use crate::event::{RepStatus, Timestamp};

use super::codec::{Reader, RowError, Writer};
use super::names::{PoolNo, RepNo};

/// A row that can be written to the changelog and read back. Every row opens with a version.
pub(super) trait Row: Sized {
    fn write(&self, out: &mut Writer<'_>);
    fn read(input: &mut Reader<'_>) -> Result<Self, RowError>;

    fn pack(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        let mut out = Writer(buffer);
        out.byte(VERSION);
        self.write(&mut out);
    }

    fn unpack(bytes: &[u8]) -> Result<Self, RowError> {
        let mut input = Reader(bytes);
        input.version(VERSION)?;
        let row = Self::read(&mut input)?;
        input.end()?;
        Ok(row)
    }
}

/// The version of every such row.
const VERSION: u8 = 1;

/// A tenant: the plan its leads were last decided under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TenantRow {
    /// Empty before the first plan.
    pub plan: Box<str>,
    /// When a territory of this plan becomes effective, which is like a plan change.
    pub switch: Option<Timestamp>,
    /// Lanes that decided for it before a reshard, oldest first.
    pub past: Vec<Past>,
}

/// A lane that decided for a tenant before a reshard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// The lane's decisions have numbers below this one, and all later ones do not.
    pub below: u64,
    /// The number of the lane's first decision.
    pub first: u64,
    /// How the lane is called in decision ids.
    pub lane: Box<str>,
}

impl TenantRow {
    /// The lane that made the tenant's decision of this number, unless it is the present one.
    pub fn lane_of(&self, number: u64) -> Option<&Past> {
        self.past.iter().find(|past| number < past.below)
    }
}

impl Row for TenantRow {
    fn write(&self, out: &mut Writer<'_>) {
        out.text(&self.plan);
        out.option(self.switch, Writer::time);
        // Left out where there is nothing to say, as it was before there was a past.
        if !self.past.is_empty() {
            out.list(&self.past, |out, past| {
                out.uint(past.below);
                out.text(&past.lane);
            });
            // So are these, where every lane began with 1.
            if self.past.iter().any(|past| past.first > 1) {
                out.list(&self.past, |out, past| out.uint(past.first));
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        let mut row = Self {
            plan: input.text()?.into(),
            switch: input.option(Reader::time)?,
            past: Vec::new(),
        };
        if !input.is_empty() {
            row.past = input.list(|input| {
                let (below, lane) = (input.uint()?, input.text()?.into());
                Ok(Past {
                    below,
                    first: 1,
                    lane,
                })
            })?;
        }
        if !input.is_empty() {
            let firsts: Vec<u64> = input.list(Reader::uint)?;
            for (past, first) in row.past.iter_mut().zip(firsts) {
                past.first = first;
            }
        }
        Ok(row)
    }
}

/// A rep: what events said and what today already brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RepRow {
    /// What the last `rep.status` said.
    pub status: Option<RepStatus>,
    /// The day that `today` counts, in days since 1970 in the rep's zone.
    pub day: i32,
    /// Leads assigned on that day.
    pub today: u32,
    /// Claims of that day, by pool.
    pub claims: SmallVec<[(PoolNo, u32); 1]>,
}

impl Row for RepRow {
    fn write(&self, out: &mut Writer<'_>) {
        match self.status {
            None => out.byte(0),
            Some(RepStatus::Active) => out.byte(1),
            Some(RepStatus::Away { until: None }) => out.byte(2),
            Some(RepStatus::Away { until: Some(until) }) => {
                out.byte(3);
                out.time(until);
            }
            Some(RepStatus::Left) => out.byte(4),
        }
        out.int(i64::from(self.day));
        out.uint(u64::from(self.today));
        out.list(&self.claims, |out, (pool, count)| {
            out.uint(u64::from(pool.0));
            out.uint(u64::from(*count));
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        let status = match input.byte()? {
            0 => None,
            1 => Some(RepStatus::Active),
            2 => Some(RepStatus::Away { until: None }),
            3 => {
                let until = Some(input.time()?);
                Some(RepStatus::Away { until })
            }
            4 => Some(RepStatus::Left),
            _ => return Err(RowError::Range),
        };
        Ok(Self {
            status,
            day: i32::try_from(input.int()?).map_err(|_| RowError::Range)?,
            today: input.small()?,
            claims: input.list(|input| Ok((PoolNo(input.small()?), input.small()?)))?,
        })
    }
}

/// A team's rotation and the moment at which its waiting leads are looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TeamRow {
    /// The pass at which the last pick was made.
    pub clock: u128,
    /// Sum of the potentials so far, in thousandths, and how many leads had one.
    pub potential_sum: u128,
    pub potential_count: u64,
    /// The largest of them.
    pub potential_most: u64,
    pub wake: Option<Wake>,
}

/// When, from where and because of whom waiting leads are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wake {
    pub at: Timestamp,
    /// Leads born up to here were tried in this round.
    pub cursor: u64,
    /// The one rep who made the room; the team itself if `None`.
    pub rep: Option<RepNo>,
}

impl Row for TeamRow {
    fn write(&self, out: &mut Writer<'_>) {
        out.wide(self.clock);
        out.wide(self.potential_sum);
        out.uint(self.potential_count);
        out.uint(self.potential_most);
        out.option(self.wake, |out, wake| {
            out.time(wake.at);
            out.uint(wake.cursor);
            out.option(wake.rep, |out, rep| out.uint(u64::from(rep.0)));
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        Ok(Self {
            clock: input.wide()?,
            potential_sum: input.wide()?,
            potential_count: input.uint()?,
            potential_most: input.uint()?,
            wake: input.option(|input| {
                Ok(Wake {
                    at: input.time()?,
                    cursor: input.uint()?,
                    rep: input.option(Reader::small)?.map(RepNo),
                })
            })?,
        })
    }
}

/// A member's place in a team's rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PassRow {
    pub pass: u128,
    /// How far below the team's clock the member may count: what an absence left to catch up.
    pub credit: u128,
    /// What the division by the weight left over, so that nothing is ever lost to rounding.
    pub remainder: u32,
    /// The weight that `remainder` belongs to, in thousandths.
    pub weight: u32,
    /// Away since the pass was last set, under `absence: catch_up`.
    pub away: bool,
}

impl Row for PassRow {
    fn write(&self, out: &mut Writer<'_>) {
        out.wide(self.pass);
        out.uint(u64::from(self.remainder));
        out.uint(u64::from(self.weight));
        out.wide(self.credit);
        out.byte(u8::from(self.away));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        Ok(Self {
            pass: input.wide()?,
            remainder: input.small()?,
            weight: input.small()?,
            credit: input.wide()?,
            away: input.byte()? != 0,
        })
    }
}

/// What a withdrawn lead leaves behind: nothing personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The highest revision that was withdrawn; `None` if the withdrawal came before the lead.
    pub revision: Option<u64>,
    pub at: Timestamp,
}

impl Row for Mark {
    fn write(&self, out: &mut Writer<'_>) {
        out.option(self.revision, Writer::uint);
        out.time(self.at);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        Ok(Self {
            revision: input.option(Reader::uint)?,
            at: input.time()?,
        })
    }
}

/// Who owns an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountRow {
    pub rep: RepNo,
    /// Said by an `account.owned` event, which an assignment does not overrule.
    pub declared: bool,
}

impl Row for AccountRow {
    fn write(&self, out: &mut Writer<'_>) {
        out.uint(u64::from(self.rep.0));
        out.byte(u8::from(self.declared));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        Ok(Self {
            rep: RepNo(input.small()?),
            declared: input.byte()? != 0,
        })
    }
}

/// An event id that was seen, and when.
impl Row for Timestamp {
    fn write(&self, out: &mut Writer<'_>) {
        out.time(*self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, RowError> {
        input.time()
    }
}
