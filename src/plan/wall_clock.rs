//! The offset of a zone's wall clock from UTC, moment by moment.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Milliseconds of a day without a change of clocks.
pub(super) const DAY_MS: i64 = 86_400_000;

/// Changes of clocks are kept in a table from 2000 to 2070; for other times the zone is asked,
/// which takes some ten times as long.
const TABLE_FROM: i64 = 946_684_800_000;
const TABLE_TO: i64 = 3_155_760_000_000;

/// Offsets of a zone, in milliseconds to add to UTC.
#[derive(Clone, Debug)]
pub(super) struct WallClock {
    zone: TimeZone,
    /// From when to which offset; the first from the table's begin on. Sorted.
    changes: Vec<(i64, i64)>,
}

impl WallClock {
    /// The last and the first moment there are clocks for: jiff's years, less a margin for
    /// offsets and shifts.
    pub const END: i64 = 253_370_000_000_000;
    const BEGIN: i64 = -377_000_000_000_000;

    /// The clock of a zone.
    pub fn new(zone: &TimeZone) -> Self {
        let mut clock = Self {
            zone: zone.clone(),
            changes: Vec::new(),
        };
        let mut at = TABLE_FROM;
        while at < TABLE_TO {
            let (offset, end) = clock.ask(at);
            clock.changes.push((at, offset));
            at = end;
        }
        clock
    }

    /// The nearest moment that clocks exist for.
    pub fn clamp(at: i64) -> i64 {
        at.clamp(Self::BEGIN, Self::END)
    }

    /// The offset at a moment, and until when it holds.
    pub fn offset(&self, at: i64) -> (i64, i64) {
        if !(TABLE_FROM..TABLE_TO).contains(&at) {
            return self.ask(at);
        }
        let next = self.changes.partition_point(|&(from, _)| from <= at);
        let end = self.changes.get(next).map_or(TABLE_TO, |&(from, _)| from);
        // The table begins where this branch does, so that something precedes `next`.
        (self.changes[next - 1].1, end)
    }

    fn ask(&self, at: i64) -> (i64, i64) {
        let Ok(moment) = Timestamp::from_millisecond(at) else {
            return (0, Self::END);
        };
        let offset = i64::from(self.zone.to_offset(moment).seconds()) * 1_000;
        let next = self.zone.following(moment).next();
        let end = next.map_or(Self::END, |change| change.timestamp().as_millisecond());
        (offset, end.min(Self::END))
    }
}
