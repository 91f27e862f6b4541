//! Whose turn it is: stride scheduling in integers, with a team clock.
//!
//! A pick advances the member's pass by `SCALE × value / weight`; what the division leaves
//! over is carried to the member's next turn, so passes never drift from the exact quotient.
//! With `share: count` every lead has the value 1. Whoever counts less than the team's clock
//! counts from the clock.
//!
//! Bound: of two members who are both considered all along, the leads (or value) each had,
//! divided by the weights, never differ by more than one turn of the lighter. Two equal
//! weights therefore never differ by more than one lead, and after every whole round of
//! unequal weights each has exactly his share.

use super::records::{PassRow, TeamRow};

/// Pass units of a lead of value 1 for a member of weight 1. Divisible by every whole number
/// up to 16 and by a thousand, so that common weights divide it without remainder and equal
/// turns are exactly equal; small enough that a pass has room for 10^10 leads of the highest
/// value.
pub(super) const SCALE: u128 = 18_018_000 << 8;

/// The value of a lead that counts as one, in thousandths.
pub(super) const ONE: u64 = 1_000;

/// The highest value a lead can have in a rotation, in thousandths: a lead of 10^12 in any
/// currency is a mistake, and must not lock a rep out for ever.
const MOST: f64 = 1e15;

/// A lead's potential in thousandths. Nothing and less than nothing count as the least
/// there is, so that worthless leads still take turns.
pub(super) fn milli(potential: f64) -> u64 {
    let milli = (potential * 1_000.0).round();
    // A NaN has no place in the order of numbers and ends as the least value too.
    if milli >= 1.0 {
        milli.min(MOST) as u64
    } else {
        1
    }
}

impl TeamRow {
    /// The mean potential so far, 1 before the first, in thousandths.
    pub fn mean(&self) -> u64 {
        match self.potential_count {
            0 => ONE,
            count => ((self.potential_sum / u128::from(count)) as u64).max(1),
        }
    }

    pub fn note_potential(&mut self, milli: u64) {
        self.potential_sum += u128::from(milli);
        self.potential_count += 1;
        self.potential_most = self.potential_most.max(milli);
    }
}

impl PassRow {
    /// Where the member counts from.
    pub fn effective(&self, clock: u128) -> u128 {
        if self.away {
            return self.pass;
        }
        self.pass.max(clock.saturating_sub(self.credit))
    }

    /// A turn of `milli` value: the pass it was taken at.
    pub fn advance(&mut self, clock: u128, milli: u64, weight: u32) -> u128 {
        let taken_at = self.effective(clock);
        // A remainder belongs to the pass and the weight it was left over from.
        if self.weight != weight || taken_at != self.pass {
            self.weight = weight;
            self.remainder = 0;
        }
        let units = SCALE * u128::from(milli) + u128::from(self.remainder);
        self.pass = taken_at + units / u128::from(weight);
        // Less than the weight, so that it fits.
        self.remainder = (units % u128::from(weight)) as u32;
        let behind = clock.max(taken_at).saturating_sub(self.pass);
        self.credit = self.credit.min(behind);
        taken_at
    }

    /// The member goes away under `absence: catch_up`: his claim is kept from here on.
    pub fn leave(&mut self, clock: u128) {
        if !self.away {
            self.pass = self.effective(clock);
            self.away = true;
        }
    }

    /// The member is back: what he missed is his credit.
    pub fn come_back(&mut self, clock: u128) {
        if self.away {
            self.away = false;
            self.credit = clock.saturating_sub(self.pass);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(weights: &[u32], rounds: usize) -> Vec<u64> {
        let (mut team, mut passes) = (TeamRow::default(), vec![PassRow::default(); weights.len()]);
        let mut had = vec![0; weights.len()];
        for _ in 0..rounds {
            let order = |at: &usize| (passes[*at].effective(team.clock), *at);
            let next = (0..weights.len()).min_by_key(order).unwrap_or(0);
            team.clock = passes[next]
                .advance(team.clock, ONE, weights[next])
                .max(team.clock);
            had[next] += 1;
        }
        had
    }

    #[test]
    fn weights_share_exactly_after_whole_rounds_however_long() {
        for (weights, round) in [
            (vec![1_000, 2_000, 1_000], 4),
            (vec![1_000, 3_000, 7_000], 11),
            (vec![333, 1_000, 667], 2_000),
            (vec![1, 1_000_000], 1_000_001),
        ] {
            let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
            let rounds = if round > 100_000 { 1 } else { 50 };
            let expected: Vec<u64> = weights
                .iter()
                .map(|&weight| rounds * round * u64::from(weight) / total)
                .collect();
            assert_eq!(turns(&weights, (rounds * round) as usize), expected);
        }
    }

    #[test]
    fn a_third_is_carried_and_never_lost() {
        let mut pass = PassRow::default();
        for _ in 0..3_000 {
            pass.advance(0, ONE, 3_000);
        }
        assert_eq!((pass.pass, pass.remainder), (SCALE * 1_000, 0));
    }

    #[test]
    fn an_absence_is_forgotten_or_kept_as_credit_that_only_shrinks() {
        let stride = SCALE;
        let mut forgetful = PassRow {
            pass: stride,
            ..PassRow::default()
        };
        assert_eq!(forgetful.advance(10 * stride, ONE, 1_000), 10 * stride);
        let mut keeper = PassRow {
            pass: stride,
            ..PassRow::default()
        };
        keeper.leave(stride);
        keeper.come_back(10 * stride);
        assert_eq!(keeper.effective(10 * stride), stride);
        keeper.advance(10 * stride, ONE, 1_000);
        assert_eq!(keeper.credit, 8 * stride);
        // Off hours after the return add nothing to the claim.
        assert_eq!(keeper.effective(50 * stride), 42 * stride);
    }

    #[test]
    fn odd_potentials_have_a_place() {
        for (potential, expected) in [
            (0.0, 1),
            (-5.0, 1),
            (f64::NAN, 1),
            (1.0, 1_000),
            (f64::INFINITY, 1_000_000_000_000_000),
        ] {
            assert_eq!(milli(potential), expected);
        }
        assert_eq!(TeamRow::default().mean(), ONE);
    }
}
